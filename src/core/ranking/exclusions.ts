import type { HistoryEntry, ItemId } from '../types.js';
import type { CatalogIndex } from './catalogIndex.js';
import { isUnder } from './categoryPath.js';
import type { ListCondition } from './emptyBecause.js';
import type { ItemFilter } from './itemFilter.js';
import { RowSet } from './rowSet.js';

/** What lists leave out by default. Each can be switched off. */
export interface Exclusions {
  /** The item of the page. */
  readonly current?: boolean;
  /** What lies in the cart. */
  readonly inCart?: boolean;
  /** What was bought, unless it is used up and bought again; see {@link Consumables}. */
  readonly bought?: boolean;
  /** `inStock: false`. */
  readonly outOfStock?: boolean;
  /** `price: 0`. */
  readonly priceZero?: boolean;
}

/**
 * What is bought again: items whose catalogue field `consumable` is true, or whose `repurchaseDays` is above 0, or whose category is or
 * lies below one of `categories`. It may be recommended again once `repurchaseDays` have passed since it was last bought.
 */
export interface Consumables {
  readonly categories?: readonly string[];
  /** Where the item's own field `repurchaseDays` says nothing. Default 7. */
  readonly repurchaseDays?: number;
}

export interface ExclusionInput {
  readonly switches: Exclusions;
  readonly consumables: Consumables;
  readonly history: readonly HistoryEntry[];
  readonly nowMs: number;
  readonly currentItemId: ItemId | null;
  /** The cart as the shop knows it; null: as the history tells. */
  readonly cart: readonly ItemId[] | null;
  /** The row of an item, undefined where it is not known. */
  readonly indexOf: (itemId: ItemId) => number | undefined;
}

const DAY_MS = 86_400_000;
const DEFAULT_REPURCHASE_DAYS = 7;

/** The conditions that the exclusions switched on set, each with the rows that meet it. All are on by default. */
export function exclusionConditions(index: CatalogIndex, input: ExclusionInput): ListCondition[] {
  const { switches, history, currentItemId, cart, indexOf } = input;
  const { current = true, inCart = true, bought = true, outOfStock = true, priceZero = true } = switches;
  const conditions: ListCondition[] = [];
  const leaveOut = (condition: string, itemIds: Iterable<ItemId>): void => {
    const rows = RowSet.all(index.catalog.itemCount);
    for (const itemId of itemIds) {
      const row = indexOf(itemId);
      if (row !== undefined && row < rows.rowCount) rows.remove(row);
    }
    conditions.push({ condition, rows });
  };
  const require = (condition: string, field: string, filter: ItemFilter): void => {
    if (index.column(field)) conditions.push({ condition, rows: index.rows(index.parse(filter)) });
  };
  if (outOfStock && isField(index, 'inStock', 'boolean')) require('in stock', 'inStock', { inStock: { ne: false } });
  if (priceZero && isField(index, 'price', 'number')) require('has a price', 'price', { price: { ne: 0 } });
  if (current && currentItemId !== null) leaveOut('not the current item', [currentItemId]);
  if (inCart) leaveOut('not in the cart', cart ?? cartItems(history));
  if (bought) leaveOut('not bought yet', boughtForGood(index, input));
  return conditions;
}

/** What lies in the cart: added more often than taken out, and not bought since. */
export function cartItems(history: readonly HistoryEntry[]): Set<ItemId> {
  const quantities = new Map<ItemId, number>();
  for (const { event, itemId, quantity } of inOrder(history)) {
    const held = quantities.get(itemId) ?? 0;
    if (event === 'add_to_cart') quantities.set(itemId, held + quantity);
    if (event === 'remove_from_cart') quantities.set(itemId, Math.max(0, held - quantity));
    if (event === 'purchase') quantities.delete(itemId);
  }
  return new Set([...quantities].filter(([, quantity]) => quantity > 0).map(([itemId]) => itemId));
}

/** When each item was bought last. */
export function lastPurchases(history: readonly HistoryEntry[]): Map<ItemId, number> {
  const times = new Map<ItemId, number>();
  for (const { event, itemId, timeMs } of inOrder(history)) if (event === 'purchase') times.set(itemId, timeMs);
  return times;
}

/** Bought items that may not be recommended: not consumable, or bought too lately. */
function boughtForGood(index: CatalogIndex, { consumables, history, nowMs, indexOf }: ExclusionInput): ItemId[] {
  const { catalog } = index;
  const tests = (consumables.categories ?? []).map(isUnder);
  return [...lastPurchases(history)]
    .filter(([itemId, boughtMs]) => {
      const row = indexOf(itemId);
      if (row === undefined) return false;
      const category = catalog.column('category')?.[row];
      const ownDays = catalog.column('repurchaseDays')?.[row];
      const hasDays = typeof ownDays === 'number' && ownDays > 0;
      const isConsumable =
        hasDays ||
        catalog.column('consumable')?.[row] === true ||
        [category ?? []].flat().some((one) => tests.some((test) => test(String(one))));
      const days = hasDays ? ownDays : (consumables.repurchaseDays ?? DEFAULT_REPURCHASE_DAYS);
      return !isConsumable || nowMs - boughtMs < days * DAY_MS;
    })
    .map(([itemId]) => itemId);
}

function inOrder(history: readonly HistoryEntry[]): HistoryEntry[] {
  return [...history].sort((a, b) => a.timeMs - b.timeMs);
}

function isField({ catalog }: CatalogIndex, field: string, type: 'boolean' | 'number'): boolean {
  return catalog.fields.some((known) => known.name === field && known.type === type);
}
