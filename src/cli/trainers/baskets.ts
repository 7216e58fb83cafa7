import type { BasketSource } from '../../core/artifact/tables/tableEntries.js';
import { EVENT_NAMES } from '../../core/types.js';
import type { UserEvents } from '../../core/events/interactionLog.js';

/** Sets of items that were taken together: basket b holds items[offsets[b]] .. items[offsets[b + 1] - 1], each once. */
export interface Baskets {
  readonly source: BasketSource;
  readonly itemCount: number;
  /** u32, count + 1. */
  readonly offsets: Uint32Array;
  /** u32. */
  readonly items: Uint32Array;
  /** Baskets left out because they hold more than {@link MAX_BASKET_ITEMS} items: a warehouse's, and their pairs cost the square. */
  readonly oversized: number;
}

/** A pause longer than this ends a visit, as web analytics has it; purchases of one visit are one basket. */
const VISIT_PAUSE_MS = 30 * 60_000;
const MAX_BASKET_ITEMS = 500;

/**
 * Cuts the events into baskets: what one user bought without a pause of 30 minutes where the log has purchases ("orders"), else what one
 * visit met ("visits"), else, without times, all that a user met ("users").
 */
export function toBaskets(
  { userCount, itemCount, offsets, items, kinds, timesMs }: UserEvents,
  log: { readonly hasTimes: boolean; readonly hasEventNames: boolean; readonly isOrders: boolean },
): Baskets {
  const purchase = EVENT_NAMES.indexOf('purchase');
  const listing = EVENT_NAMES.indexOf('view_item_list');
  const removal = EVENT_NAMES.indexOf('remove_from_cart');
  const hasPurchases = log.hasEventNames && kinds.includes(purchase);
  const isTaken = (kind: number): boolean => (hasPurchases ? kind === purchase : kind !== listing && kind !== removal);
  const ends: number[] = [0];
  const kept = new Uint32Array(items.length);
  const lastBasket = new Int32Array(itemCount).fill(-1);
  let size = 0;
  let number = 0;
  let oversized = 0;
  const close = (): void => {
    const start = ends.at(-1)!;
    if (size - start > MAX_BASKET_ITEMS) {
      oversized++;
      size = start;
    }
    if (size > start) ends.push(size);
    number++;
  };
  for (let user = 0; user < userCount; user++) {
    let lastMs = NaN;
    for (let at = offsets[user]!; at < offsets[user + 1]!; at++) {
      if (!isTaken(kinds[at]!)) continue;
      if (log.hasTimes && timesMs[at]! - lastMs > VISIT_PAUSE_MS) close();
      lastMs = timesMs[at]!;
      if (lastBasket[items[at]!] === number) continue;
      lastBasket[items[at]!] = number;
      kept[size++] = items[at]!;
    }
    close();
  }
  const source = !log.hasTimes ? 'users' : hasPurchases || log.isOrders ? 'orders' : 'visits';
  return { source, itemCount, offsets: Uint32Array.from(ends), items: kept.slice(0, size), oversized };
}
