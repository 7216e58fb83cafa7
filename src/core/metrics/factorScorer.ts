import type { Catalog } from '../catalog.js';
import type { LoadedMatrix, TopK } from '../kernels/topK.js';
import { topKBatch } from '../kernels/topK.js';
import type { FactorModel } from '../models/factorModel.js';
import type { Select } from '../ranking/pool.js';
import type { RowMask } from '../ranking/rowMask.js';
import { deriveUserState } from '../userState.js';
import { caseHistory, firstRows, seenRows } from './caseHistory.js';
import type { RankOptions, RowMap, Scorer } from './scorer.js';

export interface FactorScorerInput {
  readonly name: string;
  readonly model: FactorModel;
  readonly catalog: Catalog;
  /** The model's matrix on the backend that scores. */
  readonly loaded: LoadedMatrix;
  readonly rows: RowMap;
  /** Chooses each list from a larger pool: diversity, say. Absent: the best. */
  readonly rerank?: { readonly poolSize: (limit: number) => number; readonly select: Select };
}

/**
 * Ranks as a page does: history weighed and folded in, the kernel's candidates, exact scores. A history that says nothing about
 * the model's items gives the first rows, which are the popular items. What is out of stock today is not left out: the events are older.
 */
export function createFactorScorer({ name, model, catalog, loaded, rows, rerank }: FactorScorerInput): Scorer {
  const { itemCount } = catalog;
  const popular = (count: number, mask: RowMask | null): TopK => {
    const indexes = firstRows(itemCount, count, mask);
    return { indexes, scores: Float32Array.from(indexes, (row) => catalog.popularity(row)) };
  };
  return {
    name,
    kind: 'model',
    rank: async (cases, { k, excludeSeen }: RankOptions) => {
      const lists: Uint32Array[] = [];
      const asked: { readonly at: number; readonly query: Float32Array; readonly excluded: Uint32Array | null }[] = [];
      cases.forEach((question, at) => {
        const mask = excludeSeen ? seenRows(question, rows, itemCount) : null;
        const state = deriveUserState(model, caseHistory(question, rows, catalog), catalog);
        if (state) asked.push({ at, query: state.vector, excluded: mask?.words ?? null });
        else lists[at] = rerank ? choose(popular(rerank.poolSize(k), mask), k, rerank.select) : firstRows(itemCount, k, mask);
      });
      const best = await topKBatch(loaded, model.matrix, {
        queries: asked.map(({ query }) => query),
        rule: model.entry.userRule,
        k: rerank?.poolSize(k) ?? k,
        excluded: excludeSeen ? asked.map(({ excluded }) => excluded) : null,
      });
      asked.forEach(({ at }, i) => (lists[at] = rerank ? choose(best[i]!, k, rerank.select) : best[i]!.indexes));
      return lists.map((list) => list.map((row) => rows.toTest[row]!));
    },
    dispose: () => loaded.dispose(),
  };
}

function choose({ indexes, scores }: TopK, limit: number, select: Select): Uint32Array {
  const positions = select({ rows: indexes, scores: Float64Array.from(scores) }, limit, null);
  return Uint32Array.from(positions, (at) => indexes[at]!);
}
