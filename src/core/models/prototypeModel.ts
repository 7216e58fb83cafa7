import type { PrototypeTable } from '../artifact/tables/prototypeTable.js';
import { BestRows } from '../kernels/bestRows.js';
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
  /** The table the other way round, so that only the shopper's items are gone through: the prototypes that hold each item. */
  readonly #holders: { readonly offsets: Uint32Array; readonly prototypes: Uint32Array; readonly values: Float32Array };
  /** Of each prototype, while it is compared; all 0 between calls. */
  readonly #products: Float64Array;

  constructor(readonly table: PrototypeTable) {
    const { rowCount, columnCount, offsets, values } = table;
    this.#scores = new SparseScores(columnCount);
    this.#holders = transpose(table);
    this.#products = new Float64Array(rowCount);
    this.#norms = Float64Array.from({ length: rowCount }, (_, row) => {
      let sum = 0;
      for (let at = offsets[row]!; at < offsets[row + 1]!; at++) sum += values[at]! ** 2;
      return Math.sqrt(sum);
    });
  }

  /** The nearest prototypes, nearest first, ties by lower number; only such as share an item with the history, whose items differ. */
  nearest(history: readonly HistoryWeight[], count = NEIGHBORHOOD): NearPrototype[] {
    const { offsets, prototypes, values } = this.#holders;
    const products = this.#products;
    for (const { itemIndex } of history)
      for (let at = offsets[itemIndex]!; at < offsets[itemIndex + 1]!; at++) products[prototypes[at]!]! += values[at]!;
    const ownNorm = Math.sqrt(history.length);
    const similarityOf = (prototype: number): number => products[prototype]! / (ownNorm * this.#norms[prototype]!);
    const best = new BestRows(count);
    for (let prototype = 0; prototype < products.length; prototype++)
      if (products[prototype]! > 0) best.offer(prototype, similarityOf(prototype));
    const near = Array.from(best.rows(), (prototype) => ({ prototype, similarity: similarityOf(prototype) }));
    products.fill(0);
    return near.sort((a, b) => b.similarity - a.similarity || a.prototype - b.prototype);
  }

  /** Sums what the prototypes given met: similarity x share of the group. */
  scores(near: readonly NearPrototype[]): SparseScores {
    const { offsets, columns, values } = this.table;
    for (const { prototype, similarity } of near)
      for (let at = offsets[prototype]!; at < offsets[prototype + 1]!; at++) this.#scores.add(columns[at]!, similarity * values[at]!);
    return this.#scores;
  }

  /** Ranks what the nearest prototypes met; shorter than k where that is less. */
  rank(history: readonly HistoryWeight[], k: number, excluded: RowMask | null): TopK {
    return this.scores(this.nearest(history)).takeBest(k, excluded);
  }
}

/** Rows become columns; within an item the prototypes ascend. */
function transpose({ rowCount, columnCount, offsets, columns, values }: PrototypeTable) {
  const starts = new Uint32Array(columnCount + 1);
  for (const column of columns) starts[column + 1]!++;
  for (let column = 0; column < columnCount; column++) starts[column + 1]! += starts[column]!;
  const next = starts.slice();
  const prototypes = new Uint32Array(columns.length);
  const shares = new Float32Array(columns.length);
  for (let row = 0; row < rowCount; row++) {
    for (let at = offsets[row]!; at < offsets[row + 1]!; at++) {
      const place = next[columns[at]!]!++;
      prototypes[place] = row;
      shares[place] = values[at]!;
    }
  }
  return { offsets: starts, prototypes, values: shares };
}
