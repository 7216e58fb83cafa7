import type { CandidateSource } from '../ranking/candidateSource.js';
import { rankedSource } from '../ranking/candidateSource.js';
import type { Evidence } from '../ranking/evidence.js';
import type { RowSet } from '../ranking/rowSet.js';
import type { Reason, Strategy } from '../types.js';

type PersonalKind = 'history' | 'session' | 'similar' | 'popular' | 'profile';
type Bare<R> = R extends { readonly kind: PersonalKind } ? Omit<R, 'text' | 'contribution'> : never;

/** What speaks for an item, without its sentence. */
export type Cause = Evidence | Bare<Reason>;

export interface Contribution {
  readonly cause: Cause;
  /** In units of the score; those of an item sum to its score. */
  readonly contribution: number;
}

/** What a strategy makes of its question: rows with scores, and why. */
export interface Candidates {
  readonly strategy: Strategy;
  /** Rows of `allowed`, best first, ties by the lower row. */
  source(allowed: RowSet): CandidateSource;
  /** Null: the strategy says nothing of the row. */
  scoreOf(row: number): number | null;
  explain(row: number, score: number): Contribution[];
}

/** Candidates scored one by one. */
export function scoredCandidates(
  strategy: Strategy,
  scores: ReadonlyMap<number, number>,
  explain: (row: number, score: number) => Contribution[],
): Candidates {
  return {
    strategy,
    source: (allowed) =>
      rankedSource(Uint32Array.from([...scores.keys()].filter((row) => allowed.has(row))).sort(), (row) => scores.get(row)!),
    scoreOf: (row) => scores.get(row) ?? null,
    explain,
  };
}

/** Candidates by a score of every row; `scores` above 0 where the strategy says something, of as many rows as the catalogue had. */
export function denseCandidates(
  strategy: Strategy,
  scores: Float64Array,
  explain: (row: number, score: number) => Contribution[],
): Candidates {
  const scoreOf = (row: number): number => scores[row] ?? 0;
  return {
    strategy,
    source: (allowed) =>
      rankedSource(
        allowed.toRows().filter((row) => scoreOf(row) > 0),
        scoreOf,
      ),
    scoreOf: (row) => scoreOf(row) || null,
    explain,
  };
}

/** Adds to a sum that may not be there yet. */
export function addTo<Key>(sums: Map<Key, number>, key: Key, value: number): void {
  sums.set(key, (sums.get(key) ?? 0) + value);
}
