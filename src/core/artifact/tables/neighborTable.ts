import { RecommenderError } from '../../errors.js';
import type { Manifest, RowShard } from '../manifest.js';
import type { ReadFile } from '../readModelFolder.js';
import type { AddFile } from '../rowShards.js';
import { fileEntry } from '../validateManifest.js';
import type { SparseShard, SparseTable } from './sparseShards.js';
import { joinShards, readSparseShard, reorder, writeSparse } from './sparseShards.js';
import type { NeighborTableEntry } from './tableEntries.js';

/** The best neighbours of each item, in memory. */
export interface NeighborTable extends SparseTable {
  readonly entry: NeighborTableEntry;
  /** Kind co-purchase: u32, baskets that hold the item; else null. `counts` then are baskets that hold both. */
  readonly itemBaskets: Uint32Array | null;
}

/** Neighbours as a trainer hands them in, rows in the order of the folder's `items`. */
export interface NeighborTableInput {
  readonly entry: Omit<NeighborTableEntry, 'shards' | 'maxNeighbors'>;
  readonly table: SparseTable;
  readonly itemBaskets: Uint32Array | null;
}

export async function writeNeighbors(input: NeighborTableInput, order: Uint32Array, add: AddFile): Promise<NeighborTableEntry> {
  const { entry, table, itemBaskets } = input;
  if (!table.values.every(Number.isFinite)) {
    throw new RecommenderError('input/invalid', `Table ${entry.name}: a value is not finite. Did the training diverge?`, {});
  }
  const placed = reorder(table, order, order);
  let maxNeighbors = 1;
  for (let row = 0; row < placed.rowCount; row++) maxNeighbors = Math.max(maxNeighbors, placed.offsets[row + 1]! - placed.offsets[row]!);
  const perRow = itemBaskets && { name: 'itemBaskets', values: order.map((source) => itemBaskets[source]!) };
  return { ...entry, maxNeighbors, shards: await writeSparse(entry.name, placed, perRow, add) };
}

/** Reads a whole table. Throws `artifact/bad-file` or `artifact/bad-tensor`. */
export async function readNeighbors(manifest: Manifest, entry: NeighborTableEntry, read: ReadFile): Promise<NeighborTable> {
  const shards: SparseShard[] = [];
  for (const shard of entry.shards) shards.push(await readNeighborShard(manifest, entry, shard, read));
  const { perRow, ...table } = joinShards(shards);
  return { ...table, entry, itemBaskets: perRow };
}

/** Reads the rows of one shard: enough for the neighbours of one item. Rows of the result begin at `shard.rowStart`. */
export async function readNeighborShard(
  manifest: Manifest,
  entry: NeighborTableEntry,
  shard: RowShard,
  read: ReadFile,
): Promise<SparseShard> {
  const hasCounts = entry.kind === 'co-purchase';
  return readSparseShard(await read(fileEntry(manifest, shard.path)), shard, {
    columnCount: manifest.itemCount,
    maxRow: entry.maxNeighbors,
    hasCounts,
    perRowName: hasCounts ? 'itemBaskets' : null,
  });
}

/** How two items go together in baskets. */
export interface BasketEvidence {
  /** Baskets with both. */
  readonly count: number;
  /** Of the baskets with the first, the share that also hold the second. */
  readonly confidence: number;
  /** How many times more often both stand together than by chance. */
  readonly lift: number;
}

/** Tells how row `row` and its neighbour at position `at` of `columns` go together. Null where the table counts no baskets. */
export function basketEvidence({ entry, counts, itemBaskets, columns }: NeighborTable, row: number, at: number): BasketEvidence | null {
  if (!entry.baskets || !counts || !itemBaskets) return null;
  const count = counts[at]!;
  const confidence = count / Math.max(1, itemBaskets[row]!);
  return { count, confidence, lift: (confidence * entry.baskets.count) / Math.max(1, itemBaskets[columns[at]!]!) };
}
