import { Catalog } from '../catalog.js';
import { RecommenderError } from '../errors.js';
import { createItemMatrix, readRow } from '../kernels/itemMatrix.js';
import { FactorModel } from '../models/factorModel.js';
import type { SequenceRoom } from '../sequenceRoom.js';
import { sequenceRoom } from '../sequenceRoom.js';
import { Checker, parseJson } from './checks.js';
import { readCatalogShard } from './catalogShard.js';
import { readFactorShard, storedRowBytes, take } from './factorShard.js';
import type { ItemMatrix, LoadedMatrix } from '../kernels/topK.js';
import { loadOnCpu } from '../kernels/topK.cpu.js';
import type { OpenNetwork } from '../models/sequence/network.js';
import { refuseNetworks } from '../models/sequence/network.js';
import type { SequenceModel } from '../models/sequence/sequenceModel.js';
import type { FactorModelEntry, FileEntry, Manifest, RowShard, SequenceModelEntry } from './manifest.js';
import { readingOrder } from './manifest.js';
import type { NetworkReader } from './networkFiles.js';
import type { SequenceParts, SequenceReader } from './readSequence.js';
import { readSafetensors, toFloat32 } from './safetensors.js';
import { fileEntry } from './validateManifest.js';
import type { Sha256 } from './writeModelFolder.js';

/** Hands out the verified bytes of a file that the manifest lists. */
export type ReadFile = (entry: FileEntry) => Promise<Uint8Array>;

export interface LoadedModel {
  readonly manifest: Manifest;
  readonly catalog: Catalog;
  readonly factors: FactorModel;
  /** The model of the session, null when the folder has none. */
  readonly sequence: LoadedSequence | null;
  /** Rows 0 .. availableRows - 1 are decoded, in catalogue and factors alike. */
  availableRows: number;
}

export interface LoadedSequence extends SequenceParts {
  /** The code that knows such models. */
  readonly room: SequenceRoom;
  readonly entry: SequenceModelEntry;
  /** The output rows where they are scored in one way only, whatever the backend: a network's scores. Else null. */
  readonly scored: LoadedMatrix | null;
  /** Null until its weights are read. */
  model: SequenceModel | null;
}

/** How the rows of a matrix are stored. */
export type MatrixShape = Pick<FactorModelEntry, 'dimensions' | 'dtype' | 'hasBiases'>;

/** A matrix and the shards that fill it. */
export interface MatrixRows {
  readonly matrix: ItemMatrix;
  readonly shape: MatrixShape;
  readonly shards: readonly RowShard[];
}

/** Makes a matrix for rows that are in `shards`. Throws `artifact/bad-manifest`, before it takes memory, when these are too small. */
export type AllocateRows = (shape: MatrixShape, isScored: boolean, shards: readonly RowShard[]) => ItemMatrix;

/** Bytes a kernel wants behind the factors in their WebAssembly memory. */
export type ScratchBytes = (itemCount: number, dimensions: number) => number;

/**
 * Makes room for a model, its factors in a WebAssembly memory when `scratchBytes` is given, plain arrays when null.
 * `room` makes the sequence model; null leaves it out. Fill it with {@link readRows}.
 */
export function allocateModel(manifest: Manifest, scratchBytes: ScratchBytes | null, room: SequenceRoom | null): LoadedModel {
  const { itemCount } = manifest;
  const entry = manifest.models[0]!;
  const { dimensions, dtype, hasBiases } = entry;
  const allocate: AllocateRows = (shape, isScored, shards) => {
    checkRowBytes(manifest, shape, shards);
    return createItemMatrix({
      itemCount,
      dimensions: shape.dimensions,
      hasBiases: shape.hasBiases,
      hasExactRows: shape.dtype !== 'int8',
      wasmScratchBytes: scratchBytes && isScored ? scratchBytes(itemCount, shape.dimensions) : null,
    });
  };
  const matrix = allocate({ dimensions, dtype, hasBiases }, true, entry.shards);
  const factors = new FactorModel(entry, matrix);
  const catalog = new Catalog(manifest.catalog.fields, itemCount);
  const described = manifest.sequences[0];
  let sequence: LoadedSequence | null = null;
  if (described && room) {
    const shared = entry.shards[0]!.path === described.shards[0]!.path ? matrix : null;
    const parts = room.allocate(described, itemCount, shared, allocate);
    sequence = { ...parts, room, entry: described, scored: parts.isColumn ? loadOnCpu(parts.matrix) : null, model: null };
  }
  return { manifest, catalog, factors, sequence, availableRows: 0 };
}

/**
 * Decodes the files of a model into it in {@link readingOrder}, one at a time, each dropped before the next is asked for.
 * Yields whenever more rows have become available. `release` is called with a file's bytes once nothing refers to them.
 */
export async function* readRows(
  model: LoadedModel,
  read: ReadFile,
  release: (bytes: Uint8Array) => void = () => {},
  openNetwork: OpenNetwork = refuseNetworks,
): AsyncGenerator<number> {
  const { manifest, factors, sequence } = model;
  const targets = rowTargets(model);
  const weightFiles = new Set(sequence?.entry.weightFiles);
  const rowsRead = new Map(targets.map((target) => [target, 0]));
  for (const path of readingOrder(manifest)) {
    const bytes = await read(fileEntry(manifest, path));
    for (const target of targets) {
      const shard = target.shards.find((one) => one.path === path);
      if (!shard) continue;
      target.take(bytes, shard);
      rowsRead.set(target, rowsRead.get(target)! + shard.rowCount);
    }
    if (weightFiles.has(path)) sequence!.reader.add(bytes, path);
    if (path === factors.entry.stateFile) factors.gram = readGram(bytes, factors.entry.dimensions, path);
    release(bytes);
    const availableRows = Math.min(...rowsRead.values());
    if (availableRows === model.availableRows) continue;
    // The weights stand before all rows in the reading order.
    if (sequence && !sequence.model) {
      const { reader, inputMatrix, matrix, entry } = sequence;
      sequence.model = await (entry.config.kind === 'network'
        ? (reader as NetworkReader).finish(openNetwork)
        : (reader as SequenceReader).finish(inputMatrix ?? matrix));
    }
    model.availableRows = availableRows;
    yield availableRows;
  }
}

/** A row that a manifest promises must be in some file: no memory is taken for more rows than the files have bytes for. */
export function checkRowBytes(manifest: Manifest, { dtype, dimensions, hasBiases }: MatrixShape, shards: readonly RowShard[]): void {
  const rowBytes = storedRowBytes(dtype, dimensions, hasBiases);
  for (const { path, rowCount } of shards) {
    const { sizeBytes } = fileEntry(manifest, path);
    if (rowCount * rowBytes <= sizeBytes) continue;
    throw new RecommenderError(
      'artifact/bad-manifest',
      `${path}: ${rowCount} rows of ${dimensions} factors are more than ${sizeBytes} bytes hold.`,
      { file: path },
    );
  }
}

/** A matrix or catalogue that is filled shard by shard. */
interface RowTarget {
  readonly shards: readonly RowShard[];
  take(bytes: Uint8Array, shard: RowShard): void;
}

function rowTargets({ manifest, catalog, factors, sequence }: LoadedModel): RowTarget[] {
  const targets: RowTarget[] = [
    {
      shards: manifest.catalog.shards,
      take: (bytes, { path, rowCount }) => catalog.append(readCatalogShard(bytes, manifest.catalog.fields, rowCount, path)),
    },
    { shards: factors.entry.shards, take: (bytes, shard) => readFactorShard(bytes, shard, factors.entry, factors.matrix) },
  ];
  for (const { matrix, shape, shards } of sequence?.rows ?? [])
    targets.push({ shards, take: (bytes, shard) => readFactorShard(bytes, shard, shape, matrix) });
  return targets;
}

function readGram(bytes: Uint8Array, dimensions: number, path: string): Float32Array {
  const tensor = take(readSafetensors(bytes, path), 'gram', [dimensions, dimensions], 'F32', path);
  return toFloat32(tensor, 'gram', path).slice(); // Not a view: the file's bytes are given back.
}

/** Reads a whole model folder, its sequence model too. For where the code need not come in parts; the worker never calls it. */
export async function readModelFolder(
  manifest: Manifest,
  read: ReadFile,
  scratchBytes: ScratchBytes | null,
  openNetwork: OpenNetwork = refuseNetworks,
): Promise<LoadedModel> {
  const model = allocateModel(manifest, scratchBytes, sequenceRoom);
  for await (const _ of readRows(model, read, undefined, openNetwork)) continue;
  return model;
}

/** Reads one packed user row by id. Throws `input/unknown-user` when the folder does not have it. */
export async function readUserVector(manifest: Manifest, read: ReadFile, userId: string): Promise<Float32Array> {
  const entry = manifest.models[0]!;
  const users = entry.users;
  if (!users) {
    throw new RecommenderError(
      'input/unknown-user',
      'This model folder ships no user factors. Pack it with --keep-users, or hand in user: {vector}.',
      { userId },
    );
  }
  const row = await findUser(users.idShards, (path) => read(fileEntry(manifest, path)), userId);
  const shard = users.shards.find(({ rowStart, rowCount }) => row >= rowStart && row < rowStart + rowCount);
  if (!shard)
    throw new RecommenderError('input/unknown-user', `The model folder has no user factors for this id (it has ${users.count} users).`, {
      userId,
    });
  const { dimensions, dtype } = entry;
  checkRowBytes(manifest, { dimensions, dtype, hasBiases: false }, [shard]);
  const matrix = createItemMatrix({
    itemCount: shard.rowCount,
    dimensions,
    hasBiases: false,
    hasExactRows: dtype !== 'int8',
    wasmScratchBytes: null,
  });
  readFactorShard(await read(fileEntry(manifest, shard.path)), { ...shard, rowStart: 0 }, { dtype, dimensions, hasBiases: false }, matrix);
  return readRow(matrix, row - shard.rowStart, new Float32Array(dimensions));
}

/** The row of a user, -1 when there is none. */
async function findUser(idShards: readonly RowShard[], readPath: (path: string) => Promise<Uint8Array>, userId: string): Promise<number> {
  for (const { path, rowStart } of idShards) {
    const ids = new Checker(path, parseJson(path, await readPath(path), 'artifact/bad-file'), '', 'artifact/bad-file');
    const at = ids.list().findIndex((id) => id.value === userId);
    if (at >= 0) return rowStart + at;
  }
  return -1;
}

/** Throws `artifact/bad-checksum` unless `bytes` are those the manifest promises. */
export async function verifyFile(entry: FileEntry, bytes: Uint8Array, sha256: Sha256): Promise<void> {
  if (bytes.length !== entry.sizeBytes) {
    throw new RecommenderError(
      'artifact/bad-checksum',
      `${entry.path}: ${bytes.length} bytes arrived, the manifest says ${entry.sizeBytes}. The download was cut, or the server sent something else; upload the folder again.`,
      { file: entry.path, field: 'sizeBytes', seen: bytes.length, expected: entry.sizeBytes },
    );
  }
  const seen = await sha256(bytes);
  if (seen !== entry.sha256) {
    throw new RecommenderError(
      'artifact/bad-checksum',
      `${entry.path}: its SHA-256 is ${seen.slice(0, 12)}…, the manifest says ${entry.sha256.slice(0, 12)}…. The file was changed after packing; upload the folder again.`,
      { file: entry.path, field: 'sha256', seen, expected: entry.sha256 },
    );
  }
}
