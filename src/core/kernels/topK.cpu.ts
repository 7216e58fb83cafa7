import type { Backend, CandidateRequest, ItemMatrix, LoadedMatrix } from './topK.js';
import { isExcluded, rowScorer } from './topK.js';
import { BestRows } from './bestRows.js';

/** The reference backend: plain JavaScript, exact scores, runs wherever JavaScript does. */
export function createCpuBackend(): Backend {
  return {
    name: 'cpu',
    adapter: '',
    load: async (matrix) => loadOnCpu(matrix),
    close: () => {},
  };
}

/** Makes a matrix ready for plain JavaScript. Nothing is copied: what is written into the matrix later counts. */
export function loadOnCpu(matrix: ItemMatrix): LoadedMatrix {
  return {
    findCandidates: async (request) => findCandidates(matrix, request),
    findCandidatesBatch: async ({ queries, rule, count, excluded }) =>
      queries.map((query, q) => findCandidates(matrix, { query, rule, count, excluded: excluded?.[q] ?? null })),
    dispose: () => {},
  };
}

function findCandidates(matrix: ItemMatrix, { query, rule, count, excluded }: CandidateRequest): Uint32Array {
  const toScore = rowScorer(matrix, query, rule);
  const best = new BestRows(count);
  for (let row = 0; row < matrix.itemCount; row++) {
    if (!isExcluded(excluded, row)) best.offer(row, toScore(row));
  }
  return best.rows();
}
