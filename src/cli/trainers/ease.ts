import { RecommenderError } from '../../core/errors.js';
import type { SparseTable } from '../../core/artifact/tables/sparseShards.js';
import { invertPositiveDefinite } from './invertPositiveDefinite.js';
import type { SparseRows } from './sparseRows.js';
import { bestItems, SparseTableBuilder } from './sparseTable.js';
import type { TrainerHooks } from './trainerHooks.js';

export interface EaseOptions {
  /** lambda, above 0. */
  readonly regularization: number;
  /** The weights of largest size are kept for each item, negative ones among them. */
  readonly neighbors: number;
}

/** The item x item matrix is dense. */
export const MAX_EASE_ITEMS = 8_000;

/**
 * EASE (Steck 2019, "Embarrassingly Shallow Autoencoders for Sparse Data", equation 8): with G = X'X over binary X and
 * P = (G + lambda I)^-1, the weights are B_ij = -P_ij / P_jj, B_jj = 0, and a shopper's scores x B.
 * Row i of the table holds B_i·. Throws `input/invalid` above {@link MAX_EASE_ITEMS}.
 */
export async function trainEase(
  { rowCount, columnCount: n, offsets, columns }: SparseRows,
  { regularization, neighbors }: EaseOptions,
  hooks: TrainerHooks = {},
): Promise<SparseTable> {
  if (n > MAX_EASE_ITEMS) {
    throw new RecommenderError(
      'input/invalid',
      `EASE inverts an item x item matrix: ${n} items would take ${((8 * n * n) / 2 ** 30).toFixed(1)} GiB and time by the cube; at most ${MAX_EASE_ITEMS} are allowed. Use --model knn, or --max-items ${MAX_EASE_ITEMS}.`,
      { seen: n, expected: MAX_EASE_ITEMS },
    );
  }
  if (!(regularization > 0)) throw new RecommenderError('input/invalid', `regularization is ${regularization}; it must be above 0.`, {});
  const matrix = new Float64Array(n * n);
  for (let row = 0; row < rowCount; row++) {
    for (let a = offsets[row]!; a < offsets[row + 1]!; a++) {
      const start = columns[a]! * n;
      for (let b = offsets[row]!; b < offsets[row + 1]!; b++) matrix[start + columns[b]!]! += 1;
    }
  }
  const isMet = Uint8Array.from({ length: n }, (_, item) => (matrix[item * n + item]! > 0 ? 1 : 0));
  for (let item = 0; item < n; item++) matrix[item * n + item]! += regularization;
  await invertPositiveDefinite(matrix, n, hooks);
  const table = new SparseTableBuilder(n, false);
  const weights = new Float64Array(n);
  const sizes = new Float64Array(n);
  for (let i = 0; i < n; i++) {
    const others: number[] = [];
    for (let j = 0; j < n; j++) {
      if (j === i || isMet[j] === 0) continue;
      weights[j] = -matrix[i * n + j]! / matrix[j * n + j]!;
      sizes[j] = Math.abs(weights[j]!);
      if (sizes[j]! > 0) others.push(j);
    }
    if (isMet[i] === 1) for (const j of bestItems(bestItems(others, sizes, neighbors), weights, neighbors)) table.add(j, weights[j]!);
    table.endRow();
  }
  return table.build();
}
