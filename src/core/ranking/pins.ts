import { RecommenderError, show } from '../errors.js';
import type { ItemId } from '../types.js';

/** Puts an item at a place of the list, counted from 1. */
export interface Pin {
  readonly itemId: ItemId;
  readonly position: number;
}

export interface PinnedList<T> {
  readonly entries: readonly T[];
  /** Pins that could not be placed, with the reason. */
  readonly dropped: readonly { readonly itemId: ItemId; readonly reason: 'unknown' | 'unavailable' | 'beyond the list' }[];
}

export interface PinInput<T> {
  /** The ranked list without pins, best first: at least `limit` long where so many qualify. */
  readonly ranked: readonly T[];
  readonly pins: readonly Pin[];
  readonly limit: number;
  readonly idOf: (entry: T) => ItemId;
  /** The pinned item's entry, or why it may not be shown. Filters and caps do not bind pins; stock and price do. */
  readonly entryOf: (itemId: ItemId) => { readonly entry: T } | { readonly reason: 'unknown' | 'unavailable' };
}

/**
 * Sets pinned items into a ranked list. An item pinned twice stands at its first pin; of two pins for one place the later moves to the
 * next free one; a pin behind the end of a short list comes last. Throws `input/invalid` on a position that is no whole number from 1.
 */
export function placePins<T>({ ranked, pins, limit, idOf, entryOf }: PinInput<T>): PinnedList<T> {
  const dropped: PinnedList<T>['dropped'][number][] = [];
  const placed = new Map<number, T>();
  const pinned = new Set<ItemId>();
  for (const { itemId, position } of pins) {
    if (!Number.isInteger(position) || position < 1) {
      throw new RecommenderError('input/invalid', `The pin of ${show(itemId)} has position ${show(position)}. Places count from 1.`, {
        itemId,
      });
    }
    if (pinned.has(itemId)) continue;
    const found = entryOf(itemId);
    if ('reason' in found) {
      dropped.push({ itemId, reason: found.reason });
      continue;
    }
    let place = position;
    while (placed.has(place)) place++;
    if (place > limit) dropped.push({ itemId, reason: 'beyond the list' });
    else {
      placed.set(place, found.entry);
      pinned.add(itemId);
    }
  }
  const others = ranked.filter((entry) => !pinned.has(idOf(entry)));
  const entries: T[] = [];
  const inOrder = [...placed].sort(([a], [b]) => a - b);
  for (let place = 1, next = 0; place <= limit; place++) {
    if (inOrder[0]?.[0] === place) entries.push(inOrder.shift()![1]);
    else if (next < others.length) entries.push(others[next++]!);
  }
  return { entries, dropped };
}
