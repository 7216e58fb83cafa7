import { writeModelFolder } from '../../core/artifact/writeModelFolder.js';
import { VERSION } from '../../core/version.js';
import type { CliIo } from '../cliIo.js';
import { badUsage } from '../cliIo.js';
import { checkTarget, folderBytes, sha256, writeModelDirectory } from '../folder/modelDirectory.js';
import { checkOutputFiles, writeOutputFile } from '../folder/outputFile.js';
import type { Progress } from '../progress.js';
import { createProgress } from '../progress.js';
import { usersPerItem } from '../trainers/toSparseRows.js';
import { trainSummary } from '../trainSummary.js';
import { fitModels } from './fitModels.js';
import { fitTables } from './fitTables.js';
import { readTraining, trainingColumns } from './readTraining.js';
import type { TrainOptions } from './trainOptions.js';
import type { TrainReport } from './trainReport.js';
import type { WarmStart } from './warmStart.js';

/** Runs `shelfmate train`. Throws `cli/bad-input`, or `call/aborted` after Ctrl-C; either way nothing is left behind. */
export async function runTraining(eventsPath: string, options: TrainOptions, io: CliIo): Promise<void> {
  checkTarget(options.out, options.force === true);
  checkCombination(options);
  checkOutputFiles({ '--json': options.json });
  if (options.model === 'als' && (options.checkpoint ?? options.resume) !== undefined)
    throw badUsage('--checkpoint and --resume belong to the GRU training: say --model gru or --model both with them.');
  const columns = trainingColumns(options);
  const progress = await createProgress(io, options.quiet === true);
  try {
    await tell(await readFitWrite(eventsPath, options, columns, progress, io), io);
  } finally {
    progress.stop();
  }
}

async function readFitWrite(
  eventsPath: string,
  options: TrainOptions,
  columns: ReturnType<typeof trainingColumns>,
  progress: Progress,
  io: CliIo,
): Promise<TrainReport> {
  const startMs = io.now();
  const { events, rows, ...input } = await readTraining(eventsPath, options, columns, progress, io);
  const { models: fittedModels, sequences, ...fitted } = await fitModels({ ...input, events, rows }, options, progress, io);
  const tableStartMs = io.now();
  const { tables, models, notes } = await fitTables({ ...input, events, rows }, fittedModels, options, progress, io);
  const tablesMs = io.now() - tableStartMs;
  const folder = await writeModelFolder(
    {
      name: options.name ?? folderName(options.out),
      producer: `shelfmate ${VERSION}`,
      createdAtMs: createdAt(fitted.warmStart, options, io),
      items: input.joined.items,
      popularity: Float32Array.from(usersPerItem(rows)),
      models,
      sequences,
      tables,
    },
    sha256,
  );
  await writeModelDirectory(options.out, folder, io.signal);
  return {
    ...input,
    ...fitted,
    tableNotes: notes,
    tablesMs,
    pairCount: rows.columns.length,
    totalMs: io.now() - startMs,
    manifest: folder.manifest,
    folderBytes: folderBytes(folder),
    options,
    eventsPath,
  };
}

function checkCombination({ from, model, tune, tuneTrials }: TrainOptions): void {
  const isTuned = tune !== undefined || tuneTrials !== undefined;
  if (from !== undefined && isTuned)
    throw badUsage('--from goes on with the settings of the folder and --tune looks for new ones: choose one of them.');
  if (model !== 'als' && model !== 'both' && (from !== undefined || isTuned))
    throw badUsage(`--from and --tune are about ALS factors, which --model ${model} does not rank by. Use --model als or both.`);
}

/** Later than the folder that the training goes on from, so that pages take the new revision whatever the clock says. */
function createdAt(warmStart: WarmStart | null, options: TrainOptions, io: CliIo): number {
  const asked = options.createdAt ?? io.now();
  return warmStart ? Math.max(asked, warmStart.createdAtMs + 1_000) : asked;
}

async function tell(report: TrainReport, io: CliIo): Promise<void> {
  const summary = trainSummary(report, io);
  if (report.options.json !== undefined) await writeOutputFile(report.options.json, `${JSON.stringify(summary.figures, null, 2)}\n`);
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
