import type { Pool } from './pool.js';
import { relevance, sortPool } from './pool.js';

/**
 * Prefers what fewer shoppers know: score (1 - novelty) relevance + novelty surprise, both 0 .. 1 within the pool. Surprise is
 * log2(most popular / popularity) in bits (Zhou et al. 2010), counts taken one higher so that an item nobody met has one.
 * `novelty` 0: the plain order; 1: the least known first.
 */
export function preferNovel(pool: Pool, popularityOf: (row: number) => number, novelty: number): Pool {
  if (novelty === 0) return pool;
  const bits = Array.from(pool.rows, (row) => -Math.log2(1 + Math.max(0, popularityOf(row))));
  const least = Math.min(...bits);
  const spread = Math.max(...bits) - least;
  const relevant = relevance(pool);
  return sortPool(
    Array.from(pool.rows, (row, at) => ({
      row,
      score: (1 - novelty) * relevant[at]! + novelty * (spread > 0 ? (bits[at]! - least) / spread : 0),
    })),
  );
}
