import type { Manifest, RowShard } from '../manifest.js';
import type { ReadFile } from '../readModelFolder.js';
import type { AddFile } from '../rowShards.js';
import { shardNumber } from '../rowShards.js';
import { f32Tensor, readSafetensors, toFloat32, toUint32, uintTensor, writeSafetensors } from '../safetensors.js';
import { take } from '../factorShard.js';
import { fileEntry } from '../validateManifest.js';
import type { TrendTableEntry } from './tableEntries.js';

/** How each item does of late. One value per item in every array. */
export interface TrendColumns {
  /**
   * f32: the recent rate over the earlier one, each a sum of events that fade by half every half-life (the earlier one's four times as
   * long), smoothed, over the same of the whole shop. Above 1: rising beside the shop.
   */
  readonly trends: Float32Array;
  /** f32: events per day, fading by half every half-life. */
  readonly recentRates: Float32Array;
  /** u32: events of the window. */
  readonly recentCounts: Uint32Array;
}

export interface TrendTable extends TrendColumns {
  readonly entry: TrendTableEntry;
}

/** Trends as the trainer hands them in, rows in the order of the folder's `items`. */
export interface TrendTableInput extends TrendColumns {
  readonly entry: Omit<TrendTableEntry, 'shards'>;
}

/** 12 bytes a row. */
const ROWS_PER_SHARD = 250_000;

export async function writeTrends({ entry, ...columns }: TrendTableInput, order: Uint32Array, add: AddFile): Promise<TrendTableEntry> {
  const shards: RowShard[] = [];
  for (let rowStart = 0; rowStart < order.length; rowStart += ROWS_PER_SHARD) {
    const rows = order.slice(rowStart, rowStart + ROWS_PER_SHARD);
    const shape = [rows.length];
    const bytes = writeSafetensors([
      [
        'trends',
        f32Tensor(
          Float32Array.from(rows, (row) => columns.trends[row]!),
          shape,
        ),
      ],
      [
        'recentRates',
        f32Tensor(
          Float32Array.from(rows, (row) => columns.recentRates[row]!),
          shape,
        ),
      ],
      [
        'recentCounts',
        uintTensor(
          rows.map((row) => columns.recentCounts[row]!),
          'U32',
        ),
      ],
    ]);
    shards.push({ path: await add(`trends-${shardNumber(shards.length)}`, 'safetensors', bytes), rowStart, rowCount: rows.length });
  }
  return { ...entry, shards };
}

/** Reads the trends. Throws `artifact/bad-file` or `artifact/bad-tensor`. */
export async function readTrends(manifest: Manifest, entry: TrendTableEntry, read: ReadFile): Promise<TrendTable> {
  const { itemCount } = manifest;
  const table = {
    trends: new Float32Array(itemCount),
    recentRates: new Float32Array(itemCount),
    recentCounts: new Uint32Array(itemCount),
  };
  for (const { path, rowStart, rowCount } of entry.shards) {
    const tensors = readSafetensors(await read(fileEntry(manifest, path)), path);
    for (const name of ['trends', 'recentRates'] as const)
      table[name].set(toFloat32(take(tensors, name, [rowCount], 'F32', path), name, path), rowStart);
    table.recentCounts.set(toUint32(take(tensors, 'recentCounts', [rowCount], 'U32', path), 'recentCounts', path), rowStart);
  }
  return { entry, ...table };
}
