import type { TopK } from '../kernels/topK.js';
import type { RowMask } from '../ranking/rowMask.js';

/** Sums scores of few items out of many. One array of all items is kept and cleaned after use. */
export class SparseScores {
  readonly #sums: Float64Array;
  readonly #isTouched: Uint8Array;
  #touched: number[] = [];

  constructor(itemCount: number) {
    this.#sums = new Float64Array(itemCount);
    this.#isTouched = new Uint8Array(itemCount);
  }

  add(row: number, score: number): void {
    if (this.#isTouched[row] === 0) {
      this.#isTouched[row] = 1;
      this.#touched.push(row);
    }
    this.#sums[row]! += score;
  }

  /** The sum of every row, 0 where nothing was added; all sums are 0 afterwards. f64, the caller's own. */
  takeAll(): Float64Array {
    const sums = this.#sums.slice();
    this.#clear();
    return sums;
  }

  /** The k best rows that were added to, best first, ties by lower row; all sums are 0 afterwards. */
  takeBest(k: number, excluded: RowMask | null): TopK {
    const sums = this.#sums;
    const best: number[] = [];
    const isBetter = (a: number, b: number): boolean => sums[a]! > sums[b]! || (sums[a] === sums[b] && a < b);
    for (const row of this.#touched) {
      if (excluded?.has(row) || (best.length === k && !isBetter(row, best[k - 1]!))) continue;
      let at = best.length === k ? k - 1 : best.length;
      for (; at > 0 && isBetter(row, best[at - 1]!); at--) best[at] = best[at - 1]!;
      best[at] = row;
    }
    const scores = Float32Array.from(best, (row) => sums[row]!);
    this.#clear();
    return { indexes: Uint32Array.from(best), scores };
  }

  #clear(): void {
    for (const row of this.#touched) this.#sums[row] = this.#isTouched[row] = 0;
    this.#touched = [];
  }
}
