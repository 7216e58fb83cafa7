import { BestRows } from '../core/kernels/bestRows.js';
import { createCpuBackend } from '../core/kernels/topK.cpu.js';
import { inverseNorm, topK } from '../core/kernels/topK.js';
import type { ItemMatrix, ScoringRule } from '../core/kernels/topK.js';
import type { FactorSource } from './factors/factorSource.js';
import { drawSample, seededRandom } from './trainers/seededRandom.js';

/** How much of the source's top 20 the written folder gives, mean over sampled queries, 0 to 1. */
export interface PackComparison {
  readonly queryCount: number;
  /** Shopper -> item, under the model's own rule. */
  readonly userOverlap: number;
  /** Item -> item by cosine. */
  readonly itemOverlap: number;
}

const TOP = 20;
const QUERIES = 200;
/** Below this the shopper would notice. */
export const LEAST_OVERLAP = 0.98;

/**
 * Ranks sampled queries with the source's factors in f64 and with the folder's stored ones. User queries are user rows where the
 * source has them, else means of two random items, as fold-in makes them. `matrix` is in the order of the source.
 */
export async function comparePacked(
  source: FactorSource,
  matrix: ItemMatrix,
  userRule: ScoringRule,
  seed: number,
): Promise<PackComparison> {
  const random = seededRandom(seed);
  const { items, biases, users } = source;
  const d = items.columnCount;
  const k = Math.min(TOP, items.rowCount);
  const itemRows = [...drawSample(items.rowCount, QUERIES, random)];
  const rowOf = (values: Float64Array, row: number): Float64Array => values.slice(row * d, (row + 1) * d);
  const userQueries = users
    ? [...drawSample(users.rowCount, QUERIES, random)].map((row) => rowOf(users.values, row))
    : itemRows.map((row) => mean(rowOf(items.values, row), rowOf(items.values, Math.floor(random() * items.rowCount))));
  const loaded = await createCpuBackend().load(matrix);
  const overlap = async (queries: readonly Float64Array[], rule: ScoringRule): Promise<number> => {
    let sum = 0;
    for (const query of queries) {
      const expected = new Set(exactTop(source, rule === 'dot' ? biases : null, query, rule, k));
      const { indexes } = await topK(loaded, matrix, { query: Float32Array.from(query), rule, k, excluded: null });
      sum += indexes.reduce((hits, row) => hits + (expected.has(row) ? 1 : 0), 0) / k;
    }
    return sum / Math.max(1, queries.length);
  };
  return {
    queryCount: userQueries.length,
    userOverlap: await overlap(userQueries, userRule),
    // A zero row (an item never seen in training) is like nothing: any list is as good.
    itemOverlap: await overlap(
      itemRows.map((row) => rowOf(items.values, row)).filter((query) => query.some((value) => value !== 0)),
      'cosine',
    ),
  };
}

function exactTop({ items }: FactorSource, biases: Float64Array | null, query: Float64Array, rule: ScoringRule, k: number): Uint32Array {
  const d = items.columnCount;
  const best = new BestRows(k);
  for (let row = 0; row < items.rowCount; row++) {
    let sum = biases ? biases[row]! : 0;
    for (let j = 0; j < d; j++) sum += query[j]! * items.values[row * d + j]!;
    best.offer(row, rule === 'cosine' ? sum * inverseNorm(items.values.subarray(row * d, (row + 1) * d)) : sum);
  }
  return best.rows();
}

function mean(a: Float64Array, b: Float64Array): Float64Array {
  return a.map((value, j) => (value + b[j]!) / 2);
}
