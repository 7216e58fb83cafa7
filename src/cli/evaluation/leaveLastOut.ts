import type { UserEvents } from '../interactionLog.js';

/** One question of the test: which item comes after this history? */
export interface HeldOutCase {
  readonly user: number;
  /** The item held out; it is not in the history. */
  readonly target: number;
  /** The user's events before it: entries historyStart .. historyEnd - 1 of the log. */
  readonly historyStart: number;
  readonly historyEnd: number;
}

export interface Split {
  readonly train: UserEvents;
  readonly cases: readonly HeldOutCase[];
}

/**
 * Holds out the newest item of each of `users`: the one whose first event is the latest. Everything from that event on leaves the
 * training part, so nothing of the future is learned. Users with fewer than two items give no case and stay whole.
 */
export function leaveLastOut(events: UserEvents, users: Uint32Array): Split {
  const { userCount, offsets, items } = events;
  const ends = offsets.slice(1);
  const cases: HeldOutCase[] = [];
  const seen = new Set<number>();
  for (const user of users) {
    seen.clear();
    const historyStart = offsets[user]!;
    let historyEnd = historyStart;
    for (let at = historyStart; at < offsets[user + 1]!; at++) {
      if (seen.has(items[at]!)) continue;
      seen.add(items[at]!);
      historyEnd = at;
    }
    if (seen.size < 2) continue;
    ends[user] = historyEnd;
    cases.push({ user, target: items[historyEnd]!, historyStart, historyEnd });
  }
  return { train: keepUntil(events, ends, userCount), cases };
}

/** Users with at least two different items. */
export function eligibleUsers({ userCount, offsets, items }: UserEvents): Uint32Array {
  const users: number[] = [];
  for (let user = 0; user < userCount; user++) {
    const first = items[offsets[user]!];
    for (let at = offsets[user]! + 1; at < offsets[user + 1]!; at++) {
      if (items[at] === first) continue;
      users.push(user);
      break;
    }
  }
  return Uint32Array.from(users);
}

function keepUntil(events: UserEvents, ends: Uint32Array, userCount: number): UserEvents {
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
  return { userCount, itemCount: events.itemCount, offsets, ...kept };
}
