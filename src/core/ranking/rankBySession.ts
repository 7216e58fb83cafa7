import { isZeroRow } from '../kernels/itemMatrix.js';
import type { TopK } from '../kernels/topK.js';
import { logSumExp } from '../models/sequence/logSumExp.js';
import type { PipelineContext, RankedList, RankingParts } from '../pipeline.js';
import type { SessionQuery } from '../sessionTracker.js';
import type { Reason, Recommendation } from '../types.js';
import type { BlendSide } from './blend.js';
import { blendParts, findBlendParts } from './blend.js';
import { sessionText } from './reasonText.js';
import type { RowMask } from './rowMask.js';
import { withoutUnmet } from './rowMask.js';

const MAX_PAST_REASONS = 2;

export interface SessionRanking {
  readonly context: PipelineContext;
  readonly session: NonNullable<PipelineContext['session']>;
  /** Rows to leave out. */
  readonly mask: RowMask;
  readonly limit: number;
  /** Whether each item gets the sequence model's probability. */
  readonly hasProbabilities: boolean;
  readonly parts: RankingParts;
}

/**
 * Ranks by the session, blended with long-term taste where the folder has factors of its own: both find candidates, both score
 * their union, and the standardised scores are added with the folder's weight.
 */
export async function rankBySession({ context, session, mask, limit, hasProbabilities, parts }: SessionRanking): Promise<RankedList> {
  const { current, loaded } = session;
  const { topK, readRow, deriveUserState, historyReasons, toItems, rowScorer } = parts;
  const { factors, catalog } = context.model;
  const { entry, matrix } = context.model.sequence!;
  const hasTaste = matrix !== factors.matrix && entry.blendWeight < 1;
  const state = hasTaste ? deriveUserState(factors, context.history, catalog) : null;
  const language = context.language;
  const title = catalog.title(catalog.indexOf(current.last.itemId)!);
  const sessionReason = (share: number): Reason => ({
    kind: 'session',
    itemId: current.last.itemId,
    title,
    share,
    text: sessionText(language, title),
  });
  const excluded = withoutUnmet(mask, matrix).words;
  const side: BlendSide = { loaded, matrix, query: current.query, rule: 'dot', excluded };
  // What a network gives need not be scores before a softmax.
  const probabilityOf = hasProbabilities && entry.config.kind !== 'network' ? readProbabilities(context, current, rowScorer) : null;
  const withProbability = (items: Recommendation[]): Recommendation[] =>
    probabilityOf ? items.map((item) => ({ ...item, probability: probabilityOf(catalog.indexOf(item.itemId)!) })) : items;
  if (!state) {
    const best = await topK(loaded, matrix, { ...side, k: limit });
    return { strategy: 'session', items: withProbability(toItems(context, best, () => [sessionReason(1)])) };
  }
  const taste: BlendSide = {
    loaded: context.loaded,
    matrix: factors.matrix,
    query: state.vector,
    rule: factors.entry.userRule,
    excluded: mask.words,
  };
  const blended = blendParts(await findBlendParts(side, taste, limit, parts), entry.blendWeight, limit);
  const byRow = new Map(blended.map((part) => [part.row, part]));
  const best: TopK = { indexes: Uint32Array.from(blended, ({ row }) => row), scores: Float32Array.from(blended, ({ score }) => score) };
  const factorRow = new Float32Array(factors.matrix.dimensions);
  return {
    strategy: 'blended',
    items: withProbability(
      toItems(context, best, (itemIndex) => {
        const part = byRow.get(itemIndex)!;
        const share = Math.abs(part.session) / (Math.abs(part.session) + Math.abs(part.taste) || 1);
        const shares = state.explain?.(readRow(factors.matrix, itemIndex, factorRow));
        const past = shares ? historyReasons(context, state, shares, 1).slice(0, MAX_PAST_REASONS) : [];
        return share >= 0.5 ? [sessionReason(share), ...past] : [...past, sessionReason(share)];
      }),
    ),
  };
}

/** The softmax over all rows the sequence model knows, by row; 0 for the others. Rows that are not loaded yet are not counted in. */
function readProbabilities(
  { model: { sequence, availableRows } }: PipelineContext,
  { query }: SessionQuery,
  rowScorer: RankingParts['rowScorer'],
): (row: number) => number {
  const { matrix } = sequence!;
  const toScore = rowScorer(matrix, query, 'dot');
  const scores = Float32Array.from({ length: availableRows }, (_, row) => (isZeroRow(matrix, row) ? -Infinity : toScore(row)));
  const total = logSumExp(scores);
  return (row) => Math.exp(scores[row]! - total);
}
