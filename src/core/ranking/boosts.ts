import { RecommenderError, show } from '../errors.js';
import type { CatalogIndex } from './catalogIndex.js';
import type { ItemFilter } from './itemFilter.js';

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

/** Compiles boosts; the factors of all that fit a row are multiplied, then their additions are summed. Throws `input/invalid`. */
export function compileBoosts(boosts: readonly Boost[], index: CatalogIndex): RowBoosts {
  if (boosts.length === 0) return NO_BOOSTS;
  const parts = boosts.map(({ filter, factor = 1, add = 0 }, at) => {
    if (!(Number.isFinite(factor) && factor > 0) || !Number.isFinite(add)) {
      throw new RecommenderError(
        'input/invalid',
        `Boost ${at + 1} has factor ${show(factor)} and add ${show(add)}. A factor is a number above 0 (2 lifts, 0.5 lowers), add any number.`,
        { factor, add },
      );
    }
    return { rows: index.rows(index.parse(filter)), factor, add };
  });
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
