import type { NeighborTable } from '../artifact/tables/neighborTable.js';
import type { TopK } from '../kernels/topK.js';
import type { RowMask } from '../ranking/rowMask.js';
import type { HistoryWeight } from './foldIn.js';
import { SparseScores } from './sparseScores.js';

/**
 * Recommends from a neighbour table: score(j) = Σ over the history of weight x decay^place x value(i -> j)
 * (Sarwar et al. 2001, section 3.2, unnormalised; with the weights of Steck 2019 as values it is EASE).
 */
export class NeighborModel {
  readonly #scores: SparseScores;

  constructor(readonly table: NeighborTable) {
    this.#scores = new SparseScores(table.columnCount);
  }

  /** What of a history counts, newest first, as the table's entry says: its newest items with their weights. */
  weigh(history: readonly HistoryWeight[]): HistoryWeight[] {
    const { historyItems, decay, eventWeights } = this.table.entry;
    return history
      .slice(0, historyItems === 0 ? undefined : historyItems)
      .map(({ itemIndex, weight }, place) => ({ itemIndex, weight: (eventWeights ? weight : 1) * decay ** place }));
  }

  /** Ranks all items that a neighbour of `history` (newest first) names; shorter than k where those are fewer. */
  rank(history: readonly HistoryWeight[], k: number, excluded: RowMask | null): TopK {
    const { offsets, columns, values } = this.table;
    for (const { itemIndex, weight } of this.weigh(history))
      for (let at = offsets[itemIndex]!; at < offsets[itemIndex + 1]!; at++) this.#scores.add(columns[at]!, weight * values[at]!);
    return this.#scores.takeBest(k, excluded);
  }

  /** Splits the score of `row` into one share for each item that {@link weigh} kept; they sum to the score. f64. */
  explain(history: readonly HistoryWeight[], row: number): Float64Array {
    const { offsets, columns, values } = this.table;
    return Float64Array.from(this.weigh(history), ({ itemIndex, weight }) => {
      const at = columns.subarray(offsets[itemIndex], offsets[itemIndex + 1]).indexOf(row);
      return at < 0 ? 0 : weight * values[offsets[itemIndex]! + at]!;
    });
  }
}
