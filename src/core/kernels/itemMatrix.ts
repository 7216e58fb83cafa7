import { RecommenderError } from '../errors.js';
import type { ItemMatrix } from './topK.js';

const ROW_ALIGNMENT = 16;
const WASM_PAGE_BYTES = 65_536;
/** WebAssembly's 32-bit address space, less a page. */
const MAX_BYTES = 0xffff_0000;

export interface ItemMatrixShape {
  readonly itemCount: number;
  readonly dimensions: number;
  readonly hasBiases: boolean;
  /** Whether the exact f32 factors are kept beside the int8 rows. */
  readonly hasExactRows: boolean;
  /**
   * Bytes to reserve behind the arrays in the same WebAssembly memory (for a kernel's query, mask and heap).
   * Null: plain arrays, no WebAssembly memory.
   */
  readonly wasmScratchBytes: number | null;
}

/** Bytes of a padded int8 row. */
export function rowStride(dimensions: number): number {
  return Math.ceil(dimensions / ROW_ALIGNMENT) * ROW_ALIGNMENT;
}

/**
 * Allocates a zeroed matrix, its arrays side by side in one WebAssembly memory when asked, so that
 * shards are decoded straight into the place where the kernel reads them.
 * Throws `backend/failed` when it cannot fit.
 */
export function createItemMatrix(shape: ItemMatrixShape): ItemMatrix {
  const { itemCount, dimensions, hasBiases, hasExactRows, wasmScratchBytes } = shape;
  const stride = rowStride(dimensions);
  const rowBytes = itemCount * stride;
  const floatBytes = itemCount * 4;
  const vectorCount = hasBiases ? 3 : 2;
  const exactBytes = hasExactRows ? itemCount * dimensions * 4 : 0;
  const totalBytes = align(rowBytes) + vectorCount * align(floatBytes) + align(exactBytes) + (wasmScratchBytes ?? 0);
  if (totalBytes > MAX_BYTES) {
    throw new RecommenderError(
      'backend/failed',
      `The model needs ${Math.ceil(totalBytes / 2 ** 20)} MiB for ${itemCount} items x ${dimensions} factors, more than the 4 GiB a page can address. Pack fewer items or factors.`,
      { totalBytes, itemCount, dimensions },
    );
  }
  let memory: WebAssembly.Memory | null = null;
  let buffer: ArrayBuffer;
  try {
    if (wasmScratchBytes !== null) {
      memory = new WebAssembly.Memory({ initial: Math.ceil(totalBytes / WASM_PAGE_BYTES) });
      buffer = memory.buffer;
    } else {
      buffer = new ArrayBuffer(totalBytes);
    }
  } catch (cause) {
    throw new RecommenderError(
      'backend/failed',
      `This device refused ${Math.ceil(totalBytes / 2 ** 20)} MiB of memory for the model.`,
      { totalBytes },
      cause,
    );
  }
  let offset = 0;
  const take = (bytes: number): number => {
    const start = offset;
    offset += align(bytes);
    return start;
  };
  return {
    itemCount,
    dimensions,
    stride,
    rows: new Int8Array(buffer, take(rowBytes), rowBytes),
    scales: new Float32Array(buffer, take(floatBytes), itemCount),
    cosineScales: new Float32Array(buffer, take(floatBytes), itemCount),
    biases: hasBiases ? new Float32Array(buffer, take(floatBytes), itemCount) : null,
    exactRows: hasExactRows ? new Float32Array(buffer, take(exactBytes), itemCount * dimensions) : null,
    memory,
  };
}

/** Where the scratch bytes begin in the matrix's WebAssembly memory. */
export function scratchOffset(matrix: ItemMatrix): number {
  const last = matrix.exactRows ?? matrix.biases ?? matrix.cosineScales;
  return align(last.byteOffset + last.byteLength);
}

/**
 * Quantises one row of f32 factors into the matrix: symmetric int8, step = max|v| / 127,
 * rounding half away from zero. Also sets the row's cosine scale, and its exact copy where one is kept.
 */
export function setRow(matrix: ItemMatrix, row: number, factors: ArrayLike<number>): void {
  const { dimensions, stride, rows, scales, exactRows } = matrix;
  let largest = 0;
  for (let j = 0; j < dimensions; j++) largest = Math.max(largest, Math.abs(factors[j]!));
  const step = Math.fround(largest / 127);
  const start = row * stride;
  for (let j = 0; j < dimensions; j++) {
    const level = step === 0 ? 0 : factors[j]! / step;
    rows[start + j] = Math.max(-127, Math.min(127, Math.sign(level) * Math.round(Math.abs(level))));
  }
  scales[row] = step;
  if (exactRows) for (let j = 0; j < dimensions; j++) exactRows[row * dimensions + j] = factors[j]!;
  updateCosineScale(matrix, row);
}

/** Derives cosineScales[row] from the row's factors and scale. Call it after writing either. */
export function updateCosineScale(matrix: ItemMatrix, row: number): void {
  const { dimensions, stride, rows, exactRows, scales, cosineScales } = matrix;
  let sum = 0;
  if (exactRows) {
    for (let j = row * dimensions; j < (row + 1) * dimensions; j++) sum += exactRows[j]! * exactRows[j]!;
    cosineScales[row] = sum === 0 ? 0 : scales[row]! / Math.sqrt(sum);
  } else {
    // The scale cancels: q · (s r) / |s r| = q · r / |r|.
    for (let j = row * stride; j < row * stride + dimensions; j++) sum += rows[j]! * rows[j]!;
    cosineScales[row] = sum === 0 || scales[row] === 0 ? 0 : 1 / Math.sqrt(sum);
  }
}

/** Whether all factors of a row are zero: the model never met the item. */
export function isZeroRow(matrix: ItemMatrix, row: number): boolean {
  return matrix.scales[row] === 0;
}

/** Copies row `row` as f32 factors into `out` (length `dimensions`). */
export function readRow(matrix: ItemMatrix, row: number, out: Float32Array): Float32Array {
  const { dimensions, stride, rows, exactRows, scales } = matrix;
  if (exactRows) {
    out.set(exactRows.subarray(row * dimensions, (row + 1) * dimensions));
  } else {
    const scale = scales[row]!;
    for (let j = 0; j < dimensions; j++) out[j] = rows[row * stride + j]! * scale;
  }
  return out;
}

function align(bytes: number): number {
  return Math.ceil(bytes / ROW_ALIGNMENT) * ROW_ALIGNMENT;
}
