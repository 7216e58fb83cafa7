import { describe, expect, it } from 'vitest';
import { CatalogIndex } from '../../../src/core/ranking/catalogIndex.js';
import type { ExclusionInput } from '../../../src/core/ranking/exclusions.js';
import { cartItems, exclusionConditions } from '../../../src/core/ranking/exclusions.js';
import type { EventName, HistoryEntry } from '../../../src/core/types.js';
import { catalogOf } from './catalogOf.js';

const DAY_MS = 86_400_000;
const NOW_MS = 100 * DAY_MS;
const did = (event: EventName, itemId: string, daysAgo = 1, quantity = 1): HistoryEntry => ({
  event,
  itemId,
  timeMs: NOW_MS - daysAgo * DAY_MS,
  quantity,
});

const catalog = catalogOf([
  { itemId: 'camera', price: 300, inStock: true, category: 'Cameras' },
  { itemId: 'paper', price: 9, category: 'Supplies > Paper > Glossy' },
  { itemId: 'ink', price: 20, consumable: true, category: 'Printers' },
  { itemId: 'filter', price: 5, repurchaseDays: 30, category: 'Cameras' },
  { itemId: 'gone', price: 5, inStock: false },
  { itemId: 'sample', price: 0, inStock: true },
]);

/** The items that are left, and what each condition let through. */
function left(input: Partial<ExclusionInput> = {}) {
  const conditions = exclusionConditions(new CatalogIndex(catalog), {
    switches: {},
    consumables: {},
    history: [],
    nowMs: NOW_MS,
    currentItemId: null,
    cart: null,
    indexOf: (itemId) => catalog.indexOf(itemId),
    ...input,
  });
  return (catalog.column('itemId') as string[]).filter((_, row) => conditions.every(({ rows }) => rows.has(row)));
}

describe('exclusionConditions', () => {
  it('leaves out the current item, the cart, what was bought, what is out of stock and what costs nothing', () => {
    expect(left()).toEqual(['camera', 'paper', 'ink', 'filter']);
    expect(left({ currentItemId: 'paper' })).toEqual(['camera', 'ink', 'filter']);
    expect(left({ history: [did('add_to_cart', 'paper')] })).toEqual(['camera', 'ink', 'filter']);
    expect(left({ history: [did('purchase', 'camera')] })).toEqual(['paper', 'ink', 'filter']);
    expect(left({ currentItemId: 'unknown', cart: ['unknown'], history: [did('purchase', 'unknown')] })).toHaveLength(4);
  });

  it.each([
    ['current', 'camera'],
    ['inCart', 'paper'],
    ['bought', 'filter'],
    ['outOfStock', 'gone'],
    ['priceZero', 'sample'],
  ] as const)('keeps what %s would leave out when it is switched off', (name, itemId) => {
    const shopper = { currentItemId: 'camera', history: [did('add_to_cart', 'paper'), did('purchase', 'filter')] };
    expect(left(shopper)).not.toContain(itemId);
    expect(left({ ...shopper, switches: { [name]: false } })).toContain(itemId);
  });

  it('believes the cart that the shop hands in, rather than the history', () => {
    expect(left({ history: [did('add_to_cart', 'paper')], cart: ['ink'] })).toEqual(['camera', 'paper', 'filter']);
  });

  it('brings what is used up back when it is due, by the field of the item, its days, or its category', () => {
    const bought = (itemId: string, daysAgo: number) => left({ history: [did('purchase', itemId, daysAgo)] });
    expect(bought('ink', 6.9)).not.toContain('ink');
    expect(bought('ink', 7)).toContain('ink');
    expect(bought('filter', 29)).not.toContain('filter');
    expect(bought('filter', 30)).toContain('filter');
    expect(bought('camera', 99)).not.toContain('camera');
    expect(bought('paper', 99)).not.toContain('paper');
    const consumables = { categories: ['Supplies > Paper'], repurchaseDays: 14 };
    expect(left({ consumables, history: [did('purchase', 'paper', 13)] })).not.toContain('paper');
    expect(left({ consumables, history: [did('purchase', 'paper', 14)] })).toContain('paper');
    expect(left({ consumables, history: [did('purchase', 'paper', 40), did('purchase', 'paper', 1)] })).not.toContain('paper');
  });
});

describe('cartItems', () => {
  it('holds what was added more often than taken out and not bought since, in order of time', () => {
    expect([...cartItems([did('remove_from_cart', 'a', 1), did('add_to_cart', 'a', 2)])]).toEqual([]);
    expect([...cartItems([did('add_to_cart', 'a', 3, 2), did('remove_from_cart', 'a', 2), did('view_item', 'b')])]).toEqual(['a']);
    expect([...cartItems([did('add_to_cart', 'a', 3), did('purchase', 'a', 2)])]).toEqual([]);
    expect([...cartItems([did('remove_from_cart', 'a', 4), did('add_to_cart', 'a', 3)])]).toEqual(['a']);
  });
});
