import { RecommenderError, show } from '../../errors.js';
import type { RowShard } from '../manifest.js';
import type { AddFile } from '../rowShards.js';
import { shardNumber } from '../rowShards.js';
import type { Tensor } from '../safetensors.js';
import { float16ToNumber, numberToFloat16, readSafetensors, toFloat32, toUint32, uintTensor, writeSafetensors } from '../safetensors.js';
import { take } from '../factorShard.js';

/** Rows of a sparse matrix, each row best first: row r has columns[offsets[r] .. offsets[r + 1] - 1]. */
export interface SparseTable {
  readonly rowCount: number;
  readonly columnCount: number;
  /** u32, rowCount + 1. */
  readonly offsets: Uint32Array;
  /** u32, falling by value within a row, ties by lower column. */
  readonly columns: Uint32Array;
  /** f32, one per entry; f16 in the file. */
  readonly values: Float32Array;
  /** u32, one per entry, or null. */
  readonly counts: Uint32Array | null;
}

/** A page reads one shard for one item, so shards of tables are smaller than others. */
const SHARD_BYTES = 2 ** 20;

/** Writes a table as shards; `perRow` (u32, one per row) stands beside the rows under `perRowName`. */
export async function writeSparse(
  stem: string,
  table: SparseTable,
  perRow: { readonly name: string; readonly values: Uint32Array } | null,
  add: AddFile,
): Promise<RowShard[]> {
  const { rowCount, columnCount, offsets, columns, values, counts } = table;
  const isWideCount = counts?.some((count) => count > 0xffff) ?? false;
  const entryBytes = (columnCount > 0x10000 ? 4 : 2) + 2 + (counts ? (isWideCount ? 4 : 2) : 0);
  const shards: RowShard[] = [];
  for (let rowStart = 0; rowStart < rowCount;) {
    let rowEnd = rowStart + 1;
    const bytesUntil = (row: number): number => entryBytes * (offsets[row]! - offsets[rowStart]!) + 8 * (row - rowStart);
    while (rowEnd < rowCount && bytesUntil(rowEnd + 1) <= SHARD_BYTES) rowEnd++;
    const [from, to] = [offsets[rowStart]!, offsets[rowEnd]!];
    const own = offsets.slice(rowStart, rowEnd + 1).map((offset) => offset - from);
    const tensors: [string, Tensor][] = [
      ['offsets', uintTensor(own, 'U32')],
      ['columns', uintTensor(columns.subarray(from, to), columnCount > 0x10000 ? 'U32' : 'U16')],
      ['values', f16Vector(values.subarray(from, to))],
    ];
    if (counts) tensors.push(['counts', uintTensor(counts.subarray(from, to), isWideCount ? 'U32' : 'U16')]);
    if (perRow) tensors.push([perRow.name, uintTensor(perRow.values.slice(rowStart, rowEnd), 'U32')]);
    const path = await add(`${stem}-${shardNumber(shards.length)}`, 'safetensors', writeSafetensors(tensors));
    shards.push({ path, rowStart, rowCount: rowEnd - rowStart });
    rowStart = rowEnd;
  }
  return shards;
}

/** What a shard of a table must be. */
export interface SparseShape {
  readonly columnCount: number;
  /** No row may be longer. */
  readonly maxRow: number;
  readonly hasCounts: boolean;
  readonly perRowName: string | null;
}

/** One decoded shard. Its rows begin at the shard's rowStart. */
export interface SparseShard extends SparseTable {
  readonly perRow: Uint32Array | null;
}

/**
 * Decodes one shard: shapes first, then every value. Throws `artifact/bad-file` or `artifact/bad-tensor`, naming file and position.
 */
export function readSparseShard(bytes: Uint8Array, { path, rowCount }: RowShard, shape: SparseShape): SparseShard {
  const fail = (tensor: string, message: string): never => {
    throw new RecommenderError('artifact/bad-tensor', `${path}: tensor ${show(tensor)} ${message}. Pack the model again.`, {
      file: path,
      tensor,
    });
  };
  const tensors = readSafetensors(bytes, path);
  const offsets = toUint32(take(tensors, 'offsets', [rowCount + 1], 'U32', path), 'offsets', path);
  if (offsets[0] !== 0) fail('offsets', `begins with ${offsets[0]}, not 0`);
  for (let row = 0; row < rowCount; row++) {
    const length = offsets[row + 1]! - offsets[row]!;
    if (length < 0 || length > shape.maxRow) fail('offsets', `gives row ${row} ${length} entries; 0 to ${shape.maxRow} may be`);
  }
  const entryCount = offsets[rowCount]!;
  const columns = toUint32(take(tensors, 'columns', [entryCount], null, path), 'columns', path);
  const bad = columns.findIndex((column) => column >= shape.columnCount);
  if (bad >= 0) fail('columns', `names ${columns[bad]} at position ${bad}; rows end at ${shape.columnCount - 1}`);
  const values = toFloat32(take(tensors, 'values', [entryCount], 'F16', path), 'values', path);
  for (let row = 0; row < rowCount; row++) {
    for (let at = offsets[row]! + 1; at < offsets[row + 1]!; at++)
      if (values[at]! > values[at - 1]!) fail('values', `rises within row ${row}; the best stands first`);
  }
  const counts = shape.hasCounts ? toUint32(take(tensors, 'counts', [entryCount], null, path), 'counts', path) : null;
  const { perRowName } = shape;
  const perRow = perRowName === null ? null : toUint32(take(tensors, perRowName, [rowCount], 'U32', path), perRowName, path);
  return { rowCount, columnCount: shape.columnCount, offsets, columns, values, counts, perRow };
}

/** Sets decoded shards one behind the other. */
export function joinShards(shards: readonly SparseShard[]): SparseShard {
  const [first] = shards;
  if (shards.length === 1) return first!;
  const rowCount = shards.reduce((sum, shard) => sum + shard.rowCount, 0);
  const entryCount = shards.reduce((sum, shard) => sum + shard.columns.length, 0);
  const joined = {
    offsets: new Uint32Array(rowCount + 1),
    columns: new Uint32Array(entryCount),
    values: new Float32Array(entryCount),
    counts: first!.counts ? new Uint32Array(entryCount) : null,
    perRow: first!.perRow ? new Uint32Array(rowCount) : null,
  };
  let row = 0;
  let entry = 0;
  for (const shard of shards) {
    for (let own = 1; own <= shard.rowCount; own++) joined.offsets[row + own] = entry + shard.offsets[own]!;
    joined.columns.set(shard.columns, entry);
    joined.values.set(shard.values, entry);
    joined.counts?.set(shard.counts!, entry);
    joined.perRow?.set(shard.perRow!, row);
    row += shard.rowCount;
    entry += shard.columns.length;
  }
  return { rowCount, columnCount: first!.columnCount, ...joined };
}

/**
 * Gives rows and columns their places in the folder: row r of the result is row order[r] of the table. Values are rounded as the file
 * will hold them, then sorted anew: equal ones by lower column. `order` null for rows that are no items.
 */
export function reorder(table: SparseTable, rowOrder: Uint32Array | null, columnOrder: Uint32Array): SparseTable {
  const place = new Uint32Array(columnOrder.length);
  columnOrder.forEach((source, row) => (place[source] = row));
  const { rowCount, columnCount } = table;
  const offsets = new Uint32Array(rowCount + 1);
  const columns = new Uint32Array(table.columns.length);
  const values = new Float32Array(table.columns.length);
  const counts = table.counts ? new Uint32Array(table.columns.length) : null;
  let size = 0;
  const entries: { column: number; value: number; count: number }[] = [];
  for (let row = 0; row < rowCount; row++) {
    const source = rowOrder ? rowOrder[row]! : row;
    entries.length = 0;
    for (let at = table.offsets[source]!; at < table.offsets[source + 1]!; at++)
      entries.push({ column: place[table.columns[at]!]!, value: toHalf(table.values[at]!), count: table.counts?.[at] ?? 0 });
    entries.sort((a, b) => b.value - a.value || a.column - b.column);
    for (const { column, value, count } of entries) {
      columns[size] = column;
      values[size] = value;
      if (counts) counts[size] = count;
      size++;
    }
    offsets[row + 1] = size;
  }
  return { rowCount, columnCount, offsets, columns, values, counts };
}

function toHalf(value: number): number {
  return float16ToNumber(numberToFloat16(value));
}

function f16Vector(values: Float32Array): Tensor {
  const halves = Uint16Array.from(values, numberToFloat16);
  return { dtype: 'F16', shape: [values.length], bytes: new Uint8Array(halves.buffer) };
}
