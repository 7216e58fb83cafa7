import { RecommenderError, show } from '../errors.js';
import type { CatalogIndex } from './catalogIndex.js';
import type { CandidateSource } from './candidateSource.js';
import type { ItemFilter } from './itemFilter.js';
import type { Candidate } from './pool.js';
import { byScore } from './pool.js';
import { RowSet } from './rowSet.js';

/** Lifts (or lowers) the items that a filter lets through. */
export interface Boost {
  readonly filter: ItemFilter;
  /** Above 0; above 1 lifts. */
  readonly factor?: number;
  /** Added after all factors, in units of the score. */
  readonly add?: number;
}

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
        { ...group, rows: group.rows.without(rows) },
      ])
      .filter((group) => !group.rows.isEmpty);
  }
  return groups.map(({ rows, factor, add }) => ({ rows, toScore: (score) => boostScore(score, factor, add) }));
}

/** One of the sources that are merged. */
export interface MergedPart {
  readonly source: CandidateSource;
  /** Keeps the order of the source. */
  readonly toScore: (score: number) => number;
  /** How much of the merged list is expected of it, 0 to 1: so much is asked of it at first. */
  readonly share: number;
}

/**
 * Merges sources into one by the changed scores, ties by the lower row. Each is asked for its share and `spare` rows more, and again
 * only when its last row is due.
 */
export function mergedSource(parts: readonly MergedPart[], spare = 8): CandidateSource {
  const queues = parts.map((part) => ({ ...part, waiting: [] as Candidate[] }));
  return {
    next: async (count, open = null) => {
      const asked = queues.map((queue) => ({
        queue,
        ready: queue.waiting.filter(({ row }) => !open || open.has(row)),
        isExhausted: false,
      }));
      const isDue = ({ ready, isExhausted }: (typeof asked)[number], last: Candidate | undefined): boolean =>
        !isExhausted && ready.length < count && (!last || ready.length === 0 || byScore(ready.at(-1)!, last) < 0);
      let best: Candidate[] = [];
      for (let due = asked; due.length > 0; due = asked.filter((one) => isDue(one, best[count - 1]))) {
        for (const one of due) {
          const { queue, ready } = one;
          const wanted = Math.min(count, Math.max(2 * ready.length, Math.ceil(queue.share * count) + spare)) - ready.length;
          if (wanted <= 0) continue;
          const { rows, scores } = await queue.source.next(wanted, open);
          const found = Array.from(rows, (row, at) => ({ row, score: queue.toScore(scores[at]!) }));
          one.isExhausted = rows.length < wanted;
          one.ready = [...ready, ...found].sort(byScore);
          queue.waiting.push(...found);
        }
        best = asked
          .flatMap(({ ready }) => ready)
          .sort(byScore)
          .slice(0, count);
      }
      const given = new Set(best.map(({ row }) => row));
      for (const queue of queues) queue.waiting = queue.waiting.filter(({ row }) => !given.has(row)).sort(byScore);
      return { rows: best.map(({ row }) => row), scores: best.map(({ score }) => score) };
    },
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
