import type { PrototypeTable } from '../artifact/tables/prototypeTable.js';
import type { TopK } from '../kernels/topK.js';
import type { RowMask } from '../ranking/rowMask.js';
import type { HistoryWeight } from './foldIn.js';
import { SparseScores } from './sparseScores.js';

/** So many prototypes speak for a shopper. */
const NEIGHBORHOOD = 20;

/** A prototype near to the shopper. */
export interface NearPrototype {
  readonly prototype: number;
  /** Cosine of the shopper's items and the prototype's, 0 to 1: the products run over the items both have. */
  readonly similarity: number;
}

/**
 * User-based collaborative filtering (Resnick et al. 1994; cosine as in Breese, Heckerman & Kadie 1998, section 2.1) whose neighbours are
 * groups of at least 50 users: score(j) = Σ similarity x share of the group that met j, over the nearest groups.
 */
export class PrototypeModel {
  readonly #scores: SparseScores;
  readonly #norms: Float64Array;
  /** The shopper's items while they are compared; all 0 between calls. */
  readonly #own: Float64Array;

  constructor(readonly table: PrototypeTable) {
    const { rowCount, columnCount, offsets, values } = table;
    this.#scores = new SparseScores(columnCount);
    this.#own = new Float64Array(columnCount);
    this.#norms = Float64Array.from({ length: rowCount }, (_, row) => {
      let sum = 0;
      for (let at = offsets[row]!; at < offsets[row + 1]!; at++) sum += values[at]! ** 2;
      return Math.sqrt(sum);
    });
  }

  /** The nearest prototypes, nearest first, ties by lower number; only such as share an item with the history. */
  nearest(history: readonly HistoryWeight[], count = NEIGHBORHOOD): NearPrototype[] {
    const { rowCount, offsets, columns, values } = this.table;
    const own = this.#own;
    for (const { itemIndex } of history) own[itemIndex] = 1;
    const ownNorm = Math.sqrt(history.length);
    const near: NearPrototype[] = [];
    for (let prototype = 0; prototype < rowCount; prototype++) {
      let sum = 0;
      for (let at = offsets[prototype]!; at < offsets[prototype + 1]!; at++) sum += own[columns[at]!]! * values[at]!;
      if (sum > 0) near.push({ prototype, similarity: sum / (ownNorm * this.#norms[prototype]!) });
    }
    for (const { itemIndex } of history) own[itemIndex] = 0;
    return near.sort((a, b) => b.similarity - a.similarity || a.prototype - b.prototype).slice(0, count);
  }

  /** Ranks what the nearest prototypes met; shorter than k where that is less. */
  rank(history: readonly HistoryWeight[], k: number, excluded: RowMask | null): TopK {
    const { offsets, columns, values } = this.table;
    for (const { prototype, similarity } of this.nearest(history))
      for (let at = offsets[prototype]!; at < offsets[prototype + 1]!; at++) this.#scores.add(columns[at]!, similarity * values[at]!);
    return this.#scores.takeBest(k, excluded);
  }
}
