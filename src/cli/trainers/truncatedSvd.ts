import { diagonalize } from './diagonalize.js';
import { seededRandom } from './seededRandom.js';
import type { SparseRows } from './sparseRows.js';
import type { TrainerHooks } from './trainerHooks.js';

export interface SvdOptions {
  readonly factors: number;
  readonly seed: number;
  /** Power iterations: more separate close singular values better. */
  readonly iterations?: number;
}

export interface TruncatedSvd {
  /** f32, columns x d: right singular vectors of length 1 (zeros beyond the rank), largest singular value first. */
  readonly columns: Float32Array;
  /** f64, d. */
  readonly singularValues: Float64Array;
}

const OVERSAMPLING = 10;
const ITERATIONS = 8;
const BLOCK_ROWS = 4_096;
/** Eigenvalues below this share of the largest are rounding. */
const NEGLIGIBLE = 1e-14;

/**
 * The largest singular values of a sparse matrix and their right vectors: randomised subspace iteration
 * (Halko, Martinsson & Tropp 2011, algorithm 4.4, on A'A) with a Rayleigh-Ritz step. Signs: the entry of largest size is positive.
 */
export async function truncatedSvd(
  rows: SparseRows,
  { factors: d, seed, iterations = ITERATIONS }: SvdOptions,
  hooks: TrainerHooks = {},
): Promise<TruncatedSvd> {
  const { rowCount, columnCount: m } = rows;
  const width = Math.min(d + OVERSAMPLING, m, Math.max(rowCount, 1));
  const random = seededRandom(seed);
  let basis: Float64Array = new Float64Array(m * width);
  for (let at = 0; at < basis.length; at++) basis[at] = 2 * random() - 1;
  basis = orthonormal(basis, m, width);
  for (let step = 0; step < iterations; step++) {
    basis = orthonormal(await applyGram(rows, basis, width, hooks, (done) => (step + done) / (iterations + 1)), m, width);
  }
  // Rayleigh-Ritz: the eigenvectors of Q'A'A Q turn the basis into singular vectors.
  const image = await applyGram(rows, basis, width, hooks, (done) => (iterations + done) / (iterations + 1));
  const small = crossProduct(basis, image, m, width);
  const turners = diagonalize(small, width);
  const order = Array.from({ length: width }, (_, j) => j).sort((a, b) => small[b * width + b]! - small[a * width + a]! || a - b);
  const columns = new Float32Array(m * d);
  const singularValues = new Float64Array(d);
  const largest = Math.max(0, small[order[0]! * width + order[0]!]!);
  for (let j = 0; j < Math.min(d, width); j++) {
    const source = order[j]!;
    const eigenvalue = small[source * width + source]!;
    if (!(eigenvalue > NEGLIGIBLE * largest)) continue;
    singularValues[j] = Math.sqrt(eigenvalue);
    let peak = 0;
    const vector = new Float64Array(m);
    for (let row = 0; row < m; row++) {
      let sum = 0;
      for (let k = 0; k < width; k++) sum += basis[row * width + k]! * turners[source * width + k]!;
      vector[row] = sum;
      if (Math.abs(sum) > Math.abs(peak)) peak = sum;
    }
    const sign = peak < 0 ? -1 : 1;
    for (let row = 0; row < m; row++) columns[row * d + j] = sign * vector[row]!;
  }
  return { columns, singularValues };
}

/** A'(A x) for every column x of `vectors` (columns x width). */
async function applyGram(
  { rowCount, columnCount, offsets, columns, values }: SparseRows,
  vectors: Float64Array,
  width: number,
  { onProgress, pause }: TrainerHooks,
  toShare: (done: number) => number,
): Promise<Float64Array> {
  const out = new Float64Array(columnCount * width);
  const sum = new Float64Array(width);
  for (let row = 0; row < rowCount; row++) {
    sum.fill(0);
    for (let at = offsets[row]!; at < offsets[row + 1]!; at++) {
      const start = columns[at]! * width;
      const value = values[at]!;
      for (let k = 0; k < width; k++) sum[k]! += value * vectors[start + k]!;
    }
    for (let at = offsets[row]!; at < offsets[row + 1]!; at++) {
      const start = columns[at]! * width;
      const value = values[at]!;
      for (let k = 0; k < width; k++) out[start + k]! += value * sum[k]!;
    }
    if (row % BLOCK_ROWS === 0) {
      onProgress?.(toShare(row / rowCount));
      await pause?.();
    }
  }
  return out;
}

/** An orthonormal basis of the columns' span: X E Λ^(-1/2) with X'X = E Λ E', twice for accuracy; directions of no length become 0. */
function orthonormal(vectors: Float64Array, rowCount: number, width: number): Float64Array {
  let basis = vectors;
  for (let pass = 0; pass < 2; pass++) {
    const gram = crossProduct(basis, basis, rowCount, width);
    const turners = diagonalize(gram, width);
    let largest = 0;
    for (let j = 0; j < width; j++) largest = Math.max(largest, gram[j * width + j]!);
    const scales = Float64Array.from({ length: width }, (_, j) => {
      const eigenvalue = gram[j * width + j]!;
      return eigenvalue > NEGLIGIBLE * largest ? 1 / Math.sqrt(eigenvalue) : 0;
    });
    const next = new Float64Array(rowCount * width);
    for (let row = 0; row < rowCount; row++) {
      for (let j = 0; j < width; j++) {
        let sum = 0;
        for (let k = 0; k < width; k++) sum += basis[row * width + k]! * turners[j * width + k]!;
        next[row * width + j] = sum * scales[j]!;
      }
    }
    basis = next;
  }
  return basis;
}

/** X'Y, width x width, made symmetric. */
function crossProduct(x: Float64Array, y: Float64Array, rowCount: number, width: number): Float64Array {
  const out = new Float64Array(width * width);
  for (let row = 0; row < rowCount; row++) {
    const start = row * width;
    for (let a = 0; a < width; a++) {
      const value = x[start + a]!;
      if (value === 0) continue;
      for (let b = 0; b <= a; b++) out[a * width + b]! += value * y[start + b]!;
    }
  }
  for (let a = 0; a < width; a++) for (let b = 0; b < a; b++) out[b * width + a] = out[a * width + b]!;
  return out;
}
