import { writeFile } from 'node:fs/promises';
import type { Command } from 'commander';
import type { FactorDtype, Manifest } from '../../core/artifact/manifest.js';
import { writeModelFolder } from '../../core/artifact/writeModelFolder.js';
import { eligibleUsers, leaveLastOut } from '../../core/metrics/leaveLastOut.js';
import type { CatalogItem } from '../../core/types.js';
import { VERSION } from '../../core/version.js';
import type { CliIo } from '../cliIo.js';
import { badInput, breathe } from '../cliIo.js';
import type { Evaluation } from '../evaluation/evaluateModel.js';
import { evaluateModel } from '../evaluation/evaluateModel.js';
import { checkTarget, folderBytes, sha256, writeModelDirectory } from '../folder/modelDirectory.js';
import type { UserEvents } from '../interactionLog.js';
import { InteractionLog } from '../interactionLog.js';
import type { JoinedItems } from '../joinItems.js';
import { joinItems } from '../joinItems.js';
import type { Progress } from '../progress.js';
import { createProgress } from '../progress.js';
import type { CatalogFormat } from '../readers/catalogFormat.js';
import { CATALOG_FORMATS } from '../readers/catalogFormat.js';
import { CATALOG_COLUMNS, EVENT_COLUMNS, parseColumnOverrides } from '../readers/columnNames.js';
import type { EventsFormat } from '../readers/eventsFormat.js';
import { EVENTS_FORMATS } from '../readers/eventsFormat.js';
import type { CatalogSource } from '../readers/readCatalog.js';
import { readCatalog } from '../readers/readCatalog.js';
import type { EventsSource } from '../readers/readEvents.js';
import { readEvents } from '../readers/readEvents.js';
import { formatCount } from '../terminal.js';
import type { AlsOptions } from '../trainers/als.js';
import { fitFactorModel, toAlsOptions, UNOBSERVED_RATIO } from '../trainers/fitFactorModel.js';
import type { FittedSequence } from '../trainers/fitSequenceModel.js';
import { fitSequenceModel } from '../trainers/fitSequenceModel.js';
import { drawSample, seededRandom } from '../trainers/seededRandom.js';
import { toSparseRows, usersPerItem } from '../trainers/toSparseRows.js';
import { trainSummary } from '../trainSummary.js';
import { choice, count, fraction, numberAbove, timeOption, wholeNumber } from './options.js';

export interface TrainOptions {
  readonly catalog?: string;
  readonly out: string;
  readonly format?: EventsFormat;
  readonly columns?: string;
  readonly catalogColumns?: string;
  readonly catalogFormat?: CatalogFormat;
  readonly minCoverage: number;
  readonly model: (typeof MODELS)[number];
  readonly units: number;
  readonly gruEpochs: number;
  readonly factors: number;
  readonly epochs: number;
  readonly regularization: number;
  /** Undefined: from the density of the events, see {@link defaultUnobservedWeight}. */
  readonly unobservedWeight?: number;
  readonly nu: number;
  readonly seed: number;
  readonly dtype: FactorDtype;
  readonly maxItems?: number;
  readonly name?: string;
  readonly createdAt?: number;
  readonly evaluate: boolean;
  readonly force?: boolean;
  readonly quiet?: boolean;
  readonly json?: string;
}

/** All that a training run came to: the summary and `--json` are made of it. */
export interface TrainReport {
  readonly log: InteractionLog;
  readonly source: EventsSource;
  readonly catalog: CatalogSource | null;
  readonly joined: JoinedItems;
  readonly pairCount: number;
  readonly trainMs: number;
  /** Null without `--model gru` or `both`. */
  readonly sequence: FittedSequence | null;
  readonly gruMs: number;
  readonly totalMs: number;
  readonly evaluation: (Evaluation & { readonly eligibleCount: number }) | null;
  readonly manifest: Manifest;
  readonly folderBytes: number;
  readonly options: TrainOptions;
  readonly alsOptions: AlsOptions;
  readonly eventsPath: string;
}

/** More test users than this sharpen the figures little and cost much. */
const MAX_TEST_USERS = 20_000;
const DAY_MS = 86_400_000;

/** Adds `shelfmate train`. */
export function addTrainCommand(program: Command, io: CliIo): void {
  program
    .command('train')
    .summary('train a recommender on your events and write a model folder')
    .description(
      'Trains a recommender (implicit-feedback ALS) on your events and writes a model folder: static files to publish beside your pages.',
    )
    .argument('<events>', 'CSV, TSV or JSONL, plain or .gz: who met which item when; or plain sequences of item ids')
    .requiredOption('-o, --out <folder>', 'where to write the model folder')
    .option(
      '-c, --catalog <file>',
      'your products: CSV, TSV, JSONL, JSON, a Google feed, or a folder of pages with JSON-LD; without it items have only ids',
    )
    .option(
      '--format <format>',
      `how to read the events: ${EVENTS_FORMATS.join(', ')} (default: told by content)`,
      choice('--format', EVENTS_FORMATS),
    )
    .option('--columns <role=name,...>', `columns of the events: ${Object.keys(EVENT_COLUMNS).join(', ')}`)
    .option(
      '--catalog-format <format>',
      `how to read the catalogue: ${CATALOG_FORMATS.join(', ')} (default: told by content)`,
      choice('--catalog-format', CATALOG_FORMATS),
    )
    .option('--catalog-columns <role=name,...>', `columns of the catalogue: ${Object.keys(CATALOG_COLUMNS).join(', ')}`)
    .option('--min-coverage <share>', 'least share of events whose item is in the catalogue', fraction('--min-coverage'), 0.5)
    .option(
      '--model <kind>',
      'als: long-term taste; gru: the next item of a session; both: the two blended',
      choice('--model', MODELS),
      'als',
    )
    .option('--units <n>', "length of the GRU's state", count('--units', 1, 1000), 100)
    .option('--gru-epochs <n>', 'rounds of GRU training at most; the best one is kept', count('--gru-epochs', 1, 1000), 10)
    .option('--factors <n>', 'numbers per item: more is finer, larger and slower', count('--factors', 1, 1000), 64)
    .option('--epochs <n>', 'rounds of training', count('--epochs', 1, 1000), 10)
    .option('--regularization <x>', 'pull towards zero (lambda)', numberAbove('--regularization', 0, false), DEFAULTS.regularization)
    .option(
      '--unobserved-weight <x>',
      `weight of a pair that did not happen (alpha0; default: all such pairs together weigh ${UNOBSERVED_RATIO} times the rest)`,
      numberAbove('--unobserved-weight', 0, true),
    )
    .option('--nu <x>', 'how far frequent rows are regularised more: 0 not, 1 in proportion', numberAbove('--nu', 0, true), DEFAULTS.nu)
    .option('--seed <n>', 'seed of the random start and the test sample', wholeNumber('--seed'), 1)
    .option(
      '--dtype <type>',
      'how factors are stored: int8, float16, float32',
      choice('--dtype', ['int8', 'float16', 'float32'] as const),
      'int8',
    )
    .option('--max-items <n>', 'keep only the items with most events', count('--max-items', 1, 1_000_000))
    .option('--name <name>', 'name of the model in the folder (default: the name of --out)')
    .option('--created-at <time>', 'date to write into the folder, for reproducible builds (default: now)', timeOption('--created-at'))
    .option('--no-evaluate', 'skip the test on held-out items')
    .option('--json <file>', 'write the figures of the summary to a file')
    .option('--force', 'replace whatever --out holds')
    .option('-q, --quiet', 'no progress, no summary')
    .addHelpText(
      'after',
      `
Example:
  shelfmate train orders.csv --catalog products.csv --out public/model

Columns are found by their usual names (user_id, CustomerID, item_id, sku, timestamp, InvoiceDate, event_name, ...).
The test: the newest item of each shopper is held out, all items are ranked, and the hit rate stands beside that of plain popularity.`,
    )
    .action((events: string, options: TrainOptions) => train(events, options, io));
}

const MODELS = ['als', 'gru', 'both'] as const;
/** How much the session counts in a list, where both models have something to say. */
const BLEND_WEIGHT = 0.6;

/** Chosen on the validation parts of four shops whose density differs a hundredfold. */
const DEFAULTS = { regularization: 0.01, nu: 1 } as const;
/** Runs `shelfmate train`. Throws `cli/bad-input`, or `call/aborted` after Ctrl-C; either way nothing is left behind. */
export async function train(eventsPath: string, options: TrainOptions, io: CliIo): Promise<void> {
  checkTarget(options.out, options.force === true);
  const columns = parseColumnOverrides(options.columns, Object.keys(EVENT_COLUMNS));
  const catalogColumns = parseColumnOverrides(options.catalogColumns, Object.keys(CATALOG_COLUMNS));
  const progress = await createProgress(io, options.quiet === true);
  try {
    await trainAndWrite(eventsPath, options, columns, catalogColumns, progress, io);
  } finally {
    progress.stop();
  }
}

async function trainAndWrite(
  eventsPath: string,
  options: TrainOptions,
  columns: ReadonlyMap<string, string>,
  catalogColumns: ReadonlyMap<string, string>,
  progress: Progress,
  io: CliIo,
): Promise<void> {
  const startMs = io.now();
  const catalog = options.catalog === undefined ? null : await readCatalog(options.catalog, catalogColumns, options.catalogFormat);
  const log = new InteractionLog(startMs + DAY_MS);
  const reading = progress.start('Reading events');
  const source = await readEvents(eventsPath, log, {
    format: options.format ?? null,
    columns,
    signal: io.signal,
    onRead: (done) => reading.update(done, `${formatCount(log.eventCount)} events`),
  });
  reading.finish(`${formatCount(log.eventCount)} events`);
  const joined = joinItems(log, catalog, options);
  const events = log.byUser(joined.rowOfLogItem, joined.items.length);
  const isWeighted = log.hasEventNames;

  const rows = toSparseRows(events, isWeighted);
  if (rows.columns.length === 0) {
    throw badInput(
      `${eventsPath}: nothing is left to learn from: every item a shopper met was taken out of the cart again, or is left out. Check the event column.`,
      { path: eventsPath },
    );
  }
  const alsOptions = toAlsOptions(options, rows);
  const hasFactors = options.model !== 'gru';
  const evaluation =
    hasFactors && options.evaluate ? await evaluate(events, joined.items, isWeighted, alsOptions, options, progress, io) : null;
  const trainStartMs = io.now();
  const model = hasFactors ? await fitFactorModel(rows, alsOptions, options.dtype, 'Training', progress, io) : null;
  const trainMs = io.now() - trainStartMs;
  const gruStartMs = io.now();
  const sequence = options.model === 'als' ? null : await fitSequence(events, log, options, progress, io);
  const gruMs = io.now() - gruStartMs;
  const folder = await writeModelFolder(
    {
      name: options.name ?? folderName(options.out),
      producer: `shelfmate ${VERSION}`,
      createdAtMs: options.createdAt ?? io.now(),
      items: joined.items,
      popularity: Float32Array.from(usersPerItem(rows)),
      models: model ? [model] : [],
      ...(sequence && { sequences: [sequence.input] }),
    },
    sha256,
  );
  await writeModelDirectory(options.out, folder, io.signal);
  await tell(
    {
      log,
      source,
      catalog,
      joined,
      pairCount: rows.columns.length,
      trainMs,
      sequence,
      gruMs,
      totalMs: io.now() - startMs,
      evaluation,
      manifest: folder.manifest,
      folderBytes: folderBytes(folder),
      options,
      alsOptions,
      eventsPath,
    },
    io,
  );
}

function fitSequence(
  events: UserEvents,
  log: InteractionLog,
  options: TrainOptions,
  progress: Progress,
  io: CliIo,
): Promise<FittedSequence> {
  const { units, gruEpochs, seed, dtype, evaluate: isTested, model } = options;
  const blendWeight = model === 'both' ? BLEND_WEIGHT : 1;
  const { hasTimes, hasEventNames } = log;
  return fitSequenceModel(
    events,
    { units, epochs: gruEpochs, seed, dtype, evaluate: isTested, hasTimes, hasEventNames, blendWeight },
    progress,
    io,
  );
}

async function evaluate(
  events: UserEvents,
  items: readonly CatalogItem[],
  isWeighted: boolean,
  alsOptions: AlsOptions,
  options: TrainOptions,
  progress: Progress,
  io: CliIo,
): Promise<TrainReport['evaluation']> {
  const eligible = eligibleUsers(events);
  const users = drawSample(eligible.length, MAX_TEST_USERS, seededRandom(options.seed)).map((at) => eligible[at]!);
  const split = leaveLastOut(events, users);
  const rows = toSparseRows(split.train, isWeighted);
  // Too little to learn from once the test items are held out.
  if (split.cases.length === 0 || rows.columns.length === 0) return null;
  const model = await fitFactorModel(rows, alsOptions, options.dtype, 'Test training', progress, io);
  const step = progress.start('Testing');
  const itemIds = items.map((item) => item.itemId);
  const evaluation = await evaluateModel(model, itemIds, split, {
    onProgress: (done) => step.update(done),
    pause: () => breathe(io.signal),
  });
  step.finish(`${formatCount(evaluation.caseCount)} shoppers`);
  return { ...evaluation, eligibleCount: eligible.length };
}

async function tell(report: TrainReport, io: CliIo): Promise<void> {
  const summary = trainSummary(report, io);
  if (report.options.json !== undefined) await writeFile(report.options.json, `${JSON.stringify(summary.figures, null, 2)}\n`);
  if (report.options.quiet !== true) io.stdout.write(summary.text);
}

function folderName(path: string): string {
  return (
    path
      .split(/[\\/]/)
      .filter((part) => part !== '' && part !== '.')
      .at(-1) ?? 'model'
  );
}
