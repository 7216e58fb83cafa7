import type { ContentTable } from '../artifact/tables/contentTable.js';
import type { TrendTable } from '../artifact/tables/trendTable.js';
import type { Catalog } from '../catalog.js';
import { isZeroRow, readRow } from '../kernels/itemMatrix.js';
import type { LoadedMatrix, TopK } from '../kernels/topK.js';
import { inverseNorm, topKBatch } from '../kernels/topK.js';
import type { HistoryWeight } from '../models/foldIn.js';
import type { RowMask } from '../ranking/rowMask.js';
import { EVENT_NAMES } from '../types.js';
import { weighHistory } from '../userState.js';
import { caseHistory, fillUp, seenRows } from './caseHistory.js';
import type { EvaluationCase } from './eventTable.js';
import type { RowMap, Scorer } from './scorer.js';

export interface TableScorerInput {
  readonly name: string;
  readonly catalog: Catalog;
  readonly rows: RowMap;
}

/** Every event counts 1, whatever its kind. */
const ALL_ALIKE: Readonly<Record<string, number>> = Object.fromEntries(EVENT_NAMES.map((name) => [name, 1]));

/** What ranks from a weighed history, newest item first: a neighbour table, or prototypes. */
export interface HistoryRanker {
  rank(history: readonly HistoryWeight[], k: number, excluded: RowMask | null): TopK;
}

/** Ranks with a table as a page does; lists that stay short are filled up with the first rows, which are the popular items. */
export function createHistoryScorer(
  { name, catalog, rows }: TableScorerInput,
  model: HistoryRanker,
  eventWeights: Readonly<Record<string, number>> | null,
): Scorer {
  return {
    name,
    kind: 'model',
    rank: async (cases, { k, excludeSeen }) =>
      cases.map((question) => {
        const mask = excludeSeen ? seenRows(question, rows, catalog.itemCount) : null;
        const history = weighHistory(caseHistory(question, rows, catalog), catalog, eventWeights ?? ALL_ALIKE);
        return fillUp(model.rank(history, k, mask).indexes, catalog.itemCount, k, mask).map((row) => rows.toTest[row]!);
      }),
  };
}

/** The newest items of a history make the query; each older one counts less. */
const CONTENT_ITEMS = 10;
const CONTENT_DECAY = 0.8;

/** Ranks by likeness to what the shopper met last, in text and attributes alone. */
export function createContentScorer({ name, catalog, rows }: TableScorerInput, { matrix }: ContentTable, loaded: LoadedMatrix): Scorer {
  const row = new Float32Array(matrix.dimensions);
  const queryOf = (question: EvaluationCase): Float32Array | null => {
    const query = new Float32Array(matrix.dimensions);
    const history = weighHistory(caseHistory(question, rows, catalog), catalog, ALL_ALIKE).filter(
      ({ itemIndex }) => !isZeroRow(matrix, itemIndex),
    );
    history.slice(0, CONTENT_ITEMS).forEach(({ itemIndex }, place) => {
      const scale = inverseNorm(readRow(matrix, itemIndex, row)) * CONTENT_DECAY ** place;
      for (let j = 0; j < query.length; j++) query[j]! += scale * row[j]!;
    });
    return history.length > 0 ? query : null;
  };
  return {
    name,
    kind: 'model',
    rank: async (cases, { k, excludeSeen }) => {
      const masks = cases.map((question) => (excludeSeen ? seenRows(question, rows, catalog.itemCount) : null));
      const queries = cases.map(queryOf);
      const asked = queries.flatMap((query, at) => (query ? [{ query, at }] : []));
      const best = await topKBatch(loaded, matrix, {
        queries: asked.map(({ query }) => query),
        rule: 'cosine',
        k,
        excluded: excludeSeen ? asked.map(({ at }) => masks[at]!.words) : null,
      });
      const own = new Map(asked.map(({ at }, i) => [at, best[i]!.indexes]));
      return cases.map((_, at) =>
        fillUp(own.get(at) ?? new Uint32Array(), catalog.itemCount, k, masks[at]!).map((found) => rows.toTest[found]!),
      );
    },
    dispose: () => loaded.dispose(),
  };
}

/** Gives everyone the items with the highest recent rate. */
export function createTrendScorer({ name, catalog, rows }: TableScorerInput, { recentRates }: TrendTable): Scorer {
  const byRate = Uint32Array.from(recentRates.keys()).sort((a, b) => recentRates[b]! - recentRates[a]! || a - b);
  return {
    name,
    kind: 'model',
    rank: async (cases, { k, excludeSeen }) =>
      cases.map((question) => {
        const mask = excludeSeen ? seenRows(question, rows, catalog.itemCount) : null;
        const list: number[] = [];
        for (let at = 0; at < byRate.length && list.length < k; at++) if (!mask?.has(byRate[at]!)) list.push(byRate[at]!);
        return Uint32Array.from(list, (row) => rows.toTest[row]!);
      }),
  };
}
