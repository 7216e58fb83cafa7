import type { EventName } from '../types.js';

/** How much one event counts, in training and in the page alike. Kinds that are absent count nothing. */
export const EVENT_WEIGHTS: Readonly<Partial<Record<EventName, number>>> = {
  view_item: 1,
  select_item: 1,
  add_to_wishlist: 2,
  add_to_cart: 3,
  purchase: 5,
};

/** The most one shopper's events on one item count in training: a robot, or a page left reloading, must not drown the rest. */
export const MAX_PAIR_WEIGHT = 20;

/** How one shopper's events on one item become one weight, in training and in the page alike. */
export interface PairWeights {
  readonly eventWeights: Readonly<Record<string, number>>;
  readonly maxPairWeight: number;
}

/** Where the events have no names, a shopper and an item count once, whatever happened between them. */
export function pairWeights(hasEventNames: boolean): PairWeights {
  return hasEventNames
    ? { eventWeights: EVENT_WEIGHTS, maxPairWeight: MAX_PAIR_WEIGHT }
    : { eventWeights: Object.fromEntries(Object.keys(EVENT_WEIGHTS).map((name) => [name, 1])), maxPairWeight: 1 };
}

/** Other spellings of the events, lower case, letters only. */
const SYNONYMS: Readonly<Record<string, EventName>> = {
  view: 'view_item',
  views: 'view_item',
  pv: 'view_item',
  pageview: 'view_item',
  click: 'view_item',
  clicks: 'view_item',
  detail: 'view_item',
  productviewed: 'view_item',
  productview: 'view_item',
  itemview: 'view_item',
  productclicked: 'select_item',
  fav: 'add_to_wishlist',
  favorite: 'add_to_wishlist',
  favourite: 'add_to_wishlist',
  wishlist: 'add_to_wishlist',
  productaddedtowishlist: 'add_to_wishlist',
  cart: 'add_to_cart',
  basket: 'add_to_cart',
  addtobasket: 'add_to_cart',
  productadded: 'add_to_cart',
  productremoved: 'remove_from_cart',
  buy: 'purchase',
  order: 'purchase',
  sale: 'purchase',
  transaction: 'purchase',
  checkout: 'begin_checkout',
  ordercompleted: 'purchase',
  viewitem: 'view_item',
  selectitem: 'select_item',
  addtowishlist: 'add_to_wishlist',
  addtocart: 'add_to_cart',
  removefromcart: 'remove_from_cart',
  purchase: 'purchase',
  begincheckout: 'begin_checkout',
  viewitemlist: 'view_item_list',
  search: 'search',
};

/** Recognises an event name in its usual spellings ("addtocart", "Product Viewed"); undefined when it is none. */
export function parseEventName(text: string): EventName | undefined {
  return SYNONYMS[text.toLowerCase().replace(/[^a-z]/g, '')];
}
