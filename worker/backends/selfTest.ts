import { RecommenderError } from '../../src/core/errors.js';
import { createItemMatrix, setRow } from '../../src/core/kernels/itemMatrix.js';
import { createCpuBackend } from '../../src/core/kernels/topK.cpu.js';
import { topK, type Backend, type ItemMatrix, type LoadedMatrix, type TopKRequest } from '../../src/core/kernels/topK.js';

/** No power of two, over 2,048 (half floats cannot count further) and no multiple of 32. */
const ITEM_COUNT = 2_531;
/** Over 48 (a block that one library got wrong) and no multiple of 16. */
const DIMENSIONS = 70;
const K = 20;
/** Rows that are equal to the one before, so that ties must be broken. */
const TIE_EVERY = 5;

/**
 * Compares a backend with the CPU reference on a small generated matrix with negative scores, ties, biases and exclusions,
 * under both rules, bit for bit. `hasExactRows`: with f32 factors beside the int8 ones, as the model has that is to be scored, which a backend may
 * scan in another way. Throws `backend/failed` with the first difference.
 */
export async function runSelfTest(backend: Backend, hasExactRows = false): Promise<void> {
  const { matrix, requests } = goldenCases(hasExactRows);
  const loaded = await backend.load(matrix);
  try {
    const difference = await compareWithReference(loaded, matrix, requests).catch((error: unknown) => String(error));
    if (difference !== null)
      throw new RecommenderError('backend/failed', `The ${backend.name} backend failed its self-test: ${difference}.`);
  } finally {
    loaded.dispose();
  }
}

/** Runs each request on `loaded` and on the CPU reference. Returns null when all agree, else the first difference, in words. */
export async function compareWithReference(
  loaded: LoadedMatrix,
  matrix: ItemMatrix,
  requests: readonly TopKRequest[],
): Promise<string | null> {
  const reference = await createCpuBackend().load(matrix);
  for (const request of requests) {
    const expected = await topK(reference, matrix, request);
    const seen = await topK(loaded, matrix, request);
    if (seen.indexes.length !== expected.indexes.length) {
      return `rule ${request.rule} gave ${seen.indexes.length} rows instead of ${expected.indexes.length}`;
    }
    for (let rank = 0; rank < expected.indexes.length; rank++) {
      if (seen.indexes[rank] !== expected.indexes[rank] || !Object.is(seen.scores[rank], expected.scores[rank])) {
        return (
          `rule ${request.rule}, rank ${rank + 1}: row ${seen.indexes[rank]} with score ${seen.scores[rank]} ` +
          `instead of row ${expected.indexes[rank]} with ${expected.scores[rank]}`
        );
      }
    }
  }
  return null;
}

function goldenCases(hasExactRows: boolean): { matrix: ItemMatrix; requests: readonly TopKRequest[] } {
  const random = createRandom(20_240_501);
  const matrix = createItemMatrix({
    itemCount: ITEM_COUNT,
    dimensions: DIMENSIONS,
    hasBiases: true,
    hasExactRows,
    wasmScratchBytes: null,
  });
  let factors = new Float32Array(DIMENSIONS);
  for (let row = 0; row < ITEM_COUNT; row++) {
    if (row % TIE_EVERY !== 1) factors = factors.map(random);
    setRow(matrix, row, factors);
    // A row equal to the one before has its bias too.
    matrix.biases![row] = row % TIE_EVERY === 1 ? matrix.biases![row - 1]! : random() * 4;
  }
  const excluded = new Uint32Array(Math.ceil(ITEM_COUNT / 32)).map((_, word) => (word % 7 === 0 ? 0xffff_ffff : 1 << (word & 31)));
  const query = new Float32Array(DIMENSIONS).map(random);
  // Only a handful of rows allowed, all with negative scores: the worst ones.
  const opposite = query.map((value) => -value);
  const fewAllowed = new Uint32Array(excluded.length).fill(0xffff_ffff);
  fewAllowed[70] = 0xffff_0000;
  const requests: TopKRequest[] = [];
  for (const rule of ['dot', 'cosine'] as const) {
    requests.push({ query, rule, k: K, excluded: null });
    requests.push({ query: opposite, rule, k: K, excluded });
    requests.push({ query, rule, k: K, excluded: fewAllowed });
  }
  // All cosines are equal, and under `dot` only the biases count.
  requests.push({ query: new Float32Array(DIMENSIONS), rule: 'cosine', k: K, excluded });
  return { matrix, requests };
}

/** Uniform in [-1, 1): a linear congruential generator (Numerical Recipes), enough for made-up factors. */
function createRandom(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 31 - 1;
  };
}
