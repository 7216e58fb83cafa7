/** A set of rows, 32 to a word: bit i of word i >> 5 is row i. Combined word by word, which 100,000 rows take in microseconds. */
export class RowSet {
  constructor(
    readonly rowCount: number,
    readonly words: Uint32Array = new Uint32Array(Math.ceil(rowCount / 32)),
  ) {}

  static all(rowCount: number): RowSet {
    return new RowSet(rowCount).complement();
  }

  has(row: number): boolean {
    return ((this.words[row >> 5]! >>> (row & 31)) & 1) === 1;
  }

  add(row: number): void {
    this.words[row >> 5]! |= 1 << (row & 31);
  }

  intersect(other: RowSet): RowSet {
    const words = this.words.slice();
    for (let at = 0; at < words.length; at++) words[at]! &= other.words[at]!;
    return new RowSet(this.rowCount, words);
  }

  union(other: RowSet): RowSet {
    const words = this.words.slice();
    for (let at = 0; at < words.length; at++) words[at]! |= other.words[at]!;
    return new RowSet(this.rowCount, words);
  }

  complement(): RowSet {
    const words = this.words.slice();
    for (let at = 0; at < words.length; at++) words[at] = ~words[at]!;
    // Bits past the last row belong to no row.
    if (this.rowCount % 32 !== 0) words[words.length - 1]! &= 2 ** (this.rowCount % 32) - 1;
    return new RowSet(this.rowCount, words);
  }

  get size(): number {
    let count = 0;
    for (let word of this.words) {
      // Population count of 32 bits in parallel sums (Warren, Hacker's Delight, 5-1).
      word -= (word >>> 1) & 0x5555_5555;
      word = (word & 0x3333_3333) + ((word >>> 2) & 0x3333_3333);
      count += Math.imul((word + (word >>> 4)) & 0x0f0f_0f0f, 0x0101_0101) >>> 24;
    }
    return count;
  }
}
