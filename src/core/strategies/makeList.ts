import { RecommenderError, show } from '../errors.js';
import { DEFAULT_LIMIT, MAX_LIMIT } from '../listLimits.js';
import { boostGroups, mergedSource } from '../ranking/boosts.js';
import { CapCounter } from '../ranking/caps.js';
import { emptyBecause } from '../ranking/emptyBecause.js';
import { fillList } from '../ranking/fillList.js';
import type { JudgeProblem, Verdicts } from '../ranking/judgeItems.js';
import { placePins } from '../ranking/pins.js';
import type { RowSet } from '../ranking/rowSet.js';
import type { ShopTexts } from '../ranking/shopTexts.js';
import type { Rung, ShelfFacts, StrategyName } from '../strategyTypes.js';
import type { CatalogItem, Recommendation, Strategy } from '../types.js';
import { reasonsOf } from './becauseOf.js';
import type { Candidates, Contribution } from './candidates.js';
import { listConditions, meetAll } from './conditions.js';
import type { ListRequest } from './listRequest.js';
import { checkRequest } from './listRequest.js';
import { LADDER, RANKERS, SHOP_WIDE } from './rankers.js';
import { chooseSelection } from './selection.js';
import type { Ask, Shop } from './shop.js';
import { NotHere } from './shop.js';

/** Asks the page about candidates; see judgeItems.ts. */
export type Judge = (items: readonly CatalogItem[]) => Promise<Verdicts>;

export interface MadeList extends ShelfFacts {
  readonly strategy: Strategy;
  readonly items: readonly Recommendation[];
}

export interface ListInput {
  readonly shop: Shop;
  readonly texts: ShopTexts;
  readonly userVector: Float32Array | null;
  readonly judge: Judge | null;
}

interface Chosen {
  readonly row: number;
  readonly score: number;
  readonly strategy: Strategy;
  readonly contributions: readonly Contribution[];
}

/** Makes one list: conditions, then strategy by strategy until it is full, then pins and reasons. Throws on what cannot be meant. */
export async function makeList(request: ListRequest, { shop, texts, userVector, judge }: ListInput): Promise<MadeList> {
  checkRequest(request);
  const { options } = request;
  const limit = checkLimit(options.limit);
  const { catalog } = shop.context.model;
  const conditions = listConditions(shop, request);
  const allowed = meetAll(conditions, catalog.itemCount);
  const { caps = [] } = options;
  const selection = chooseSelection(shop, options, limit);
  const problems: JudgeProblem[] = [];
  let problemCount = 0;
  const judgeRows =
    judge &&
    (async (rows: Uint32Array): Promise<Uint8Array> => {
      const verdicts = await judge(Array.from(rows, (row) => catalog.item(row)));
      problems.push(...verdicts.problems);
      problemCount += verdicts.problemCount;
      return verdicts.accepted;
    });

  const list: Chosen[] = [];
  const rungs: Rung[] = [];
  for (const name of ladderOf(request)) {
    if (list.length === limit) break;
    const missing = limit - list.length;
    const ask = askOf(shop, request, name, userVector, missing);
    const taken = takenOut(allowed, list);
    const own = ask.category !== null && SHOP_WIDE.has(name) ? taken.intersect(categoryRows(shop, ask.category)) : taken;
    const candidates = await RANKERS[name](shop, ask, own);
    if (candidates instanceof NotHere) {
      rungs.push({ strategy: name, items: 0, reason: candidates.reason });
      continue;
    }
    const held = list.map(({ row }) => row);
    const { select, poolSize } = selection;
    const filled = await fillList({
      source: boostedSource(candidates, own, request, shop),
      limit: missing,
      ...(judgeRows && { judge: judgeRows }),
      ...(caps.length > 0 && {
        room: new CapCounter(caps, shop.index).begin(held),
        poolRoom: new CapCounter(caps, shop.index, Math.floor(poolSize / missing)).begin(held),
      }),
      ...(select && { select }),
      poolSize,
    });
    filled.rows.forEach((row, at) => list.push(explained(candidates, row, filled.scores[at]!)));
    rungs.push({ strategy: candidates.strategy, items: filled.rows.length });
  }
  const pinned = pinItems(list, request, shop, limit);
  return {
    strategy: rungs.find(({ items }) => items > 0)?.strategy ?? rungs[0]!.strategy,
    items: pinned.entries.map((one) => toRecommendation(shop, texts, one, rungs.length > 1)),
    rungs,
    ...(list.length === 0 && emptyFacts(conditions)),
    ...(problemCount > 0 && { filterProblems: { count: problemCount, first: problems.slice(0, 5) } }),
    ...(pinned.dropped.length > 0 && { droppedPins: pinned.dropped }),
  };
}

/** Without a page there is no category to tell a trend of: then what all choose, as in a call that needs none of this. */
export function ladderUnder({ context }: Pick<ListRequest['options'], 'context'>): readonly StrategyName[] {
  return context ? LADDER : LADDER.filter((name) => name !== 'trending');
}

export function ladderOf({ strategy, options }: ListRequest): StrategyName[] {
  const fallback = options.fallback ?? (strategy === null ? ladderUnder(options).slice(1) : []);
  return [...new Set([strategy ?? 'personal', ...fallback])];
}

/** What a strategy of the ladder is asked: strategies of the whole shop are narrowed to the page's category, by its item if need be. */
export function askOf(shop: Shop, request: ListRequest, name: StrategyName, userVector: Float32Array | null, limit: number): Ask {
  const { context = {}, dateField } = request.options;
  const { catalog } = shop.context.model;
  const itemIds = request.itemIds.length > 0 ? request.itemIds : context.itemId === undefined ? [] : [context.itemId];
  const row = itemIds.map((itemId) => catalog.indexOf(itemId)).find((one) => one !== undefined);
  const ofItem = row === undefined ? null : ([catalog.value(row, 'category') ?? []].flat()[0] ?? null);
  const isLed = request.strategy === null || name !== request.strategy;
  return {
    itemIds,
    category: request.category ?? context.category ?? (isLed && typeof ofItem === 'string' ? ofItem : null),
    searchTerm: context.searchTerm ?? null,
    userVector,
    limit,
    dateField: dateField ?? null,
  };
}

function categoryRows({ index }: Shop, category: string): RowSet {
  return index.rows(index.parse({ category: { under: category } }));
}

function takenOut(allowed: RowSet, list: readonly Chosen[]): RowSet {
  const left = allowed.copy();
  for (const { row } of list) left.remove(row);
  return left;
}

/** With boosts, a source for each group of rows that is boosted alike: their best, merged, are the best of all. */
function boostedSource(
  candidates: Candidates,
  allowed: RowSet,
  { options }: ListRequest,
  { index }: Shop,
): ReturnType<Candidates['source']> {
  const { boost = [] } = options;
  if (boost.length === 0) return candidates.source(allowed);
  const total = allowed.size || 1;
  return mergedSource(
    boostGroups(boost, index).map(({ rows, toScore }) => {
      const own = allowed.intersect(rows);
      return { source: candidates.source(own), toScore, share: own.size / total };
    }),
  );
}

function explained(candidates: Candidates, row: number, score: number): Chosen {
  const plain = candidates.scoreOf(row) ?? score;
  const contributions = candidates.explain(row, plain);
  const boost = score - plain;
  if (boost === 0) return { row, score, strategy: candidates.strategy, contributions };
  return {
    row,
    score,
    strategy: candidates.strategy,
    contributions: [...contributions, { cause: { kind: 'boost' }, contribution: boost }],
  };
}

/** Filters and caps do not bind pins; stock and price do. */
function pinItems(list: readonly Chosen[], { options }: ListRequest, { context }: Shop, limit: number) {
  const { catalog } = context.model;
  return placePins<Chosen>({
    ranked: list,
    pins: options.pin ?? [],
    limit,
    idOf: ({ row }) => catalog.itemId(row),
    entryOf: (itemId) => {
      const row = catalog.indexOf(itemId);
      if (row === undefined) return { reason: 'unknown' };
      if (catalog.value(row, 'inStock') === false || catalog.value(row, 'price') === 0) return { reason: 'unavailable' };
      const ranked = list.find((one) => one.row === row);
      if (ranked) return { entry: ranked };
      return { entry: { row, score: 0, strategy: 'pinned', contributions: [{ cause: { kind: 'pinned' }, contribution: 0 }] } };
    },
  });
}

function emptyFacts(conditions: Parameters<typeof emptyBecause>[0]): ShelfFacts {
  const because = emptyBecause(conditions);
  return because ? { emptyBecause: because } : {};
}

function toRecommendation({ context }: Shop, texts: ShopTexts, chosen: Chosen, isMixed: boolean): Recommendation {
  const { catalog } = context.model;
  const { row, score, strategy, contributions } = chosen;
  return {
    itemId: catalog.itemId(row),
    score,
    reasons: reasonsOf(contributions, texts, 3),
    ...(isMixed && { strategy }),
    item: catalog.item(row),
  };
}

function checkLimit(limit: number = DEFAULT_LIMIT): number {
  if (Number.isInteger(limit) && limit >= 1 && limit <= MAX_LIMIT) return limit;
  throw new RecommenderError('input/invalid', `limit is ${show(limit)}. Use a whole number from 1 to ${MAX_LIMIT}.`, { seen: show(limit) });
}
