import { Catalog } from '../catalog.js';
import { RecommenderError } from '../errors.js';
import { createItemMatrix, readRow } from '../kernels/itemMatrix.js';
import { FactorModel } from '../models/factorModel.js';
import { Checker, parseJson } from './checks.js';
import type { CatalogColumns } from './catalogShard.js';
import { readCatalogShard } from './catalogShard.js';
import { readFactorShard, take } from './factorShard.js';
import type { FileEntry, Manifest } from './manifest.js';
import { readSafetensors, toFloat32 } from './safetensors.js';
import { fileEntry } from './validateManifest.js';
import type { Sha256 } from './writeModelFolder.js';

/** Hands out the verified bytes of a file that the manifest lists. */
export type ReadFile = (entry: FileEntry) => Promise<Uint8Array>;

export interface LoadedModel {
  readonly manifest: Manifest;
  readonly catalog: Catalog;
  /** f32, one per item. */
  readonly popularity: Float32Array;
  readonly factors: FactorModel;
}

/**
 * Decodes a model folder, one file at a time, each dropped before the next is asked for.
 * `scratchBytes` puts the factors into a WebAssembly memory with so much room behind them; null: plain arrays.
 */
export async function readModelFolder(
  manifest: Manifest,
  read: ReadFile,
  scratchBytes: ((itemCount: number, dimensions: number) => number) | null,
): Promise<LoadedModel> {
  const { itemCount } = manifest;
  const entry = manifest.models[0]!;
  const shards: CatalogColumns[] = [];
  for (const shard of manifest.catalog.shards) {
    shards.push(readCatalogShard(await read(fileEntry(manifest, shard.path)), manifest.catalog.fields, shard.rowCount, shard.path));
  }
  const catalog = Catalog.fromShards(shards, manifest.catalog.fields);
  const items = readSafetensors(await read(fileEntry(manifest, manifest.itemsFile)), manifest.itemsFile);
  const popularity = toFloat32(take(items, 'popularity', [itemCount], 'F32', manifest.itemsFile), 'popularity', manifest.itemsFile);
  const { dimensions, dtype, hasBiases, stateFile } = entry;
  const matrix = createItemMatrix({
    itemCount,
    dimensions,
    hasBiases,
    hasExactRows: dtype !== 'int8',
    wasmScratchBytes: scratchBytes ? scratchBytes(itemCount, dimensions) : null,
  });
  for (const shard of entry.shards) readFactorShard(await read(fileEntry(manifest, shard.path)), shard, entry, matrix);
  let gram: Float32Array | null = null;
  if (stateFile !== null) {
    const state = readSafetensors(await read(fileEntry(manifest, stateFile)), stateFile);
    gram = toFloat32(take(state, 'gram', [dimensions, dimensions], 'F32', stateFile), 'gram', stateFile);
  }
  return { manifest, catalog, popularity, factors: new FactorModel(entry, matrix, gram) };
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
  const ids = new Checker(
    users.idsFile,
    parseJson(users.idsFile, await read(fileEntry(manifest, users.idsFile)), 'artifact/bad-file'),
    '',
    'artifact/bad-file',
  );
  const row = ids.list().findIndex((id) => id.value === userId);
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
