import type { FactorModelEntry } from '../artifact/manifest.js';
import type { ItemMatrix } from '../kernels/topK.js';
import { foldInAls, foldInLinear, foldInNonNegative } from './foldIn.js';
import type { FoldedUser, HistoryWeight } from './foldIn.js';

/** Matrix factorisation: user vector x item factors. */
export class FactorModel {
  constructor(
    readonly entry: FactorModelEntry,
    readonly matrix: ItemMatrix,
    /** Y'Y over all rows, f32, d x d; null when the fold-in needs none, and until it is read. */
    public gram: Float32Array | null = null,
  ) {}

  /** Derives the vector of a shopper from weighted items. `items` is not empty. */
  foldIn(items: readonly HistoryWeight[]): FoldedUser {
    const { foldIn } = this.entry;
    switch (foldIn.kind) {
      case 'als':
        return foldInAls(this.matrix, this.gram!, foldIn, items);
      case 'non-negative':
        return foldInNonNegative(this.matrix, this.gram!, foldIn.regularization, items);
      case 'project':
        return foldInLinear(this.matrix, items, 1);
      case 'mean':
        return foldInLinear(this.matrix, items, 1 / items.reduce((sum, item) => sum + item.weight, 0));
    }
  }
}
