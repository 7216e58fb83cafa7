import type { Catalog } from '../catalog.js';
import { isZeroRow } from '../kernels/itemMatrix.js';
import type { ItemMatrix } from '../kernels/topK.js';
import type { ItemId } from '../types.js';

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

/** Rows that no list may name: items out of stock, with price 0, and those not loaded yet (from `availableRows` on). */
export function unavailableRows(catalog: Catalog, availableRows: number, itemCount: number): RowMask {
  const mask = new RowMask(itemCount);
  const inStock = catalog.column('inStock');
  const price = catalog.column('price');
  for (let row = 0; row < availableRows; row++) {
    if (inStock?.[row] === false || price?.[row] === 0) mask.exclude(row);
  }
  for (let row = availableRows; row < itemCount; row++) mask.exclude(row);
  return mask;
}

/** A copy of `mask` that also leaves out the items a sequence model never met: their rows are zero and score nothing. */
export function withoutUnmet(mask: RowMask, matrix: ItemMatrix): RowMask {
  const met = mask.copy();
  for (let row = 0; row < matrix.itemCount; row++) if (isZeroRow(matrix, row)) met.exclude(row);
  return met;
}

/** Adds a call's own exclusions to the catalogue's. Unknown ids are ignored. */
export function excludeRows(unavailable: RowMask, catalog: Catalog, itemIds: Iterable<ItemId>): RowMask {
  const mask = unavailable.copy();
  for (const id of itemIds) {
    const row = catalog.indexOf(id);
    if (row !== undefined) mask.exclude(row);
  }
  return mask;
}
