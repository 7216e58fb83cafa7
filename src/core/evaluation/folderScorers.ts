import type { LoadedModel } from '../artifact/readModelFolder.js';
import { readRow } from '../kernels/itemMatrix.js';
import type { Backend, ItemMatrix } from '../kernels/topK.js';
import { inverseNorm } from '../kernels/topK.js';
import { createBlendScorer } from '../metrics/blendScorer.js';
import { createFactorScorer } from '../metrics/factorScorer.js';
import type { RowMap, Scorer } from '../metrics/scorer.js';
import { createSequenceScorer } from '../metrics/sequenceScorer.js';

/**
 * One scorer for each model of a folder, called as in its manifest, `prefix` before it, and one for their blend. A new model family is
 * tested by giving it its scorer here.
 */
export async function createFolderScorers(model: LoadedModel, backend: Backend, rows: RowMap, prefix: string): Promise<Scorer[]> {
  const { factors, sequence, catalog } = model;
  const scorers = [
    createFactorScorer({
      name: prefix + factors.entry.name,
      model: factors,
      catalog,
      loaded: await backend.load(factors.matrix),
      rows,
    }),
  ];
  if (!sequence?.model) return scorers;
  const loaded = await backend.load(sequence.matrix);
  scorers.push(createSequenceScorer({ name: prefix + sequence.entry.name, model, loaded, rows }));
  if (sequence.matrix === factors.matrix || sequence.entry.blendWeight === 1) return scorers;
  const taste = await backend.load(factors.matrix);
  return [...scorers, createBlendScorer({ name: `${prefix}blend`, model, session: loaded, taste, rows })];
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
