import { createItemMatrix, setRow } from '../kernels/itemMatrix.js';
import type { ItemMatrix } from '../kernels/topK.js';
import { storedRowBytes, writeFactorShard } from './factorShard.js';
import type { FactorDtype, RowShard } from './manifest.js';
import { MAX_SHARD_BYTES } from './manifest.js';
import { float16ToNumber, numberToFloat16 } from './safetensors.js';

/** The first shard is kept small, so that a page has something to recommend soon. */
const FIRST_SHARD_ROWS = 4_096;
const SHARD_HEADROOM_BYTES = 4_096;
/** Text is parsed into far more than its own bytes. In small pieces that is gone before the next one comes. */
const JSON_SHARD_BYTES = 2 ** 20;

/** Adds a file to the folder under a name that holds its hash; resolves to that name. */
export type AddFile = (stem: string, extension: string, bytes: Uint8Array<ArrayBuffer>) => Promise<string>;

/** What rows are made of. */
export interface RowSource {
  readonly dimensions: number;
  readonly dtype: FactorDtype;
  /** f32, rows x dimensions. */
  readonly factors: Float32Array;
  /** f32, one per row, or null. */
  readonly biases: Float32Array | null;
}

/** Writes a matrix as shards of rows. */
export async function writeRows(stem: string, matrix: ItemMatrix, dtype: FactorDtype, add: AddFile): Promise<RowShard[]> {
  const rowBytes = storedRowBytes(dtype, matrix.dimensions, matrix.biases !== null);
  const shards: RowShard[] = [];
  for (const [rowStart, rowCount] of rowRanges(matrix.itemCount, rowBytes)) {
    const bytes = writeFactorShard(matrix, dtype, rowStart, rowCount);
    shards.push({ path: await add(`${stem}-${shardNumber(shards.length)}`, 'safetensors', bytes), rowStart, rowCount });
  }
  return shards;
}

/** Quantises factors as the folder will store them, so that gram and self-tests are those of the reader. */
export function fillMatrix(model: RowSource, order: Uint32Array): ItemMatrix {
  const { dimensions, dtype, factors, biases } = model;
  const matrix = createItemMatrix({
    itemCount: order.length,
    dimensions,
    hasBiases: biases !== null,
    hasExactRows: dtype !== 'int8',
    wasmScratchBytes: null,
  });
  const row = new Float32Array(dimensions);
  order.forEach((source, index) => {
    row.set(factors.subarray(source * dimensions, (source + 1) * dimensions));
    if (dtype === 'float16') row.forEach((value, j) => (row[j] = float16ToNumber(numberToFloat16(value))));
    setRow(matrix, index, row);
    if (biases) matrix.biases![index] = biases[source]!;
  });
  return matrix;
}

function* rowRanges(rowCount: number, rowBytes: number): Generator<[rowStart: number, rowCount: number]> {
  const perShard = Math.max(1, Math.floor((MAX_SHARD_BYTES - SHARD_HEADROOM_BYTES) / rowBytes));
  let start = 0;
  while (start < rowCount) {
    const count = Math.min(rowCount - start, perShard, start === 0 ? FIRST_SHARD_ROWS : perShard);
    yield [start, count];
    start += count;
  }
}

/** Rows of JSON vary in length: a range ends before it could pass a MiB. */
export function* jsonRanges(rows: readonly unknown[]): Generator<[rowStart: number, rowCount: number]> {
  let start = 0;
  let bytes = 0;
  for (let row = 0; row < rows.length; row++) {
    // UTF-8 needs at most 3 bytes per UTF-16 unit; columns repeat no keys, so this over-estimates.
    const itemBytes = JSON.stringify(rows[row]).length * 1.5;
    const isFirstFull = start === 0 && row === FIRST_SHARD_ROWS;
    if (row > start && (bytes + itemBytes > JSON_SHARD_BYTES || isFirstFull)) {
      yield [start, row - start];
      start = row;
      bytes = 0;
    }
    bytes += itemBytes;
  }
  yield [start, rows.length - start];
}

export function shardNumber(index: number): string {
  return String(index).padStart(3, '0');
}
