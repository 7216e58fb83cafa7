import type { RowBoosts } from './boosts.js';
import { NO_BOOSTS } from './boosts.js';
import type { CandidateSource } from './candidateSource.js';
import type { Pool, Room, Select } from './pool.js';
import { selectBest, sortPool } from './pool.js';

export interface FillOptions {
  readonly source: CandidateSource;
  readonly limit: number;
  readonly boosts?: RowBoosts;
  /** What only the page can say of candidates: one byte per row, 0 leaves it out. One call per round. */
  readonly judge?: (rows: Uint32Array) => Promise<Uint8Array>;
  readonly room?: Room | null;
  /** Default: the best, as far as there is room. */
  readonly select?: Select;
  /** Candidates that `select` chooses from, at least. Default: `limit`. */
  readonly poolSize?: number;
  /** Rounds at most; the number of candidates doubles with each. The default reaches every row of any catalogue. */
  readonly maxRounds?: number;
}

export interface FilledList {
  readonly rows: Uint32Array;
  /** After boosts, in the order shown. */
  readonly scores: Float64Array;
  readonly rounds: number;
  /** Candidates looked at. */
  readonly examined: number;
  /** Whether no candidate was left to look at: a list that is short then cannot be longer. */
  readonly isExhausted: boolean;
}

const MAX_ROUNDS = 32;

/**
 * Fills a list from candidates in rounds: each looks twice as deep as the last, until `select` fills the list and no row outside the
 * pool could rank before those in it (Fagin's threshold: the boosts' bound of the lowest plain score seen), or no candidate is left.
 * So neither judge, caps nor boosts starve a list, and a boost finds its items however deep they stand.
 */
export async function fillList(options: FillOptions): Promise<FilledList> {
  const { source, limit, boosts = NO_BOOSTS, judge, room = null, select = selectBest, maxRounds = MAX_ROUNDS } = options;
  const poolSize = Math.max(limit, options.poolSize ?? limit);
  const candidates: { row: number; score: number }[] = [];
  let examined = 0;
  let wanted = poolSize;
  for (let round = 1; ; round++) {
    const { rows, scores } = await source.next(wanted);
    const found = Uint32Array.from(rows);
    const verdicts = judge && found.length > 0 ? await judge(found) : null;
    found.forEach((row, at) => {
      if (!verdicts || verdicts[at] === 1) candidates.push({ row, score: boosts.apply(row, scores[at]!) });
    });
    examined += found.length;
    const isExhausted = found.length < wanted;
    const isLast = isExhausted || round >= maxRounds;
    const all = sortPool(candidates);
    const settled = isLast ? all.rows.length : settledCount(all, boosts, scores[found.length - 1] ?? -Infinity);
    if (settled >= poolSize || isLast) {
      const list = widen(all, poolSize, settled, limit, (pool) => select(pool, limit, room));
      if (list.length === limit || isLast) {
        return {
          rows: Uint32Array.from(list, (at) => all.rows[at]!),
          scores: Float64Array.from(list, (at) => all.scores[at]!),
          rounds: round,
          examined,
          isExhausted,
        };
      }
    }
    wanted = examined;
  }
}

/** How many of the best no unseen row can outrank, when the lowest plain score seen is `lowest`. */
function settledCount(all: Pool, boosts: RowBoosts, lowest: number): number {
  if (boosts === NO_BOOSTS) return all.rows.length;
  const bound = boosts.bound(lowest);
  let count = 0;
  while (count < all.scores.length && all.scores[count]! > bound) count++;
  return count;
}

/** Chooses from the best `poolSize`, then from twice as many, until the list is full or all `settled` ones were offered. */
function widen(all: Pool, poolSize: number, settled: number, limit: number, choose: (pool: Pool) => number[]): number[] {
  for (let size = Math.min(poolSize, settled); ; size = Math.min(2 * size, settled)) {
    const list = choose({ rows: all.rows.subarray(0, size), scores: all.scores.subarray(0, size) });
    if (list.length >= limit || size === settled) return list;
  }
}
