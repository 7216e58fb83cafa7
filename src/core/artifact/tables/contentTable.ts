import { createItemMatrix } from '../../kernels/itemMatrix.js';
import type { ItemMatrix } from '../../kernels/topK.js';
import { Checker, parseJson } from '../checks.js';
import { readFactorShard, take } from '../factorShard.js';
import type { Manifest, RowShard } from '../manifest.js';
import type { ReadFile, ScratchBytes } from '../readModelFolder.js';
import type { AddFile } from '../rowShards.js';
import { fillMatrix, jsonRanges, shardNumber, writeRows } from '../rowShards.js';
import { f32Tensor, readSafetensors, toFloat32, writeSafetensors } from '../safetensors.js';
import { fileEntry } from '../validateManifest.js';
import type { ContentEntry } from './tableEntries.js';

/** Content vectors in memory. */
export interface ContentTable {
  readonly entry: ContentEntry;
  /** One row per item: an item matrix like any other, compared by cosine. */
  readonly matrix: ItemMatrix;
}

/** What places a text: the terms that are known, and where each of them lies. */
export interface ContentTerms {
  readonly rowOf: ReadonlyMap<string, number>;
  /** f32, one per term. */
  readonly idf: Float32Array;
  readonly matrix: ItemMatrix;
}

/** Content as the trainer hands it in, rows in the order of the folder's `items`. */
export interface ContentInput {
  readonly entry: Omit<ContentEntry, 'shards' | 'terms' | 'factorMap'>;
  /** f32, items x dimensions. */
  readonly rows: Float32Array;
  readonly terms: readonly string[];
  /** f32, one per term. */
  readonly idf: Float32Array;
  /** f32, terms x dimensions. */
  readonly termRows: Float32Array;
  /** f32, (dimensions + 1) x factor dimensions, the last row the offset; null without factors. */
  readonly factorMap: { readonly model: string; readonly dimensions: number; readonly values: Float32Array } | null;
}

export async function writeContent(input: ContentInput, order: Uint32Array, add: AddFile): Promise<ContentEntry> {
  const { entry, rows, terms, idf, termRows, factorMap } = input;
  const { dimensions } = entry;
  const shape = { dimensions, dtype: 'int8' } as const;
  const shards = await writeRows('content', fillMatrix({ ...shape, factors: rows, biases: null }, order), 'int8', add);
  const inOrder = Uint32Array.from(terms.keys());
  // The idf of a term travels as the bias of its row.
  const matrix = fillMatrix({ ...shape, factors: termRows, biases: idf }, inOrder);
  const termShards: RowShard[] = [];
  for (const [rowStart, rowCount] of jsonRanges(terms)) {
    const bytes = new TextEncoder().encode(JSON.stringify(terms.slice(rowStart, rowStart + rowCount)));
    termShards.push({ path: await add(`content-terms-${shardNumber(termShards.length)}`, 'json', bytes), rowStart, rowCount });
  }
  const path =
    factorMap &&
    (await add(
      'content-map',
      'safetensors',
      writeSafetensors([['map', f32Tensor(factorMap.values, [dimensions + 1, factorMap.dimensions])]]),
    ));
  return {
    ...entry,
    shards,
    terms: { count: terms.length, termShards, shards: await writeRows('content-term-rows', matrix, 'int8', add) },
    factorMap: factorMap && { model: factorMap.model, dimensions: factorMap.dimensions, path: path! },
  };
}

/** Reads the item rows, into a WebAssembly memory when `scratchBytes` is given. Throws `artifact/bad-file` or `artifact/bad-tensor`. */
export async function readContent(
  manifest: Manifest,
  entry: ContentEntry,
  read: ReadFile,
  scratchBytes: ScratchBytes | null = null,
): Promise<ContentTable> {
  const { dimensions } = entry;
  const { itemCount } = manifest;
  const wasmScratchBytes = scratchBytes && scratchBytes(itemCount, dimensions);
  const matrix = createItemMatrix({ itemCount, dimensions, hasBiases: false, hasExactRows: false, wasmScratchBytes });
  const shape = { dtype: 'int8', dimensions, hasBiases: false } as const;
  for (const shard of entry.shards) readFactorShard(await read(fileEntry(manifest, shard.path)), shard, shape, matrix);
  return { entry, matrix };
}

/** Reads the terms. Throws `artifact/bad-file` or `artifact/bad-tensor`. */
export async function readContentTerms(manifest: Manifest, entry: ContentEntry, read: ReadFile): Promise<ContentTerms> {
  const { dimensions } = entry;
  const { count, termShards, shards } = entry.terms;
  const rowOf = new Map<string, number>();
  for (const { path, rowStart, rowCount } of termShards) {
    const terms = new Checker(path, parseJson(path, await read(fileEntry(manifest, path)), 'artifact/bad-file'), '', 'artifact/bad-file');
    const list = terms.list(`a list of ${rowCount} terms`);
    if (list.length !== rowCount) terms.fail(`a list of ${rowCount} terms, as the manifest says`);
    list.forEach((term, at) => {
      if (rowOf.has(term.text())) term.fail('a term of its own');
      rowOf.set(term.text(), rowStart + at);
    });
  }
  const matrix = createItemMatrix({ itemCount: count, dimensions, hasBiases: true, hasExactRows: false, wasmScratchBytes: null });
  const shape = { dtype: 'int8', dimensions, hasBiases: true } as const;
  for (const shard of shards) readFactorShard(await read(fileEntry(manifest, shard.path)), shard, shape, matrix);
  return { rowOf, idf: matrix.biases!, matrix };
}

/** Reads the map from content to factors: f32, (dimensions + 1) x factor dimensions; null where the folder has none. */
export async function readFactorMap(manifest: Manifest, entry: ContentEntry, read: ReadFile): Promise<Float32Array | null> {
  const { factorMap, dimensions } = entry;
  if (!factorMap) return null;
  const { path } = factorMap;
  const tensors = readSafetensors(await read(fileEntry(manifest, path)), path);
  return toFloat32(take(tensors, 'map', [dimensions + 1, factorMap.dimensions], 'F32', path), 'map', path).slice();
}
