import { AliasTable } from './aliasTable.js';
import type { LossName } from './gruOptions.js';

/** Where a step's columns are written: views of the kernel's memory. */
export interface ColumnArrays {
  /** i32, room for rows + negatives + rows. */
  readonly columnItems: Int32Array;
  /** f32, the same room. */
  readonly columnOffsets: Float32Array;
  /** i32, rows. */
  readonly targetColumns: Int32Array;
  /** f32, rows. */
  readonly targetOffsets: Float32Array;
  /** i32, rows. */
  readonly inputColumns: Int32Array;
}

export interface NegativeSampling {
  readonly loss: LossName;
  /** Extra negatives of a step, shared by its rows. */
  readonly negatives: number;
  /** They are drawn in proportion to (events of the item)^alpha: 0 evenly, 1 by popularity. */
  readonly sampleAlpha: number;
  /** How much of the sampling's favour for popular items is taken back in the softmax, 0 to 1. */
  readonly logQ: number;
}

/**
 * Chooses the items that a step scores: the targets of all rows and the extra negatives. Each item gets one column, however
 * often it was drawn, with the logarithm of its weight: a softmax over repeated columns is the softmax over single ones with
 * weights added up.
 *
 * The logQ correction (Bengio & Senécal 2008; Yi et al. 2019) takes the sampling's favour for popular items back: a draw of an item
 * with n events weighs n^-logQ when it is a target of the batch, which come as the events do, and n^-(alpha logQ) when it is an extra
 * negative. BPR-max weighs all draws alike.
 */
export class ScoredColumns {
  /** Columns of the last step. */
  columns = 0;
  /** Columns, then inputs that are none. */
  touched = 0;
  readonly #table: AliasTable;
  readonly #batchWeights: Float64Array;
  readonly #extraWeights: Float64Array;
  readonly #logBatchWeights: Float32Array;
  readonly #columnOf: Int32Array;
  readonly #seenAt: Float64Array;
  readonly #weights: Float64Array;
  #generation = 0;

  /** `support`: events of each item in the training sessions. */
  constructor(
    support: Uint32Array,
    readonly sampling: NegativeSampling,
    rows: number,
  ) {
    const { sampleAlpha, negatives, loss } = sampling;
    const logQ = loss === 'cross-entropy' ? sampling.logQ : 0;
    // An item without events is drawn as if it had one: what is never a negative would keep the score it began with.
    const counts = support.map((count) => Math.max(1, count));
    const popularity = Float64Array.from(counts, (count) => count ** sampleAlpha);
    this.#table = new AliasTable(popularity);
    this.#batchWeights = Float64Array.from(counts, (count) => count ** -logQ);
    this.#extraWeights = popularity.map((weight) => weight ** -logQ);
    this.#logBatchWeights = Float32Array.from(this.#batchWeights, (weight) => Math.log(weight));
    this.#columnOf = new Int32Array(support.length);
    this.#seenAt = new Float64Array(support.length);
    this.#weights = new Float64Array(2 * rows + negatives);
  }

  /** Writes the columns of a batch. `key`: of this step's draws. */
  choose(inputs: Int32Array, targets: Int32Array, live: number, key: number, out: ColumnArrays): void {
    this.#generation++;
    this.columns = 0;
    const weights = this.#weights;
    for (let row = 0; row < live; row++) {
      const item = targets[row]!;
      const column = this.#columnFor(item, out);
      weights[column]! += this.#batchWeights[item]!;
      out.targetColumns[row] = column;
      out.targetOffsets[row] = this.#logBatchWeights[item]!;
    }
    for (let n = 0; n < this.sampling.negatives; n++) {
      const item = this.#table.draw(key + n);
      weights[this.#columnFor(item, out)]! += this.#extraWeights[item]!;
    }
    const columns = this.columns;
    for (let column = 0; column < columns; column++) out.columnOffsets[column] = Math.log(weights[column]!);
    for (let row = 0; row < live; row++) out.inputColumns[row] = this.#columnFor(inputs[row]!, out);
    this.touched = this.columns;
    this.columns = columns;
  }

  #columnFor(item: number, out: ColumnArrays): number {
    if (this.#seenAt[item] === this.#generation) return this.#columnOf[item]!;
    const column = this.columns++;
    this.#seenAt[item] = this.#generation;
    this.#columnOf[item] = column;
    this.#weights[column] = 0;
    out.columnItems[column] = item;
    return column;
  }
}
