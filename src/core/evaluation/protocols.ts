import type { EvaluationCase, EvaluationSplit, EventTable } from '../metrics/eventTable.js';
import { givenSplitCases } from '../metrics/givenSplit.js';
import { leaveLastOut } from '../metrics/leaveLastOut.js';
import { lastSessions, prefixTargetCases, sessionCases } from '../metrics/sessionCases.js';
import type { TemporalTargets } from '../metrics/temporalSplit.js';
import { temporalSplit } from '../metrics/temporalSplit.js';
import { badInput, badUsage } from '../events/inputErrors.js';
import type { InteractionLog } from '../events/interactionLog.js';
import type { EventsFormat } from '../events/eventsFormat.js';

export const PROTOCOLS = ['leave-last-out', 'temporal', 'session-prefixes', 'given-split'] as const;
export type Protocol = (typeof PROTOCOLS)[number];

export interface ProtocolOptions {
  readonly protocol: Protocol;
  /** temporal: the newest so many days are asked about. */
  readonly testDays: number;
  /** session-prefixes without a test file: the newest share of sessions is asked about. */
  readonly testShare: number;
  /** temporal: what counts as right. */
  readonly targets: TemporalTargets;
}

/** One file of events as it was read. */
export interface ReadTable {
  readonly path: string;
  readonly log: InteractionLog;
  readonly format: EventsFormat;
  readonly table: EventTable;
}

const DAY_MS = 86_400_000;

/** Whether items of the history are left out of the lists unless --seen says otherwise, as the published protocols have it. */
export function excludesSeen({ protocol, targets }: ProtocolOptions): boolean {
  return protocol === 'leave-last-out' || protocol === 'given-split' || (protocol === 'temporal' && targets === 'rest-of-visit');
}

/** Splits events into what is learned from and what is asked. Throws `input/invalid` or `input/bad-file` when the protocol does not fit. */
export function splitEvents(events: ReadTable, test: ReadTable | null, options: ProtocolOptions, nowMs: number): EvaluationSplit {
  if (test) return { train: events.table, cases: casesOfTest(events, test, options.protocol) };
  switch (options.protocol) {
    case 'leave-last-out':
      return leaveLastOut(events.table);
    case 'temporal':
      return splitByTime(events, options, nowMs);
    case 'session-prefixes':
      return lastSessions(events.table, options.testShare, events.log.hasTimes);
    case 'given-split':
      throw badUsage('--protocol given-split needs --test FILE, the events to be found. The other protocols split --events themselves.');
  }
}

function casesOfTest(events: ReadTable, test: ReadTable, protocol: Protocol): EvaluationCase[] {
  if (protocol === 'leave-last-out') {
    throw badUsage('--protocol leave-last-out takes its test from --events. Leave --test out, or say --protocol given-split.');
  }
  if (test.format === 'prefix-target') return prefixTargetCases(test.table);
  if (protocol === 'session-prefixes') return sessionCases(test.table, test.log.hasTimes);
  if (test.format === 'sequences') {
    throw badUsage(
      `${test.path} holds sequences without users, so nobody's history can be found in --events. Say --protocol session-prefixes, or --format user-items if the first id of a line is a user.`,
    );
  }
  const rows = new Map(events.log.userIds.map((id, row) => [id, row]));
  const trainUsers = Int32Array.from(test.log.userIds, (id) => rows.get(id) ?? -1);
  if (trainUsers.every((row) => row < 0)) {
    throw badInput(
      `No user of ${test.path} is in ${events.path}. Users there: ${events.log.userIds.slice(0, 10).join(', ')}; here: ${test.log.userIds.slice(0, 10).join(', ')}. Both files must write user ids alike.`,
    );
  }
  return givenSplitCases(events.table, test.table, trainUsers);
}

function splitByTime({ path, log, table }: ReadTable, { testDays, targets }: ProtocolOptions, nowMs: number): EvaluationSplit {
  if (!log.hasTimes) {
    throw badInput(
      `${path} has no times, so it cannot be split by time. Name the column with --columns time=..., or choose --protocol leave-last-out.`,
    );
  }
  // What lies in the future comes from clocks that run ahead; it must not decide where the test begins.
  const endMs = nowMs + DAY_MS;
  let first = Infinity;
  let last = -Infinity;
  for (const time of table.timesMs) {
    if (time >= endMs) continue;
    if (time < first) first = time;
    if (time > last) last = time;
  }
  const startMs = last + 1 - testDays * DAY_MS;
  if (!(first < startMs)) {
    const days = Math.max(0, (last - first) / DAY_MS);
    throw badInput(
      `${path} spans ${days.toFixed(1)} days, so testing on the last ${testDays} leaves nothing to learn from. Say --test-days ${Math.max(0.1, Number((days / 5).toPrecision(1)))}, or bring more events.`,
    );
  }
  return temporalSplit(table, { startMs, endMs, targets });
}
