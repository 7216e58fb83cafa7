import type { LoadedModel } from '../../core/artifact/readModelFolder.js';
import type { EvaluationCase, EvaluationSplit } from '../../core/metrics/eventTable.js';
import { countUsersPerItem } from '../../core/metrics/eventTable.js';
import type { CliIo } from '../cliIo.js';
import { badInput } from '../cliIo.js';
import { exampleIds, guessMismatch } from '../idMismatch.js';
import { InteractionLog } from '../interactionLog.js';
import type { Progress } from '../progress.js';
import type { EventsFormat } from '../readers/eventsFormat.js';
import type { EventsSource } from '../readers/readEvents.js';
import { readEvents } from '../readers/readEvents.js';
import { formatCount, formatPercent } from '../terminal.js';
import { drawSample, seededRandom } from '../trainers/seededRandom.js';
import { ItemRows } from './itemRows.js';
import type { ProtocolOptions, ReadTable } from './protocols.js';
import { excludesSeen, splitEvents } from './protocols.js';

export interface TestOptions extends ProtocolOptions {
  readonly events: string;
  readonly test?: string;
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
  readonly notes: readonly string[];
  readonly events: EventsSource;
}

const DAY_MS = 86_400_000;

/** Reads the events, splits them by the protocol and checks that they and the folders speak of the same items. */
export async function buildTest(
  models: readonly LoadedModel[],
  options: TestOptions,
  progress: Progress,
  io: CliIo,
): Promise<EvaluationTest> {
  const rows = new ItemRows();
  for (const { catalog } of models) rows.add(catalog.column('itemId') as readonly string[]);
  const knownCount = rows.ids.length;
  const events = await readLog(options.events, options.format, 'Reading events', options, progress, io);
  const test =
    options.test === undefined ? null : await readLog(options.test, options.testFormat, 'Reading the test', options, progress, io);
  if (models.length > 0) for (const { path, log } of test ? [events, test] : [events]) checkCoverage(path, log, rows, options.minCoverage);
  rows.add(events.log.itemIds);
  if (test) rows.add(test.log.itemIds);
  const toTable = (file: typeof events): ReadTable => ({ ...file, format: file.source.format, table: rows.tableOf(file.log) });
  const table = toTable(events);
  const excludeSeen = options.seen === undefined ? excludesSeen(options) : options.seen === 'exclude';
  const split = splitEvents(table, test && toTable(test), options, io.now());
  const eligible = excludeSeen ? withoutSeenTargets(split.cases) : split.cases;
  if (eligible.length === 0) throw noCases(options, events.log);
  const cases = options.maxCases === undefined ? eligible : sampleCases(eligible, options.maxCases, options.seed);
  const notes: string[] = [];
  const unknown = cases.reduce((sum, { targets }) => sum + targets.filter((item) => item >= knownCount).length, 0);
  if (models.length > 0 && unknown > 0)
    notes.push(`${formatCount(unknown)} right answers are items the folder does not know; they count as misses.`);
  if (events.log.futureCount > 0)
    notes.push(`${formatCount(events.log.futureCount)} events lie in the future. Check the clock or the unit of the time column.`);
  if (models[0] && !test && knowsTheAnswers(models[0], split, table)) {
    notes.push(
      'The folder seems to be trained on the test part too, so its figures flatter it. Write the training part with --write-train FILE, train on that, and evaluate again.',
    );
  }
  return { train: split.train, cases, rows, log: events.log, excludeSeen, eligibleCount: eligible.length, notes, events: events.source };
}

async function readLog(
  path: string,
  format: EventsFormat | undefined,
  label: string,
  { columns }: TestOptions,
  progress: Progress,
  io: CliIo,
): Promise<{ path: string; log: InteractionLog; source: EventsSource }> {
  const log = new InteractionLog(io.now() + DAY_MS);
  const step = progress.start(label);
  const source = await readEvents(path, log, {
    format: format ?? null,
    columns,
    signal: io.signal,
    onRead: (done) => step.update(done, `${formatCount(log.eventCount)} events`),
  });
  step.finish(`${formatCount(log.eventCount)} events`);
  return { path, log, source };
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
    `${events} gives nothing to test: ${why} (${formatCount(log.userIds.length)} users, ${formatCount(log.itemIds.length)} items). Check the user and item columns, or choose another --protocol.`,
  );
}
