import type { LoadedModel, ReadFile } from '../artifact/readModelFolder.js';
import { readContent } from '../artifact/tables/contentTable.js';
import { readNeighbors } from '../artifact/tables/neighborTable.js';
import { readPrototypes } from '../artifact/tables/prototypeTable.js';
import { readTables } from '../artifact/tables/readTables.js';
import { readTrends } from '../artifact/tables/trendTable.js';
import { readRow } from '../kernels/itemMatrix.js';
import type { Backend, ItemMatrix } from '../kernels/topK.js';
import { inverseNorm } from '../kernels/topK.js';
import { createBlendScorer } from '../metrics/blendScorer.js';
import { wasmScratchBytes } from '../kernels/topK.wasm.js';
import { createFactorScorer } from '../metrics/factorScorer.js';
import type { RowMap, Scorer } from '../metrics/scorer.js';
import type { Rerank } from '../ranking/diversify.js';
import { diversify, diversityPoolSize } from '../ranking/diversify.js';
import { createSequenceScorer } from '../metrics/sequenceScorer.js';
import { createContentScorer, createHistoryScorer, createTrendScorer } from '../metrics/tableScorers.js';
import { NeighborModel } from '../models/neighborModel.js';
import { PrototypeModel } from '../models/prototypeModel.js';

/** Lists measured a second time, made more different. */
export interface RerankChoice {
  readonly rerank: Rerank;
  /** 0 to 1. */
  readonly diversity: number;
}

/**
 * One scorer for each model of a folder, called as in its manifest, `prefix` before it, one for their blend, and one for each of its tables
 * where `read` is given. A new model family is tested by giving it its scorer here.
 * With `reranked`, the factor model stands there once more, as "als+spread".
 */
export async function createFolderScorers(
  model: LoadedModel,
  backend: Backend,
  rows: RowMap,
  prefix: string,
  read: ReadFile | null = null,
  reranked: RerankChoice | null = null,
): Promise<Scorer[]> {
  const { factors, sequence, catalog } = model;
  const { matrix } = factors;
  const shared = { model: factors, catalog, rows };
  const scorers = [createFactorScorer({ ...shared, name: prefix + factors.entry.name, loaded: await backend.load(matrix) })];
  if (reranked) {
    const select = diversify({ ...reranked, dimensions: matrix.dimensions, readVector: (row, out) => readRow(matrix, row, out) });
    scorers.push(
      createFactorScorer({
        ...shared,
        name: `${prefix}${factors.entry.name}+${reranked.rerank}`,
        loaded: await backend.load(matrix),
        rerank: { poolSize: diversityPoolSize, select },
      }),
    );
  }
  if (sequence?.model) {
    const loaded = sequence.scored ?? (await backend.load(sequence.matrix));
    scorers.push(createSequenceScorer({ name: prefix + sequence.entry.name, model, loaded, rows }));
    if (sequence.matrix !== factors.matrix && sequence.entry.blendWeight < 1) {
      const taste = await backend.load(factors.matrix);
      scorers.push(createBlendScorer({ name: `${prefix}blend`, model, session: loaded, taste, rows }));
    }
  }
  return read ? [...scorers, ...(await createTableScorers(model, backend, rows, prefix, read))] : scorers;
}

async function createTableScorers(
  { manifest, catalog }: LoadedModel,
  backend: Backend,
  rows: RowMap,
  prefix: string,
  read: ReadFile,
): Promise<Scorer[]> {
  const tables = readTables(manifest);
  const named = (name: string) => ({ name: prefix + name, catalog, rows });
  const scorers: Scorer[] = [];
  for (const entry of tables.neighbors) {
    const model = new NeighborModel(await readNeighbors(manifest, entry, read));
    scorers.push(createHistoryScorer(named(entry.name), model, entry.eventWeights));
  }
  if (tables.content) {
    const content = await readContent(manifest, tables.content, read, backend.name === 'wasm' ? wasmScratchBytes : null);
    scorers.push(createContentScorer(named('content'), content, await backend.load(content.matrix)));
  }
  if (tables.prototypes) {
    const model = new PrototypeModel(await readPrototypes(manifest, tables.prototypes, read));
    scorers.push(createHistoryScorer(named('prototypes'), model, null));
  }
  if (tables.trends) scorers.push(createTrendScorer(named('trending'), await readTrends(manifest, tables.trends, read)));
  return scorers;
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
