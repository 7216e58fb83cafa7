import type { ItemId } from '../types.js';
import type { Pool } from './pool.js';

/** What the device remembers of an item it showed: counted since the shopper last clicked it, or met it otherwise. */
export interface Impression {
  readonly itemId: ItemId;
  /** How often it was seen in a list. */
  readonly shownCount: number;
  readonly lastShownMs: number;
  /** Whether the shopper followed one of these showings; then it was not ignored. */
  readonly clicked: boolean;
}

export interface RotationOptions {
  /** 0: lists stay. 0.5: an item ignored once leaves the list. 1: a list ignored as a whole is renewed as a whole. */
  readonly rotationRate: number;
  readonly limit: number;
  readonly nowMs: number;
  /** After so many days a showing counts half. Default 3. */
  readonly halfLifeDays?: number;
}

const DAY_MS = 86_400_000;
const HALF_LIFE_DAYS = 3;

/** How often an item was shown and ignored, older showings counting less. */
export function ignoredCount({ shownCount, lastShownMs, clicked }: Impression, nowMs: number, halfLifeDays = HALF_LIFE_DAYS): number {
  if (clicked) return 0;
  return shownCount * 2 ** (-Math.max(0, nowMs - lastShownMs) / (halfLifeDays * DAY_MS));
}

/**
 * Moves what was shown and ignored back: the item at place p (from 0) goes to place p + 2 x rotationRate x ignored x limit; of two that
 * land alike the less ignored comes first, then the better. Places, not scores, so that it means the same for every strategy: twice
 * the list's length is what takes all of an ignored list behind all of the next one. The scores travel with their items.
 */
export function rotate(
  pool: Pool,
  impressionOf: (row: number) => Impression | undefined,
  { rotationRate, limit, nowMs, halfLifeDays }: RotationOptions,
): Pool {
  const places = Array.from(pool.rows, (row, at) => {
    const impression = impressionOf(row);
    const ignored = impression ? ignoredCount(impression, nowMs, halfLifeDays) : 0;
    return { at, ignored, place: at + 2 * rotationRate * limit * ignored };
  }).sort((a, b) => a.place - b.place || a.ignored - b.ignored || a.at - b.at);
  return {
    rows: Uint32Array.from(places, ({ at }) => pool.rows[at]!),
    scores: Float64Array.from(places, ({ at }) => pool.scores[at]!),
  };
}

/** Candidates that rotation needs, so that there is something to step in: five lists at most. */
export function rotationPoolSize(limit: number, rotationRate: number, ignored: Iterable<number>): number {
  let most = 0;
  for (const count of ignored) most = Math.max(most, count);
  return limit * (1 + Math.min(4, Math.ceil(2 * rotationRate * most)));
}
