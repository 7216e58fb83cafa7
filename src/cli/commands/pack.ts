import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { CommanderError } from 'commander';
import type { Command } from 'commander';
import type { FoldIn } from '../../core/artifact/manifest.js';
import type { SparseTable } from '../../core/artifact/tables/sparseShards.js';
import type { FactorModelInput } from '../../core/artifact/writeModelFolder.js';
import { fillMatrix } from '../../core/artifact/rowShards.js';
import type { CliIo } from '../cliIo.js';
import { badInput, badUsage, throwIfAborted } from '../cliIo.js';
import { EVENT_WEIGHTS } from '../../core/events/eventWeights.js';
import type { FactorSource } from '../factors/factorSource.js';
import { classicAlsFoldIn, dropFirstRows } from '../factors/factorSource.js';
import { FACTOR_SNIPPETS } from '../factors/factorSnippets.js';
import { readFactors } from '../factors/readFactors.js';
import { relabel } from '../factors/relabel.js';
import { checkTarget } from '../folder/modelDirectory.js';
import { checkOutputFiles } from '../folder/outputFile.js';
import { checkFinite, checkRowCount } from '../packChecks.js';
import { comparePacked } from '../packComparison.js';
import { CATALOG_FORMATS } from '../readers/catalogFormat.js';
import { CATALOG_COLUMNS } from '../../core/events/columnNames.js';
import { readIds } from '../readers/readIds.js';
import { SEQUENCE_HELP, SNIPPETS } from '../sequences/snippets.js';
import { formatCount, formatPercent, painter, plural } from '../terminal.js';
import { writePacked } from '../writePacked.js';
import { choice, fraction, numberAbove, timeOption } from './options.js';
import type { PackSequenceOptions } from './packSequence.js';
import { addSequenceOptions, isSequenceSource, packSequence, readModelName } from './packSequence.js';

export interface PackOptions extends PackSequenceOptions {
  readonly tensor?: string;
  readonly userTensor?: string;
  readonly biasTensor?: string;
  readonly rule: 'dot' | 'cosine';
  readonly foldIn?: FoldIn['kind'];
  readonly alpha?: number;
  readonly regularization?: number;
  readonly keepUsers?: boolean;
  readonly userIds?: string;
}

const FOLD_INS = ['als', 'project', 'mean', 'non-negative'] as const;
/** Python to run beside the original model, by library. */
const ALL_SNIPPETS: Readonly<Record<string, string>> = (({ recbole, ...others }) => ({
  ...FACTOR_SNIPPETS,
  ...others,
  'recbole-gru4rec': recbole,
}))(SNIPPETS);
/** Draws the queries of the comparison. */
const SAMPLE_SEED = 1;

/** Adds `shelfmate pack`. */
export function addPackCommand(program: Command, io: CliIo): void {
  const command = program.command('pack');
  command
    .summary('turn a model trained elsewhere into a model folder')
    .description(
      'Turns a model trained elsewhere into a model folder: factor models of implicit, Spark ALS, Surprise, LightFM, scikit-learn, LensKit, Cornac and RecBole, plain factor matrices (.npz, .npy, .safetensors, .csv), and sequence models (Keras .keras and .h5, tfjs model.json, torch and other .safetensors).',
    )
    .argument('<source>', 'the file of factors or of the sequence model, or the folder of a Spark ALS model')
    .requiredOption('-o, --out <folder>', 'where to write the model folder')
    .option(
      '--ids <file>',
      'item ids in the order of the rows: text with one a line, a JSON array, or a CSV with an id column; for Spark the folder of a StringIndexerModel, or a CSV or parquet of number and id',
    )
    .option('-c, --catalog <file>', 'your products: CSV, TSV, JSONL, JSON, a Google feed, or a folder of pages with JSON-LD')
    .option(
      '--catalog-format <format>',
      `how to read the catalogue: ${CATALOG_FORMATS.join(', ')} (default: told by content)`,
      choice('--catalog-format', CATALOG_FORMATS),
    )
    .option('--catalog-columns <role=name,...>', `columns of the catalogue: ${Object.keys(CATALOG_COLUMNS).join(', ')}`)
    .option('--min-coverage <share>', 'least share of the items that the catalogue must have', fraction('--min-coverage'), 0.5)
    .option('--popularity <file>', 'CSV of item id and count: the order of rows, and what newcomers see')
    .option('--tensor <name>', 'the array of item factors, where the file holds several')
    .option('--user-tensor <name>', 'the array of user factors')
    .option('--bias-tensor <name>', 'the array of item biases')
    .option('--rule <rule>', 'shopper -> item score: dot, cosine', choice('--rule', ['dot', 'cosine'] as const), 'dot')
    .option(
      '--fold-in <kind>',
      `how a history becomes a user vector: ${FOLD_INS.join(', ')} (default: the source's own way, else mean)`,
      choice('--fold-in', FOLD_INS),
    )
    .option(
      '--alpha <x>',
      "als: confidence 1 + alpha r (implicit: alpha r; default: the source's, else 1)",
      numberAbove('--alpha', 0, false),
    )
    .option(
      '--regularization <x>',
      "als, non-negative: regularization (default: the source's, else 0.01)",
      numberAbove('--regularization', 0, true),
    )
    .option(
      '--snippet <library>',
      `print the Python that writes a model for pack, and do nothing else: ${Object.keys(ALL_SNIPPETS).join(', ')}`,
      choice('--snippet', Object.keys(ALL_SNIPPETS)),
    )
    .option('--model-name <name>', 'name of the model in the manifest (default: factors, or sequence)')
    .option(
      '--dtype <type>',
      'how factors are stored: int8, float16, float32',
      choice('--dtype', ['int8', 'float16', 'float32'] as const),
      'int8',
    )
    .option('--keep-users', 'ship the user factors too: everybody can read them')
    .option('--user-ids <file>', 'user ids in the order of the rows, for --keep-users')
    .option('--name <name>', 'name of the folder in the manifest (default: the model name)')
    .option('--created-at <time>', 'date to write into the folder, for reproducible builds (default: now)', timeOption('--created-at'))
    .option('--json <file>', 'write the figures of the summary to a file')
    .option('--force', 'replace whatever --out holds')
    .option('-q, --quiet', 'no summary')
    .addHelpText(
      'after',
      `
Example:
  shelfmate pack als.npz --ids items.txt --catalog products.csv --out public/model

In Python, after training with implicit:
  model.save('implicit.npz'); open('items.txt', 'w').write('\\n'.join(item_ids))

The same for other libraries: shelfmate pack --snippet ${Object.keys(FACTOR_SNIPPETS).join('|')}
${SEQUENCE_HELP}`,
    );
  // As --version does: it prints and ends, whatever else is missing.
  command.on('option:snippet', (library: string) => {
    io.stdout.write(`${ALL_SNIPPETS[library]!}\n`);
    throw new CommanderError(0, 'shelfmate.snippet', '');
  });
  addSequenceOptions(command).action((source: string, options: PackOptions) =>
    isSequenceSource(source, options) ? packSequence(source, options, io) : pack(source, options, io),
  );
}

/** Runs `shelfmate pack`. Throws `cli/bad-input` or `cli/usage`. */
export async function pack(path: string, options: PackOptions, io: CliIo): Promise<void> {
  checkTarget(options.out, options.force === true);
  checkOutputFiles({ '--json': options.json });
  const modelName = readModelName(options, 'factors');
  const { source, ids, notes } = await withIds(path, await readFactors(path, options), options);
  checkFinite(source.items, source.origin);
  if (source.biases?.some((bias) => !Number.isFinite(bias)))
    throw badInput(`${source.origin}: a bias is not a finite number. Did the training diverge? Train again.`);
  const model = await toModel(source, modelName, options);
  throwIfAborted(io.signal);
  if (source.neighbors) return packNeighbors(path, { ...source, neighbors: source.neighbors }, ids, model, options, io);
  const matrix = fillMatrix(model, Uint32Array.from(ids.keys()));
  const comparison = await comparePacked(source, matrix, options.rule, SAMPLE_SEED);
  await writePacked(
    {
      source: path,
      algorithm: source.algorithm,
      name: modelName,
      ids,
      models: [model],
      sequences: [],
      noun: 'factors',
      overlap: Math.min(comparison.userOverlap, comparison.itemOverlap),
      facts: {
        before: [
          ['Items', `${formatCount(ids.length)} x ${model.dimensions} factors${model.biases ? ', with biases' : ''}`],
          ['Fold-in', describeFoldIn(source, model, options)],
        ],
        after: [
          [
            'Top 20',
            `${formatPercent(comparison.userOverlap)} shopper -> item, ${formatPercent(comparison.itemOverlap)} item -> item agree with the source in float64 (${plural(comparison.queryCount, 'query').replace('querys', 'queries')} each)`,
          ],
        ],
      },
      notes: [...notes, ...(source.notes ?? [])],
      figures: { dimensions: model.dimensions, foldIn: model.foldIn, top20Overlap: comparison },
    },
    options,
    io,
  );
  if (options.keepUsers)
    io.stderr.write(
      `${painter(io, io.stderr)('yellow', 'Warning:')} the folder holds the factors and ids of ${plural(model.users!.ids.length, 'user')}. A published folder is public: anyone can read who is in it and compute what each is recommended. Use ids that say nothing, or leave --keep-users out.\n`,
    );
}

/** Packs neighbours that rank by themselves; the model beside them only orders items for who has no history. */
async function packNeighbors(
  path: string,
  { neighbors, algorithm }: FactorSource & { readonly neighbors: SparseTable },
  ids: readonly string[],
  model: FactorModelInput,
  options: PackOptions,
  io: CliIo,
): Promise<void> {
  const name = options.modelName ?? 'knn';
  const entry = { name, kind: 'cosine', algorithm, historyItems: 0, decay: 1, eventWeights: EVENT_WEIGHTS, baskets: null } as const;
  const count = neighbors.columns.length;
  await writePacked(
    {
      source: path,
      algorithm,
      name,
      ids,
      models: [{ ...model, name: 'named-by', algorithm: 'how many items name each as a neighbour' }],
      sequences: [],
      tables: { primary: name, neighbors: [{ entry, table: neighbors, itemBaskets: null }], trends: null, content: null, prototypes: null },
      noun: 'factors',
      overlap: 1,
      facts: {
        before: [
          ['Items', formatCount(ids.length)],
          ['Neighbours', `${formatCount(count)}, ${(count / ids.length).toFixed(1)} an item, stored as float16`],
        ],
        after: [],
      },
      notes: [],
      figures: { neighbors: count },
    },
    options,
    io,
  );
}

/** Finds the ids of the rows: those of --ids, or the source's own; rows of padding are dropped with --pad-rows. */
async function withIds(
  path: string,
  source: FactorSource,
  { ids: file, padRows = 0 }: PackOptions,
): Promise<{ source: FactorSource; ids: readonly string[]; notes: readonly string[] }> {
  if (source.itemIds) {
    // Where the snippet for Spark saves the indexer of the items.
    const indexer = file ?? [join(path, 'items')].find((folder) => existsSync(folder));
    if (indexer !== undefined) return { source, ids: await relabel(source.itemIds, indexer), notes: [] };
    const note = `The ids are Spark's own numbers (${source.itemIds.slice(0, 3).join(', ')}, ...). If a StringIndexer made them, say --ids with its folder, or a CSV of number and id.`;
    return { source, ids: source.itemIds, notes: [note] };
  }
  if (file === undefined) {
    throw badUsage(
      `${source.origin} has ${source.items.rowCount} rows but no item ids. Say --ids FILE: a text file with one id a line in the order of the rows, a JSON array, or a CSV with an id column.`,
    );
  }
  const ids = await readIds(file);
  const kept = padRows > 0 && source.items.rowCount > padRows ? dropFirstRows(source, padRows) : source;
  checkRowCount(kept.items.rowCount, ids, file, source.origin, '--ids');
  return { source: kept, ids, notes: [] };
}

async function toModel(source: FactorSource, modelName: string, options: PackOptions): Promise<FactorModelInput> {
  return {
    name: modelName,
    algorithm: source.algorithm,
    dimensions: source.items.columnCount,
    dtype: options.dtype,
    factors: Float32Array.from(source.items.values),
    biases: source.biases && Float32Array.from(source.biases),
    userRule: options.rule,
    itemRule: 'cosine',
    foldIn: chooseFoldIn(source, options),
    eventWeights: EVENT_WEIGHTS,
    users: options.keepUsers ? await usersToShip(source, options) : null,
  };
}

function chooseFoldIn(source: FactorSource, { foldIn, alpha, regularization }: PackOptions): FoldIn {
  const own = source.foldIn;
  if (own && (foldIn === undefined || foldIn === own.kind)) {
    if (own.kind !== 'als') return own;
    if (alpha !== undefined && own.matrixSlope !== own.targetSlope)
      throw badUsage(`--alpha means nothing to the fold-in of ${source.algorithm}. Leave it out, or say --fold-in als.`);
    return {
      ...own,
      matrixSlope: alpha ?? own.matrixSlope,
      targetSlope: alpha ?? own.targetSlope,
      regularization: regularization ?? own.regularization,
    };
  }
  switch (foldIn) {
    case 'als':
      return classicAlsFoldIn(alpha ?? 1, regularization ?? 0.01);
    case 'non-negative':
      return { kind: 'non-negative', regularization: regularization ?? 0.01 };
    case 'project':
      return { kind: 'project' };
    default:
      return { kind: 'mean' };
  }
}

async function usersToShip(source: FactorSource, { userIds }: PackOptions): Promise<NonNullable<FactorModelInput['users']>> {
  if (!source.users)
    throw badUsage('--keep-users needs user factors, and the source has none. Name them with --user-tensor, or leave --keep-users out.');
  checkFinite(source.users, 'The user factors');
  const factors = Float32Array.from(source.users.values);
  if (source.userIds) return { ids: userIds === undefined ? source.userIds : await relabel(source.userIds, userIds), factors };
  if (userIds === undefined) throw badUsage('--keep-users needs --user-ids FILE, with the id of each row of user factors.');
  const ids = await readIds(userIds);
  checkRowCount(source.users.rowCount, ids, userIds, 'The user factors', '--user-ids');
  return { ids, factors };
}

function describeFoldIn({ foldIn, algorithm }: FactorSource, model: FactorModelInput, options: PackOptions): string {
  const { kind } = model.foldIn;
  if (!foldIn) return `${kind}${options.foldIn ? '' : ' (the source does not say; --fold-in chooses another)'}`;
  if (foldIn.kind !== kind) return `${kind}, as --fold-in says`;
  return `${kind} (${kind === 'mean' ? `${algorithm} has none of its own: the mean of item factors` : `as ${algorithm} does`})`;
}
