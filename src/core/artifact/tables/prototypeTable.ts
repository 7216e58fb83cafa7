import { RecommenderError } from '../../errors.js';
import type { Manifest } from '../manifest.js';
import type { ReadFile } from '../readModelFolder.js';
import type { AddFile } from '../rowShards.js';
import { fileEntry } from '../validateManifest.js';
import type { SparseShard, SparseTable } from './sparseShards.js';
import { joinShards, readSparseShard, reorder, writeSparse } from './sparseShards.js';
import type { PrototypeEntry } from './tableEntries.js';
import { MIN_ITEM_SUPPORT, MIN_PROTOTYPE_USERS } from './tableEntries.js';

/** Groups of like-minded users, in memory: rows are prototypes, columns items, values the share of users who met the item. */
export interface PrototypeTable extends SparseTable {
  readonly entry: PrototypeEntry;
  /** u32: users behind each prototype. */
  readonly userCounts: Uint32Array;
}

/** Prototypes as the trainer hands them in; columns in the order of the folder's `items`, `counts` the users who met the item. */
export interface PrototypeInput {
  readonly entry: Pick<PrototypeEntry, 'algorithm' | 'maxUserItems'>;
  readonly table: SparseTable & { readonly counts: Uint32Array };
  readonly userCounts: Uint32Array;
}

/**
 * Writes prototypes. Refuses with `input/too-few-users`, before a byte is made, when one stands for fewer than 50 users or names an item
 * that fewer than 5 of its users met. The counts behind the shares are not written.
 */
export async function writePrototypes(
  { entry, table, userCounts }: PrototypeInput,
  order: Uint32Array,
  add: AddFile,
): Promise<PrototypeEntry> {
  let minUsers = Infinity;
  for (const count of userCounts) minUsers = Math.min(minUsers, count);
  let minSupport = Infinity;
  for (const count of table.counts) minSupport = Math.min(minSupport, count);
  if (userCounts.length === 0 || minUsers < MIN_PROTOTYPE_USERS || minSupport < MIN_ITEM_SUPPORT) {
    throw new RecommenderError(
      'input/too-few-users',
      minUsers < MIN_PROTOTYPE_USERS
        ? `A prototype stands for ${minUsers} users; at least ${MIN_PROTOTYPE_USERS} are needed, so that it tells of no one. Make fewer, larger prototypes.`
        : `A prototype names an item that ${minSupport} of its users met; at least ${MIN_ITEM_SUPPORT} are needed.`,
      { minUsers, minSupport },
    );
  }
  let maxItems = 1;
  for (let row = 0; row < table.rowCount; row++) maxItems = Math.max(maxItems, table.offsets[row + 1]! - table.offsets[row]!);
  const placed = { ...reorder(table, null, order), counts: null };
  return {
    ...entry,
    count: table.rowCount,
    minUsers,
    minSupport: Number.isFinite(minSupport) ? minSupport : MIN_ITEM_SUPPORT,
    maxItems,
    shards: await writeSparse('prototypes', placed, { name: 'userCounts', values: userCounts }, add),
  };
}

/** Reads the prototypes. Throws `artifact/bad-file` or `artifact/bad-tensor`, also where one stands for fewer users than the entry says. */
export async function readPrototypes(manifest: Manifest, entry: PrototypeEntry, read: ReadFile): Promise<PrototypeTable> {
  const shards: SparseShard[] = [];
  for (const shard of entry.shards) {
    const shape = { columnCount: manifest.itemCount, maxRow: entry.maxItems, hasCounts: false, perRowName: 'userCounts' };
    const decoded = readSparseShard(await read(fileEntry(manifest, shard.path)), shard, shape);
    const small = decoded.perRow!.findIndex((count) => count < entry.minUsers);
    if (small >= 0) {
      throw new RecommenderError(
        'artifact/bad-tensor',
        `${shard.path}: prototype ${shard.rowStart + small} stands for ${decoded.perRow![small]} users, the manifest promises ${entry.minUsers}. Pack the model again.`,
        { file: shard.path, seen: decoded.perRow![small], expected: entry.minUsers },
      );
    }
    shards.push(decoded);
  }
  const { perRow, ...table } = joinShards(shards);
  return { ...table, entry, userCounts: perRow! };
}
