import { Catalog } from '../catalog.js';
import { RecommenderError } from '../errors.js';
import { createItemMatrix, readRow } from '../kernels/itemMatrix.js';
import { FactorModel } from '../models/factorModel.js';
import { Checker, parseJson } from './checks.js';
import { readCatalogShard } from './catalogShard.js';
import { readFactorShard, take } from './factorShard.js';
import type { FileEntry, Manifest, RowShard } from './manifest.js';
import { readingOrder } from './manifest.js';
import { readSafetensors, toFloat32 } from './safetensors.js';
import { fileEntry } from './validateManifest.js';
import type { Sha256 } from './writeModelFolder.js';

/** Hands out the verified bytes of a file that the manifest lists. */
export type ReadFile = (entry: FileEntry) => Promise<Uint8Array>;

export interface LoadedModel {
  readonly manifest: Manifest;
  readonly catalog: Catalog;
  readonly factors: FactorModel;
  /** Rows 0 .. availableRows - 1 are decoded, in catalogue and factors alike. */
  availableRows: number;
}

/** Bytes a kernel wants behind the factors in their WebAssembly memory. */
export type ScratchBytes = (itemCount: number, dimensions: number) => number;

/**
 * Makes room for a model, its factors in a WebAssembly memory when `scratchBytes` is given, plain arrays when null.
 * Fill it with {@link readRows}.
 */
export function allocateModel(manifest: Manifest, scratchBytes: ScratchBytes | null): LoadedModel {
  const { itemCount } = manifest;
  const entry = manifest.models[0]!;
  const { dimensions, dtype, hasBiases } = entry;
  const wasmScratchBytes = scratchBytes ? scratchBytes(itemCount, dimensions) : null;
  const matrix = createItemMatrix({ itemCount, dimensions, hasBiases, hasExactRows: dtype !== 'int8', wasmScratchBytes });
  return { manifest, catalog: new Catalog(manifest.catalog.fields), factors: new FactorModel(entry, matrix), availableRows: 0 };
}

/**
 * Decodes the files of a model into it in {@link readingOrder}, one at a time, each dropped before the next is asked for.
 * Yields whenever more rows have become available. `release` is called with a file's bytes once nothing refers to them.
 */
export async function* readRows(
  model: LoadedModel,
  read: ReadFile,
  release: (bytes: Uint8Array) => void = () => {},
): AsyncGenerator<number> {
  const { manifest, catalog, factors } = model;
  const { entry, matrix } = factors;
  const catalogShards = new Map(manifest.catalog.shards.map((shard) => [shard.path, shard]));
  const factorShards = new Map(entry.shards.map((shard) => [shard.path, shard]));
  let factorRows = 0;
  for (const path of readingOrder(manifest)) {
    const bytes = await read(fileEntry(manifest, path));
    const catalogShard = catalogShards.get(path);
    const factorShard = factorShards.get(path);
    if (catalogShard) {
      catalog.append(readCatalogShard(bytes, manifest.catalog.fields, catalogShard.rowCount, path));
    } else if (factorShard) {
      readFactorShard(bytes, factorShard, entry, matrix);
      factorRows += factorShard.rowCount;
    } else {
      factors.gram = toFloat32(
        take(readSafetensors(bytes, path), 'gram', [entry.dimensions, entry.dimensions], 'F32', path),
        'gram',
        path,
      ).slice();
    }
    release(bytes);
    const availableRows = Math.min(catalog.itemCount, factorRows);
    if (availableRows > model.availableRows) {
      model.availableRows = availableRows;
      yield availableRows;
    }
  }
}

/** Reads a whole model folder. */
export async function readModelFolder(manifest: Manifest, read: ReadFile, scratchBytes: ScratchBytes | null): Promise<LoadedModel> {
  const model = allocateModel(manifest, scratchBytes);
  for await (const _ of readRows(model, read)) continue;
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
      `${entry.path}: ${bytes.length} bytes arrived, the manifest says ${entry.sizeBytes}. The download was cut, or the server answered with something else; upload the folder again.`,
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
