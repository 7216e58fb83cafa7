import type { EvaluationCase, EvaluationSplit, EventTable } from './eventTable.js';
import { keepUntil, toCase } from './eventTable.js';
import { VISIT_PAUSE_MS } from './temporalSplit.js';

/**
 * Every prefix of a session asks for its next item (Hidasi et al. 2016). A user's events are one session; with `hasTimes`, pauses of
 * more than 30 minutes cut them into several.
 */
export function sessionCases(events: EventTable, hasTimes: boolean, users?: Iterable<number>): EvaluationCase[] {
  const cases: EvaluationCase[] = [];
  const { offsets, items, timesMs } = events;
  let session = 0;
  for (const user of users ?? Array.from({ length: events.userCount }, (_, i) => i)) {
    let start = offsets[user]!;
    for (let at = start + 1; at < offsets[user + 1]!; at++) {
      if (hasTimes && timesMs[at]! - timesMs[at - 1]! > VISIT_PAUSE_MS) {
        start = at;
        session++;
        continue;
      }
      cases.push(toCase(events, session, start, at, [items[at]!]));
    }
    session++;
  }
  return cases;
}

/**
 * Reads each "user" as one question whose last event is the answer: the form of published session tests. Neighbouring lines that are
 * prefixes of each other come from one session and share a group.
 */
export function prefixTargetCases(lines: EventTable): EvaluationCase[] {
  const { userCount, offsets, items } = lines;
  const cases: EvaluationCase[] = [];
  let group = 0;
  for (let line = 0; line < userCount; line++) {
    const end = offsets[line + 1]! - 1;
    if (end <= offsets[line]!) continue;
    if (line > 0 && !isPrefix(items.subarray(offsets[line]!, end + 1), items.subarray(offsets[line - 1]!, offsets[line]!))) group++;
    cases.push(toCase(lines, group, offsets[line]!, end, [items[end]!]));
  }
  return cases;
}

/** Holds out the users who came last: so many of them that they are `share` of all. */
export function lastSessions(events: EventTable, share: number, hasTimes: boolean): EvaluationSplit {
  const { userCount, offsets, timesMs } = events;
  const users = Array.from({ length: userCount }, (_, user) => user).filter((user) => offsets[user + 1]! > offsets[user]!);
  users.sort((a, b) => timesMs[offsets[a]!]! - timesMs[offsets[b]!]! || a - b);
  const tested = users.slice(users.length - Math.ceil(share * users.length)).sort((a, b) => a - b);
  const ends = offsets.slice(1);
  for (const user of tested) ends[user] = offsets[user]!;
  return { train: keepUntil(events, ends), cases: sessionCases(events, hasTimes, tested) };
}

/** Whether `whole` begins with `part`. */
function isPrefix(part: Uint32Array, whole: Uint32Array): boolean {
  return part.length <= whole.length && part.every((item, at) => item === whole[at]);
}
