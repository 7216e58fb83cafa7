import type { Command } from 'commander';
import { modelBytes } from '../../core/artifact/manifest.js';
import type { LoadedModel } from '../../core/artifact/readModelFolder.js';
import type { CliIo } from '../cliIo.js';
import type { ListOverlap } from '../evaluation/listOverlap.js';
import { compareLists, OVERLAP_TOP } from '../evaluation/listOverlap.js';
import { tableNames } from '../describeTables.js';
import { openModel } from '../evaluation/openModels.js';
import { writeOutputFile } from '../folder/outputFile.js';
import { formatBytes, formatCount, formatPercent, layoutTable, oneLine, painter, plural } from '../terminal.js';
import { wholeNumber } from './options.js';

export interface DiffOptions {
  readonly seed: number;
  readonly json?: string;
}

/** What changed from one folder to another. */
export interface FolderDiff {
  readonly added: readonly string[];
  readonly removed: readonly string[];
  readonly fieldsAdded: readonly string[];
  readonly fieldsRemoved: readonly string[];
  /** Common items whose share of all counts changed most, largest change first. */
  readonly popularityShifts: readonly {
    readonly itemId: string;
    readonly title: string;
    readonly before: number;
    readonly after: number;
  }[];
  readonly overlap: ListOverlap;
}

const EXAMPLES = 10;

/** Adds `shelfmate diff`. */
export function addDiffCommand(program: Command, io: CliIo): void {
  program
    .command('diff')
    .summary('show what changed between two model folders')
    .description('Shows what changed between two model folders: items, catalogue fields, models, lists, and what became popular.')
    .argument('<before>', 'a folder, or the http(s) address where it is published')
    .argument('<after>', 'the other one')
    .option('--seed <n>', 'seed of the sampled questions', wholeNumber('--seed'), 1)
    .option('--json <file>', 'write the differences to a file')
    .addHelpText('after', '\nExample:\n  shelfmate diff https://shop.example/model/ public/model')
    .action((before: string, after: string, options: DiffOptions) => diff(before, after, options, io));
}

/** Runs `shelfmate diff`. Throws when a folder cannot be read. */
export async function diff(beforeName: string, afterName: string, options: DiffOptions, io: CliIo): Promise<void> {
  const before = await openModel(beforeName, io);
  const after = await openModel(afterName, io);
  const differences = await compareFolders(before, after, options.seed);
  if (options.json !== undefined) {
    await writeOutputFile(options.json, `${JSON.stringify({ before: facts(before), after: facts(after), ...differences }, null, 2)}\n`);
  }
  io.stdout.write(describe(before, after, differences, io));
}

async function compareFolders(before: LoadedModel, after: LoadedModel, seed: number): Promise<FolderDiff> {
  const ids = ({ catalog }: LoadedModel): readonly string[] => catalog.column('itemId') as readonly string[];
  const fields = ({ catalog }: LoadedModel): string[] => catalog.fields.map(({ name, type }) => `${name} (${type})`);
  const missing = (from: readonly string[], there: readonly string[]): string[] => {
    const known = new Set(there);
    return from.filter((name) => !known.has(name));
  };
  return {
    added: missing(ids(after), ids(before)),
    removed: missing(ids(before), ids(after)),
    fieldsAdded: missing(fields(after), fields(before)),
    fieldsRemoved: missing(fields(before), fields(after)),
    popularityShifts: shifts(before, after),
    overlap: await compareLists(before, after, seed),
  };
}

function shifts(before: LoadedModel, after: LoadedModel): FolderDiff['popularityShifts'] {
  const total = ({ catalog }: LoadedModel): number => {
    let sum = 0;
    for (let row = 0; row < catalog.itemCount; row++) sum += catalog.popularity(row);
    return sum;
  };
  const [allBefore, allAfter] = [total(before), total(after)];
  if (allBefore === 0 || allAfter === 0) return [];
  const changes = Array.from({ length: after.catalog.itemCount }, (_, row) => {
    const itemId = after.catalog.itemId(row);
    const old = before.catalog.indexOf(itemId);
    const share = old === undefined ? null : before.catalog.popularity(old) / allBefore;
    return { itemId, title: after.catalog.title(row), before: share, after: after.catalog.popularity(row) / allAfter };
  });
  return changes
    .flatMap((change) => (change.before === null || change.before === change.after ? [] : [{ ...change, before: change.before }]))
    .sort((a, b) => Math.abs(b.after - b.before) - Math.abs(a.after - a.before))
    .slice(0, EXAMPLES);
}

function facts({ manifest, factors }: LoadedModel): Record<string, unknown> {
  const { algorithm, dimensions, dtype, foldIn } = factors.entry;
  return {
    name: manifest.name,
    revision: manifest.revision,
    items: manifest.itemCount,
    algorithm,
    dimensions,
    dtype,
    foldIn: foldIn.kind,
    tables: tableNames(manifest),
    bytes: modelBytes(manifest),
  };
}

function describe(before: LoadedModel, after: LoadedModel, differences: FolderDiff, io: CliIo): string {
  const paint = painter(io, io.stdout);
  const { added, removed, fieldsAdded, fieldsRemoved, overlap, popularityShifts } = differences;
  const row = (name: string, show: (model: LoadedModel) => string): string[] => [
    name,
    show(before),
    show(before) === show(after) ? '=' : show(after),
  ];
  const share = (value: number | null): string => (value === null ? '-' : formatPercent(value));
  const some = (names: readonly string[]): string =>
    names.length === 0
      ? 'none'
      : `${formatCount(names.length)}: ${names
          .slice(0, EXAMPLES)
          .map((name) => oneLine(name, 30))
          .join(', ')}${names.length > EXAMPLES ? ', …' : ''}`;
  return [
    '',
    ...layoutTable([
      ['', 'before', 'after'],
      row('Name', ({ manifest }) => oneLine(manifest.name)),
      row('Revision', ({ manifest }) => manifest.revision),
      row('Items', ({ manifest }) => formatCount(manifest.itemCount)),
      row('Models', ({ manifest }) => manifest.models.map(({ name, algorithm }) => `${name} (${algorithm})`).join(', ')),
      row('Factors', ({ factors }) => `${factors.entry.dimensions} as ${factors.entry.dtype}`),
      row('Fold-in', ({ factors }) => factors.entry.foldIn.kind),
      row('Tables', ({ manifest }) => tableNames(manifest).join(', ') || 'none'),
      row('Size', ({ manifest }) => formatBytes(modelBytes(manifest))),
    ]).map((line) => `  ${line}`),
    '',
    ...layoutTable([
      ['Items added', some(added)],
      ['Items removed', some(removed)],
      ['Fields added', some(fieldsAdded)],
      ['Fields removed', some(fieldsRemoved)],
    ]).map((line) => `  ${line}`),
    '',
    paint('bold', `Lists: how much of the first ${OVERLAP_TOP} is the same`),
    `  shopper -> item ${share(overlap.userOverlap)}, item -> item ${share(overlap.itemOverlap)} (${plural(overlap.queryCount, 'question')} each, over the ${plural(overlap.commonItems, 'item')} in both)`,
    ...(popularityShifts.length > 0
      ? [
          '',
          paint('bold', 'What became more or less popular (share of all counts)'),
          ...layoutTable(
            popularityShifts.map((shift) => [
              `${shift.after > shift.before ? '+' : ''}${(100 * (shift.after - shift.before)).toFixed(2)} %`,
              oneLine(shift.itemId, 30),
              shift.title === shift.itemId ? '' : oneLine(shift.title, 50),
            ]),
            [0],
          ).map((line) => `  ${line}`),
        ]
      : []),
    '',
  ].join('\n');
}
