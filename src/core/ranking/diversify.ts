import { RecommenderError, show } from '../errors.js';
import { chooseByDpp } from './dpp.js';
import { chooseByMmr } from './mmr.js';
import type { Select } from './pool.js';
import { relevance, selectBest } from './pool.js';
import { chooseBySpread } from './spread.js';
import type { ReadVector } from './similarity.js';
import { gatherSimilarity } from './similarity.js';

/** `spread`: max-sum diversification, the default; `mmr`: maximal marginal relevance; `dpp`: determinantal point process. */
export const RERANKS = ['spread', 'mmr', 'dpp'] as const;
export type Rerank = (typeof RERANKS)[number];

export interface DiversifyOptions {
  /** 0: the plain order. 1: as different as the pool allows, after the best item. */
  readonly diversity: number;
  readonly rerank: Rerank;
  /** Length of the vectors. */
  readonly dimensions: number;
  readonly readVector: ReadVector;
}

/** Candidates to choose from: fewer leave nothing to choose, more cost time and relevance. */
export function diversityPoolSize(limit: number): number {
  return Math.max(40, 4 * limit);
}

/** Returns the choice that weighs relevance against likeness. Throws `input/invalid` on a diversity outside 0 .. 1. */
export function diversify({ diversity, rerank, dimensions, readVector }: DiversifyOptions): Select {
  if (typeof diversity !== 'number' || !(diversity >= 0 && diversity <= 1)) {
    throw new RecommenderError('input/invalid', `diversity is ${show(diversity)}. Use a number from 0 (plain) to 1 (most different).`, {
      diversity,
    });
  }
  if (!RERANKS.includes(rerank)) {
    throw new RecommenderError('input/invalid', `rerank is ${show(rerank)}. There are: ${RERANKS.join(', ')}.`, { known: RERANKS });
  }
  if (diversity === 0) return selectBest;
  const choose = { spread: chooseBySpread, mmr: chooseByMmr, dpp: chooseByDpp }[rerank];
  return (pool, limit, room) =>
    choose(relevance(pool), gatherSimilarity(pool.rows, dimensions, readVector), {
      rows: pool.rows,
      limit,
      weight: rerankWeight(rerank, diversity),
      room,
    });
}

/**
 * Weight of likeness at `diversity` 0.3, chosen on validation parts of real shops: the least with which intra-list diversity rises by
 * about a fifth on all on which that can be had (`npm run quality -- diversity`).
 */
const WEIGHT_AT_30_PERCENT: Readonly<Record<Rerank, number>> = { spread: 0.52, mmr: 0.53, dpp: 0.74 };

/** The weight of likeness against relevance that a diversity stands for: a power of it, 0 at 0 and 1 at 1. */
export function rerankWeight(rerank: Rerank, diversity: number): number {
  return diversity ** (Math.log(WEIGHT_AT_30_PERCENT[rerank]) / Math.log(0.3));
}
