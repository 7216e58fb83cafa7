import type { EvaluationCase } from './eventTable.js';

export interface RankOptions {
  /** Length of the lists. */
  readonly k: number;
  /** Whether items of the history may not be recommended, as in a page by default. */
  readonly excludeSeen: boolean;
}

/** Whatever can be tested: a model of a folder, or a baseline. */
export interface Scorer {
  /** Stands in the results. */
  readonly name: string;
  readonly kind: 'model' | 'baseline';
  /** Ranks all items for each case and returns the best k rows, best first; shorter only where fewer items are left. */
  rank(cases: readonly EvaluationCase[], options: RankOptions): Promise<Uint32Array[]>;
  /** Frees what it holds outside of JavaScript's memory. */
  dispose?(): void;
}

/** Between the rows of the test (all items that folders and events name) and those of one folder. */
export interface RowMap {
  /** i32, one per row of the test: the folder's row, -1 where the folder does not know the item. */
  readonly toFolder: Int32Array;
  /** u32, one per row of the folder. */
  readonly toTest: Uint32Array;
}

/** For a single folder whose rows come first among the rows of the test. */
export function leadingRows(itemCount: number, testItemCount: number): RowMap {
  return {
    toFolder: Int32Array.from({ length: testItemCount }, (_, row) => (row < itemCount ? row : -1)),
    toTest: Uint32Array.from({ length: itemCount }, (_, row) => row),
  };
}
