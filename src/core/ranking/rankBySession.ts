import type { TopK } from '../kernels/topK.js';
import type { PipelineContext, RankedList, RankingParts } from '../pipeline.js';
import type { Reason } from '../types.js';
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
  readonly parts: RankingParts;
}

/**
 * Ranks by the session, blended with long-term taste where the folder has factors of its own: both find candidates, both score
 * their union, and the standardised scores are added with the folder's weight.
 */
export async function rankBySession({ context, session, mask, limit, parts }: SessionRanking): Promise<RankedList> {
  const { current, loaded } = session;
  const { topK, readRow, deriveUserState, historyReasons, toItems } = parts;
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
  if (!state) {
    const best = await topK(loaded, matrix, { ...side, k: limit });
    return { strategy: 'session', items: toItems(context, best, () => [sessionReason(1)]) };
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
    items: toItems(context, best, (itemIndex) => {
      const part = byRow.get(itemIndex)!;
      const share = Math.abs(part.session) / (Math.abs(part.session) + Math.abs(part.taste) || 1);
      const shares = state.explain?.(readRow(factors.matrix, itemIndex, factorRow));
      const past = shares ? historyReasons(context, state, shares, 1).slice(0, MAX_PAST_REASONS) : [];
      return share >= 0.5 ? [sessionReason(share), ...past] : [...past, sessionReason(share)];
    }),
  };
}
