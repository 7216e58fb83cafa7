import type { Command } from 'commander';
import { parseJson } from '../../core/artifact/checks.js';
import { readFactorShard } from '../../core/artifact/factorShard.js';
import type { FactorDtype } from '../../core/artifact/manifest.js';
import { modelBytes } from '../../core/artifact/manifest.js';
import type { LoadedModel } from '../../core/artifact/readModelFolder.js';
import { readModelFolder } from '../../core/artifact/readModelFolder.js';
import { readTables } from '../../core/artifact/tables/readTables.js';
import { tablePaths } from '../../core/artifact/tables/tableEntries.js';
import { fileEntry } from '../../core/artifact/validateManifest.js';
import type { FactorModelInput } from '../../core/artifact/writeModelFolder.js';
import { writeModelFolder } from '../../core/artifact/writeModelFolder.js';
import { createItemMatrix } from '../../core/kernels/itemMatrix.js';
import { VERSION } from '../../core/version.js';
import type { CliIo } from '../cliIo.js';
import { badInput } from '../cliIo.js';
import { fastestBackend } from '../evaluation/evaluateModel.js';
import { compareLists, OVERLAP_TOP } from '../evaluation/listOverlap.js';
import { openModelFiles } from '../evaluation/openModels.js';
import { openFolder } from '../folder/folderSource.js';
import { writeOutputFile } from '../folder/outputFile.js';
import { checkTarget, sha256, writeModelDirectory } from '../folder/modelDirectory.js';
import { runFolderSelfTests } from '../folder/selfTests.js';
import { allRows, toSequenceInput } from '../folder/toSequenceInput.js';
import { compareQuantized } from '../sequences/compareQuantized.js';
import { formatBytes, formatPercent, painter, plural } from '../terminal.js';
import { choice, timeOption, wholeNumber } from './options.js';

export interface QuantizeOptions {
  readonly dtype: FactorDtype;
  readonly out: string;
  readonly seed: number;
  readonly createdAt?: number;
  readonly force?: boolean;
  readonly json?: string;
}

/** Below this the shopper would notice. */
const LEAST_OVERLAP = 0.98;

/** Adds `shelfmate quantize`. */
export function addQuantizeCommand(program: Command, io: CliIo): void {
  program
    .command('quantize')
    .summary('store the rows of a model folder in another precision')
    .description(
      'Writes a model folder anew with its factors and the rows of its sequence model in another precision, runs its known answers, and says how much its lists change.',
    )
    .argument('<folder>', 'a folder, or the http(s) address where it is published')
    .requiredOption('--dtype <type>', 'int8 (smallest), float16', choice('--dtype', ['int8', 'float16'] as const))
    .requiredOption('-o, --out <folder>', 'where to write the new folder')
    .option('--seed <n>', 'seed of the sampled questions', wholeNumber('--seed'), 1)
    .option('--created-at <time>', 'date to write into the folder, for reproducible builds (default: now)', timeOption('--created-at'))
    .option('--json <file>', 'write the figures to a file')
    .option('--force', 'replace whatever --out holds')
    .addHelpText('after', '\nExample:\n  shelfmate quantize model-f32 --dtype int8 --out public/model')
    .action((folder: string, options: QuantizeOptions) => quantize(folder, options, io));
}

/** Runs `shelfmate quantize`. Throws `cli/bad-input`; nothing is written then. */
export async function quantize(name: string, options: QuantizeOptions, io: CliIo): Promise<void> {
  checkTarget(options.out, options.force === true);
  const { model, read } = await openModelFiles(name, io);
  const { manifest, catalog, factors } = model;
  if (manifest.models.length > 1)
    throw badInput(
      `${name} holds the models ${manifest.models.map((entry) => entry.name).join(', ')}; only folders with one factor model can be written anew. Train or pack it again with --dtype.`,
    );
  const tables = readTables(manifest);
  const tableFiles = tablePaths(tables).map((path) => fileEntry(manifest, path));
  const hasCold = (tables.content?.coldItems ?? 0) > 0;
  const { sequence } = model;
  const sequenceInput = sequence && toSequenceInput(sequence, options.dtype);
  const ownFactors: FactorModelInput[] =
    sequence?.matrix === factors.matrix
      ? [] // They are the sequence model's rows, and follow from them.
      : [
          {
            ...factors.entry,
            dtype: options.dtype,
            factors: allRows(factors.matrix),
            biases: factors.matrix.biases,
            users: await readUsers(name, model, io),
            ...(hasCold && { isCold: Uint8Array.from({ length: catalog.itemCount }, (_, row) => (catalog.popularity(row) === 0 ? 1 : 0)) }),
          },
        ];
  const folder = await writeModelFolder(
    {
      name: manifest.name,
      producer: `shelfmate ${VERSION}`,
      createdAtMs: options.createdAt ?? io.now(),
      items: Array.from({ length: catalog.itemCount }, (_, row) => catalog.item(row)),
      popularity: manifest.sortedByPopularity
        ? Float32Array.from({ length: catalog.itemCount }, (_, row) => catalog.popularity(row))
        : null,
      models: ownFactors,
      ...(sequenceInput && { sequences: [sequenceInput] }),
      copiedTables: { tables, files: await Promise.all(tableFiles.map(async (entry) => ({ path: entry.path, bytes: await read(entry) }))) },
    },
    sha256,
  );
  const bytesOf = new Map(folder.files.map(({ path, bytes }) => [path, bytes]));
  const written = await readModelFolder(folder.manifest, async ({ path }) => bytesOf.get(path)!, null);
  const selfTests = await runFolderSelfTests(written, fastestBackend);
  const overlap = await compareLists(model, written, options.seed);
  const sessions = sequenceInput && compareQuantized({ ...sequenceInput, strippedRows: 0 }, options.dtype, options.seed);
  await writeModelDirectory(options.out, folder, io.signal);
  const figures = {
    from: sequence?.entry.dtype ?? factors.entry.dtype,
    to: options.dtype,
    bytesBefore: modelBytes(manifest),
    bytesAfter: modelBytes(folder.manifest),
    ...overlap,
    sessionOverlap: sessions?.overlap ?? null,
    selfTests,
  };
  if (options.json !== undefined) await writeOutputFile(options.json, `${JSON.stringify(figures, null, 2)}\n`);
  const paint = painter(io, io.stdout);
  const [user, item, session] = [overlap.userOverlap ?? 1, overlap.itemOverlap ?? 1, sessions?.overlap ?? 1];
  const ofSessions = sessions
    ? ` After ${plural(sessions.historyCount, 'random session')} ${formatPercent(session)} of the first 20 stay.`
    : '';
  io.stdout.write(
    `${paint('green', `Written to ${options.out}`)}: ${figures.from} -> ${figures.to}, ${formatBytes(figures.bytesBefore)} -> ${formatBytes(figures.bytesAfter)}.\n` +
      `Of the first ${OVERLAP_TOP}, ${formatPercent(user)} (shopper -> item) and ${formatPercent(item)} (item -> item) stay (${plural(overlap.queryCount, 'question')} each).${ofSessions} ${plural(selfTests, 'known answer')} agree on the new folder.\n`,
  );
  if (figures.from === 'int8' && options.dtype !== 'int8')
    io.stdout.write(
      `${paint('yellow', 'Note')}: the folder was int8 already; more bits bring back nothing of what was rounded. Start from the source.\n`,
    );
  if (Math.min(user, item, session) < LEAST_OVERLAP)
    io.stdout.write(
      `${paint('yellow', 'Note')}: more than 2 % of the lists' items change. ${options.dtype === 'int8' ? '--dtype float16 keeps them, at twice the size.' : ''}\n`,
    );
}

/** The user rows that the folder ships, if any; their files were not read with the model. */
async function readUsers(name: string, { factors }: LoadedModel, io: CliIo): Promise<FactorModelInput['users']> {
  const { users, dtype, dimensions } = factors.entry;
  if (!users) return null;
  const source = await openFolder(name, io);
  const ids: string[] = [];
  for (const { path } of users.idShards)
    for (const id of parseJson(path, await source.read(path), 'artifact/bad-file') as string[]) ids.push(id);
  const matrix = createItemMatrix({
    itemCount: users.count,
    dimensions,
    hasBiases: false,
    hasExactRows: dtype !== 'int8',
    wasmScratchBytes: null,
  });
  for (const shard of users.shards) readFactorShard(await source.read(shard.path), shard, { dtype, dimensions, hasBiases: false }, matrix);
  return { ids, factors: allRows(matrix) };
}
