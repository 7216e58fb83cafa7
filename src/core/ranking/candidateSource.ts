import type { ItemMatrix, LoadedMatrix, ScoringRule } from '../kernels/topK.js';
import { rowScorer, topK } from '../kernels/topK.js';
import { RowSet } from './rowSet.js';

/** Gives candidates in rounds, by plain score. */
export interface CandidateSource {
  /** The next best rows that were not given yet, best first; fewer than `count` only when no other is left. */
  next(count: number): Promise<{ readonly rows: ArrayLike<number>; readonly scores: ArrayLike<number> }>;
}

export interface MatrixSourceInput {
  readonly loaded: LoadedMatrix;
  readonly matrix: ItemMatrix;
  readonly query: Float32Array;
  readonly rule: ScoringRule;
  /** Rows that may never come, as the kernels take them. */
  readonly excluded: Uint32Array;
}

/** So many the kernels find in one go, four candidates for each; whoever wants more gets all rows ranked once. */
const MAX_PER_KERNEL_CALL = 200;

/** Candidates by factors: the kernel's best while few are wanted, later every row, scored and sorted once. */
export function matrixSource({ loaded, matrix, query, rule, excluded }: MatrixSourceInput): CandidateSource {
  const given = new RowSet(matrix.itemCount, excluded.slice());
  let rest: CandidateSource | null = null;
  return {
    next: async (count) => {
      if (count > MAX_PER_KERNEL_CALL || rest) {
        rest ??= rankedRest(matrix, query, rule, given);
        return rest.next(count);
      }
      const { indexes, scores } = await topK(loaded, matrix, { query, rule, k: count, excluded: given.words });
      for (const row of indexes) given.add(row);
      return { rows: indexes, scores };
    },
  };
}

/** Candidates that stand in order already: popular items, packed neighbours. */
export function listSource(rows: ArrayLike<number>, scores: ArrayLike<number>, isExcluded: (row: number) => boolean): CandidateSource {
  let at = 0;
  return {
    next: async (count) => {
      const part: { rows: number[]; scores: number[] } = { rows: [], scores: [] };
      for (; at < rows.length && part.rows.length < count; at++) {
        if (isExcluded(rows[at]!)) continue;
        part.rows.push(rows[at]!);
        part.scores.push(scores[at]!);
      }
      return part;
    },
  };
}

function rankedRest(matrix: ItemMatrix, query: Float32Array, rule: ScoringRule, given: RowSet): CandidateSource {
  const toScore = rowScorer(matrix, query, rule);
  const rows: number[] = [];
  const scores = new Float32Array(matrix.itemCount);
  for (let row = 0; row < matrix.itemCount; row++) {
    if (given.has(row)) continue;
    rows.push(row);
    scores[row] = toScore(row);
  }
  rows.sort((a, b) => scores[b]! - scores[a]! || a - b);
  return listSource(
    rows,
    rows.map((row) => scores[row]!),
    () => false,
  );
}
