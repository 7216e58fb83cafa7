import type { SparseTable } from '../../core/artifact/tables/sparseShards.js';

/** Collects rows of a table one after the other. */
export class SparseTableBuilder {
  readonly #offsets: number[] = [0];
  #columns = new Uint32Array(1024);
  #values = new Float32Array(1024);
  #counts: Uint32Array | null;
  #size = 0;

  constructor(
    readonly columnCount: number,
    hasCounts: boolean,
  ) {
    this.#counts = hasCounts ? new Uint32Array(1024) : null;
  }

  add(column: number, value: number, count = 0): void {
    if (this.#size === this.#columns.length) this.#grow();
    this.#columns[this.#size] = column;
    this.#values[this.#size] = value;
    if (this.#counts) this.#counts[this.#size] = count;
    this.#size++;
  }

  endRow(): void {
    this.#offsets.push(this.#size);
  }

  build(): SparseTable {
    return {
      rowCount: this.#offsets.length - 1,
      columnCount: this.columnCount,
      offsets: Uint32Array.from(this.#offsets),
      columns: this.#columns.slice(0, this.#size),
      values: this.#values.slice(0, this.#size),
      counts: this.#counts?.slice(0, this.#size) ?? null,
    };
  }

  #grow(): void {
    const grow = <T extends Uint32Array | Float32Array>(old: T, fresh: T): T => {
      fresh.set(old);
      return fresh;
    };
    const size = 2 * this.#size;
    this.#columns = grow(this.#columns, new Uint32Array(size));
    this.#values = grow(this.#values, new Float32Array(size));
    this.#counts &&= grow(this.#counts, new Uint32Array(size));
  }
}

/** The `count` best of `items` by falling score, ties by lower item. `items` is sorted in place. */
export function bestItems(items: number[], scores: ArrayLike<number>, count: number): number[] {
  items.sort((a, b) => scores[b]! - scores[a]! || a - b);
  return items.length > count ? items.slice(0, count) : items;
}
