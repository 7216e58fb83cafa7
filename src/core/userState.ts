import type { FactorModel } from './models/factorModel.js';
import type { Catalog } from './catalog.js';
import type { HistoryEntry, ItemId } from './types.js';

/** How much one item of the history counts. */
export interface WeightedItem {
  readonly itemIndex: number;
  /** Above 0. */
  readonly weight: number;
  /** The entry that weighs most: what the explanation names. */
  readonly entry: HistoryEntry;
}

/** Items of the history whose newest events mattered most are kept; older ones no longer move the vector. */
const MAX_ITEMS = 200;

/**
 * Sums a history into one weight per item, newest item first. Each event counts as the model's
 * `eventWeights` says; an item taken out of the cart loses what putting it in had added. Unknown items and
 * events of weight 0 are left out. No item counts more than `maxPairWeight`.
 */
export function weighHistory(
  history: readonly HistoryEntry[],
  catalog: Catalog,
  eventWeights: Readonly<Record<string, number>>,
  maxPairWeight = Infinity,
): WeightedItem[] {
  const items = new Map<number, { weight: number; entry: HistoryEntry; entryWeight: number }>();
  for (const entry of [...history].sort((a, b) => b.timeMs - a.timeMs)) {
    const itemIndex = catalog.indexOf(entry.itemId);
    const weight = entry.event === 'remove_from_cart' ? -(eventWeights['add_to_cart'] ?? 0) : (eventWeights[entry.event] ?? 0);
    if (itemIndex === undefined || weight === 0) continue;
    const known = items.get(itemIndex);
    if (!known) {
      items.set(itemIndex, { weight, entry, entryWeight: weight });
    } else {
      known.weight += weight;
      if (weight > known.entryWeight) Object.assign(known, { entry, entryWeight: weight });
    }
  }
  return [...items]
    .filter(([, item]) => item.weight > 0)
    .slice(0, MAX_ITEMS)
    .map(([itemIndex, { weight, entry }]) => ({ itemIndex, weight: Math.min(maxPairWeight, weight), entry }));
}

/** Items the shopper has looked at, has in the cart or has bought. */
export function seenItems(history: readonly HistoryEntry[]): Set<ItemId> {
  const seen = new Set<ItemId>();
  for (const entry of history) if (entry.event !== 'view_item_list') seen.add(entry.itemId);
  return seen;
}

/** What a model derived from a history: the user vector, and how each item of the history shaped it. */
export interface UserState {
  /** f32, the model's dimensions. */
  readonly vector: Float32Array;
  readonly items: readonly WeightedItem[];
  /**
   * Splits the dot score of factors `row` into one share per item of `items`; the shares sum to the score
   * less the bias. Null where the fold-in is not linear in the history (non-negative).
   */
  readonly explain: ((row: Float32Array) => Float64Array) | null;
}

/** Derives the user state; null when the history says nothing about the model's items. */
export function deriveUserState(model: FactorModel, history: readonly HistoryEntry[], catalog: Catalog): UserState | null {
  const items = weighHistory(history, catalog, model.entry.eventWeights, model.entry.maxPairWeight);
  return items.length === 0 ? null : { items, ...model.foldIn(items) };
}
