/** The order of work of every list: state -> exclusions -> score -> explain. Pure: the same inputs give the same list. Lists with rules: strategies/. */
import type { LoadedModel } from './artifact/readModelFolder.js';
import { RecommenderError, show } from './errors.js';
import { readRow } from './kernels/itemMatrix.js';
import type { LoadedMatrix, TopK } from './kernels/topK.js';
import { rowScorer, topK } from './kernels/topK.js';
import { DEFAULT_LIMIT, MAX_LIMIT } from './listLimits.js';
import type { RowMask } from './ranking/rowMask.js';
import { excludeRows } from './ranking/rowMask.js';
import { historyText, popularText, profileText, similarText } from './ranking/reasonText.js';
import type { SessionQuery } from './sessionTracker.js';
import type { HistoryEntry, ItemId, Language, Reason, Recommendation, RecommendOptions, SimilarItemsOptions, Strategy } from './types.js';
import type { UserState } from './userState.js';
import { deriveUserState, seenItems } from './userState.js';

export interface PipelineContext {
  readonly model: LoadedModel;
  /** The model's factors on the backend in use. */
  readonly loaded: LoadedMatrix;
  /** Rows that may not be recommended; see `unavailableRows`. */
  readonly unavailable: RowMask;
  readonly history: readonly HistoryEntry[];
  readonly language: Language;
  /** The session under way and the sequence model's rows on the backend in use; null without one. */
  readonly session?: { readonly current: SessionQuery; readonly loaded: LoadedMatrix } | null;
}

export interface RankedList {
  readonly strategy: Strategy;
  readonly items: readonly Recommendation[];
}

const MAX_REASONS = 3;

/** What every way of ranking is made of. Those in files of their own are handed these, so as not to carry them again. */
export interface RankingParts {
  readonly topK: typeof topK;
  readonly rowScorer: typeof rowScorer;
  readonly readRow: typeof readRow;
  readonly deriveUserState: typeof deriveUserState;
  readonly historyReasons: typeof historyReasons;
  readonly toItems: typeof toItems;
}

const PARTS: RankingParts = { topK, rowScorer, readRow, deriveUserState, historyReasons, toItems };

/** Ranks items for the shopper: by the given vector, else by the history, else by popularity. */
export async function recommend(context: PipelineContext, options: RecommendOptions, userVector: Float32Array | null): Promise<RankedList> {
  const { model, history } = context;
  const { excludeSeen = true, exclude = [] } = options;
  const seen = excludeSeen ? seenItems(history) : [];
  const mask = excludeRows(context.unavailable, model.catalog, [...exclude, ...seen]);
  const limit = checkLimit(options.limit);
  if (userVector) return rankByVector(context, userVector, mask, limit);
  if (context.session)
    return model.sequence!.room.rank({
      context,
      session: context.session,
      mask,
      limit,
      hasProbabilities: options.probabilities === true,
      parts: PARTS,
    });
  const state = deriveUserState(model.factors, history, model.catalog);
  return state ? rankByHistory(context, state, mask, limit) : rankByPopularity(context, mask, limit);
}

/** Ranks the neighbours of an item. Throws `input/unknown-item`. */
export async function similarItems(context: PipelineContext, itemId: ItemId, options: SimilarItemsOptions): Promise<RankedList> {
  const { factors, catalog } = context.model;
  const row = catalog.indexOf(itemId);
  if (row === undefined) {
    throw new RecommenderError(
      'input/unknown-item',
      `The model does not know the item ${show(itemId)}. Ask for one of its ${catalog.itemCount} items, or pack the model again.`,
      { itemId },
    );
  }
  const mask = excludeRows(context.unavailable, catalog, [itemId, ...(options.exclude ?? [])]);
  const query = readRow(factors.matrix, row, new Float32Array(factors.matrix.dimensions));
  const rule = factors.entry.itemRule;
  const best = await topK(context.loaded, factors.matrix, { query, rule, k: checkLimit(options.limit), excluded: mask.words });
  const title = catalog.title(row);
  const text = similarText(context.language, title);
  return { strategy: 'similar', items: toItems(context, best, (_, similarity) => [{ kind: 'similar', itemId, title, similarity, text }]) };
}

async function rankByVector(context: PipelineContext, query: Float32Array, mask: RowMask, limit: number): Promise<RankedList> {
  const { matrix, entry } = context.model.factors;
  const best = await topK(context.loaded, matrix, { query, rule: entry.userRule, k: limit, excluded: mask.words });
  const reason: Reason = { kind: 'profile', text: profileText(context.language) };
  return { strategy: 'personal', items: toItems(context, best, () => [reason]) };
}

async function rankByHistory(context: PipelineContext, state: UserState, mask: RowMask, limit: number): Promise<RankedList> {
  const { matrix, entry } = context.model.factors;
  const best = await topK(context.loaded, matrix, { query: state.vector, rule: entry.userRule, k: limit, excluded: mask.words });
  const row = new Float32Array(matrix.dimensions);
  return {
    strategy: 'personal',
    items: toItems(context, best, (itemIndex, score) => {
      const shares = state.explain?.(readRow(matrix, itemIndex, row));
      if (!shares) return [];
      // Under the cosine rule the dot product, and so each share, is divided by both norms.
      const scale = entry.userRule === 'cosine' ? score / (shares.reduce((sum, share) => sum + share, 0) || 1) : 1;
      return historyReasons(context, state, shares, scale);
    }),
  };
}

function historyReasons({ model, language }: PipelineContext, state: UserState, shares: Float64Array, scale: number): Reason[] {
  return state.items
    .map((item, at) => ({ item, contribution: shares[at]! * scale }))
    .filter(({ contribution }) => contribution > 0)
    .sort((a, b) => b.contribution - a.contribution)
    .slice(0, MAX_REASONS)
    .map(({ item: { entry, itemIndex }, contribution }) => {
      const title = model.catalog.title(itemIndex);
      return {
        kind: 'history',
        event: entry.event,
        itemId: entry.itemId,
        title,
        contribution,
        text: historyText(language, entry.event, title),
      };
    });
}

function rankByPopularity(context: PipelineContext, mask: RowMask, limit: number): RankedList {
  const { catalog, manifest, availableRows } = context.model;
  const rows: number[] = [];
  for (let row = 0; row < availableRows && rows.length < limit; row++) if (!mask.has(row)) rows.push(row);
  const best: TopK = { indexes: Uint32Array.from(rows), scores: Float32Array.from(rows, (row) => catalog.popularity(row)) };
  const text = popularText(context.language);
  // Rows of a folder packed without counts stand in the source's order: nothing to claim then.
  return {
    strategy: 'popular',
    items: toItems(context, best, (row) => (manifest.sortedByPopularity ? [{ kind: 'popular', rank: row + 1, text }] : [])),
  };
}

function toItems(
  { model }: PipelineContext,
  { indexes, scores }: TopK,
  reasons: (itemIndex: number, score: number) => Reason[],
): Recommendation[] {
  return Array.from(indexes, (itemIndex, at) => {
    const score = scores[at]!;
    return { itemId: model.catalog.itemId(itemIndex), score, reasons: reasons(itemIndex, score), item: model.catalog.item(itemIndex) };
  });
}

function checkLimit(limit: number = DEFAULT_LIMIT): number {
  if (Number.isInteger(limit) && limit >= 1 && limit <= MAX_LIMIT) return limit;
  throw new RecommenderError('input/invalid', `limit is ${show(limit)}. Use a whole number from 1 to ${MAX_LIMIT}.`, { seen: show(limit) });
}
