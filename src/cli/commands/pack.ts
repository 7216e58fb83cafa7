import { writeFile } from 'node:fs/promises';
import type { Command } from 'commander';
import type { FoldIn } from '../../core/artifact/manifest.js';
import type { FactorModelInput } from '../../core/artifact/writeModelFolder.js';
import { fillMatrix } from '../../core/artifact/rowShards.js';
import { writeModelFolder } from '../../core/artifact/writeModelFolder.js';
import { VERSION } from '../../core/version.js';
import type { CliIo } from '../cliIo.js';
import { badInput, badUsage, throwIfAborted } from '../cliIo.js';
import { EVENT_WEIGHTS } from '../../core/events/eventWeights.js';
import { checkTarget, folderBytes, sha256, writeModelDirectory } from '../folder/modelDirectory.js';
import { checkFinite, checkRowCount } from '../packChecks.js';
import { packItems } from '../packItems.js';
import { comparePacked, LEAST_OVERLAP } from '../packComparison.js';
import type { PackComparison } from '../packComparison.js';
import { CATALOG_FORMATS } from '../readers/catalogFormat.js';
import { CATALOG_COLUMNS } from '../../core/events/columnNames.js';
import type { FactorSource } from '../readers/factorSource.js';
import { classicAlsFoldIn } from '../readers/factorSource.js';
import { readFactors } from '../readers/readFactors.js';
import { readIds } from '../readers/readIds.js';
import { readPopularity } from '../readers/readPopularity.js';
import { formatBytes, formatCount, formatPercent, layoutTable, painter, plural } from '../terminal.js';
import { SEQUENCE_HELP } from '../sequences/snippets.js';
import { choice, numberAbove, timeOption } from './options.js';
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
/** Draws the queries of the comparison. */
const SAMPLE_SEED = 1;

/** Adds `shelfmate pack`. */
export function addPackCommand(program: Command, io: CliIo): void {
  const command = program.command('pack');
  command
    .summary('turn a model trained elsewhere into a model folder')
    .description(
      'Turns a model trained elsewhere into a model folder: models of the Python library implicit (ALS, BPR, LMF .npz), plain factor matrices (.npz, .npy, .safetensors, .csv), and sequence models (Keras .keras and .h5, tfjs model.json, torch and other .safetensors).',
    )
    .argument('<source>', 'the file of factors, or of the sequence model')
    .requiredOption('-o, --out <folder>', 'where to write the model folder')
    .option(
      '--ids <file>',
      'item ids in the order of the rows: text with one a line, a JSON array, or a CSV with an id column (always needed)',
    )
    .option('-c, --catalog <file>', 'your products: CSV, TSV, JSONL, JSON, a Google feed, or a folder of pages with JSON-LD')
    .option(
      '--catalog-format <format>',
      `how to read the catalogue: ${CATALOG_FORMATS.join(', ')} (default: told by content)`,
      choice('--catalog-format', CATALOG_FORMATS),
    )
    .option('--catalog-columns <role=name,...>', `columns of the catalogue: ${Object.keys(CATALOG_COLUMNS).join(', ')}`)
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
  model.save('als.npz'); open('items.txt', 'w').write('\\n'.join(item_ids))
${SEQUENCE_HELP}`,
    );
  addSequenceOptions(command).action((source: string, options: PackOptions) =>
    isSequenceSource(source, options) ? packSequence(source, options, io) : pack(source, options, io),
  );
}

/** Runs `shelfmate pack`. Throws `cli/bad-input` or `cli/usage`. */
export async function pack(path: string, options: PackOptions, io: CliIo): Promise<void> {
  checkTarget(options.out, options.force === true);
  const modelName = readModelName(options, 'factors');
  const source = await readFactors(path, options);
  checkFinite(source.items, source.origin);
  if (source.biases?.some((bias) => !Number.isFinite(bias)))
    throw badInput(`${source.origin}: a bias is not a finite number. Did the training diverge? Train again.`);
  if (options.ids === undefined) {
    throw badUsage(
      `${source.origin} has ${source.items.rowCount} rows but no item ids. Say --ids FILE: a text file with one id a line in the order of the rows, a JSON array, or a CSV with an id column.`,
    );
  }
  const ids = await readIds(options.ids);
  checkRowCount(source.items.rowCount, ids, options.ids, source.origin, '--ids');
  const { items, coveredCount } = await packItems(ids, options);
  const popularity = options.popularity === undefined ? null : await readPopularity(options.popularity, ids);
  const model = await toModel(source, modelName, options);
  throwIfAborted(io.signal);
  const matrix = fillMatrix(model, Uint32Array.from(ids.keys()));
  const comparison = await comparePacked(source, matrix, options.rule, SAMPLE_SEED);
  const folder = await writeModelFolder(
    {
      name: options.name ?? modelName,
      producer: `shelfmate ${VERSION}`,
      createdAtMs: options.createdAt ?? io.now(),
      items,
      popularity,
      models: [model],
    },
    sha256,
  );
  await writeModelDirectory(options.out, folder, io.signal);
  const bytes = folderBytes(folder);
  const figures = {
    source: path,
    algorithm: source.algorithm,
    out: options.out,
    revision: folder.manifest.revision,
    items: ids.length,
    dimensions: model.dimensions,
    dtype: options.dtype,
    foldIn: model.foldIn,
    catalogCoverage: coveredCount === null ? null : coveredCount / ids.length,
    top20Overlap: comparison,
    bytes,
    files: folder.files.length,
  };
  if (options.json !== undefined) await writeFile(options.json, `${JSON.stringify(figures, null, 2)}\n`);
  if (options.quiet !== true)
    io.stdout.write(describe(path, source, model, comparison, coveredCount, bytes, folder.files.length, popularity !== null, options, io));
  if (options.keepUsers)
    io.stderr.write(
      `${painter(io, io.stderr)('yellow', 'Warning:')} the folder holds the factors and ids of ${plural(model.users!.ids.length, 'user')}. A published folder is public: anyone can read who is in it and compute what each is recommended. Use ids that say nothing, or leave --keep-users out.\n`,
    );
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
  if (userIds === undefined) throw badUsage('--keep-users needs --user-ids FILE, with the id of each row of user factors.');
  checkFinite(source.users, 'The user factors');
  const ids = await readIds(userIds);
  checkRowCount(source.users.rowCount, ids, userIds, 'The user factors', '--user-ids');
  return { ids, factors: Float32Array.from(source.users.values) };
}

function describe(
  path: string,
  source: FactorSource,
  model: FactorModelInput,
  comparison: PackComparison,
  coveredCount: number | null,
  bytes: number,
  fileCount: number,
  hasPopularity: boolean,
  options: PackOptions,
  io: CliIo,
): string {
  const paint = painter(io, io.stdout);
  const itemCount = source.items.rowCount;
  const rows = [
    ['Source', `${path}: ${source.algorithm}`],
    ['Items', `${formatCount(itemCount)} x ${model.dimensions} factors${model.biases ? ', with biases' : ''}`],
    [
      'Fold-in',
      `${model.foldIn.kind}${source.foldIn ? ` (as ${source.algorithm} does${source.foldIn.kind === 'mean' ? ' not have one: the mean of item factors' : ''})` : options.foldIn ? '' : ' (the source does not say; --fold-in chooses another)'}`,
    ],
    ...(coveredCount === null ? [] : [['Catalogue', `has ${formatPercent(coveredCount / itemCount)} of the items`]]),
    [
      'Top 20',
      `${formatPercent(comparison.userOverlap)} shopper -> item, ${formatPercent(comparison.itemOverlap)} item -> item agree with the source in float64 (${plural(comparison.queryCount, 'query').replace('querys', 'queries')} each)`,
    ],
  ];
  const notes: string[] = [];
  if (Math.min(comparison.userOverlap, comparison.itemOverlap) < LEAST_OVERLAP) {
    notes.push(
      `${options.dtype} factors change more than 2 % of the lists' items.${options.dtype === 'int8' ? ' --dtype float16 keeps them, at twice the size.' : ''}`,
    );
  }
  if (!hasPopularity) notes.push('Without --popularity newcomers get the items in the order of the rows.');
  return [
    '',
    paint('bold', `Model ${options.name ?? model.name}`),
    '',
    ...layoutTable(rows).map((line) => `  ${line}`),
    '',
    `${paint('green', `Written to ${options.out}`)}: ${formatBytes(bytes)} in ${fileCount} files (${options.dtype} factors).`,
    ...notes.map((note) => `${paint('yellow', 'Note')}: ${note}`),
    '',
    'Next:',
    `  shelfmate verify ${options.out}     checks every file as a page would`,
    '',
  ].join('\n');
}
