import type { Headline, ShelfTopic } from '../ranking/evidence.js';
import { headline } from '../ranking/evidence.js';
import type { ShelfCandidates } from '../ranking/pagePlanner.js';
import { planPage } from '../ranking/pagePlanner.js';
import { DEFAULT_LIMIT, MAX_LIMIT } from '../listLimits.js';
import { RecommenderError, show } from '../errors.js';
import type { DroppedShelf, PageContext, ShelfRequest } from '../strategyTypes.js';
import type { ItemId, Recommendation } from '../types.js';
import type { ListRequest } from './listRequest.js';
import type { ListInput, MadeList } from './makeList.js';
import { makeList } from './makeList.js';
import type { Shop } from './shop.js';

export interface MadePage {
  readonly shelves: readonly { readonly id: string; readonly headline: Headline; readonly list: MadeList }[];
  readonly dropped: readonly DroppedShelf[];
}

interface PlannedList extends Omit<ShelfCandidates<Recommendation>, 'candidates'> {
  readonly list: MadeList;
  readonly title: Headline;
}

/** Makes the lists of a page so that no item stands in two of them. Throws `input/invalid` on shelves that cannot be meant. */
export async function makePage(
  shelves: readonly ShelfRequest[],
  context: PageContext,
  input: ListInput,
  adapt: (request: ListRequest) => ListRequest = (request) => request,
): Promise<MadePage> {
  if (!Array.isArray(shelves) || shelves.length === 0)
    throw new RecommenderError('input/invalid', `planPage needs shelves such as [{strategy: "personal"}], not ${show(shelves)}.`, {});
  const named = shelves.map((shelf, at) => ({ ...shelf, id: shelf.id ?? uniqueId(shelves, at) }));
  if (new Set(named.map(({ id }) => id)).size < named.length)
    throw new RecommenderError('input/invalid', `Two shelves have one id: ${named.map(({ id }) => id).join(', ')}.`, {});
  const wanted = named.reduce((sum, { limit = DEFAULT_LIMIT }) => sum + limit, 0);
  const lists: PlannedList[] = [];
  for (const shelf of named) {
    const {
      id,
      strategy,
      itemId: _itemId,
      items: _items,
      category,
      limit = DEFAULT_LIMIT,
      minItems,
      priority,
      allowsRepeats,
      headline: own,
      ...options
    } = shelf;
    const itemIds = itemsOf(shelf, context, input.shop);
    // Enough that shelves above may take some.
    const request: ListRequest = {
      strategy,
      itemIds,
      category: category ?? null,
      options: { ...options, context: { ...context, ...options.context }, limit: Math.min(MAX_LIMIT, Math.max(limit, wanted)) },
    };
    const list = await makeList(adapt(request), input);
    const topic = topicOf(strategy, itemIds, category ?? null, input.shop);
    const title = own === undefined ? headline(topic, input.texts) : { topic, text: own };
    lists.push({ id, list, title, limit, minItems, priority, allowsRepeats });
  }
  const plan = planPage(
    lists.map(({ list, title: _title, ...shelf }) => ({ ...shelf, candidates: list.items })),
    ({ itemId }) => itemId,
  );
  return {
    dropped: plan.dropped,
    shelves: plan.shelves.map(({ id, items }) => {
      const { list, title } = lists.find((one) => one.id === id)!;
      return { id, headline: title, list: { ...list, items } };
    }),
  };
}

function uniqueId(shelves: readonly ShelfRequest[], at: number): string {
  const { strategy } = shelves[at]!;
  const before = shelves.slice(0, at).filter((shelf) => shelf.id === undefined && shelf.strategy === strategy).length;
  return before === 0 ? strategy : `${strategy}-${before + 1}`;
}

/** Likeness without an item named is to what the page shows, else to what the shopper looked at last. */
function itemsOf({ strategy, itemId, items }: ShelfRequest, context: PageContext, { history }: Shop): readonly ItemId[] {
  if (items) return items;
  if (itemId !== undefined) return [itemId];
  if (strategy !== 'similar' && strategy !== 'lookingSimilar') return [];
  if (context.itemId !== undefined) return [context.itemId];
  const last = history.findLast(({ event }) => event === 'view_item' || event === 'purchase');
  return last ? [last.itemId] : [];
}

function topicOf(
  strategy: ShelfRequest['strategy'],
  itemIds: readonly ItemId[],
  category: string | null,
  { context, history }: Shop,
): ShelfTopic {
  const { catalog } = context.model;
  const [itemId] = itemIds;
  const row = itemId === undefined ? undefined : catalog.indexOf(itemId);
  const item = row === undefined ? null : { itemId: itemId!, title: catalog.title(row) };
  switch (strategy) {
    case 'trending':
    case 'popular':
    case 'newArrivals':
      return { kind: strategy, category };
    case 'similar':
    case 'lookingSimilar': {
      const event = history.findLast((entry) => entry.itemId === itemId)?.event;
      if (item && strategy === 'similar' && event) return { kind: event === 'purchase' ? 'becauseBought' : 'becauseViewed', ...item };
      return item ? { kind: strategy, ...item } : { kind: 'personal' };
    }
    case 'boughtTogether':
      return item ? { kind: 'boughtTogether', ...item } : { kind: 'goesWithCart' };
    case 'recentlyViewed':
    case 'continueShopping':
      return { kind: strategy };
    case 'likeMinded':
      return { kind: 'neighbours' };
    default:
      return { kind: 'personal' };
  }
}
