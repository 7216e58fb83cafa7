import { RecommenderError } from '../../../core/errors.js';
import { gram } from '../outerProducts.js';
import type { SparseRows } from '../sparseRows.js';

/**
 * What is minimised (Rendle, Krichene, Zhang & Koren 2021, "Revisiting the Performance of iALS on Item Recommendation
 * Benchmarks", equations 3 and 4), with S the observed pairs:
 *
 *   L = Σ_S r (w_u · h_i - 1)² + alpha0 Σ_all (w_u · h_i)² + lambda Σ_u (n_u + alpha0 |I|)^nu |w_u|² + lambda Σ_i (n_i + alpha0 |U|)^nu |h_i|²
 */
export interface AlsObjective {
  /** lambda, above 0. */
  readonly regularization: number;
  /** alpha0, at least 0. */
  readonly unobservedWeight: number;
  /** nu: 0 regularises all rows alike, 1 in proportion to how often they occur. */
  readonly nu: number;
}

export interface AlsOptions extends AlsObjective {
  /** d: length of each row. */
  readonly factors: number;
  readonly epochs: number;
  readonly seed: number;
}

export interface AlsFactors {
  /** f32, users x d: the solution for `items` as they are. */
  readonly users: Float32Array;
  /** f32, items x d. */
  readonly items: Float32Array;
}

export type AlsSide = keyof AlsFactors;

/** Solves one side exactly while the other stands still. Made for one training; `close` it at the end. */
export interface AlsSolver {
  /** Replaces the item rows, f32, items x d. */
  setItems(items: Float32Array): void;
  /** Solves all rows of a side. `report` is told the share done, and awaited: it may throw to stop the training. */
  solve(side: AlsSide, report: (done: number) => Promise<void>): Promise<void>;
  /** Both sides in one basis; views where the rows lie side by side, so valid until the next call of `solve`. */
  factors(): AlsFactors;
  close(): Promise<void>;
}

/** The value of L, f64. Costs one pass over the entries. */
export function alsObjective(interactions: SparseRows, { users, items }: AlsFactors, d: number, options: AlsObjective): number {
  const { unobservedWeight, regularization, nu } = options;
  const { rowCount, columnCount, offsets, columns, values } = interactions;
  let sum = 0;
  const itemEntries = new Uint32Array(columnCount);
  for (let u = 0; u < rowCount; u++) {
    for (let at = offsets[u]!; at < offsets[u + 1]!; at++) {
      const i = columns[at]!;
      itemEntries[i]!++;
      let score = 0;
      for (let j = 0; j < d; j++) score += users[u * d + j]! * items[i * d + j]!;
      sum += values[at]! * (score - 1) ** 2;
    }
    sum += regularization * (offsets[u + 1]! - offsets[u]! + unobservedWeight * columnCount) ** nu * squaredNorm(users, u, d);
  }
  for (let i = 0; i < columnCount; i++)
    sum += regularization * (itemEntries[i]! + unobservedWeight * rowCount) ** nu * squaredNorm(items, i, d);
  // Σ_all (w · h)² is the inner product of the two gram matrices.
  const userGram = gram(users, d);
  const itemGram = gram(items, d);
  for (let j = 0; j < d * d; j++) sum += unobservedWeight * userGram[j]! * itemGram[j]!;
  return sum;
}

/** Throws `input/invalid` on values that make the problem unsolvable. */
export function checkAlsOptions({ factors, epochs, regularization, unobservedWeight, nu }: AlsOptions): void {
  const fail = (name: string, value: number, expected: string): never => {
    throw new RecommenderError('input/invalid', `${name} is ${value}; it must be ${expected}.`, { name, seen: value });
  };
  if (!Number.isInteger(factors) || factors < 1) fail('factors', factors, 'a whole number of at least 1');
  if (!Number.isInteger(epochs) || epochs < 1) fail('epochs', epochs, 'a whole number of at least 1');
  if (!(regularization > 0 && Number.isFinite(regularization))) fail('regularization', regularization, 'above 0');
  if (!(unobservedWeight >= 0 && Number.isFinite(unobservedWeight))) fail('unobservedWeight', unobservedWeight, '0 or above');
  if (!Number.isFinite(nu)) fail('nu', nu, 'a finite number');
}

/** The error of a row whose equation cannot be solved. */
export function noSolution(): RecommenderError {
  return new RecommenderError('input/invalid', 'The training met an equation without a solution. Use a larger --regularization.');
}

function squaredNorm(rows: Float32Array, row: number, d: number): number {
  let sum = 0;
  for (let j = row * d; j < (row + 1) * d; j++) sum += rows[j]! * rows[j]!;
  return sum;
}
