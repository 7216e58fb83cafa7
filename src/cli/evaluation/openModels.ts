import type { LoadedModel } from '../../core/artifact/readModelFolder.js';
import { readModelFolder, verifyFile } from '../../core/artifact/readModelFolder.js';
import { readManifest } from '../../core/artifact/validateManifest.js';
import { readRow } from '../../core/kernels/itemMatrix.js';
import type { ItemMatrix } from '../../core/kernels/topK.js';
import { inverseNorm } from '../../core/kernels/topK.js';
import { wasmScratchBytes } from '../../core/kernels/topK.wasm.js';
import { createFactorScorer } from '../../core/metrics/factorScorer.js';
import type { RowMap, Scorer } from '../../core/metrics/scorer.js';
import { createSequenceScorer } from '../../core/metrics/sequenceScorer.js';
import type { CliIo } from '../cliIo.js';
import { openFolder } from '../folder/folderSource.js';
import { sha256 } from '../folder/modelDirectory.js';
import { fastestBackend } from './evaluateModel.js';

/** Reads a model folder, on disk or published, checking every file as a page would. */
export async function openModel(name: string, io: CliIo): Promise<LoadedModel> {
  const source = await openFolder(name, io);
  const manifest = readManifest(await source.read('manifest.json'));
  const read = async (entry: (typeof manifest.files)[number]): Promise<Uint8Array> => {
    const bytes = await source.read(entry.path);
    await verifyFile(entry, bytes, sha256);
    return bytes;
  };
  return readModelFolder(manifest, read, fastestBackend().name === 'wasm' ? wasmScratchBytes : null);
}

/**
 * One scorer for each model of a folder, called as in its manifest, `prefix` before it. A new model family is tested by giving it its
 * scorer here.
 */
export async function createFolderScorers(model: LoadedModel, rows: RowMap, prefix: string): Promise<Scorer[]> {
  const { factors, sequence, catalog } = model;
  const scorers = [
    createFactorScorer({
      name: prefix + factors.entry.name,
      model: factors,
      catalog,
      loaded: await fastestBackend().load(factors.matrix),
      rows,
    }),
  ];
  if (!sequence?.model) return scorers;
  const loaded = await fastestBackend().load(sequence.matrix);
  return [...scorers, createSequenceScorer({ name: prefix + sequence.entry.name, model, loaded, rows })];
}

/** Cosine of two rows' factors. Copies the rows, normalised, as f32. */
export function cosineOfRows(matrix: ItemMatrix): (a: number, b: number) => number {
  const { itemCount, dimensions } = matrix;
  const rows = new Float32Array(itemCount * dimensions);
  const row = new Float32Array(dimensions);
  for (let at = 0; at < itemCount; at++) {
    readRow(matrix, at, row);
    const scale = inverseNorm(row);
    for (let j = 0; j < dimensions; j++) rows[at * dimensions + j] = row[j]! * scale;
  }
  return (a, b) => {
    let sum = 0;
    for (let j = 0; j < dimensions; j++) sum += rows[a * dimensions + j]! * rows[b * dimensions + j]!;
    return sum;
  };
}
