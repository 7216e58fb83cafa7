import type { SparseTable } from '../../core/artifact/tables/sparseShards.js';
import type { Baskets } from './baskets.js';
import { bestItems, SparseTableBuilder } from './sparseTable.js';
import type { TrainerHooks } from './trainerHooks.js';

export interface CoPurchaseOptions {
  readonly neighbors: number;
  /** Pairs in fewer baskets are chance, and could tell of one customer. */
  readonly minCount: number;
  /** See {@link countTogether}. */
  readonly shrinkage: number;
}

export interface CoPurchase {
  /** `counts`: baskets with both. */
  readonly table: SparseTable;
  /** u32: baskets with each item. */
  readonly itemBaskets: Uint32Array;
  readonly basketCount: number;
}

const BLOCK_ITEMS = 256;

/**
 * Counts what goes into baskets together. Neighbours are ranked by the cosine of the two items' baskets,
 * count / sqrt(baskets(i) baskets(j)), times count / (count + shrinkage): neither the rare pair that was seen twice nor the item
 * everyone buys anyway comes first.
 */
export async function countTogether(
  baskets: Baskets,
  { neighbors, minCount, shrinkage }: CoPurchaseOptions,
  hooks: TrainerHooks = {},
): Promise<CoPurchase> {
  const { itemCount, offsets, items } = baskets;
  const basketCount = offsets.length - 1;
  const itemBaskets = new Uint32Array(itemCount);
  for (const item of items) itemBaskets[item]!++;
  const starts = new Uint32Array(itemCount + 1);
  for (let item = 0; item < itemCount; item++) starts[item + 1] = starts[item]! + itemBaskets[item]!;
  const next = starts.slice();
  const basketsOf = new Uint32Array(items.length);
  for (let basket = 0; basket < basketCount; basket++)
    for (let at = offsets[basket]!; at < offsets[basket + 1]!; at++) basketsOf[next[items[at]!]!++] = basket;
  const together = new Uint32Array(itemCount);
  const scores = new Float64Array(itemCount);
  const table = new SparseTableBuilder(itemCount, true);
  for (let item = 0; item < itemCount; item++) {
    const met: number[] = [];
    for (let at = starts[item]!; at < starts[item + 1]!; at++) {
      const basket = basketsOf[at]!;
      for (let own = offsets[basket]!; own < offsets[basket + 1]!; own++) {
        const other = items[own]!;
        if (other !== item && together[other]!++ === 0) met.push(other);
      }
    }
    const witnessed = met.filter((other) => together[other]! >= minCount);
    for (const other of witnessed) {
      const count = together[other]!;
      scores[other] = ((count / Math.sqrt(itemBaskets[item]! * itemBaskets[other]!)) * count) / (count + shrinkage);
    }
    for (const other of bestItems(witnessed, scores, neighbors)) table.add(other, scores[other]!, together[other]!);
    for (const other of met) together[other] = 0;
    table.endRow();
    if (item % BLOCK_ITEMS === 0) {
      hooks.onProgress?.(item / itemCount);
      await hooks.pause?.();
    }
  }
  return { table: table.build(), itemBaskets, basketCount };
}
