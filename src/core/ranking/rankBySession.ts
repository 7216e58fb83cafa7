import type { TopK } from '../kernels/topK.js';
import type { PipelineContext, RankedList, RankingParts } from '../pipeline.js';
import { MAX_LIMIT } from '../pipeline.js';
import type { Reason } from '../types.js';
import { sessionText } from './reasonText.js';
import type { RowMask } from './rowMask.js';
import { withoutUnmet } from './rowMask.js';

/** Candidates of each part per wanted item, up to what the kernels find in one go. */
const BLEND_CANDIDATES = 5;
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
  const { topK, rowScorer, readRow, deriveUserState, historyReasons, toItems } = parts;
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
  const k = state ? Math.min(MAX_LIMIT, limit * BLEND_CANDIDATES) : limit;
  const bySession = await topK(loaded, matrix, { query: current.query, rule: 'dot', k, excluded });
  if (!state) return { strategy: 'session', items: toItems(context, bySession, () => [sessionReason(1)]) };

  const rule = factors.entry.userRule;
  const byTaste = await topK(context.loaded, factors.matrix, { query: state.vector, rule, k, excluded: mask.words });
  const rows = [...new Set([...bySession.indexes, ...byTaste.indexes])].sort((a, b) => a - b);
  const sessionScores = standardised(rows, rowScorer(matrix, current.query, 'dot'));
  const tasteScores = standardised(rows, rowScorer(factors.matrix, state.vector, rule));
  const weight = entry.blendWeight;
  const blended = rows
    .map((row, at) => ({ row, session: weight * sessionScores[at]!, taste: (1 - weight) * tasteScores[at]! }))
    .map((part) => ({ ...part, score: Math.fround(part.session + part.taste) }))
    .sort((a, b) => b.score - a.score || a.row - b.row)
    .slice(0, limit);
  const byRow = new Map(blended.map((part) => [part.row, part]));
  const best: TopK = { indexes: Uint32Array.from(blended, ({ row }) => row), scores: Float32Array.from(blended, ({ score }) => score) };
  const factorRow = new Float32Array(factors.matrix.dimensions);
  return {
    strategy: 'blended',
    items: toItems(context, best, (itemIndex) => {
      const { session, taste } = byRow.get(itemIndex)!;
      const share = Math.abs(session) / (Math.abs(session) + Math.abs(taste) || 1);
      const shares = state.explain?.(readRow(factors.matrix, itemIndex, factorRow));
      const past = shares ? historyReasons(context, state, shares, 1).slice(0, MAX_PAST_REASONS) : [];
      return share >= 0.5 ? [sessionReason(share), ...past] : [...past, sessionReason(share)];
    }),
  };
}

/** Scores less their mean, over their standard deviation: what two models give becomes comparable. */
function standardised(rows: readonly number[], toScore: (row: number) => number): Float64Array {
  const scores = Float64Array.from(rows, toScore);
  const mean = scores.reduce((sum, score) => sum + score, 0) / rows.length;
  const deviation = Math.sqrt(scores.reduce((sum, score) => sum + (score - mean) ** 2, 0) / rows.length) || 1;
  return scores.map((score) => (score - mean) / deviation);
}
