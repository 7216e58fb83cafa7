import type { FactorDtype } from '../core/artifact/manifest.js';
import type { SequenceModelInput } from '../core/artifact/sequenceFiles.js';
import type { TablesInput } from '../core/artifact/tables/writeTables.js';
import type { FactorModelInput } from '../core/artifact/writeModelFolder.js';
import { writeModelFolder } from '../core/artifact/writeModelFolder.js';
import { VERSION } from '../core/version.js';
import type { CliIo } from './cliIo.js';
import { throwIfAborted } from './cliIo.js';
import { folderBytes, sha256, writeModelDirectory } from './folder/modelDirectory.js';
import { writeOutputFile } from './folder/outputFile.js';
import { LEAST_OVERLAP } from './packComparison.js';
import type { PackItemsOptions } from './packItems.js';
import { packItems } from './packItems.js';
import { readPopularity } from './readers/readPopularity.js';
import { formatBytes, formatPercent, layoutTable, painter } from './terminal.js';

/** What every `shelfmate pack` is told about the folder it writes. */
export interface WritePackedOptions extends PackItemsOptions {
  readonly out: string;
  readonly popularity?: string;
  readonly dtype: FactorDtype;
  readonly name?: string;
  readonly createdAt?: number;
  readonly quiet?: boolean;
  readonly json?: string;
}

/** A model ready for its folder, and what there is to say about it. */
export interface PackedModel {
  /** The file or folder it came from. */
  readonly source: string;
  readonly algorithm: string;
  /** The name of the folder, unless --name gives another. */
  readonly name: string;
  readonly ids: readonly string[];
  readonly models: readonly FactorModelInput[];
  readonly sequences: readonly SequenceModelInput[];
  readonly tables?: TablesInput;
  /** "factors" or "rows": what the dtype is of. */
  readonly noun: string;
  /** How much of the source's lists the stored type keeps; the lowest of several. */
  readonly overlap: number;
  /** Lines of the summary before and after that of the catalogue. */
  readonly facts: { readonly before: readonly (readonly string[])[]; readonly after: readonly (readonly string[])[] };
  readonly notes: readonly string[];
  /** Figures for --json beside those of the folder. */
  readonly figures: Readonly<Record<string, unknown>>;
}

/** Joins the catalogue, writes the folder and `--json`, and tells the summary. Throws `cli/bad-input`, or `call/aborted` after Ctrl-C. */
export async function writePacked(packed: PackedModel, options: WritePackedOptions, io: CliIo): Promise<void> {
  const { ids, models, sequences } = packed;
  const { items, coveredCount } = await packItems(ids, options);
  const popularity = options.popularity === undefined ? null : await readPopularity(options.popularity, ids);
  throwIfAborted(io.signal);
  const name = options.name ?? packed.name;
  const folder = await writeModelFolder(
    {
      name,
      producer: `shelfmate ${VERSION}`,
      createdAtMs: options.createdAt ?? io.now(),
      items,
      popularity,
      models,
      sequences,
      ...(packed.tables && { tables: packed.tables }),
    },
    sha256,
  );
  await writeModelDirectory(options.out, folder, io.signal);
  const bytes = folderBytes(folder);
  const coverage = coveredCount === null ? null : coveredCount / ids.length;
  const figures = {
    source: packed.source,
    algorithm: packed.algorithm,
    out: options.out,
    revision: folder.manifest.revision,
    items: ids.length,
    dtype: options.dtype,
    catalogCoverage: coverage,
    ...packed.figures,
    bytes,
    files: folder.files.length,
  };
  if (options.json !== undefined) await writeOutputFile(options.json, `${JSON.stringify(figures, null, 2)}\n`);
  if (options.quiet === true) return;
  const paint = painter(io, io.stdout);
  const rows = [
    ['Source', `${packed.source}: ${packed.algorithm}`],
    ...packed.facts.before,
    ...(coverage === null ? [] : [['Catalogue', `has ${formatPercent(coverage)} of the items`]]),
    ...packed.facts.after,
  ];
  const notes = [...packed.notes];
  if (packed.overlap < LEAST_OVERLAP)
    notes.push(
      `${options.dtype} ${packed.noun} change more than 2 % of the lists' items.${options.dtype === 'int8' ? ' --dtype float16 keeps them, at twice the size.' : ''}`,
    );
  if (popularity === null) notes.push('Without --popularity newcomers get the items in the order of the rows.');
  io.stdout.write(
    [
      '',
      paint('bold', `Model ${name}`),
      '',
      ...layoutTable(rows).map((line) => `  ${line}`),
      '',
      `${paint('green', `Written to ${options.out}`)}: ${formatBytes(bytes)} in ${folder.files.length} files (${options.dtype} ${packed.noun}).`,
      ...notes.map((note) => `${paint('yellow', 'Note')}: ${note}`),
      '',
      'Next:',
      `  shelfmate verify ${options.out}     checks every file as a page would`,
      '',
    ].join('\n'),
  );
}
