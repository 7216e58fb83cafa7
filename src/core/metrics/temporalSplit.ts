import type { EvaluationCase, EvaluationSplit, EventTable } from './eventTable.js';
import { keepUntil, toCase } from './eventTable.js';

/** A pause longer than this ends a visit: 30 minutes, as web analytics has it. */
export const VISIT_PAUSE_MS = 30 * 60_000;

export interface TemporalOptions {
  /** The test begins here; milliseconds since 1970. */
  readonly startMs: number;
  /** Events from here on belong to neither part: clocks that run ahead. */
  readonly endMs: number;
  readonly targets: TemporalTargets;
}

/**
 * `next-visit`: the items of a user's first visit of the test part. `all`: those of the whole test part. `rest-of-visit`: for every
 * visit of the test part, what follows its first half, which is all the history there is (a half-filled basket).
 */
export const TEMPORAL_TARGETS = ['next-visit', 'rest-of-visit', 'all'] as const;
export type TemporalTargets = (typeof TEMPORAL_TARGETS)[number];

/** Learns from what came before a date and asks what each user did after it. Users without earlier events are asked too. */
export function temporalSplit(events: EventTable, { startMs, endMs, targets }: TemporalOptions): EvaluationSplit {
  const { userCount, offsets, items, timesMs } = events;
  const ends = offsets.slice(1);
  const cases: EvaluationCase[] = [];
  for (let user = 0; user < userCount; user++) {
    const start = offsets[user]!;
    let end = start;
    while (end < offsets[user + 1]! && timesMs[end]! < startMs) end++;
    ends[user] = end;
    let last = end;
    while (last < offsets[user + 1]! && timesMs[last]! < endMs) last++;
    if (targets === 'rest-of-visit') {
      for (const [from, to] of visits(timesMs, end, last)) {
        const rest = secondHalf(items.subarray(from, to));
        if (rest) cases.push(toCase(events, user, from, from + rest.start, rest.items));
      }
      continue;
    }
    const to = targets === 'all' ? last : (visits(timesMs, end, last).next().value?.[1] ?? end);
    if (to > end) cases.push(toCase(events, user, start, end, items.subarray(end, to)));
  }
  return { train: keepUntil(events, ends), cases };
}

/** The visits among the events from .. end - 1, each as its own from and end. */
function* visits(timesMs: Float64Array, from: number, end: number): Generator<[from: number, end: number]> {
  let start = from;
  for (let at = from + 1; at <= end; at++) {
    if (at < end && timesMs[at]! - timesMs[at - 1]! <= VISIT_PAUSE_MS) continue;
    yield [start, at];
    start = at;
  }
}

/** What comes new after the first half of a visit's different items; null where there is but one. */
function secondHalf(items: Uint32Array): { readonly start: number; readonly items: readonly number[] } | null {
  const different = [...new Set(items)];
  if (different.length < 2) return null;
  const rest = different.slice(Math.ceil(different.length / 2));
  return { start: items.indexOf(rest[0]!), items: rest };
}
