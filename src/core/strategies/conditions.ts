import type { ListCondition } from '../ranking/emptyBecause.js';
import { filterConditions } from '../ranking/emptyBecause.js';
import { exclusionConditions } from '../ranking/exclusions.js';
import { RowSet } from '../ranking/rowSet.js';
import type { ListRequest } from './listRequest.js';
import type { Shop } from './shop.js';

/** What every item of a list must meet: the call's filter, the default exclusions, and what it names itself. Throws on bad filters. */
export function listConditions(shop: Shop, { strategy, itemIds, options }: ListRequest): ListCondition[] {
  const { index, context, nowMs } = shop;
  const { catalog } = context.model;
  const { filter, exclude = [], exclusions, consumables = {}, cart = null, excludeSeen, context: page } = options;
  const without = (condition: string, ids: Iterable<string>): ListCondition => {
    const rows = RowSet.all(catalog.itemCount);
    for (const itemId of ids) {
      const row = catalog.indexOf(itemId);
      if (row !== undefined) rows.remove(row);
    }
    return { condition, rows };
  };
  const isSeenOut = excludeSeen ?? (strategy === null || PERSONAL.has(strategy));
  const whole = context.history;
  return [
    ...(filter ? filterConditions(index.parse(filter), (node) => index.rows(node)) : []),
    ...exclusionConditions(index, {
      switches: { ...(SHOWS_CART.has(strategy ?? '') && { inCart: false }), ...exclusions },
      consumables,
      history: whole,
      nowMs,
      currentItemId: page?.itemId ?? null,
      cart,
      indexOf: (itemId) => catalog.indexOf(itemId),
    }),
    ...(exclude.length > 0 ? [without('not among exclude', exclude)] : []),
    ...(itemIds.length > 0 ? [without('not the item itself', itemIds)] : []),
    ...(isSeenOut
      ? [
          without(
            'not seen yet',
            shop.history.map(({ itemId }) => itemId),
          ),
        ]
      : []),
    without('not dismissed', dismissed(whole)),
  ];
}

/** Items that the shopper wants to see no more of. */
export function dismissed(history: Shop['history']): Set<string> {
  return new Set(history.filter(({ event }) => event === 'dismiss').map(({ itemId }) => itemId));
}

const PERSONAL: ReadonlySet<string> = new Set(['personal', 'neighbors', 'likeMinded', 'content']);
const SHOWS_CART: ReadonlySet<string> = new Set(['continueShopping', 'recentlyViewed']);

/** Rows that meet all conditions. */
export function meetAll(conditions: readonly ListCondition[], rowCount: number): RowSet {
  return RowSet.common(
    rowCount,
    conditions.map(({ rows }) => rows),
  );
}
