/**
 * Keeps the best `capacity` rows of a stream: a binary min-heap whose root is the worst row kept
 * (lowest score; among equal scores the highest index). Offer rows in ascending index, so that an
 * equal score never replaces a lower index.
 */
export class BestRows {
  readonly #indexes: Uint32Array;
  readonly #scores: Float64Array;
  #size = 0;

  constructor(readonly capacity: number) {
    this.#indexes = new Uint32Array(capacity);
    this.#scores = new Float64Array(capacity);
  }

  /** Takes the row if it beats the worst one kept. A NaN score is never taken. */
  offer(index: number, score: number): void {
    if (Number.isNaN(score) || this.capacity === 0) return;
    if (this.#size < this.capacity) {
      this.#siftUp(this.#size++, index, score);
    } else if (score > this.#scores[0]!) {
      this.#siftDown(index, score);
    }
  }

  /** The rows kept, in no order. */
  rows(): Uint32Array {
    return this.#indexes.slice(0, this.#size);
  }

  #siftUp(start: number, index: number, score: number): void {
    let at = start;
    while (at > 0) {
      const parent = (at - 1) >> 1;
      if (!this.#isWorse(index, score, parent)) break;
      this.#move(parent, at);
      at = parent;
    }
    this.#indexes[at] = index;
    this.#scores[at] = score;
  }

  #siftDown(index: number, score: number): void {
    let at = 0;
    for (let child = 1; child < this.#size; child = 2 * at + 1) {
      const right = child + 1;
      if (right < this.#size && this.#isWorse(this.#indexes[right]!, this.#scores[right]!, child)) child = right;
      if (this.#isWorse(index, score, child)) break;
      this.#move(child, at);
      at = child;
    }
    this.#indexes[at] = index;
    this.#scores[at] = score;
  }

  #isWorse(index: number, score: number, than: number): boolean {
    const other = this.#scores[than]!;
    return score < other || (score === other && index > this.#indexes[than]!);
  }

  #move(from: number, to: number): void {
    this.#indexes[to] = this.#indexes[from]!;
    this.#scores[to] = this.#scores[from]!;
  }
}
