import { solvePositiveDefinite } from '../../../core/kernels/linearSolve.js';
import { gram } from '../outerProducts.js';
import type { SparseRows } from '../sparseRows.js';
import { transpose } from '../sparseRows.js';
import type { AlsFactors, AlsOptions, AlsSide, AlsSolver } from './alsObjective.js';
import { noSolution } from './alsObjective.js';

/** Rows between two pauses. */
const BLOCK_ROWS = 256;

/**
 * Solves every row by its d x d normal equations in f64, one after the other: the reference that the kernel is held against, and what
 * runs where the kernel cannot.
 */
export class PlainSolver implements AlsSolver {
  readonly #users: Float32Array;
  readonly #items: Float32Array;
  readonly #byItem: SparseRows;

  constructor(
    readonly byUser: SparseRows,
    readonly options: AlsOptions,
  ) {
    this.#byItem = transpose(byUser);
    this.#users = new Float32Array(byUser.rowCount * options.factors);
    this.#items = new Float32Array(byUser.columnCount * options.factors);
  }

  setItems(items: Float32Array): void {
    this.#items.set(items);
  }

  factors(): AlsFactors {
    return { users: this.#users, items: this.#items };
  }

  close(): Promise<void> {
    return Promise.resolve();
  }

  async solve(side: AlsSide, report: (done: number) => Promise<void>): Promise<void> {
    const isUsers = side === 'users';
    const [target, source, rows] = isUsers ? [this.#users, this.#items, this.byUser] : [this.#items, this.#users, this.#byItem];
    const { factors: d, regularization, unobservedWeight, nu } = this.options;
    const all = gram(source, d).map((value) => unobservedWeight * value);
    for (let row = 0; row < rows.rowCount; row++) {
      const start = rows.offsets[row]!;
      const end = rows.offsets[row + 1]!;
      target.fill(0, row * d, (row + 1) * d);
      if (start === end) continue;
      const a = all.slice();
      const b = new Float64Array(d);
      for (let at = start; at < end; at++) {
        const h = source.subarray(rows.columns[at]! * d, (rows.columns[at]! + 1) * d);
        const r = rows.values[at]!;
        for (let j = 0; j < d; j++) {
          b[j]! += r * h[j]!;
          for (let k = 0; k <= j; k++) a[j * d + k]! += r * h[j]! * h[k]!;
        }
      }
      const lambda = regularization * (end - start + unobservedWeight * rows.columnCount) ** nu;
      for (let j = 0; j < d; j++) a[j * d + j]! += lambda;
      if (!solvePositiveDefinite(a, b, d)) throw noSolution();
      target.set(b, row * d);
      if (row % BLOCK_ROWS === 0) await report(row / rows.rowCount);
    }
    await report(1);
  }
}
