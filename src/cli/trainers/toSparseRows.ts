import { EVENT_NAMES } from '../../core/types.js';
import { EVENT_WEIGHTS, MAX_PAIR_WEIGHT } from '../../core/events/eventWeights.js';
import type { UserEvents } from '../../core/events/interactionLog.js';
import type { SparseRows } from './sparseRows.js';

/** Weight of each kind of event, by its position in EVENT_NAMES; what leaves the cart takes back what entering it gave. */
const KIND_WEIGHTS = EVENT_NAMES.map((name) =>
  name === 'remove_from_cart' ? -(EVENT_WEIGHTS.add_to_cart ?? 0) : (EVENT_WEIGHTS[name] ?? 0),
);

/**
 * Sums the events of each user and item into one weight, at most MAX_PAIR_WEIGHT. Pairs whose sum is not above 0 are left out.
 * `isWeighted` false: the file names no events, every pair weighs 1.
 */
export function toSparseRows(events: UserEvents, isWeighted: boolean): SparseRows {
  const { userCount, itemCount, items, kinds } = events;
  const offsets = new Uint32Array(userCount + 1);
  const columns = new Uint32Array(items.length);
  const values = new Float32Array(items.length);
  const pair = new Map<number, number>();
  let size = 0;
  for (let user = 0; user < userCount; user++) {
    pair.clear();
    for (let at = events.offsets[user]!; at < events.offsets[user + 1]!; at++) {
      const item = items[at]!;
      pair.set(item, isWeighted ? (pair.get(item) ?? 0) + KIND_WEIGHTS[kinds[at]!]! : 1);
    }
    for (const [item, weight] of pair) {
      if (weight <= 0) continue;
      columns[size] = item;
      values[size++] = Math.min(MAX_PAIR_WEIGHT, weight);
    }
    offsets[user + 1] = size;
  }
  return { rowCount: userCount, columnCount: itemCount, offsets, columns: columns.slice(0, size), values: values.slice(0, size) };
}

/** u32: how many users each item has. */
export function usersPerItem({ columnCount, columns }: SparseRows): Uint32Array {
  const counts = new Uint32Array(columnCount);
  for (const column of columns) counts[column]!++;
  return counts;
}
