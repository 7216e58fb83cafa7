/** Rows taken together: one pass over the sum for so many of them. */
const TOGETHER = 4;
const GRAM_BLOCK_ROWS = 1_024;

/**
 * Sums outer products of rows, the operation that takes most of the training's time. Four rows are gathered side by side and two
 * lines of the sum are worked on at once, so that each number read is used as often as the registers allow.
 */
export class OuterProducts {
  /** f64, (d + 1) x d: the sum. The line behind the last is a dump for odd d. */
  readonly sum: Float64Array;
  readonly #gathered: Float64Array;

  constructor(readonly d: number) {
    this.sum = new Float64Array((d + 1) * d);
    this.#gathered = new Float64Array(TOGETHER * (d + 1));
  }

  /** Adds Σ r h h' to the lower triangle, h being the rows `columns` of `source` (f32, n x d) and r their `values`, above 0. */
  add(source: Float32Array, columns: Uint32Array, values: Float32Array): void {
    for (let at = 0; at < columns.length; at += TOGETHER) {
      this.#gather(source, columns, values, at);
      this.#addGathered();
    }
  }

  /** The rows at .. at + 3, each times the root of its value; zeros past the end. */
  #gather(source: Float32Array, columns: Uint32Array, values: Float32Array, at: number): void {
    const { d } = this;
    const gathered = this.#gathered;
    for (let r = 0; r < TOGETHER; r++) {
      const isPastEnd = at + r >= columns.length;
      const from = isPastEnd ? 0 : columns[at + r]! * d;
      const root = isPastEnd ? 0 : Math.sqrt(values[at + r]!);
      for (let j = 0; j < d; j++) gathered[j * TOGETHER + r] = root * source[from + j]!;
    }
  }

  #addGathered(): void {
    const { d, sum } = this;
    const g = this.#gathered;
    for (let i = 0; i < d; i += 2) {
      const at = i * TOGETHER;
      const s0 = g[at]!;
      const s1 = g[at + 1]!;
      const s2 = g[at + 2]!;
      const s3 = g[at + 3]!;
      const t0 = g[at + 4]!;
      const t1 = g[at + 5]!;
      const t2 = g[at + 6]!;
      const t3 = g[at + 7]!;
      const line = i * d;
      const next = line + d;
      const last = Math.min(i + 1, d - 1);
      for (let j = 0; j <= last; j++) {
        const k = j * TOGETHER;
        const x0 = g[k]!;
        const x1 = g[k + 1]!;
        const x2 = g[k + 2]!;
        const x3 = g[k + 3]!;
        sum[line + j]! += s0 * x0 + s1 * x1 + (s2 * x2 + s3 * x3);
        sum[next + j]! += t0 * x0 + t1 * x1 + (t2 * x2 + t3 * x3);
      }
    }
  }
}

/** Y'Y of all rows (f32, n x d) in f64, d x d, both triangles. */
export function gram(rows: Float32Array, d: number): Float64Array {
  const products = new OuterProducts(d);
  const rowCount = rows.length / d;
  const ones = new Float32Array(GRAM_BLOCK_ROWS).fill(1);
  const indexes = new Uint32Array(GRAM_BLOCK_ROWS);
  for (let start = 0; start < rowCount; start += GRAM_BLOCK_ROWS) {
    const count = Math.min(GRAM_BLOCK_ROWS, rowCount - start);
    for (let i = 0; i < count; i++) indexes[i] = start + i;
    products.add(rows, indexes.subarray(0, count), ones);
  }
  const sums = products.sum.slice(0, d * d);
  for (let i = 0; i < d; i++) for (let j = 0; j < i; j++) sums[j * d + i] = sums[i * d + j]!;
  return sums;
}
