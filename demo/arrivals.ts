import type { CatalogItem, ItemUpdate } from 'shelfmate';
import { hashText } from './shop/random.js';

const DAY_MS = 86_400_000;
const ARRIVALS = 24;
/** So few ratings have the products that hardly anybody has met yet. */
const FEW_RATINGS = 12;

/**
 * Dates the shop's newest products from today. The generated catalogue is the same on every day, so that its model is too; what came
 * this fortnight a shop tells the page anyway, as here, by `updateItems`.
 */
export function arrivalDates(items: readonly CatalogItem[], nowMs: number): ItemUpdate[] {
  return items
    .filter((item) => item.inStock !== false && Number(item['ratingCount'] ?? Infinity) < FEW_RATINGS)
    .sort((a, b) => hashText(a.itemId) - hashText(b.itemId))
    .slice(0, ARRIVALS)
    .map(({ itemId }, at) => ({ itemId, addedAt: new Date(nowMs - (at * DAY_MS) / 2).toISOString() }));
}
