import { RecommenderError, show } from './errors.js';
import type { EventItem, HistoryEntry, ShopEvent } from './types.js';
import { HISTORY_EVENTS } from './types.js';

/** GA4's own limit. */
export const MAX_ITEMS_PER_EVENT = 200;
const MAX_ID_LENGTH = 256;

/**
 * Splits an event into history entries, one per product. Lines without an id, and those past the 200th,
 * are left out. Throws `input/invalid` on an unknown event name (listing the valid ones) or a bad time.
 */
export function toHistoryEntries(event: ShopEvent, nowMs: number): HistoryEntry[] {
  if (typeof event !== 'object' || event === null) {
    throw new RecommenderError(
      'input/invalid',
      `record() needs an event such as {event: "view_item", items: [{item_id: "A1"}]}, not ${show(event)}.`,
      {},
    );
  }
  if (!HISTORY_EVENTS.includes(event.event)) {
    throw new RecommenderError(
      'input/invalid',
      `record() was given the event ${show(event.event)}. Events: ${HISTORY_EVENTS.join(', ')}.`,
      {
        seen: show(event.event),
        known: HISTORY_EVENTS,
      },
    );
  }
  const timeMs = event.timestampMs ?? nowMs;
  if (!Number.isFinite(timeMs) || timeMs < 0) {
    throw new RecommenderError(
      'input/invalid',
      `record() was given timestampMs ${show(timeMs)}. Use milliseconds since 1970, as Date.now() gives.`,
      {},
    );
  }
  const items = event.items ?? event.ecommerce?.items ?? [];
  if (!Array.isArray(items)) throw new RecommenderError('input/invalid', `record() needs items as a list, not ${show(items)}.`, {});
  return (items as readonly EventItem[])
    .slice(0, MAX_ITEMS_PER_EVENT)
    .map((item) => ({ itemId: idOf(item?.item_id), quantity: quantityOf(item?.quantity) }))
    .filter(({ itemId }) => itemId !== '' && itemId.length <= MAX_ID_LENGTH)
    .map(({ itemId, quantity }) => ({
      // A clock that runs ahead must not put the event beyond every later one.
      timeMs: Math.min(timeMs, nowMs),
      event: event.event,
      itemId,
      quantity,
    }));
}

/** Shops give ids as numbers too; anything else names no item. */
function idOf(id: unknown): string {
  return typeof id === 'string' || typeof id === 'number' ? String(id) : '';
}

function quantityOf(quantity: unknown): number {
  const count = typeof quantity === 'string' ? Number(quantity) : quantity;
  return typeof count === 'number' && Number.isFinite(count) ? Math.max(1, Math.round(count)) : 1;
}
