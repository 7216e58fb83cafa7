/**
 * Makes the factors that all contestants score, and judges their lists. The factors have what trained ones have: a few strong
 * directions, groups of similar items, and a long tail of popularity in their lengths. They are those that an int8 folder
 * stores, so that everybody scores the same numbers.
 */
import { answer } from './rpc.js';

const GROUPS = 300;

let made = null;

function createRandom(seed) {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** Roughly normal: the sum of three uniform numbers. */
const normal = (random) => 2 * (random() + random() + random() - 1.5);

function makeFactors({ itemCount, dimensions, queryCount }) {
  const random = createRandom(itemCount + dimensions);
  const strength = Float64Array.from({ length: dimensions }, (_, j) => (j + 1) ** -0.4);
  const centres = Float64Array.from({ length: GROUPS * dimensions }, (_, at) => normal(random) * strength[at % dimensions]);
  const factors = new Float32Array(new SharedArrayBuffer(itemCount * dimensions * 4));
  const isSmall = factors.length <= 2e7;
  const unquantised = isSmall ? new Float32Array(factors.length) : null;
  const row = new Float64Array(dimensions);
  for (let i = 0; i < itemCount; i++) {
    const centre = Math.floor(random() ** 2 * GROUPS) * dimensions;
    const length = 0.3 + Math.min(4, random() ** -0.3);
    let largest = 0;
    for (let j = 0; j < dimensions; j++) {
      row[j] = length * (0.7 * centres[centre + j] + 0.5 * normal(random) * strength[j]);
      largest = Math.max(largest, Math.abs(row[j]));
    }
    const step = Math.fround(largest / 127);
    for (let j = 0; j < dimensions; j++) {
      const at = i * dimensions + j;
      factors[at] = Math.round(row[j] / step) * step;
      if (unquantised) unquantised[at] = row[j];
    }
  }
  return { factors, unquantised, queries: makeQueries(factors, itemCount, dimensions, queryCount, random) };
}

/** Shoppers: each a blend of twenty items. */
function makeQueries(factors, itemCount, dimensions, queryCount, random) {
  return Array.from({ length: queryCount }, () => {
    const query = new Float32Array(dimensions);
    for (let n = 0; n < 20; n++) {
      const start = Math.floor(random() ** 2 * itemCount) * dimensions;
      for (let j = 0; j < dimensions; j++) query[j] += factors[start + j] / 20;
    }
    return query;
  });
}

async function readModel(base) {
  const [{ readManifest }, { readModelFolder }, { readRow }] = await Promise.all(
    ['artifact/validateManifest', 'artifact/readModelFolder', 'kernels/itemMatrix'].map((path) => import(`/build/src/core/${path}.js`)),
  );
  const read = async (path) => new Uint8Array(await (await fetch(base + path)).arrayBuffer());
  const manifest = readManifest(await read('manifest.json'));
  const { factors: model } = await readModelFolder(manifest, (entry) => read(entry.path), null);
  const { matrix } = model;
  const { itemCount, dimensions } = matrix;
  const factors = new Float32Array(new SharedArrayBuffer(itemCount * dimensions * 4));
  const row = new Float32Array(dimensions);
  for (let i = 0; i < itemCount; i++) factors.set(readRow(matrix, i, row), i * dimensions);
  return { itemCount, dimensions, factors, biases: matrix.biases && matrix.biases.slice(), isExact: matrix.exactRows !== null };
}

/** The float64 score of every row. */
function scoreAll(factors, biases, query, itemCount) {
  const dimensions = query.length;
  const scores = new Float64Array(itemCount);
  for (let i = 0; i < itemCount; i++) {
    let sum = biases ? biases[i] : 0;
    for (let j = 0; j < dimensions; j++) sum += query[j] * factors[i * dimensions + j];
    scores[i] = sum;
  }
  return scores;
}

answer({
  make(options) {
    made = { ...options, biases: null, ...makeFactors(options), truths: new Map() };
    return { factors: made.factors.buffer, queries: made.queries };
  },
  async open({ base, queryCount }) {
    const model = await readModel(base);
    const queries = makeQueries(model.factors, model.itemCount, model.dimensions, queryCount, createRandom(7));
    made = { ...model, unquantised: null, queries, truths: new Map() };
    const { itemCount, dimensions, biases, isExact } = model;
    return { factors: made.factors.buffer, queries, itemCount, dimensions, biases, isExact };
  },
  /** The share of each list that belongs there: its float64 score reaches that of the k-th best row. */
  recall({ lists, k, ofUnquantised = false }) {
    const factors = ofUnquantised ? made.unquantised : made.factors;
    if (!factors) return null;
    let right = 0;
    for (const [q, list] of lists) {
      const key = `${q} ${ofUnquantised}`;
      if (!made.truths.has(key)) made.truths.set(key, scoreAll(factors, made.biases, made.queries[q], made.itemCount));
      const scores = made.truths.get(key);
      const least = Float64Array.from(scores).sort()[Math.max(0, scores.length - k)];
      // Equal scores may differ in their last bits by the order of summation.
      right += [...list].filter((row) => scores[row] >= least - 1e-9 * Math.abs(least)).length / Math.min(k, scores.length);
    }
    return right / lists.length;
  },
});
