import { readRow } from '../../kernels/itemMatrix.js';
import type { ItemMatrix } from '../../kernels/topK.js';

/** Rows by item, however they are stored. */
export interface ItemRows {
  readonly itemCount: number;
  readonly dimensions: number;
  /** Writes the item's row, f32, into the first `dimensions` places of `out`. */
  read(item: number, out: Float32Array): void;
}

/** The rows of a plain f32 array, items x dimensions; a view. */
export function arrayRows(values: Float32Array, itemCount: number, dimensions: number): ItemRows {
  return {
    itemCount,
    dimensions,
    read: (item, out) => {
      const start = item * dimensions;
      for (let j = 0; j < dimensions; j++) out[j] = values[start + j]!;
    },
  };
}

/** The rows of an item matrix: what is scored with is also what goes in. */
export function matrixRows(matrix: ItemMatrix): ItemRows {
  return { itemCount: matrix.itemCount, dimensions: matrix.dimensions, read: (item, out) => void readRow(matrix, item, out) };
}
