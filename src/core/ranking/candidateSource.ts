import { BestRows } from '../kernels/bestRows.js';
import type { ItemMatrix, LoadedMatrix, ScoringRule } from '../kernels/topK.js';
import { rowScorer, topK } from '../kernels/topK.js';
import { RowSet } from './rowSet.js';

/** Rows with their scores, best first, ties by the lower row. */
export interface ScoredRows {
  readonly rows: ArrayLike<number>;
  readonly scores: ArrayLike<number>;
}

/** Gives candidates in rounds, by score. */
export interface CandidateSource {
  /** The next best rows of `open` (null: of all) that were not given yet; fewer than `count` only when no other is left. */
  next(count: number, open?: RowSet | null): Promise<ScoredRows>;
}

export interface MatrixSourceInput {
  readonly loaded: LoadedMatrix;
  readonly matrix: ItemMatrix;
  readonly query: Float32Array;
  readonly rule: ScoringRule;
  /** Rows that may never come, as the kernels take them. The source's own from now on. */
  readonly excluded: Uint32Array;
}

/** So many the kernels find in one go, four candidates for each. */
const MAX_PER_KERNEL_CALL = 200;
/** Whoever wants more gets all rows scored once: that takes as long as some ten scans. */
const MAX_BY_KERNEL = 1_600;

/** Candidates by factors: the kernel's best while few are wanted, later of every row, scored once. */
export function matrixSource({ loaded, matrix, query, rule, excluded }: MatrixSourceInput): CandidateSource {
  const given = new RowSet(matrix.itemCount, excluded);
  let givenCount = 0;
  let rest: CandidateSource | null = null;
  return {
    next: async (count, open = null) => {
      givenCount += count;
      if (rest || givenCount > MAX_BY_KERNEL) {
        rest ??= rankedRest(matrix, query, rule, given);
        return rest.next(count, open);
      }
      const rows: number[] = [];
      const scores: number[] = [];
      for (let k = Math.min(count, MAX_PER_KERNEL_CALL); k > 0; k = Math.min(count - rows.length, MAX_PER_KERNEL_CALL)) {
        const out = open ? open.without(given).complement() : given;
        const best = await topK(loaded, matrix, { query, rule, k, excluded: out.words });
        for (const row of best.indexes) given.add(row);
        rows.push(...best.indexes);
        scores.push(...best.scores);
        if (best.indexes.length < k) break;
      }
      return { rows, scores };
    },
  };
}

/** Candidates that stand in order already: popular items, packed neighbours. */
export function listSource(rows: ArrayLike<number>, scores: ArrayLike<number>): CandidateSource {
  const isGiven = new Uint8Array(rows.length);
  let start = 0;
  return {
    next: async (count, open = null) => {
      const part = { rows: [] as number[], scores: [] as number[] };
      while (isGiven[start] === 1) start++;
      for (let at = start; at < rows.length && part.rows.length < count; at++) {
        if (isGiven[at] === 1 || (open && !open.has(rows[at]!))) continue;
        isGiven[at] = 1;
        part.rows.push(rows[at]!);
        part.scores.push(scores[at]!);
      }
      return part;
    },
  };
}

/** Candidates by a score of each row; `rows` ascending. Nothing is sorted but what is asked for: O(rows log count) each time. */
export function rankedSource(rows: Uint32Array, scoreOf: (row: number) => number): CandidateSource {
  const scores = Float64Array.from(rows, scoreOf);
  const isGiven = new Uint8Array(rows.length);
  return {
    next: async (count, open = null) => {
      const best = new BestRows(Math.min(count, rows.length));
      for (let at = 0; at < rows.length; at++) if (isGiven[at] === 0 && (!open || open.has(rows[at]!))) best.offer(at, scores[at]!);
      const found = best.rows().sort((a, b) => scores[b]! - scores[a]! || a - b);
      for (const at of found) isGiven[at] = 1;
      return { rows: found.map((at) => rows[at]!), scores: Float64Array.from(found, (at) => scores[at]!) };
    },
  };
}

function rankedRest(matrix: ItemMatrix, query: Float32Array, rule: ScoringRule, given: RowSet): CandidateSource {
  return rankedSource(given.complement().toRows(), rowScorer(matrix, query, rule));
}
