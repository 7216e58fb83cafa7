import type { CandidateSource } from './candidateSource.js';
import type { Candidate, Pool, Room, Select } from './pool.js';
import { byScore, selectBest, sortPool } from './pool.js';

export interface FillOptions {
  readonly source: CandidateSource;
  readonly limit: number;
  /** What only the page can say of candidates: one byte per row, 0 leaves it out. One call per round. */
  readonly judge?: Judge;
  readonly room?: Room | null;
  /** What the pool has room for: as many times what the list has as it is larger. Default: anything. */
  readonly poolRoom?: Room | null;
  /** Default: the best, as far as there is room. */
  readonly select?: Select;
  /** Candidates that `select` chooses from. Default: `limit`. */
  readonly poolSize?: number;
}

type Judge = (rows: Uint32Array) => Promise<Uint8Array>;

/**
 * Fills a list: gathers a pool of the best that `poolRoom` has room for, lets `select` choose from it, and fills places that are left
 * with the best of all that the list has room for. So neither judge nor caps starve a list. The pool is n times as large as the list,
 * with room for n times as many of a value: where one field is capped and items have one value of it, each value can give the list an
 * n-th of what it has in the pool, so that a full list stands in the pool if there is any.
 */
export async function fillList({ source, limit, judge, room = null, poolRoom = null, ...options }: FillOptions): Promise<Pool> {
  const { select = selectBest, poolSize = limit } = options;
  const queue = new CandidateQueue(source, judge ?? null);
  poolRoom?.clear();
  const pool = await queue.take(Math.max(limit, poolSize), poolRoom);
  const chosen = select(pool, limit, room).map((at) => ({ row: pool.rows[at]!, score: pool.scores[at]! }));
  if (room && chosen.length < limit) {
    room.clear();
    for (const { row } of chosen) room.take(row);
    const held = new Set(chosen.map(({ row }) => row));
    queue.putBack(Array.from(pool.rows, (row, at) => ({ row, score: pool.scores[at]! })).filter(({ row }) => !held.has(row)));
    const more = await queue.take(limit - chosen.length, room);
    more.rows.forEach((row, at) => chosen.push({ row, score: more.scores[at]! }));
  }
  return { rows: Uint32Array.from(chosen, ({ row }) => row), scores: Float64Array.from(chosen, ({ score }) => score) };
}

/** The accepted candidates of a source, given best first under one room and then under another. */
class CandidateQueue {
  /** Seen and accepted, but not taken yet. */
  #waiting: Candidate[] = [];
  #seenCount = 0;

  constructor(
    readonly source: CandidateSource,
    readonly judge: Judge | null,
  ) {}

  putBack(candidates: readonly Candidate[]): void {
    this.#waiting.push(...candidates);
  }

  /** Takes the best `count` that there is room for, one by one; fewer only when no other is left. */
  async take(count: number, room: Room | null): Promise<Pool> {
    const taken: Candidate[] = [];
    let wanted = count;
    while (true) {
      const { rows, scores } = await this.source.next(wanted, room?.openRows() ?? null);
      const isLast = rows.length < wanted;
      this.#seenCount += rows.length;
      this.#waiting.push(...(await this.#accepted(Uint32Array.from(rows), scores)));
      this.#waiting.sort(byScore);
      // What comes later and has room stands behind the last of this round; what waited from before may stand behind that.
      const last = { row: rows[rows.length - 1]!, score: scores[rows.length - 1]! };
      this.#waiting = this.#waiting.filter((candidate) => {
        const mustWait = !isLast && byScore(candidate, last) > 0;
        if (taken.length === count || mustWait || (room && !room.allows(candidate.row))) return true;
        room?.take(candidate.row);
        taken.push(candidate);
        return false;
      });
      if (taken.length === count || isLast) return sortPool(taken);
      // All that comes now had room, so each round takes something. A judge may turn all away: then twice as deep each time.
      wanted = this.judge ? this.#seenCount : count - taken.length;
    }
  }

  async #accepted(rows: Uint32Array, scores: ArrayLike<number>): Promise<Candidate[]> {
    const verdicts = this.judge && rows.length > 0 ? await this.judge(rows) : null;
    const accepted: Candidate[] = [];
    rows.forEach((row, at) => {
      if (!verdicts || verdicts[at] === 1) accepted.push({ row, score: scores[at]! });
    });
    return accepted;
  }
}
