import { RecommenderError } from '../../core/errors.js';
import { solvePositiveDefinite } from '../../core/kernels/linearSolve.js';
import { diagonalize } from './diagonalize.js';
import { gram, OuterProducts } from './outerProducts.js';
import { fillNormal, seededRandom } from './seededRandom.js';
import type { SparseRows } from './sparseRows.js';
import { transpose } from './sparseRows.js';

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

export interface AlsHooks {
  /** Called after every block of rows with the share of the work done, 0 to 1. */
  readonly onProgress?: (done: number) => void;
  /** Called after every half-epoch with both sides in one basis. Views: do not keep them. */
  readonly onHalfEpoch?: (factors: AlsFactors) => void;
  /** Awaited between blocks of rows, so that timers and signals get their turn. It may throw to stop the training. */
  readonly pause?: () => Promise<void>;
}

/** As published: entries of N(0, .1 / sqrt(d)). */
const INITIAL_DEVIATION = 0.1;
const NEGLIGIBLE = 1e-20;
/** Rows between two pauses. */
const BLOCK_ROWS = 4_096;

/**
 * Trains implicit-feedback ALS (Hu, Koren & Volinsky 2008) on users x items with weights r.
 *
 * Each half-epoch solves every row of one side exactly. It first rotates the other side so that its gram matrix is
 * diagonal (L does not change when both sides are rotated), whence a row with n < d entries needs only an n x n system:
 * (D + H'RH)⁻¹ H'R1 = D⁻¹ H' (R⁻¹ + H D⁻¹ H')⁻¹ 1 (Woodbury). Most shoppers have few items, so this is many times cheaper
 * than the d x d system, and exact.
 *
 * Deterministic for a seed. Throws `input/invalid` on values that make the problem unsolvable.
 */
export async function trainAls(interactions: SparseRows, options: AlsOptions, hooks: AlsHooks = {}): Promise<AlsFactors> {
  checkOptions(options);
  const { factors: d, epochs, seed } = options;
  const byItem = transpose(interactions);
  const users = new Float32Array(interactions.rowCount * d);
  const items = new Float32Array(interactions.columnCount * d);
  fillNormal(items, INITIAL_DEVIATION / Math.sqrt(d), seededRandom(seed));
  const halves = 2 * epochs + 1;
  for (let half = 0; half < halves; half++) {
    const [target, source, rows] = half % 2 === 0 ? [users, items, interactions] : [items, users, byItem];
    await solveRows(target, source, rows, options, hooks, (done) => hooks.onProgress?.((half + done) / halves));
    hooks.onHalfEpoch?.({ users, items });
  }
  return { users, items };
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

async function solveRows(
  target: Float32Array,
  source: Float32Array,
  rows: SparseRows,
  options: AlsOptions,
  { pause }: AlsHooks,
  onProgress: (done: number) => void,
): Promise<void> {
  const { factors: d, regularization, unobservedWeight, nu } = options;
  const { rowCount, columnCount, offsets, columns, values } = rows;
  const matrix = gram(source, d);
  const vectors = diagonalize(matrix, d);
  rotateRows(source, vectors, d);
  const eigenvalues = Float64Array.from({ length: d }, (_, j) => Math.max(0, matrix[j * d + j]!));
  const solver = new RowSolver(source, d);
  const diagonal = new Float64Array(d);
  for (let row = 0; row < rowCount; row++) {
    const start = offsets[row]!;
    const end = offsets[row + 1]!;
    const lambda = regularization * (end - start + unobservedWeight * columnCount) ** nu;
    for (let j = 0; j < d; j++) diagonal[j] = unobservedWeight * eigenvalues[j]! + lambda;
    const solution = solver.solve(diagonal, columns.subarray(start, end), values.subarray(start, end));
    for (let j = 0; j < d; j++) target[row * d + j] = flush(solution[j]!);
    if (row % BLOCK_ROWS === BLOCK_ROWS - 1 || row === rowCount - 1) {
      onProgress((row + 1) / rowCount);
      await pause?.();
    }
  }
}

/** Solves (diag + Σ r h h') x = Σ r h for one row at a time; the buffers are reused. */
class RowSolver {
  readonly #small: Float64Array;
  readonly #scaled: Float64Array;
  readonly #products: OuterProducts;
  readonly #x: Float64Array;
  readonly #z: Float64Array;
  readonly #roots: Float64Array;
  readonly #four = new Float64Array(4);

  constructor(
    readonly source: Float32Array,
    readonly d: number,
  ) {
    this.#small = new Float64Array(d * d);
    this.#scaled = new Float64Array((d + 1) * d);
    this.#products = new OuterProducts(d);
    this.#x = new Float64Array(d);
    this.#z = new Float64Array(d);
    this.#roots = new Float64Array(d);
  }

  /** The returned array (f64, d) is overwritten by the next call. */
  solve(diagonal: Float64Array, columns: Uint32Array, values: Float32Array): Float64Array {
    this.#x.fill(0);
    if (columns.length === 0) return this.#x;
    return columns.length < this.d ? this.#solveDual(diagonal, columns, values) : this.#solvePrimal(diagonal, columns, values);
  }

  #solveDual(diagonal: Float64Array, columns: Uint32Array, values: Float32Array): Float64Array {
    const { source, d } = this;
    const n = columns.length;
    const scaled = this.#scaled;
    const k = this.#small;
    const x = this.#x;
    const roots = this.#roots;
    for (let j = 0; j < d; j++) roots[j] = 1 / Math.sqrt(diagonal[j]!);
    for (let a = 0; a < n; a++) {
      const from = columns[a]! * d;
      for (let j = 0; j < d; j++) scaled[a * d + j] = source[from + j]! * roots[j]!;
    }
    // An odd last row is paired with zeros.
    scaled.fill(0, n * d, (n + 1) * d);
    const four = this.#four;
    for (let a = 0; a < n; a += 2) {
      for (let b = 0; b <= a; b += 2) {
        dotPairs(scaled, a * d, scaled, b * d, d, four);
        k[a * n + b] = four[0]!;
        if (b + 1 < n) k[a * n + b + 1] = four[1]!;
        if (a + 1 === n) continue;
        k[(a + 1) * n + b] = four[2]!;
        k[(a + 1) * n + b + 1] = four[3]!;
      }
    }
    for (let a = 0; a < n; a++) k[a * n + a]! += 1 / values[a]!;
    const z = this.#z.subarray(0, n).fill(1);
    solve(k, z, n);
    for (let a = 0; a < n; a++) {
      const share = z[a]!;
      for (let j = 0; j < d; j++) x[j]! += share * scaled[a * d + j]!;
    }
    for (let j = 0; j < d; j++) x[j]! *= roots[j]!;
    return x;
  }

  #solvePrimal(diagonal: Float64Array, columns: Uint32Array, values: Float32Array): Float64Array {
    const { source, d } = this;
    const x = this.#x;
    const a = this.#products.sum.fill(0);
    this.#products.add(source, columns, values);
    for (let j = 0; j < d; j++) a[j * d + j]! += diagonal[j]!;
    for (let at = 0; at < columns.length; at++) {
      const from = columns[at]! * d;
      const r = values[at]!;
      for (let j = 0; j < d; j++) x[j]! += r * source[from + j]!;
    }
    solve(a, x, d);
    return x;
  }
}

function solve(a: Float64Array, b: Float64Array, n: number): void {
  if (!solvePositiveDefinite(a, b, n)) {
    throw new RecommenderError('input/invalid', 'The training met an equation without a solution. Use a larger --regularization.');
  }
}

/**
 * Zeroes what no score can feel. Factors that the events do not need shrink with every epoch until they are f32 denormals, which
 * processors handle many times slower than other numbers.
 */
function flush(value: number): number {
  return Math.abs(value) < NEGLIGIBLE ? 0 : value;
}

/** Multiplies every row by the matrix whose columns are `vectors`' rows. */
function rotateRows(rows: Float32Array, vectors: Float64Array, d: number): void {
  const two = new Float64Array(2 * d);
  const turners = new Float64Array((d + 1) * d);
  turners.set(vectors);
  const four = new Float64Array(4);
  for (let start = 0; start < rows.length; start += 2 * d) {
    const hasSecond = start + d < rows.length;
    for (let j = 0; j < d; j++) {
      two[j] = rows[start + j]!;
      two[d + j] = hasSecond ? rows[start + d + j]! : 0;
    }
    for (let j = 0; j < d; j += 2) {
      dotPairs(two, 0, turners, j * d, d, four);
      rows[start + j] = flush(four[0]!);
      if (hasSecond) rows[start + d + j] = flush(four[2]!);
      if (j + 1 === d) continue;
      rows[start + j + 1] = flush(four[1]!);
      if (hasSecond) rows[start + d + j + 1] = flush(four[3]!);
    }
  }
}

/**
 * Multiplies two neighbouring rows of `a` with two of `b`: out = a0·b0, a0·b1, a1·b0, a1·b1. Four sums at once, because one would
 * wait for each addition before the next.
 */
function dotPairs(a: Float64Array, fromA: number, b: Float64Array, fromB: number, d: number, out: Float64Array): void {
  let sum00 = 0;
  let sum01 = 0;
  let sum10 = 0;
  let sum11 = 0;
  for (let j = 0; j < d; j++) {
    const a0 = a[fromA + j]!;
    const a1 = a[fromA + d + j]!;
    const b0 = b[fromB + j]!;
    const b1 = b[fromB + d + j]!;
    sum00 += a0 * b0;
    sum01 += a0 * b1;
    sum10 += a1 * b0;
    sum11 += a1 * b1;
  }
  out[0] = sum00;
  out[1] = sum01;
  out[2] = sum10;
  out[3] = sum11;
}

function squaredNorm(rows: Float32Array, row: number, d: number): number {
  let sum = 0;
  for (let j = row * d; j < (row + 1) * d; j++) sum += rows[j]! * rows[j]!;
  return sum;
}

function checkOptions({ factors, epochs, regularization, unobservedWeight, nu }: AlsOptions): void {
  const fail = (name: string, value: number, expected: string): never => {
    throw new RecommenderError('input/invalid', `${name} is ${value}; it must be ${expected}.`, { name, seen: value });
  };
  if (!Number.isInteger(factors) || factors < 1) fail('factors', factors, 'a whole number of at least 1');
  if (!Number.isInteger(epochs) || epochs < 1) fail('epochs', epochs, 'a whole number of at least 1');
  if (!(regularization > 0 && Number.isFinite(regularization))) fail('regularization', regularization, 'above 0');
  if (!(unobservedWeight >= 0 && Number.isFinite(unobservedWeight))) fail('unobservedWeight', unobservedWeight, '0 or above');
  if (!Number.isFinite(nu)) fail('nu', nu, 'a finite number');
}
