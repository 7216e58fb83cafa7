import type { LoadedModel } from '../artifact/readModelFolder.js';
import { queryAfter } from '../artifact/readSequence.js';
import { isZeroRow } from '../kernels/itemMatrix.js';
import type { LoadedMatrix } from '../kernels/topK.js';
import { topK, topKBatch } from '../kernels/topK.js';
import { RowMask, withoutUnmet } from '../ranking/rowMask.js';
import { EVENT_NAMES } from '../types.js';
import type { EvaluationCase } from './eventTable.js';
import type { RowMap, Scorer } from './scorer.js';

export interface SequenceScorerInput {
  readonly name: string;
  readonly model: LoadedModel;
  /** The output rows on the backend that scores. */
  readonly loaded: LoadedMatrix;
  readonly rows: RowMap;
}

/** Ranks by the sequence model alone: the state is stepped over the history, as one session; the first rows where it knows nothing of it. */
export function createSequenceScorer({ name, model, loaded, rows }: SequenceScorerInput): Scorer {
  const { entry, matrix, model: network } = model.sequence!;
  const isTaken = EVENT_NAMES.map((event) => entry.events.includes(event));
  const itemsOf = ({ items, kinds }: EvaluationCase): number[] =>
    Array.from(items, (item, at) => (isTaken[kinds[at]!] ? rows.toFolder[item]! : -1)).filter((row) => row >= 0 && !isZeroRow(matrix, row));
  const unmet = withoutUnmet(new RowMask(matrix.itemCount), matrix);
  return {
    name,
    kind: 'model',
    rank: async (cases, { k, excludeSeen }) => {
      const excluded = cases.map(({ items }) => {
        if (!excludeSeen) return unmet.words;
        const mask = unmet.copy();
        for (const item of items) if (rows.toFolder[item]! >= 0) mask.exclude(rows.toFolder[item]!);
        return mask.words;
      });
      if (model.sequence!.scored) {
        // A network's scores are those of its last query, so each is asked for itself.
        const lists: Uint32Array[] = [];
        for (const [at, question] of cases.entries()) {
          const query = queryAfter(network!, itemsOf(question));
          const { indexes } = await topK(loaded, matrix, { query, rule: 'dot', k, excluded: excluded[at]! });
          lists.push(indexes.map((row) => rows.toTest[row]!));
        }
        return lists;
      }
      const queries = cases.map((question) => queryAfter(network!, itemsOf(question)));
      const best = await topKBatch(loaded, matrix, { queries, rule: 'dot', k, excluded });
      return best.map(({ indexes }) => indexes.map((row) => rows.toTest[row]!));
    },
    dispose: () => loaded.dispose(),
  };
}
