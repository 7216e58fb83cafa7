import type { Catalog } from '../catalog.js';
import type { Filter, ItemId } from '../types.js';
import { compileFilter } from './filter.js';

/** Rows that may not be recommended: bit i of word i >> 5 is row i. The form the kernels take. */
export class RowMask {
  readonly words: Uint32Array;

  constructor(
    readonly itemCount: number,
    words?: Uint32Array,
  ) {
    this.words = words ?? new Uint32Array(Math.ceil(itemCount / 32));
  }

  copy(): RowMask {
    return new RowMask(this.itemCount, this.words.slice());
  }

  exclude(row: number): void {
    this.words[row >> 5]! |= 1 << (row & 31);
  }

  has(row: number): boolean {
    return ((this.words[row >> 5]! >>> (row & 31)) & 1) === 1;
  }
}

/** What no shop wants recommended: items out of stock, or with price 0. */
export function unsellableRows(catalog: Catalog): RowMask {
  const mask = new RowMask(catalog.itemCount);
  const inStock = catalog.column('inStock');
  const price = catalog.column('price');
  for (let row = 0; row < catalog.itemCount; row++) {
    if (inStock?.[row] === false || price?.[row] === 0) mask.exclude(row);
  }
  return mask;
}

export interface Exclusions {
  readonly filter: Filter | undefined;
  readonly itemIds: Iterable<ItemId>;
}

/** Adds a call's own exclusions to the catalogue's. Unknown ids are ignored. */
export function excludeRows(unsellable: RowMask, catalog: Catalog, { filter, itemIds }: Exclusions): RowMask {
  const mask = unsellable.copy();
  for (const id of itemIds) {
    const row = catalog.indexOf(id);
    if (row !== undefined) mask.exclude(row);
  }
  if (filter) {
    const matches = compileFilter(filter, catalog);
    for (let row = 0; row < catalog.itemCount; row++) if (!matches(row)) mask.exclude(row);
  }
  return mask;
}
