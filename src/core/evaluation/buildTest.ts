import type { LoadedModel } from '../artifact/readModelFolder.js';
import type { EvaluationCase, EvaluationSplit } from '../metrics/eventTable.js';
import { countUsersPerItem } from '../metrics/eventTable.js';
import { badInput } from '../events/inputErrors.js';
import { exampleIds, guessMismatch } from '../events/idMismatch.js';
import { InteractionLog } from '../events/interactionLog.js';
import type { EventsFile } from '../events/eventsFile.js';
import type { EventsFormat } from '../events/eventsFormat.js';
import type { EventsSource } from '../events/readEvents.js';
import { readEvents } from '../events/readEvents.js';
import { formatCount, formatPercent } from '../plainWords.js';
import { drawSample, seededRandom } from '../seededRandom.js';
import type { EvaluationHost, EvaluationPhase } from './evaluationHost.js';
import { ItemRows } from './itemRows.js';
import type { ProtocolOptions, ReadTable } from './protocols.js';
import { excludesSeen, splitEvents } from './protocols.js';

export interface TestOptions extends ProtocolOptions {
  readonly events: EventsFile;
  readonly test?: EventsFile;
  readonly format?: EventsFormat;
  readonly testFormat?: EventsFormat;
  readonly columns: ReadonlyMap<string, string>;
  readonly seen?: 'exclude' | 'include';
  readonly maxCases?: number;
  readonly minCoverage: number;
  readonly seed: number;
}

/** A test ready to run: rows 0 .. are the first folder's, then those of the others, then items only the events name. */
export interface EvaluationTest extends EvaluationSplit {
  readonly rows: ItemRows;
  /** The events as read, test part included. */
  readonly log: InteractionLog;
  readonly excludeSeen: boolean;
  /** Cases before --max-cases. */
  readonly eligibleCount: number;
  /** What a person should know about the figures. */
  readonly notes: readonly EvaluationNote[];
  readonly events: EventsSource;
}

export interface EvaluationNote {
  readonly kind: 'unknown-answers' | 'future-events' | 'knows-answers';
  /** Right answers, or events, that it is about. */
  readonly count: number;
}

/** A note in words, as it stands in the JSON and in the terminal. */
export function noteText({ kind, count }: EvaluationNote): string {
  switch (kind) {
    case 'unknown-answers':
      return `${formatCount(count)} right answers are items the folder does not know; they count as misses.`;
    case 'future-events':
      return `${formatCount(count)} events lie in the future. Check the clock or the unit of the time column.`;
    case 'knows-answers':
      return 'The folder seems to be trained on the test part too, so its figures flatter it. Write the training part with --write-train FILE, train on that, and evaluate again.';
  }
}

const DAY_MS = 86_400_000;

/** Reads the events, splits them by the protocol and checks that they and the folders speak of the same items. */
export async function buildTest(models: readonly LoadedModel[], options: TestOptions, host: EvaluationHost): Promise<EvaluationTest> {
  const rows = new ItemRows();
  for (const { catalog } of models) rows.add(catalog.column('itemId') as readonly string[]);
  const knownCount = rows.ids.length;
  const events = await readLog(options.events, options.format, 'events', options, host);
  const test = options.test === undefined ? null : await readLog(options.test, options.testFormat, 'test', options, host);
  if (models.length > 0) for (const { path, log } of test ? [events, test] : [events]) checkCoverage(path, log, rows, options.minCoverage);
  rows.add(events.log.itemIds);
  if (test) rows.add(test.log.itemIds);
  const toTable = (file: typeof events): ReadTable => ({ ...file, format: file.source.format, table: rows.tableOf(file.log) });
  const table = toTable(events);
  const excludeSeen = options.seen === undefined ? excludesSeen(options) : options.seen === 'exclude';
  const split = splitEvents(table, test && toTable(test), options, host.now());
  const eligible = excludeSeen ? withoutSeenTargets(split.cases) : split.cases;
  if (eligible.length === 0) throw noCases(options, events.log);
  const cases = options.maxCases === undefined ? eligible : sampleCases(eligible, options.maxCases, options.seed);
  const notes: EvaluationNote[] = [];
  const unknown = cases.reduce((sum, { targets }) => sum + targets.filter((item) => item >= knownCount).length, 0);
  if (models.length > 0 && unknown > 0) notes.push({ kind: 'unknown-answers', count: unknown });
  if (events.log.futureCount > 0) notes.push({ kind: 'future-events', count: events.log.futureCount });
  if (models[0] && !test && knowsTheAnswers(models[0], split, table)) notes.push({ kind: 'knows-answers', count: 0 });
  return { train: split.train, cases, rows, log: events.log, excludeSeen, eligibleCount: eligible.length, notes, events: events.source };
}

async function readLog(
  file: EventsFile,
  format: EventsFormat | undefined,
  phase: EvaluationPhase,
  { columns }: TestOptions,
  host: EvaluationHost,
): Promise<{ path: string; log: InteractionLog; source: EventsSource }> {
  const log = new InteractionLog(host.now() + DAY_MS);
  const step = host.start(phase);
  const source = await readEvents(file, log, {
    format: format ?? null,
    columns,
    signal: host.signal,
    onRead: (done) => step.update(done, `${formatCount(log.eventCount)} events`),
  });
  step.finish(`${formatCount(log.eventCount)} events`);
  return { path: file.name, log, source };
}

function checkCoverage(path: string, log: InteractionLog, rows: ItemRows, minCoverage: number): void {
  const counts = log.eventsPerItem();
  let covered = 0;
  log.itemIds.forEach((id, at) => (covered += rows.has(id) ? counts[at]! : 0));
  const coverage = covered / log.eventCount;
  if (covered > 0 && coverage >= minCoverage) return;
  const missing = log.itemIds.filter((id) => !rows.has(id));
  const hint = guessMismatch({ left: log.itemIds, right: new Set(rows.ids) });
  throw badInput(
    `Only ${formatPercent(coverage)} of the events of ${path} name an item of the folder (at least ${formatPercent(minCoverage)} are needed, --min-coverage). ` +
      `Ids in the events that the folder lacks: ${exampleIds(missing).join(', ')}. Ids in the folder: ${exampleIds(rows.ids).join(', ')}. ${hint ?? 'Name the right column with --columns item=..., or take the events the folder was trained on.'}`,
    { coverage, minCoverage, eventIds: exampleIds(missing), folderIds: exampleIds(rows.ids) },
  );
}

/** What may not be recommended cannot be found: such answers are no part of the question. */
function withoutSeenTargets(cases: readonly EvaluationCase[]): EvaluationCase[] {
  return cases.flatMap((question) => {
    const seen = new Set(question.items);
    if (!question.targets.some((item) => seen.has(item))) return [question];
    const targets = question.targets.filter((item) => !seen.has(item));
    return targets.length > 0 ? [{ ...question, targets }] : [];
  });
}

function sampleCases(cases: readonly EvaluationCase[], count: number, seed: number): EvaluationCase[] {
  return Array.from(drawSample(cases.length, count, seededRandom(seed)), (at) => cases[at]!);
}

/** Whether the folder's counts are those of all events where the training part has fewer. */
function knowsTheAnswers({ catalog, manifest }: LoadedModel, { train }: EvaluationSplit, { table }: ReadTable): boolean {
  if (!manifest.sortedByPopularity) return false;
  const all = countUsersPerItem(table);
  const part = countUsersPerItem(train);
  let differing = 0;
  let asAll = 0;
  for (let row = 0; row < catalog.itemCount; row++) {
    if (all[row] === part[row]) continue;
    differing++;
    if (catalog.popularity(row) === all[row]) asAll++;
  }
  return differing > 0 && asAll > 0.9 * differing;
}

function noCases({ protocol, events }: TestOptions, log: InteractionLog): Error {
  const why = {
    'leave-last-out': 'no shopper has two different items',
    temporal: 'nobody did anything after the date of the split that can be asked about',
    'session-prefixes': 'no session has two events',
    'given-split': 'every test item is in the same user’s training events, and seen items are left out (--seen include keeps them)',
  }[protocol];
  return badInput(
    `${events.name} gives nothing to test: ${why} (${formatCount(log.userIds.length)} users, ${formatCount(log.itemIds.length)} items). Check the user and item columns, or choose another --protocol.`,
  );
}
