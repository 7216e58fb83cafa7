import { cartItems, lastPurchases } from '../ranking/exclusions.js';
import type { HistoryEvent } from '../types.js';
import type { Candidates } from './candidates.js';
import { scoredCandidates } from './candidates.js';
import type { Shop } from './shop.js';
import { NotHere } from './shop.js';

const DAY_MS = 86_400_000;

/** Lists what the shopper looked at, newest first: the score halves every day. */
export async function recentlyViewed({ context, history, nowMs }: Shop): Promise<Candidates | NotHere> {
  const { catalog } = context.model;
  const times = new Map<number, number>();
  for (const { event, itemId, timeMs } of history) {
    const row = catalog.indexOf(itemId);
    if (event === 'view_item' && row !== undefined) times.set(row, Math.max(timeMs, times.get(row) ?? 0));
  }
  if (times.size === 0) return new NotHere('nothing was viewed on this device');
  const scores = new Map([...times].map(([row, timeMs]) => [row, 2 ** (-(nowMs - timeMs) / DAY_MS)]));
  return scoredCandidates('recentlyViewed', scores, (row, score) => [
    { cause: { kind: 'recentlyViewed', timeMs: times.get(row)! }, contribution: score },
  ]);
}

/** How much an event says that the shopper meant to buy; what is in the cart stands above all. */
const INTENTS: Readonly<Partial<Record<HistoryEvent, number>>> = { view_item: 1, select_item: 0.5, add_to_wishlist: 3, begin_checkout: 5 };
const CART_INTENT = 10;
const HALF_LIFE_DAYS = 3;

/** Lists what was put in the cart, saved or viewed and not bought since: strongest and most recent first. */
export async function continueShopping({ context, history, nowMs }: Shop): Promise<Candidates | NotHere> {
  const { catalog } = context.model;
  const cart = cartItems(history);
  const bought = lastPurchases(history);
  const facts = new Map<number, { score: number; viewCount: number; isInCart: boolean }>();
  for (const { event, itemId, timeMs } of history) {
    const row = catalog.indexOf(itemId);
    const isInCart = cart.has(itemId);
    const intent = event === 'add_to_cart' ? (isInCart ? CART_INTENT : 1) : (INTENTS[event] ?? 0);
    if (row === undefined || intent === 0 || timeMs <= (bought.get(itemId) ?? -Infinity)) continue;
    const known = facts.get(row) ?? { score: 0, viewCount: 0, isInCart };
    known.score += intent * 2 ** (-(nowMs - timeMs) / DAY_MS / HALF_LIFE_DAYS);
    if (event === 'view_item') known.viewCount++;
    facts.set(row, known);
  }
  if (facts.size === 0) return new NotHere('nothing was left off on this device');
  const scores = new Map([...facts].map(([row, { score }]) => [row, score]));
  return scoredCandidates('continueShopping', scores, (row, score) => {
    const { viewCount, isInCart } = facts.get(row)!;
    return [{ cause: { kind: 'continueShopping', isInCart, viewCount }, contribution: score }];
  });
}
