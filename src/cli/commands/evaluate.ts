import { writeFile } from 'node:fs/promises';
import { basename, resolve } from 'node:path';
import type { Command } from 'commander';
import type { LoadedModel } from '../../core/artifact/readModelFolder.js';
import { createBaselines } from '../../core/metrics/baselines.js';
import { evaluate } from '../../core/metrics/evaluate.js';
import { countUsersPerItem } from '../../core/metrics/eventTable.js';
import type { ItemFacts } from '../../core/metrics/listStatistics.js';
import type { Scorer } from '../../core/metrics/scorer.js';
import { headItems, summarizeEvaluation } from '../../core/metrics/summarizeEvaluation.js';
import { TEMPORAL_TARGETS } from '../../core/metrics/temporalSplit.js';
import type { CliIo } from '../cliIo.js';
import { badUsage, breathe } from '../cliIo.js';
import type { EvaluationTest, TestOptions } from '../evaluation/buildTest.js';
import { buildTest } from '../evaluation/buildTest.js';
import { evaluationJson } from '../evaluation/evaluationReport.js';
import type { EvaluationReport } from '../evaluation/evaluationReport.js';
import { evaluationTable } from '../evaluation/evaluationTable.js';
import { htmlReport } from '../evaluation/htmlReport.js';
import { cosineOfRows, createFolderScorers, openModel } from '../evaluation/openModels.js';
import { PROTOCOLS } from '../evaluation/protocols.js';
import { writeTrainingPart } from '../evaluation/writeTrainingPart.js';
import type { Progress } from '../progress.js';
import { createProgress } from '../progress.js';
import { EVENT_COLUMNS, parseColumnOverrides } from '../readers/columnNames.js';
import { EVENTS_FORMATS } from '../readers/eventsFormat.js';
import { plural } from '../terminal.js';
import { choice, count, cutoffList, fraction, numberAbove, wholeNumber } from './options.js';

export interface EvaluateCommandOptions extends Omit<TestOptions, 'columns'> {
  readonly columns?: string;
  readonly at: readonly number[];
  readonly models?: string;
  readonly compare?: string;
  readonly resamples: number;
  readonly writeTrain?: string;
  readonly json?: string;
  readonly html?: string;
  readonly quiet?: boolean;
}

/** Adds `shelfmate evaluate`. */
export function addEvaluateCommand(program: Command, io: CliIo): void {
  program
    .command('evaluate')
    .summary('measure a model folder on held-out events, with baselines beside it')
    .description(
      'Measures how well a model folder finds what shoppers did next. All items are ranked with the code that runs in the page; popularity, item-kNN and last-item, learned from the same events, stand beside it.',
    )
    .argument('[folder]', 'the model folder, or its http(s) address; may be left out with --write-train')
    .requiredOption('-e, --events <file>', 'events: who met which item when, as for shelfmate train')
    .option('-t, --test <file>', 'events to be found, where --events is the training part already; or "prefix TAB target" lines')
    .option('-p, --protocol <protocol>', `how to split: ${PROTOCOLS.join(', ')}`, choice('--protocol', PROTOCOLS), 'leave-last-out')
    .option('--at <k,...>', 'list lengths to measure at', cutoffList('--at'), [10, 20])
    .option('--models <name,...>', 'only these models and baselines (default: all)')
    .option('--compare <folder>', 'a second model folder, on the same questions')
    .option(
      '--seen <choice>',
      'items of the history: exclude, include (default: as the protocol is published)',
      choice('--seen', ['exclude', 'include'] as const),
    )
    .option(
      '--targets <choice>',
      `temporal, what is to be found: ${TEMPORAL_TARGETS.join(', ')}`,
      choice('--targets', TEMPORAL_TARGETS),
      'next-visit',
    )
    .option('--test-days <n>', 'temporal: ask about the last so many days', numberAbove('--test-days', 0, false), 30)
    .option(
      '--test-share <share>',
      'session-prefixes without --test: ask about so many of the newest sessions',
      fraction('--test-share'),
      0.1,
    )
    .option('--max-cases <n>', 'ask at most so many questions, drawn by --seed', count('--max-cases', 1, 100_000_000))
    .option(
      '--format <format>',
      `how to read --events: ${EVENTS_FORMATS.join(', ')} (default: told by content)`,
      choice('--format', EVENTS_FORMATS),
    )
    .option('--test-format <format>', 'how to read --test', choice('--test-format', EVENTS_FORMATS))
    .option('--columns <role=name,...>', `columns of the events: ${Object.keys(EVENT_COLUMNS).join(', ')}`)
    .option('--min-coverage <share>', 'least share of events whose item is in the folder', fraction('--min-coverage'), 0.5)
    .option('--resamples <n>', 'bootstrap resamples for the intervals; 0: none', count('--resamples', 0, 100_000), 1000)
    .option('--seed <n>', 'seed of the intervals and of --max-cases', wholeNumber('--seed'), 1)
    .option('--write-train <file>', 'write the training part as CSV, to train on it')
    .option('--json <file>', 'write the figures to a file')
    .option('--html <file>', 'write a report with plots: one file that needs nothing else')
    .option('-q, --quiet', 'no progress, no table')
    .addHelpText(
      'after',
      `
Example:
  shelfmate evaluate --events orders.csv --protocol temporal --write-train train.csv
  shelfmate train train.csv --out model
  shelfmate evaluate model --events orders.csv --protocol temporal --html report.html

leave-last-out    each shopper's newest item is to be found (seen items left out)
temporal          what each shopper took at the next visit after a date is to be found; with
                  --targets rest-of-visit, the second half of every basket after it
session-prefixes  every prefix of a session asks for its next item
given-split       --test holds what is to be found, --events what came before (seen items left out)

A folder must be trained on the training part only, or its figures flatter it: --write-train writes that part.`,
    )
    .action((folder: string | undefined, options: EvaluateCommandOptions) => runEvaluate(folder, options, io));
}

/** Runs `shelfmate evaluate`. Throws `cli/bad-input`, `cli/usage`, or `call/aborted` after Ctrl-C. */
export async function runEvaluate(folder: string | undefined, options: EvaluateCommandOptions, io: CliIo): Promise<void> {
  const columns = parseColumnOverrides(options.columns, Object.keys(EVENT_COLUMNS));
  if (folder === undefined && options.writeTrain === undefined)
    throw badUsage('Name the model folder to evaluate: shelfmate evaluate DIR --events FILE. Only --write-train works without one.');
  const progress = await createProgress(io, options.quiet === true);
  const startMs = io.now();
  try {
    const models =
      folder === undefined
        ? []
        : await Promise.all([folder, ...(options.compare === undefined ? [] : [options.compare])].map((name) => openModel(name, io)));
    const test = await buildTest(models, { ...options, columns }, progress, io);
    if (options.writeTrain !== undefined) {
      await writeTrainingPart(options.writeTrain, test.train, test.rows.ids, test.log);
      if (options.quiet !== true)
        io.stdout.write(
          `Wrote the training part, ${plural(test.train.items.length, 'event')}, to ${options.writeTrain}. Held out: ${plural(test.cases.length, 'question')}.\n`,
        );
    }
    if (folder !== undefined) await report(folder, models, test, options, startMs, progress, io);
  } finally {
    progress.stop();
  }
}

async function report(
  folder: string,
  models: readonly LoadedModel[],
  test: EvaluationTest,
  options: EvaluateCommandOptions,
  startMs: number,
  progress: Progress,
  io: CliIo,
): Promise<void> {
  const { catalog } = models[0]!;
  const isCandidate = new Uint8Array(test.rows.ids.length).fill(1, 0, catalog.itemCount);
  const own = await Promise.all(
    models.map((model, at) =>
      createFolderScorers(model, test.rows.mapOf(model.catalog.column('itemId') as string[]), prefixOf(at, folder, options)),
    ),
  );
  const baselines = createBaselines({ train: test.train, isCandidate, hasRepeats: !test.excludeSeen });
  const scorers = chooseScorers([...own.flat(), ...baselines], options.models);
  const userCounts = countUsersPerItem(test.train);
  const step = progress.start('Ranking');
  const scores = await evaluate(test.cases, scorers, {
    cutoffs: options.at,
    excludeSeen: test.excludeSeen,
    facts: itemFacts(models[0]!, test, userCounts),
    isHead: headItems(userCounts),
    onProgress: (done, name) => step.update(done, name),
    pause: () => breathe(io.signal),
    now: io.now,
  });
  step.finish(plural(test.cases.length, 'question'));
  for (const scorer of own.flat()) scorer.dispose?.();
  const summary = summarizeEvaluation(test.cases, scores, {
    cutoffs: options.at,
    resamples: options.resamples,
    seed: options.seed,
    pairs: pairsOf(
      own.map((of) => of.map(({ name }) => name)),
      scorers,
    ),
  });
  const evaluation: EvaluationReport = {
    protocol: options.protocol,
    folder,
    compared: options.compare ?? null,
    eventsPath: options.events,
    testPath: options.test ?? null,
    eventsFormat: test.events.format,
    manifest: models[0]!.manifest,
    cutoffs: options.at,
    excludeSeen: test.excludeSeen,
    eligibleCount: test.eligibleCount,
    settings: protocolSettings(options),
    trainEvents: test.train.items.length,
    resamples: options.resamples,
    seed: options.seed,
    summary,
    scores,
    notes: test.notes,
    totalMs: io.now() - startMs,
  };
  if (options.json !== undefined) await writeFile(options.json, `${JSON.stringify(evaluationJson(evaluation), null, 2)}\n`);
  if (options.html !== undefined) await writeFile(options.html, htmlReport(evaluation));
  if (options.quiet !== true) io.stdout.write(evaluationTable(evaluation, io));
}

function protocolSettings({ protocol, test, targets, testDays, testShare }: EvaluateCommandOptions): Record<string, unknown> {
  if (test !== undefined) return {};
  if (protocol === 'temporal') return { targets, testDays };
  return protocol === 'session-prefixes' ? { testShare } : {};
}

/** The second folder's models are told apart by its name. */
function prefixOf(at: number, folder: string, { compare }: EvaluateCommandOptions): string {
  if (at === 0) return '';
  const name = basename(resolve(compare!));
  return `${name === basename(resolve(folder)) ? 'second' : name}/`;
}

function chooseScorers(scorers: readonly Scorer[], names: string | undefined): Scorer[] {
  if (names === undefined) return [...scorers];
  const wanted = names.split(',').map((name) => name.trim());
  const unknown = wanted.filter((name) => !scorers.some((scorer) => scorer.name === name));
  if (unknown.length > 0) throw badUsage(`--models names ${unknown.join(', ')}; there are: ${scorers.map(({ name }) => name).join(', ')}.`);
  return scorers.filter(({ name }) => wanted.includes(name));
}

/** Every model of the first folder against that of the same place in the second, and against each baseline. */
function pairsOf(own: readonly (readonly string[])[], scorers: readonly Scorer[]): [string, string][] {
  const isThere = new Set(scorers.map(({ name }) => name));
  const baselines = scorers.filter(({ kind }) => kind === 'baseline').map(({ name }) => name);
  const first = own[0]!.filter((name) => isThere.has(name));
  const across =
    own[1]?.flatMap((name, at): [string, string][] => (isThere.has(name) && isThere.has(own[0]![at]!) ? [[own[0]![at]!, name]] : [])) ?? [];
  return [...across, ...first.flatMap((name) => baselines.map((baseline): [string, string] => [name, baseline]))];
}

/** Category and cosine come from the first folder; items it does not know have neither. */
function itemFacts({ catalog, factors }: LoadedModel, { rows, train }: EvaluationTest, userCounts: Uint32Array): ItemFacts {
  const column = catalog.column('category');
  const isKnown = (row: number): boolean => row < catalog.itemCount;
  const cosine = cosineOfRows(factors.matrix);
  const userCount = train.offsets.reduce((sum, end, user) => sum + (user > 0 && end > train.offsets[user - 1]! ? 1 : 0), 0);
  return {
    userCounts,
    userCount,
    candidateCount: catalog.itemCount,
    categories: column ? rows.ids.map((_, row) => (typeof column[row] === 'string' ? column[row] : null)) : null,
    similarity: (a, b) => (isKnown(a) && isKnown(b) ? cosine(a, b) : 0),
  };
}
