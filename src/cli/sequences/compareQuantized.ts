import type { FactorDtype } from '../../core/artifact/manifest.js';
import { fillMatrix } from '../../core/artifact/rowShards.js';
import { BestRows } from '../../core/kernels/bestRows.js';
import { rowScorer } from '../../core/kernels/topK.js';
import { createSequenceModel } from '../../core/models/sequence/createSequenceModel.js';
import { matrixRows } from '../../core/models/sequence/itemRows.js';
import { queryDimensions } from '../../core/models/sequence/sequenceConfig.js';
import { INPUT_ROWS, OUTPUT_BIAS, OUTPUT_ROWS } from '../../core/models/sequence/sequenceTensors.js';
import { seededRandom } from '../trainers/seededRandom.js';
import { scoreAll } from './compareWithOriginal.js';
import type { ReadModel } from './compareWithOriginal.js';

/** How much of the source's top 20 stays when its rows are stored as `dtype`. */
export interface QuantizedComparison {
  readonly historyCount: number;
  /** Mean share of items in common, 0 to 1. */
  readonly overlap: number;
}

const TOP = 20;
const HISTORIES = 50;
const MOST_EVENTS = 8;

/** Answers random histories of 1 to 8 items with the rows as the source has them, and as the folder stores them. */
export function compareQuantized(source: ReadModel, dtype: FactorDtype, seed: number): QuantizedComparison {
  const { config, tensors } = source;
  const order = Uint32Array.from({ length: config.itemCount }, (_, row) => row);
  const toMatrix = (name: string, dimensions: number) =>
    fillMatrix(
      {
        dimensions,
        dtype,
        factors: tensors.get(name)!.values,
        biases: name === OUTPUT_ROWS ? (tensors.get(OUTPUT_BIAS)?.values ?? null) : null,
      },
      order,
    );
  const output = toMatrix(OUTPUT_ROWS, queryDimensions(config));
  const inputRows = tensors.get(INPUT_ROWS);
  const input = inputRows ? toMatrix(INPUT_ROWS, inputRows.shape[1]!) : output;
  const exact = createSequenceModel(config, tensors);
  const stored = createSequenceModel(config, tensors, matrixRows(input));
  const random = seededRandom(seed);
  const k = Math.min(TOP, config.itemCount);
  let sum = 0;
  for (let n = 0; n < HISTORIES; n++) {
    const items = Array.from({ length: 1 + Math.floor(random() * MOST_EVENTS) }, () => Math.floor(random() * config.itemCount));
    const state = stored.createState();
    for (const item of items) stored.step(state, item);
    const toScore = rowScorer(output, stored.query(state), 'dot');
    const expected = new Set(best(scoreAll(source, exact, items), k));
    sum +=
      best(
        Float64Array.from(order, (row) => toScore(row)),
        k,
      ).filter((row) => expected.has(row)).length / k;
  }
  return { historyCount: HISTORIES, overlap: sum / HISTORIES };
}

function best(scores: Float64Array, k: number): number[] {
  const kept = new BestRows(k);
  scores.forEach((score, row) => kept.offer(row, score));
  return [...kept.rows()];
}
