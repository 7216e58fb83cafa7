/** Events of all users in the order of their users, then of time. User u has entries offsets[u] .. offsets[u + 1] - 1. */
export interface EventTable {
  readonly userCount: number;
  /** All rows in `items` are below. */
  readonly itemCount: number;
  /** u32, userCount + 1. */
  readonly offsets: Uint32Array;
  /** u32, item row of each event. */
  readonly items: Uint32Array;
  /** f64, milliseconds since 1970, or the position in the file where it gives no times. */
  readonly timesMs: Float64Array;
  /** u8, position in EVENT_NAMES. */
  readonly kinds: Uint8Array;
}

/** One question of a test: what comes after this history? */
export interface EvaluationCase {
  /** Cases of one user or session share a number: they are drawn together when intervals are computed. */
  readonly group: number;
  /** u32, u8, f64: the events before, oldest first. */
  readonly items: Uint32Array;
  readonly kinds: Uint8Array;
  readonly timesMs: Float64Array;
  /** u32, at least one, each once: the items that are right answers. */
  readonly targets: Uint32Array;
}

/** What is learned from, and what is asked. */
export interface EvaluationSplit {
  readonly train: EventTable;
  readonly cases: readonly EvaluationCase[];
}

/** The events from .. end - 1 of a table (views of it, nothing is copied) as a case. */
export function toCase(events: EventTable, group: number, from: number, end: number, targets: Iterable<number>): EvaluationCase {
  return {
    group,
    items: events.items.subarray(from, end),
    kinds: events.kinds.subarray(from, end),
    timesMs: events.timesMs.subarray(from, end),
    targets: Uint32Array.from(new Set(targets)),
  };
}

/** Keeps the events offsets[u] .. ends[u] - 1 of every user. `ends`: u32, one per user. */
export function keepUntil(events: EventTable, ends: Uint32Array): EventTable {
  const { userCount, itemCount } = events;
  const offsets = new Uint32Array(userCount + 1);
  for (let user = 0; user < userCount; user++) offsets[user + 1] = offsets[user]! + ends[user]! - events.offsets[user]!;
  const size = offsets[userCount]!;
  const kept = { items: new Uint32Array(size), timesMs: new Float64Array(size), kinds: new Uint8Array(size) };
  for (let user = 0; user < userCount; user++) {
    const start = events.offsets[user]!;
    kept.items.set(events.items.subarray(start, ends[user]!), offsets[user]!);
    kept.timesMs.set(events.timesMs.subarray(start, ends[user]!), offsets[user]!);
    kept.kinds.set(events.kinds.subarray(start, ends[user]!), offsets[user]!);
  }
  return { userCount, itemCount, offsets, ...kept };
}

/** u32, one per item: how many different users met it. */
export function countUsersPerItem({ userCount, itemCount, offsets, items }: EventTable): Uint32Array {
  const counts = new Uint32Array(itemCount);
  const lastUser = new Int32Array(itemCount).fill(-1);
  for (let user = 0; user < userCount; user++) {
    for (let at = offsets[user]!; at < offsets[user + 1]!; at++) {
      const item = items[at]!;
      if (lastUser[item] === user) continue;
      lastUser[item] = user;
      counts[item]!++;
    }
  }
  return counts;
}
