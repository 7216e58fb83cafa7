import { RecommenderError, show } from '../errors.js';
import type { CatalogIndex } from './catalogIndex.js';
import type { CandidateSource } from './candidateSource.js';
import type { ItemFilter } from './itemFilter.js';
import { RowSet } from './rowSet.js';

/** Lifts (or lowers) the items that a filter lets through. */
export interface Boost {
  readonly filter: ItemFilter;
  /** Above 0; above 1 lifts. */
  readonly factor?: number;
  /** Added after all factors, in units of the score. */
  readonly add?: number;
}

/** What the boosts of a list do to a row's score. */
export interface RowBoosts {
  apply(row: number, score: number): number;
  /** The highest score that any row can come to whose plain score is at most `score`. */
  bound(score: number): number;
}

export const NO_BOOSTS: RowBoosts = { apply: (_, score) => score, bound: (score) => score };

/**
 * Multiplies a score by a factor so that a factor above 1 lifts and one below 1 lowers whatever the sign: s f for s >= 0, s / f below.
 * It is continuous, grows with s and does not fall with f, so that items boosted alike keep their order.
 */
export function boostScore(score: number, factor: number, add = 0): number {
  return (score >= 0 ? score * factor : score / factor) + add;
}

/** Rows that the same boosts fit. */
export interface BoostGroup {
  readonly rows: RowSet;
  readonly toScore: (score: number) => number;
}

/**
 * Splits all rows by the boosts that fit them. Within a group boosts keep the order of the plain scores, so that the best of each group,
 * merged by {@link mergedSource}, are the best of all: a scan for each group instead of a search through every row.
 */
export function boostGroups(boosts: readonly Boost[], index: CatalogIndex): BoostGroup[] {
  let groups = [{ rows: RowSet.all(index.catalog.itemCount), factor: 1, add: 0 }];
  for (const { rows, factor, add } of checkBoosts(boosts, index)) {
    groups = groups
      .flatMap((group) => [
        { rows: group.rows.intersect(rows), factor: group.factor * factor, add: group.add + add },
        { ...group, rows: group.rows.intersect(rows.complement()) },
      ])
      .filter((group) => group.rows.size > 0);
  }
  return groups.map(({ rows, factor, add }) => ({ rows, toScore: (score) => boostScore(score, factor, add) }));
}

/** Merges sources, each with its own change of scores that keeps their order, into one by the changed scores; ties by the lower row. */
export function mergedSource(
  parts: readonly { readonly source: CandidateSource; readonly toScore: (score: number) => number }[],
): CandidateSource {
  const queues = parts.map((part) => ({ ...part, waiting: [] as { row: number; score: number }[], isExhausted: false }));
  return {
    next: async (count) => {
      for (const queue of queues) {
        const missing = count - queue.waiting.length;
        if (missing <= 0 || queue.isExhausted) continue;
        const { rows, scores } = await queue.source.next(missing);
        queue.isExhausted = rows.length < missing;
        for (let at = 0; at < rows.length; at++) queue.waiting.push({ row: rows[at]!, score: queue.toScore(scores[at]!) });
      }
      const best = queues
        .flatMap(({ waiting }, from) => waiting.map((candidate) => ({ ...candidate, from })))
        .sort((a, b) => b.score - a.score || a.row - b.row)
        .slice(0, count);
      for (const { from } of best) queues[from]!.waiting.shift();
      return { rows: best.map(({ row }) => row), scores: best.map(({ score }) => score) };
    },
  };
}

/** Compiles boosts; the factors of all that fit a row are multiplied, then their additions are summed. Throws `input/invalid`. */
export function compileBoosts(boosts: readonly Boost[], index: CatalogIndex): RowBoosts {
  if (boosts.length === 0) return NO_BOOSTS;
  const parts = checkBoosts(boosts, index);
  const mostFactor = parts.reduce((product, { factor }) => product * Math.max(1, factor), 1);
  const mostAdd = parts.reduce((sum, { add }) => sum + Math.max(0, add), 0);
  return {
    apply: (row, score) => {
      let factor = 1;
      let add = 0;
      for (const part of parts) {
        if (!part.rows.has(row)) continue;
        factor *= part.factor;
        add += part.add;
      }
      return boostScore(score, factor, add);
    },
    bound: (score) => boostScore(score, mostFactor, mostAdd),
  };
}

function checkBoosts(
  boosts: readonly Boost[],
  index: CatalogIndex,
): { readonly rows: RowSet; readonly factor: number; readonly add: number }[] {
  return boosts.map(({ filter, factor = 1, add = 0 }, at) => {
    if (!(Number.isFinite(factor) && factor > 0) || !Number.isFinite(add)) {
      throw new RecommenderError(
        'input/invalid',
        `Boost ${at + 1} has factor ${show(factor)} and add ${show(add)}. A factor is a number above 0 (2 lifts, 0.5 lowers), add any number.`,
        { factor, add },
      );
    }
    return { rows: index.rows(index.parse(filter)), factor, add };
  });
}
