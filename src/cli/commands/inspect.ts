import type { Command } from 'commander';
import type { FactorModelEntry, SequenceModelEntry, FoldIn, Manifest } from '../../core/artifact/manifest.js';
import type { LoadedModel } from '../../core/artifact/readModelFolder.js';
import { readModelFolder, verifyFile } from '../../core/artifact/readModelFolder.js';
import { readManifest } from '../../core/artifact/validateManifest.js';
import type { CliIo } from '../cliIo.js';
import { tableRows } from '../describeTables.js';
import { openNetwork } from '../sequences/openNetwork.js';
import { openFolder } from '../folder/folderSource.js';
import { sha256 } from '../folder/modelDirectory.js';
import { formatBytes, formatCount, formatPercent, layoutTable, oneLine, painter, plural } from '../terminal.js';

const EXAMPLE_COUNT = 10;

interface FieldFill {
  readonly name: string;
  readonly type: string;
  readonly filled: number;
  readonly example: string;
}

interface PopularItem {
  readonly itemId: string;
  readonly title: string;
  readonly popularity: number;
}

/** Adds `shelfmate inspect`. */
export function addInspectCommand(program: Command, io: CliIo): void {
  program
    .command('inspect')
    .summary('show what a model folder holds')
    .description('Shows what a model folder holds: items, catalogue fields, models, files, and the most popular items.')
    .argument('<folder>', 'a folder, or the http(s) address where it is published')
    .option('--json', 'print JSON')
    .addHelpText('after', '\nExample:\n  shelfmate inspect public/model')
    .action((folder: string, options: { json?: boolean }) => inspect(folder, options, io));
}

/** Runs `shelfmate inspect`. Throws when the folder cannot be read. */
export async function inspect(name: string, options: { readonly json?: boolean }, io: CliIo): Promise<void> {
  const source = await openFolder(name, io);
  const manifest = readManifest(await source.read('manifest.json'));
  const model = await readModelFolder(
    manifest,
    async (entry) => {
      const bytes = await source.read(entry.path);
      await verifyFile(entry, bytes, sha256);
      return bytes;
    },
    null,
    openNetwork,
  );
  const fields = fillRates(model);
  const popular = mostPopular(model);
  if (options.json) {
    // Self-tests are long lists of numbers that no person reads.
    const models = manifest.models.map(({ selfTests, ...entry }) => ({ ...entry, selfTestCount: selfTests.length }));
    io.stdout.write(`${JSON.stringify({ ...manifest, models, fields, popular }, null, 2)}\n`);
  } else {
    io.stdout.write(describe(name, manifest, fields, popular, io));
  }
}

function describe(name: string, manifest: Manifest, fields: readonly FieldFill[], popular: readonly PopularItem[], io: CliIo): string {
  const paint = painter(io, io.stdout);
  const indent = (lines: readonly string[]): string[] => lines.map((line) => `  ${line}`);
  const totalBytes = manifest.files.reduce((sum, file) => sum + file.sizeBytes, 0);
  const tables = tableRows(manifest);
  const hasPopularity = popular.some((item) => item.popularity > 0);
  const lines = [
    paint('bold', oneLine(manifest.name)),
    ...indent(
      layoutTable([
        ['Folder', name],
        ['Revision', manifest.revision],
        ['Made', `${manifest.createdAt} by ${oneLine(manifest.producer)}`],
        ['Items', `${formatCount(manifest.itemCount)}${manifest.sortedByPopularity ? ', most popular first' : ''}`],
      ]),
    ),
    '',
    paint('bold', 'Catalogue fields'),
    ...indent(
      fields.length === 0
        ? ['none: items have only ids']
        : layoutTable(
            [
              ['field', 'type', 'filled', 'example'],
              ...fields.map((field) => [field.name, field.type, formatPercent(field.filled), field.example]),
            ],
            [2],
          ),
    ),
    '',
    ...manifest.models.flatMap((entry) => [paint('bold', `Model ${entry.name}`), ...indent(layoutTable(modelRows(entry))), '']),
    ...manifest.sequences.flatMap((entry) => [paint('bold', `Model ${entry.name}`), ...indent(layoutTable(sequenceRows(entry))), '']),
    ...(tables.length > 0 ? [paint('bold', 'Tables'), ...indent(layoutTable(tables)), ''] : []),
    paint('bold', `Files (${formatBytes(totalBytes)})`),
    ...indent(
      layoutTable(
        manifest.files.map((file) => [file.path, formatBytes(file.sizeBytes)]),
        [1],
      ),
    ),
    '',
    paint('bold', hasPopularity ? 'Most popular items' : 'First items (their popularity is unknown)'),
    ...indent(
      layoutTable(
        popular.map((item) => [formatCount(item.popularity), oneLine(item.itemId, 30), oneLine(item.title, 60)]),
        [0],
      ),
    ),
  ];
  return `${lines.join('\n')}\n`;
}

function sequenceRows({ algorithm, config, dtype, events, sessionGapMinutes, blendWeight, selfTests }: SequenceModelEntry): string[][] {
  const shape =
    config.kind === 'network'
      ? `a network of its own (tfjs ${config.format}): last ${config.length} events -> ${config.gives === 'scores' ? 'a score for each item' : `a vector of ${config.dimensions}`}`
      : config.kind === 'attention'
        ? `attention, ${config.blockCount} blocks of ${config.headCount} heads, ${config.dimensions} wide, last ${config.maxLength} events`
        : `${config.layers.map(({ cell, units }) => `${cell} ${units}`).join(' -> ')}, ${config.input} input`;
  return [
    ['Trained as', algorithm],
    ['Shape', `${shape}, rows as ${dtype}`],
    ['Takes in', `${events.join(', ')}; a new session after ${sessionGapMinutes} minutes`],
    ['Counts', blendWeight === 1 ? 'alone within a session' : `${blendWeight} beside the factors within a session`],
    ['Self-tests', String(selfTests.length)],
  ];
}

function modelRows(entry: FactorModelEntry): string[][] {
  const weights = Object.entries(entry.eventWeights).map(([event, weight]) => `${event} ${weight}`);
  return [
    ['Algorithm', `${entry.algorithm}, ${entry.dimensions} factors as ${entry.dtype}${entry.hasBiases ? ', with item biases' : ''}`],
    ['Rules', `shopper -> item ${entry.userRule}, item -> item ${entry.itemRule}`],
    ['Fold-in', describeFoldIn(entry.foldIn)],
    ['Event weights', weights.join(', ') || 'none'],
    ['User factors', entry.users ? `${plural(entry.users.count, 'user')}: PUBLIC for whoever reads the folder` : 'none shipped'],
    ['Self-tests', formatCount(entry.selfTests.length)],
  ];
}

function describeFoldIn(foldIn: FoldIn): string {
  const short = (value: number): string => String(Number(value.toPrecision(4)));
  switch (foldIn.kind) {
    case 'als': {
      const lambda =
        foldIn.regularizationExponent === 0
          ? ''
          : ` x (items + ${short(foldIn.regularizationOffset)})^${short(foldIn.regularizationExponent)}`;
      return `als: gram x ${short(foldIn.gramScale)}, matrix weight ${linear(foldIn.matrixOffset, foldIn.matrixSlope)}, target ${linear(foldIn.targetOffset, foldIn.targetSlope)}, regularization ${short(foldIn.regularization)}${lambda}`;
    }
    case 'non-negative':
      return `non-negative, regularization ${short(foldIn.regularization)}`;
    case 'project':
      return 'project: weighted sum of item factors';
    case 'mean':
      return 'mean: weighted mean of item factors';
  }
}

function linear(offset: number, slope: number): string {
  const term = slope === 1 ? 'r' : `${slope} r`;
  return offset === 0 ? term : `${term} ${offset < 0 ? '-' : '+'} ${Math.abs(offset)}`;
}

function fillRates({ catalog }: LoadedModel): FieldFill[] {
  return catalog.fields.map(({ name, type }) => {
    const values = (catalog.column(name) ?? []).filter((value) => value !== null);
    const example = values[0];
    return {
      name,
      type,
      filled: values.length / catalog.itemCount,
      example: example === undefined ? '' : oneLine(Array.isArray(example) ? example.join(', ') : String(example), 40),
    };
  });
}

function mostPopular({ catalog }: LoadedModel): PopularItem[] {
  const rows = Array.from({ length: catalog.itemCount }, (_, row) => row);
  rows.sort((a, b) => catalog.popularity(b) - catalog.popularity(a) || a - b);
  return rows
    .slice(0, EXAMPLE_COUNT)
    .map((row) => ({ itemId: catalog.itemId(row), title: catalog.title(row), popularity: catalog.popularity(row) }));
}
