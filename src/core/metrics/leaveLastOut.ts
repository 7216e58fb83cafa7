import type { EvaluationCase, EvaluationSplit, EventTable } from './eventTable.js';
import { keepUntil, toCase } from './eventTable.js';

/**
 * Holds out the newest item of each of `users` (default: all): the one whose first event is the latest. Everything from that event
 * on leaves the training part, so nothing of the future is learned. Users with fewer than two items give no case and stay whole.
 */
export function leaveLastOut(
  events: EventTable,
  users: Iterable<number> = Array.from({ length: events.userCount }, (_, i) => i),
): EvaluationSplit {
  const { offsets, items } = events;
  const ends = offsets.slice(1);
  const cases: EvaluationCase[] = [];
  const seen = new Set<number>();
  for (const user of users) {
    seen.clear();
    const start = offsets[user]!;
    let end = start;
    for (let at = start; at < offsets[user + 1]!; at++) {
      if (seen.has(items[at]!)) continue;
      seen.add(items[at]!);
      end = at;
    }
    if (seen.size < 2) continue;
    ends[user] = end;
    cases.push(toCase(events, user, start, end, [items[end]!]));
  }
  return { train: keepUntil(events, ends), cases };
}

/** Users with at least two different items. */
export function eligibleUsers({ userCount, offsets, items }: EventTable): Uint32Array {
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
