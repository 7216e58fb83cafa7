import { RecommenderError } from '../../../core/errors.js';

/** Sessions in time order, oldest first. Session s holds items[offsets[s] .. offsets[s + 1]), in the order they were met. */
export interface Sessions {
  /** Item indexes. */
  readonly items: Int32Array;
  /** Sessions + 1 values, ascending, from 0 to items.length. */
  readonly offsets: Uint32Array;
}

/** Events after which something is known to follow: what a model trains on and is asked about. */
export function predictionCount({ offsets }: Sessions): number {
  let count = 0;
  for (let s = 0; s + 1 < offsets.length; s++) count += Math.max(0, offsets[s + 1]! - offsets[s]! - 1);
  return count;
}

/** Splits off the last sessions: the part of the past that is nearest to the future. `share` is the part of the sessions that goes. Views of one array. */
export function splitByTime({ items, offsets }: Sessions, share: number): { readonly train: Sessions; readonly validation: Sessions } {
  const sessionCount = offsets.length - 1;
  const kept = Math.max(0, Math.min(sessionCount, Math.round(sessionCount * (1 - share))));
  const middle = offsets[kept]!;
  return {
    train: { items: items.subarray(0, middle), offsets: offsets.subarray(0, kept + 1) },
    validation: { items: items.subarray(middle), offsets: offsets.slice(kept).map((offset) => offset - middle) },
  };
}

/** Throws `input/invalid` when offsets or items cannot be. */
export function checkSessions({ items, offsets }: Sessions, itemCount: number): void {
  const fail = (message: string, details: Record<string, unknown>): never => {
    throw new RecommenderError('input/invalid', message, details);
  };
  if (offsets.length === 0 || offsets[0] !== 0 || offsets[offsets.length - 1] !== items.length) {
    fail(`The session offsets run from ${offsets[0]} to ${offsets[offsets.length - 1]}; expected 0 to ${items.length}.`, {});
  }
  for (let s = 0; s + 1 < offsets.length; s++) {
    if (offsets[s + 1]! < offsets[s]!) fail(`The session offsets fall at session ${s}; they must ascend.`, { session: s });
  }
  const bad = items.findIndex((item) => item < 0 || item >= itemCount);
  if (bad >= 0) fail(`Event ${bad} names item ${items[bad]}; there are ${itemCount} items.`, { event: bad, seen: items[bad], itemCount });
}
