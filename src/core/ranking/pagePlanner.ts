import type { ItemId } from '../types.js';

/** One list of a page, over-fetched: enough candidates that some may go to shelves above it. */
export interface ShelfCandidates<T> {
  /** Names the shelf in the answer. */
  readonly id: string;
  /** Best first. */
  readonly candidates: readonly T[];
  readonly limit: number;
  /** Fewer, and the shelf is left out. Default 1. */
  readonly minItems?: number;
  /** Higher chooses first; equal ones in the order of the page. Default 0. */
  readonly priority?: number;
  /** Whether items of other shelves may come again here ("recently viewed"); its own then stay free for others, too. Default false. */
  readonly allowsRepeats?: boolean;
}

export interface PlannedShelf<T> {
  readonly id: string;
  readonly items: readonly T[];
}

export interface DroppedShelf {
  readonly id: string;
  readonly reason: 'no candidates' | 'too few candidates' | 'too few without repeats';
  /** Items that it could have shown, and would have needed. */
  readonly found: number;
  readonly needed: number;
}

export interface PagePlan<T> {
  /** In the order of the page. */
  readonly shelves: readonly PlannedShelf<T>[];
  readonly dropped: readonly DroppedShelf[];
}

/**
 * Shares candidates out among the shelves of a page, so that no product stands in two of them. Shelves choose by priority; what a shelf
 * that is left out would have shown stays free for the others. `idOf` may give one id to all variants of a product.
 */
export function planPage<T>(shelves: readonly ShelfCandidates<T>[], idOf: (item: T) => ItemId): PagePlan<T> {
  const taken = new Set<ItemId>();
  const planned = new Map<string, PlannedShelf<T>>();
  const dropped: DroppedShelf[] = [];
  const byPriority = [...shelves].sort((a, b) => (b.priority ?? 0) - (a.priority ?? 0));
  for (const { id, candidates, limit, minItems = 1, allowsRepeats = false } of byPriority) {
    const own = new Set<ItemId>();
    const items: T[] = [];
    for (const candidate of candidates) {
      const itemId = idOf(candidate);
      if (items.length === limit) break;
      if (own.has(itemId) || (!allowsRepeats && taken.has(itemId))) continue;
      own.add(itemId);
      items.push(candidate);
    }
    const needed = Math.max(1, minItems);
    if (items.length >= needed) {
      planned.set(id, { id, items });
      if (!allowsRepeats) for (const itemId of own) taken.add(itemId);
      continue;
    }
    const distinct = new Set(candidates.map(idOf)).size;
    const reason = distinct === 0 ? 'no candidates' : distinct < needed ? 'too few candidates' : 'too few without repeats';
    dropped.push({ id, reason, found: items.length, needed });
  }
  return { shelves: shelves.flatMap(({ id }) => planned.get(id) ?? []), dropped };
}
