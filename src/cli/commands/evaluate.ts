import { basename, resolve } from 'node:path';
import type { Command } from 'commander';
import type { Rerank } from '../../core/ranking/diversify.js';
import { RERANKS } from '../../core/ranking/diversify.js';
import { TEMPORAL_TARGETS } from '../../core/metrics/temporalSplit.js';
import type { CliIo } from '../cliIo.js';
import { badUsage, breathe } from '../cliIo.js';
import type { EvaluationTest, TestOptions } from '../../core/evaluation/buildTest.js';
import { buildTest } from '../../core/evaluation/buildTest.js';
import type { EvaluationHost } from '../../core/evaluation/evaluationHost.js';
import type { MeasuredFolder, RunOptions } from '../../core/evaluation/runEvaluation.js';
import { runEvaluation } from '../../core/evaluation/runEvaluation.js';
import { evaluationJson } from '../../core/evaluation/evaluationReport.js';
import { evaluationTable } from '../evaluation/evaluationTable.js';
import { htmlReport } from '../evaluation/htmlReport.js';
import { openModelFiles } from '../evaluation/openModels.js';
import { fastestBackend } from '../evaluation/evaluateModel.js';
import { PROTOCOLS } from '../../core/evaluation/protocols.js';
import { writeTrainingPart } from '../evaluation/writeTrainingPart.js';
import { openEventsFile } from '../readers/openEventsFile.js';
import { checkOutputFiles, writeOutputFile } from '../folder/outputFile.js';
import type { Progress } from '../progress.js';
import { createProgress } from '../progress.js';
import { EVENT_COLUMNS, parseColumnOverrides } from '../../core/events/columnNames.js';
import { EVENTS_FORMATS } from '../../core/events/eventsFormat.js';
import { plural } from '../terminal.js';
import { choice, count, cutoffList, fraction, numberAbove, wholeNumber } from './options.js';

export interface EvaluateCommandOptions extends Omit<TestOptions, 'columns' | 'events' | 'test'> {
  readonly events: string;
  readonly test?: string;
  readonly columns?: string;
  readonly at: readonly number[];
  readonly models?: string;
  readonly compare?: string;
  readonly resamples: number;
  readonly diversity?: number;
  readonly rerank: Rerank;
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
    .option('--diversity <x>', 'measure the factor model once more with lists made more different: 0 to 1', fraction('--diversity'))
    .option('--rerank <way>', `how --diversity chooses: ${RERANKS.join(', ')}`, choice('--rerank', RERANKS), RERANKS[0])
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
  checkOutputFiles({ '--json': options.json, '--html': options.html, '--write-train': options.writeTrain });
  const columns = parseColumnOverrides(options.columns, Object.keys(EVENT_COLUMNS));
  if (folder === undefined && options.writeTrain === undefined)
    throw badUsage('Name the model folder to evaluate: shelfmate evaluate DIR --events FILE. Only --write-train works without one.');
  const progress = await createProgress(io, options.quiet === true);
  const startMs = io.now();
  try {
    const folders =
      folder === undefined
        ? []
        : await Promise.all(
            [folder, ...(options.compare === undefined ? [] : [options.compare])].map(async (name, at): Promise<MeasuredFolder> => ({
              name,
              ...(await openModelFiles(name, io)),
              prefix: prefixOf(at, folder, options),
            })),
          );
    const host = createHost(progress, io);
    const runOptions: RunOptions = {
      ...options,
      events: openEventsFile(options.events),
      test: options.test === undefined ? undefined : openEventsFile(options.test),
      columns,
      reranked: options.diversity === undefined ? null : { rerank: options.rerank, diversity: options.diversity },
      models: options.models === undefined ? null : options.models.split(',').map((name) => name.trim()),
    };
    const models = folders.map(({ model }) => model);
    const test = await buildTest(models, runOptions, host);
    if (options.writeTrain !== undefined) {
      await writeTrainingPart(options.writeTrain, test.train, test.rows.ids, test.log);
      if (options.quiet !== true)
        io.stdout.write(
          `Wrote the training part, ${plural(test.train.items.length, 'event')}, to ${options.writeTrain}. Held out: ${plural(test.cases.length, 'question')}.\n`,
        );
    }
    if (folders.length > 0) await report(folders, test, options, runOptions, startMs, host, io);
  } finally {
    progress.stop();
  }
}

async function report(
  folders: readonly MeasuredFolder[],
  test: EvaluationTest,
  options: EvaluateCommandOptions,
  runOptions: RunOptions,
  startMs: number,
  host: EvaluationHost,
  io: CliIo,
): Promise<void> {
  const evaluation = await runEvaluation(folders, test, runOptions, fastestBackend(), startMs, host);
  if (options.json !== undefined) await writeOutputFile(options.json, `${JSON.stringify(evaluationJson(evaluation), null, 2)}\n`);
  if (options.html !== undefined) await writeOutputFile(options.html, htmlReport(evaluation));
  if (options.quiet !== true) io.stdout.write(evaluationTable(evaluation, io));
}

function createHost(progress: Progress, io: CliIo): EvaluationHost {
  const labels = { events: 'Reading events', test: 'Reading the test', ranking: 'Ranking', intervals: 'Intervals' };
  return { start: (phase) => progress.start(labels[phase]), pause: () => breathe(io.signal), signal: io.signal, now: io.now };
}

/** The second folder's models are told apart by its name. */
function prefixOf(at: number, folder: string, { compare }: EvaluateCommandOptions): string {
  if (at === 0) return '';
  const name = basename(resolve(compare!));
  return `${name === basename(resolve(folder)) ? 'second' : name}/`;
}
