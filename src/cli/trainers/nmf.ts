import { gram } from './outerProducts.js';
import { seededRandom } from './seededRandom.js';
import type { SparseRows } from './sparseRows.js';
import { transpose } from './sparseRows.js';
import type { TrainerHooks } from './trainerHooks.js';

export interface NmfOptions {
  readonly factors: number;
  readonly epochs: number;
  /** lambda, at least 0. */
  readonly regularization: number;
  readonly seed: number;
}

/** f32 rows of length `factors`, none negative. */
export interface NmfFactors {
  readonly users: Float32Array;
  readonly items: Float32Array;
}

/** Passes over the coordinates of one row before the next: the row starts where the last epoch left it. */
const SWEEPS = 3;
const BLOCK_ROWS = 1_024;

/**
 * Non-negative matrix factorisation of implicit counts (Lee & Seung 1999), R ≈ W H' with W, H >= 0:
 *
 *   L = ½ Σ_all (r - w_u · h_i)² + lambda / 2 (|W|² + |H|²)
 *
 * by cyclic coordinate descent, row by row (HALS; Cichocki & Phan 2009, algorithm 2): the very descent with which the page folds in.
 */
export async function trainNmf(
  interactions: SparseRows,
  options: NmfOptions,
  { onProgress, pause }: TrainerHooks = {},
): Promise<NmfFactors> {
  const { factors: d, epochs, regularization, seed } = options;
  const byItem = transpose(interactions);
  const random = seededRandom(seed);
  const { rowCount, columnCount, values } = interactions;
  const mean = values.reduce((sum, value) => sum + value, 0) / (rowCount * columnCount);
  const start = (count: number): Float32Array => Float32Array.from({ length: count * d }, () => random() * 2 * Math.sqrt(mean / d));
  const users = start(rowCount);
  const items = start(columnCount);
  for (let half = 0; half < 2 * epochs; half++) {
    const [target, source, rows] = half % 2 === 0 ? [users, items, interactions] : [items, users, byItem];
    const matrix = gram(source, d);
    for (let j = 0; j < d; j++) matrix[j * d + j]! += regularization;
    for (let row = 0; row < rows.rowCount; row++) {
      descend(target, row, source, rows, matrix, d);
      if (row % BLOCK_ROWS !== 0) continue;
      onProgress?.((half + row / rows.rowCount) / (2 * epochs));
      await pause?.();
    }
  }
  return { users, items };
}

/** Improves one row x of `target`: ½ x'(S'S + lambda I)x - x'(Σ r s), x >= 0. `matrix`: S'S + lambda I. */
function descend(
  target: Float32Array,
  row: number,
  source: Float32Array,
  { offsets, columns, values }: SparseRows,
  matrix: Float64Array,
  d: number,
): void {
  const x = target.subarray(row * d, (row + 1) * d);
  if (offsets[row] === offsets[row + 1]) {
    x.fill(0);
    return;
  }
  const residual = new Float64Array(d);
  for (let at = offsets[row]!; at < offsets[row + 1]!; at++) {
    const from = columns[at]! * d;
    const value = values[at]!;
    for (let j = 0; j < d; j++) residual[j]! += value * source[from + j]!;
  }
  for (let j = 0; j < d; j++) {
    if (x[j] === 0) continue;
    const value = x[j]!;
    for (let k = 0; k < d; k++) residual[k]! -= value * matrix[j * d + k]!;
  }
  for (let sweep = 0; sweep < SWEEPS; sweep++) {
    for (let j = 0; j < d; j++) {
      const curvature = matrix[j * d + j]!;
      if (curvature <= 0) continue;
      const next = Math.fround(Math.max(0, x[j]! + residual[j]! / curvature));
      const change = next - x[j]!;
      if (change === 0) continue;
      for (let k = 0; k < d; k++) residual[k]! -= change * matrix[j * d + k]!;
      x[j] = next;
    }
  }
}

/** The value of L, f64. */
export function nmfObjective(
  { rowCount, offsets, columns, values }: SparseRows,
  { users, items }: NmfFactors,
  d: number,
  regularization: number,
): number {
  let sum = 0;
  for (let u = 0; u < rowCount; u++) {
    for (let at = offsets[u]!; at < offsets[u + 1]!; at++) {
      let score = 0;
      for (let j = 0; j < d; j++) score += users[u * d + j]! * items[columns[at]! * d + j]!;
      // What all pairs add below is taken back where something was observed.
      sum += (values[at]! - score) ** 2 - score ** 2;
    }
  }
  const userGram = gram(users, d);
  const itemGram = gram(items, d);
  for (let j = 0; j < d * d; j++) sum += userGram[j]! * itemGram[j]!;
  for (let j = 0; j < d; j++) sum += regularization * (userGram[j * d + j]! + itemGram[j * d + j]!);
  return sum / 2;
}
