/** A set of rows, 32 to a word: bit i of word i >> 5 is row i. Combined word by word, which 100,000 rows take in microseconds. */
export class RowSet {
  constructor(
    readonly rowCount: number,
    readonly words: Uint32Array = new Uint32Array(Math.ceil(rowCount / 32)),
  ) {}

  static all(rowCount: number): RowSet {
    const all = new RowSet(rowCount);
    all.words.fill(0xffff_ffff);
    return all.#trimmed();
  }

  /** Rows that are in every set. */
  static common(rowCount: number, sets: readonly RowSet[]): RowSet {
    const common = sets.length === 0 ? RowSet.all(rowCount) : new RowSet(rowCount, sets[0]!.words.slice());
    const ours = common.words;
    for (let set = 1; set < sets.length; set++) {
      const theirs = sets[set]!.words;
      for (let at = 0; at < ours.length; at++) ours[at]! &= theirs[at]!;
    }
    return common;
  }

  has(row: number): boolean {
    return ((this.words[row >> 5]! >>> (row & 31)) & 1) === 1;
  }

  add(row: number): void {
    this.words[row >> 5]! |= 1 << (row & 31);
  }

  remove(row: number): void {
    this.words[row >> 5]! &= ~(1 << (row & 31));
  }

  copy(): RowSet {
    return new RowSet(this.rowCount, this.words.slice());
  }

  intersect(other: RowSet): RowSet {
    return RowSet.common(this.rowCount, [this, other]);
  }

  union(other: RowSet): RowSet {
    const words = this.words.slice();
    const theirs = other.words;
    for (let at = 0; at < words.length; at++) words[at]! |= theirs[at]!;
    return new RowSet(this.rowCount, words);
  }

  /** Those of these rows that are not in the other set. */
  without(other: RowSet): RowSet {
    const words = this.words.slice();
    const theirs = other.words;
    for (let at = 0; at < words.length; at++) words[at]! &= ~theirs[at]!;
    return new RowSet(this.rowCount, words);
  }

  complement(): RowSet {
    const words = this.words.slice();
    for (let at = 0; at < words.length; at++) words[at] = ~words[at]!;
    return new RowSet(this.rowCount, words).#trimmed();
  }

  /** The rows, ascending. */
  toRows(): Uint32Array {
    const rows = new Uint32Array(this.size);
    let count = 0;
    this.words.forEach((word, at) => {
      // The lowest bit that is set, then the next.
      for (let left = word; left !== 0; left &= left - 1) rows[count++] = 32 * at + 31 - Math.clz32(left & -left);
    });
    return rows;
  }

  get isEmpty(): boolean {
    return this.words.every((word) => word === 0);
  }

  get size(): number {
    const { words } = this;
    let count = 0;
    for (let at = 0; at < words.length; at++) {
      let word = words[at]!;
      // Population count of 32 bits in parallel sums (Warren, Hacker's Delight, 5-1).
      word -= (word >>> 1) & 0x5555_5555;
      word = (word & 0x3333_3333) + ((word >>> 2) & 0x3333_3333);
      count += Math.imul((word + (word >>> 4)) & 0x0f0f_0f0f, 0x0101_0101) >>> 24;
    }
    return count;
  }

  /** Bits past the last row belong to no row. */
  #trimmed(): this {
    const { words, rowCount } = this;
    if (rowCount % 32 !== 0) words[words.length - 1]! &= 2 ** (rowCount % 32) - 1;
    return this;
  }
}
