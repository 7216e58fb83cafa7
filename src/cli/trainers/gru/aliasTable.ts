import { hashWord } from './counterRandom.js';

/** Draws items in proportion to given weights, each draw in constant time (Walker 1977; the table of Vose 1991). */
export class AliasTable {
  readonly #size: number;
  readonly #cut: Float64Array;
  readonly #alias: Uint32Array;

  /** `weights`: not negative, not all 0. */
  constructor(weights: ArrayLike<number>) {
    const size = weights.length;
    let total = 0;
    for (let i = 0; i < size; i++) total += weights[i]!;
    const cut = Float64Array.from(weights, (weight) => (weight * size) / total);
    const alias = new Uint32Array(size);
    const small: number[] = [];
    const large: number[] = [];
    for (let i = 0; i < size; i++) (cut[i]! < 1 ? small : large).push(i);
    while (small.length > 0 && large.length > 0) {
      const low = small.pop()!;
      const high = large[large.length - 1]!;
      alias[low] = high;
      cut[high]! -= 1 - cut[low]!;
      if (cut[high]! < 1) small.push(large.pop()!);
    }
    // What is left is 1 but for rounding.
    for (const i of [...small, ...large]) cut[i] = 1;
    this.#size = size;
    this.#cut = cut;
    this.#alias = alias;
  }

  /** The draw that belongs to a counter. */
  draw(counter: number): number {
    const place = (hashWord(counter) / 2 ** 32) * this.#size;
    const index = Math.floor(place);
    return place - index < this.#cut[index]! ? index : this.#alias[index]!;
  }
}
