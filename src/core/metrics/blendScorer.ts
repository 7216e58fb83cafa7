import type { LoadedModel } from '../artifact/readModelFolder.js';
import { queryAfter } from '../artifact/readSequence.js';
import { isZeroRow } from '../kernels/itemMatrix.js';
import type { LoadedMatrix } from '../kernels/topK.js';
import { rowScorer, topK } from '../kernels/topK.js';
import type { BlendParts, BlendSide } from '../ranking/blend.js';
import { blendParts, findBlendParts } from '../ranking/blend.js';
import { RowMask, withoutUnmet } from '../ranking/rowMask.js';
import { currentSession } from '../sessionTracker.js';
import type { HistoryEntry } from '../types.js';
import { EVENT_NAMES } from '../types.js';
import { deriveUserState } from '../userState.js';
import { firstRows } from './caseHistory.js';
import type { EvaluationCase } from './eventTable.js';
import type { RankOptions, RowMap, Scorer } from './scorer.js';

const MINUTE_MS = 60_000;
const SCORING = { topK, rowScorer };

export interface BlendScorerInput {
  readonly name: string;
  /** With factors of its own and a sequence model. */
  readonly model: LoadedModel;
  /** The sequence model's output rows, and the factors, on the backend that scores. */
  readonly session: LoadedMatrix;
  readonly taste: LoadedMatrix;
  readonly rows: RowMap;
}

/** What both models are asked about a case; null where the history says nothing to one. */
interface BlendQuestion {
  readonly session: BlendSide | null;
  readonly taste: BlendSide | null;
  readonly mask: RowMask;
}

/** Ranks as a page does within a session: both models find candidates, and the folder's weight blends them. */
export function createBlendScorer(input: BlendScorerInput): Scorer {
  const ask = createBlendQuestions(input);
  const weight = input.model.sequence!.entry.blendWeight;
  const { itemCount } = input.model.catalog;
  const rank = async (question: EvaluationCase, { k, excludeSeen }: RankOptions): Promise<Uint32Array> => {
    const { session, taste, mask } = ask(question, excludeSeen);
    if (session && taste && weight < 1)
      return Uint32Array.from(blendParts(await findBlendParts(session, taste, k, SCORING), weight, k), ({ row }) => row);
    const side = session ?? taste;
    return side ? (await topK(side.loaded, side.matrix, { ...side, k })).indexes : firstRows(itemCount, k, mask);
  };
  return {
    name: input.name,
    kind: 'model',
    rank: async (cases, options) => {
      const lists: Uint32Array[] = [];
      for (const question of cases) lists.push((await rank(question, options)).map((row) => input.rows.toTest[row]!));
      return lists;
    },
    // The session's rows belong to the scorer of the sequence model alone.
    dispose: () => input.taste.dispose(),
  };
}

/** What a list of `limit` would be blended of, seen items left out; null where only one of the models knows the history. */
export function createBlendReader(input: BlendScorerInput): (question: EvaluationCase, limit: number) => Promise<BlendParts | null> {
  const ask = createBlendQuestions(input);
  return async (question, limit) => {
    const { session, taste } = ask(question, true);
    return session && taste ? findBlendParts(session, taste, limit, SCORING) : null;
  };
}

function createBlendQuestions({ model, session, taste, rows }: BlendScorerInput) {
  const { catalog, factors } = model;
  const { entry, matrix, model: network } = model.sequence!;
  const taken = new Set(entry.events);
  return ({ items, kinds, timesMs }: EvaluationCase, excludeSeen: boolean): BlendQuestion => {
    const mask = new RowMask(catalog.itemCount);
    const history: HistoryEntry[] = [];
    items.forEach((item, at) => {
      const row = rows.toFolder[item]!;
      if (row < 0) return;
      if (excludeSeen) mask.exclude(row);
      history.push({ timeMs: timesMs[at]!, event: EVENT_NAMES[kinds[at]!]!, itemId: catalog.itemId(row), quantity: 1 });
    });
    const lastMs = history.at(-1)?.timeMs ?? 0;
    const met = currentSession(history, taken, entry.sessionGapMinutes * MINUTE_MS, lastMs)
      .map(({ itemId }) => catalog.indexOf(itemId)!)
      .filter((row) => !isZeroRow(matrix, row));
    const state = deriveUserState(factors, history, catalog);
    return {
      mask,
      session:
        met.length === 0
          ? null
          : { loaded: session, matrix, query: queryAfter(network!, met), rule: 'dot', excluded: withoutUnmet(mask, matrix).words },
      taste: state && {
        loaded: taste,
        matrix: factors.matrix,
        query: state.vector,
        rule: factors.entry.userRule,
        excluded: mask.words,
      },
    };
  };
}
