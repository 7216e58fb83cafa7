import { RecommenderError, show } from '../errors.js';
import { readRow } from '../kernels/itemMatrix.js';
import type { ItemMatrix } from '../kernels/topK.js';
import type { CatalogItem } from '../types.js';
import { Catalog } from '../catalog.js';
import { inferFields, writeCatalogShard } from './catalogShard.js';
import { queryDimensions } from '../models/sequence/sequenceConfig.js';
import { OUTPUT_BIAS, OUTPUT_ROWS } from '../models/sequence/sequenceTensors.js';
import type { FactorDtype, FactorModelEntry, FileEntry, FoldIn, Manifest, RowShard, SequenceModelEntry } from './manifest.js';
import { FORMAT_VERSION, MAX_SHARD_BYTES, MODEL_FORMAT } from './manifest.js';
import type { AddFile } from './rowShards.js';
import { fillMatrix, jsonRanges, shardNumber, writeRows } from './rowShards.js';
import { f32Tensor, writeSafetensors } from './safetensors.js';
import type { FolderTables } from './tables/tableEntries.js';
import { readTables } from './tables/readTables.js';
import type { TablesInput } from './tables/writeTables.js';
import { writeTables } from './tables/writeTables.js';
import { makeSelfTests } from './selfTest.js';
import { checkSequenceEntry } from './readSequence.js';
import type { SequenceModelInput } from './sequenceFiles.js';
import { writeSequenceModel } from './sequenceFiles.js';
import { writeNetworkModel } from './writeNetworkModel.js';
import { MAX_DIMENSIONS, MAX_ITEMS, readManifest } from './validateManifest.js';

/** SHA-256 of bytes as 64 lower-case hexadecimal digits. */
export type Sha256 = (bytes: Uint8Array) => Promise<string>;

export interface FactorModelInput {
  readonly name: string;
  readonly algorithm: string;
  readonly dimensions: number;
  readonly dtype: FactorDtype;
  /** f32, items x dimensions, row-major, in the order of `items`. */
  readonly factors: Float32Array;
  /** f32, one per item, or null. */
  readonly biases: Float32Array | null;
  readonly userRule: 'dot' | 'cosine';
  readonly itemRule: 'dot' | 'cosine';
  readonly foldIn: FoldIn;
  readonly eventWeights: Readonly<Record<string, number>>;
  readonly maxPairWeight?: number;
  readonly training?: Readonly<Record<string, number>>;
  /** User rows to publish, or null (the default everywhere). */
  readonly users: { readonly ids: readonly string[]; readonly factors: Float32Array } | null;
  /** u8, 1 for items nobody met whose factors were derived from content: they stay out of the gram matrix. Absent: none. */
  readonly isCold?: Uint8Array;
}

export interface ModelFolderInput {
  readonly name: string;
  readonly producer: string;
  readonly createdAtMs: number;
  readonly items: readonly CatalogItem[];
  /** f32, one count per item; rows are then sorted by it. Null: unknown, the order given stands. */
  readonly popularity: Float32Array | null;
  readonly models: readonly FactorModelInput[];
  /** At most one. Without factor models its rows also serve as factors: for neighbours, and for shoppers between sessions. */
  readonly sequences?: readonly SequenceModelInput[];
  readonly tables?: TablesInput;
  /** Tables of another folder with the same rows in the same order, as they are. */
  readonly copiedTables?: {
    readonly tables: FolderTables;
    readonly files: readonly { readonly path: string; readonly bytes: Uint8Array }[];
  };
}

export interface WrittenFile {
  readonly path: string;
  readonly bytes: Uint8Array<ArrayBuffer>;
}

export interface ModelFolder {
  readonly manifest: Manifest;
  /** Every file of the folder, the manifest last: whoever sees it finds the others in place. */
  readonly files: readonly WrittenFile[];
}

/**
 * Makes a model folder in memory. Deterministic: equal input gives equal bytes.
 * Throws `input/invalid` (counts that do not match, NaN factors) or `artifact/bad-catalog` (repeated ids).
 */
export async function writeModelFolder(input: ModelFolderInput, sha256: Sha256): Promise<ModelFolder> {
  checkInput(input);
  const order = popularityOrder(input);
  const items = Array.from(order, (source) => input.items[source]!);
  const files: (FileEntry & WrittenFile)[] = [];
  const add = async (stem: string, extension: string, bytes: Uint8Array<ArrayBuffer>): Promise<string> => {
    const hash = await sha256(bytes);
    const path = `${stem}.${hash.slice(0, 12)}.${extension}`;
    if (bytes.length > MAX_SHARD_BYTES) {
      throw new RecommenderError(
        'input/invalid',
        `${path} would have ${bytes.length} bytes, a file may have ${MAX_SHARD_BYTES}. Shorten the longest catalogue texts, or use fewer factors.`,
        { path },
      );
    }
    if (!files.some((file) => file.path === path)) files.push({ path, sizeBytes: bytes.length, sha256: hash, bytes });
    return path;
  };

  const popularity = Float32Array.from(order, (source) => input.popularity?.[source] ?? 0);
  const fields = inferFields(items);
  const catalogShards: RowShard[] = [];
  for (const [rowStart, rowCount] of jsonRanges(items)) {
    const rowEnd = rowStart + rowCount;
    const bytes = writeCatalogShard(items.slice(rowStart, rowEnd), popularity.subarray(rowStart, rowEnd), fields);
    catalogShards.push({ path: await add(`catalog-${shardNumber(catalogShards.length)}`, 'json', bytes), rowStart, rowCount });
  }
  const models: FactorModelEntry[] = [];
  for (const model of input.models) models.push(await writeModel(model, order, add));
  const sequences: SequenceModelEntry[] = [];
  for (const sequence of input.sequences ?? []) {
    const { config } = sequence;
    const entry =
      config.kind === 'network'
        ? await writeNetworkModel(sequence, config, order, add)
        : await writeSequenceModel(sequence, config, order, add);
    sequences.push(entry);
    if (models.length === 0) models.push(rowsAsFactors(entry, sequence, order));
  }

  const tables = input.tables ? await writeTables(input.tables, order, add) : (input.copiedTables?.tables ?? null);
  for (const { path, bytes } of input.copiedTables?.files ?? []) {
    const copy = Uint8Array.from(bytes);
    files.push({ path, sizeBytes: copy.length, sha256: await sha256(copy), bytes: copy });
  }

  const contentHash = await sha256(new TextEncoder().encode(files.map((file) => file.sha256).join('\n')));
  const createdAt = new Date(input.createdAtMs).toISOString();
  const manifest: Manifest = {
    format: MODEL_FORMAT,
    formatVersion: FORMAT_VERSION,
    name: input.name,
    revision: `${createdAt.replace(/\D/g, '').slice(0, 14)}-${contentHash.slice(0, 8)}`,
    createdAt,
    producer: input.producer,
    itemCount: items.length,
    sortedByPopularity: input.popularity !== null,
    catalog: { fields, shards: catalogShards },
    models,
    sequences,
    tables,
    files: files.map(({ path, sizeBytes, sha256: hash }) => ({ path, sizeBytes, sha256: hash })),
  };
  const manifestBytes = new TextEncoder().encode(`${JSON.stringify(manifest, null, 1)}\n`);
  // What is written can be read: a rule broken here must not reach a shop.
  const written = readManifest(manifestBytes);
  readTables(written);
  for (const entry of written.sequences) checkSequenceEntry(entry, items.length);
  return { manifest, files: [...files.map(({ path, bytes }) => ({ path, bytes })), { path: 'manifest.json', bytes: manifestBytes }] };
}

async function writeModel(model: FactorModelInput, order: Uint32Array, add: AddFile): Promise<FactorModelEntry> {
  const { name, dimensions, dtype } = model;
  const matrix = fillMatrix(model, order);
  const shards = await writeRows(name, matrix, dtype, add);
  const needsGram = model.foldIn.kind === 'als' || model.foldIn.kind === 'non-negative';
  const stateFile = needsGram
    ? await add(
        `${name}-state`,
        'safetensors',
        writeSafetensors([
          ['gram', f32Tensor(gramMatrix(matrix, model.isCold && order.map((source) => model.isCold![source]!)), [dimensions, dimensions])],
        ]),
      )
    : null;
  return {
    name,
    family: 'factors',
    algorithm: model.algorithm,
    dimensions,
    dtype,
    hasBiases: model.biases !== null,
    userRule: model.userRule,
    itemRule: model.itemRule,
    foldIn: model.foldIn,
    eventWeights: model.eventWeights,
    ...(model.maxPairWeight !== undefined && { maxPairWeight: model.maxPairWeight }),
    ...(model.training && { training: model.training }),
    shards,
    stateFile,
    users: model.users ? await writeUsers(name, model.users, dimensions, dtype, add) : null,
    selfTests: makeSelfTests(matrix, model),
  };
}

async function writeUsers(
  name: string,
  users: NonNullable<FactorModelInput['users']>,
  dimensions: number,
  dtype: FactorDtype,
  add: AddFile,
): Promise<FactorModelEntry['users']> {
  const order = Uint32Array.from(users.ids.keys());
  const matrix = fillMatrix({ dimensions, dtype, factors: users.factors, biases: null }, order);
  const idShards: RowShard[] = [];
  for (const [rowStart, rowCount] of jsonRanges(users.ids)) {
    const bytes = new TextEncoder().encode(JSON.stringify(users.ids.slice(rowStart, rowStart + rowCount)));
    idShards.push({ path: await add(`${name}-user-ids-${shardNumber(idShards.length)}`, 'json', bytes), rowStart, rowCount });
  }
  return { count: users.ids.length, idShards, shards: await writeRows(`${name}-users`, matrix, dtype, add) };
}

/** The output rows of a sequence model as factors: the same files, a mean of what was met as the user vector. */
function rowsAsFactors(entry: SequenceModelEntry, { config, tensors, dtype }: SequenceModelInput, order: Uint32Array): FactorModelEntry {
  const dimensions = queryDimensions(config);
  const biases = tensors.get(OUTPUT_BIAS)?.values ?? null;
  const matrix = fillMatrix({ dimensions, dtype, factors: tensors.get(OUTPUT_ROWS)!.values, biases }, order);
  return {
    name: `${entry.name}-rows`,
    family: 'factors',
    algorithm: `${entry.algorithm}, output rows`,
    dimensions,
    dtype,
    hasBiases: biases !== null,
    userRule: 'dot',
    itemRule: 'cosine',
    foldIn: { kind: 'mean' },
    eventWeights: Object.fromEntries(entry.events.map((event) => [event, 1])),
    shards: entry.shards,
    stateFile: null,
    users: null,
    selfTests: makeSelfTests(matrix, { userRule: 'dot', itemRule: 'cosine' }),
  };
}

/** Y'Y of the rows as stored, f32, d x d; rows with `isLeftOut` 1 count nothing. */
export function gramMatrix(matrix: ItemMatrix, isLeftOut?: ArrayLike<number>): Float32Array {
  const d = matrix.dimensions;
  const sums = new Float64Array(d * d);
  const row = new Float32Array(d);
  for (let i = 0; i < matrix.itemCount; i++) {
    if (isLeftOut?.[i] === 1) continue;
    readRow(matrix, i, row);
    for (let a = 0; a < d; a++) for (let b = 0; b <= a; b++) sums[a * d + b]! += row[a]! * row[b]!;
  }
  for (let a = 0; a < d; a++) for (let b = 0; b < a; b++) sums[b * d + a] = sums[a * d + b]!;
  return Float32Array.from(sums);
}

function checkInput({ items, models, popularity, sequences = [] }: ModelFolderInput): void {
  const fail = (message: string, details: Record<string, unknown>): never => {
    throw new RecommenderError('input/invalid', message, details);
  };
  if (items.length === 0 || items.length > MAX_ITEMS)
    fail(`A model folder holds 1 to ${MAX_ITEMS} items, not ${items.length}.`, { seen: items.length });
  Catalog.fromShards([{ itemIds: items.map((item) => item.itemId), columns: new Map() }], []); // Refuses repeated ids.
  if (popularity && popularity.length !== items.length) fail(`${popularity.length} popularity counts for ${items.length} items.`, {});
  if (models.length === 0 && sequences.length === 0) fail('A model folder needs a model.', {});
  if (sequences.length > 1) fail(`A model folder holds at most one sequence model, not ${sequences.length}.`, { seen: sequences.length });
  for (const { name, config } of sequences) {
    if (config.itemCount !== items.length)
      fail(
        `Model ${name}: ${config.itemCount} rows of items for ${items.length} item ids. Each row needs its id; a row more often is padding.`,
        {},
      );
  }
  for (const { name, dimensions, factors, biases, users } of models) {
    if (!Number.isInteger(dimensions) || dimensions < 1 || dimensions > MAX_DIMENSIONS)
      fail(`Model ${name}: ${dimensions} factors; 1 to ${MAX_DIMENSIONS} can be stored.`, { dimensions });
    if (factors.length !== items.length * dimensions) {
      const rows = factors.length / dimensions;
      const hint = rows === items.length + 1 ? ' One row more than ids often is a padding or "unknown" row: drop it.' : '';
      fail(`Model ${name}: ${rows} rows of factors for ${items.length} item ids. Each row needs its id.${hint}`, {
        rows,
        ids: items.length,
      });
    }
    const bad = factors.findIndex((value) => !Number.isFinite(value));
    if (bad >= 0) {
      const row = Math.floor(bad / dimensions);
      fail(
        `Model ${name}: factor ${bad % dimensions} of row ${row} (item ${show(items[row]!.itemId)}) is ${factors[bad]}. All must be finite: did the training diverge?`,
        { row },
      );
    }
    if (biases && biases.length !== items.length) fail(`Model ${name}: ${biases.length} biases for ${items.length} items.`, {});
    if (biases && !biases.every(Number.isFinite)) fail(`Model ${name}: a bias is not finite.`, {});
    if (users && users.factors.length !== users.ids.length * dimensions) {
      fail(`Model ${name}: ${users.factors.length / dimensions} rows of user factors for ${users.ids.length} user ids.`, {});
    }
    if (users && !users.factors.every(Number.isFinite)) fail(`Model ${name}: a user factor is not finite.`, {});
  }
}

function popularityOrder({ items, popularity }: ModelFolderInput): Uint32Array {
  const order = Uint32Array.from(items.keys());
  return popularity ? order.sort((a, b) => popularity[b]! - popularity[a]! || a - b) : order;
}
