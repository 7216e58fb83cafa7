import type { RowSet } from './rowSet.js';

/** Candidates of a list with their scores, best first, ties by the lower row. */
export interface Pool {
  /** u32 */
  readonly rows: Uint32Array;
  /** f64, as many; higher is better. */
  readonly scores: Float64Array;
}

export interface Candidate {
  readonly row: number;
  readonly score: number;
}

/** Best first, ties by the lower row. */
export function byScore(a: Candidate, b: Candidate): number {
  return b.score - a.score || a.row - b.row;
}

/** What a list under way has room for: caps, for one. What has no room now never gets it again, until it is cleared. */
export interface Room {
  allows(row: number): boolean;
  take(row: number): void;
  clear(): void;
  /** The rows that it has room for; null: for all. */
  openRows(): RowSet | null;
}

/** Chooses at most `limit` positions of a pool, in the order in which they are shown. Deterministic. */
export type Select = (pool: Pool, limit: number, room: Room | null) => number[];

/** Takes the best, as far as there is room. */
export const selectBest: Select = ({ rows }, limit, room) => {
  room?.clear();
  const chosen: number[] = [];
  for (let at = 0; at < rows.length && chosen.length < limit; at++) {
    if (room && !room.allows(rows[at]!)) continue;
    room?.take(rows[at]!);
    chosen.push(at);
  }
  return chosen;
};

/** Sorts candidates into a pool. */
export function sortPool(candidates: readonly Candidate[]): Pool {
  const sorted = [...candidates].sort(byScore);
  return { rows: Uint32Array.from(sorted, ({ row }) => row), scores: Float64Array.from(sorted, ({ score }) => score) };
}

/** Scores brought to 0 .. 1: the worst of the pool 0, its best 1; all 1 where they are equal. */
export function relevance({ scores }: Pool): Float64Array {
  const best = scores[0] ?? 0;
  const spread = best - (scores.at(-1) ?? 0);
  return scores.map((score) => (spread > 0 ? 1 - (best - score) / spread : 1));
}
