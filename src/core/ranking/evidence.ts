import type { HistoryEvent, ItemId, Reason } from '../types.js';
import type { ShopTexts, TextKey } from './shopTexts.js';

/** Why an item is in a list, beside the {@link Reason} kinds of the personal lists. Without its sentence, which {@link reasonText} adds. */
export type Evidence =
  /** Prototypes of like-minded shoppers rated it; `score` is their part. `itemId`: what the shopper shares most with them. */
  | { readonly kind: 'neighbours'; readonly score: number; readonly itemId: ItemId | null; readonly title: string | null }
  /** Stood in one order with the item so often; `lift` is against chance. `count` null: the folder holds no counts. */
  | {
      readonly kind: 'boughtTogether';
      readonly itemId: ItemId;
      readonly title: string;
      readonly count: number | null;
      readonly lift: number | null;
    }
  /** Shares the value of a catalogue field with the item. */
  | { readonly kind: 'attribute'; readonly field: string; readonly value: string; readonly itemId: ItemId; readonly title: string }
  | { readonly kind: 'looksSimilar'; readonly itemId: ItemId; readonly title: string; readonly similarity: number }
  | { readonly kind: 'search'; readonly query: string }
  /** `category` null: in the whole shop. */
  | { readonly kind: 'trending'; readonly category: string | null; readonly rank: number }
  /** `days` since it came, null where that is not known. */
  | { readonly kind: 'newArrival'; readonly days: number | null }
  | { readonly kind: 'recentlyViewed'; readonly timeMs: number }
  | { readonly kind: 'continueShopping'; readonly isInCart: boolean; readonly viewCount: number }
  | { readonly kind: 'pinned' }
  /** What the model holds of the item, whoever asks. */
  | { readonly kind: 'bias' }
  /** What the shop's boosts added. */
  | { readonly kind: 'boost' }
  /** The smaller reasons together. */
  | { readonly kind: 'rest' };

/** Says a reason in the shop's words: one of {@link Evidence}, or one of the personal lists' (whose own `text` it replaces). */
export function reasonText(reason: Evidence | Reason, { say }: ShopTexts): string {
  switch (reason.kind) {
    case 'history':
      return say(HISTORY_KEYS[reason.event] ?? 'viewed', { title: reason.title });
    case 'session':
      return say('nextInSession', { title: reason.title });
    case 'similar':
      return say('similar', { title: reason.title });
    case 'looksSimilar':
      return say('looksSimilar', { title: reason.title });
    case 'popular':
      return say('popular');
    case 'profile':
      return say('profile');
    case 'pinned':
    case 'bias':
    case 'boost':
    case 'rest':
      return say(reason.kind);
    case 'neighbours':
      return reason.title === null ? say('likedByNeighbours') : say('likedByNeighboursAfter', { title: reason.title });
    case 'boughtTogether':
      return reason.count === null
        ? say('boughtTogetherOften', { title: reason.title })
        : say('boughtTogether', { title: reason.title, count: reason.count });
    case 'attribute':
      if (reason.field === 'brand') return say('sameBrand', { brand: reason.value });
      if (reason.field === 'category') return say('sameCategory', { category: lastName(reason.value) });
      return say('sameAttribute', { name: reason.field, value: reason.value, title: reason.title });
    case 'search':
      return say('matchesSearch', { query: reason.query });
    case 'trending':
      return reason.category === null ? say('trending') : say('trendingInCategory', { category: lastName(reason.category) });
    case 'newArrival':
      return reason.days === null || reason.days < 1 ? say('newArrival') : say('newArrivalDays', { count: Math.floor(reason.days) });
    case 'recentlyViewed':
      return say('recentlyViewed');
    case 'continueShopping':
      return reason.isInCart ? say('continueInCart') : say('continueViewing', { count: reason.viewCount });
  }
}

const HISTORY_KEYS: Readonly<Partial<Record<HistoryEvent, TextKey>>> = {
  add_to_cart: 'addedToCart',
  add_to_wishlist: 'savedForLater',
  begin_checkout: 'checkingOut',
  purchase: 'bought',
};

/** What a shelf is about; its headline follows from it. */
export type ShelfTopic =
  | { readonly kind: 'personal' | 'goesWithCart' | 'neighbours' | 'recentlyViewed' | 'continueShopping' }
  | {
      readonly kind: 'becauseViewed' | 'becauseBought' | 'similar' | 'lookingSimilar' | 'boughtTogether';
      readonly itemId: ItemId;
      readonly title: string;
    }
  /** `category` null: of the whole shop. */
  | { readonly kind: 'trending' | 'popular' | 'newArrivals'; readonly category: string | null };

/** A shelf's headline, as data and as a sentence. */
export interface Headline {
  readonly topic: ShelfTopic;
  readonly text: string;
}

/** Writes the headline of a shelf. */
export function headline(topic: ShelfTopic, { say }: ShopTexts): Headline {
  return { topic, text: say(headlineKey(topic), 'title' in topic ? { title: topic.title } : { category: categoryOf(topic) }) };
}

function headlineKey(topic: ShelfTopic): TextKey {
  const isNarrow = 'category' in topic && topic.category !== null;
  switch (topic.kind) {
    case 'personal':
      return 'shelfPersonal';
    case 'goesWithCart':
      return 'shelfGoesWithCart';
    case 'neighbours':
      return 'shelfNeighbours';
    case 'recentlyViewed':
      return 'shelfRecentlyViewed';
    case 'continueShopping':
      return 'shelfContinueShopping';
    case 'becauseViewed':
      return 'shelfBecauseViewed';
    case 'becauseBought':
      return 'shelfBecauseBought';
    case 'similar':
      return 'shelfSimilar';
    case 'lookingSimilar':
      return 'shelfLookingSimilar';
    case 'boughtTogether':
      return 'shelfBoughtTogether';
    case 'trending':
      return isNarrow ? 'shelfTrendingInCategory' : 'shelfTrending';
    case 'popular':
      return isNarrow ? 'shelfPopularInCategory' : 'shelfPopular';
    case 'newArrivals':
      return isNarrow ? 'shelfNewInCategory' : 'shelfNewArrivals';
  }
}

function categoryOf(topic: ShelfTopic): string {
  return 'category' in topic && topic.category !== null ? lastName(topic.category) : '';
}

/** "Lenses" of "Cameras > Lenses": what a shopper calls the category. */
function lastName(category: string): string {
  return category.split('>').at(-1)!.trim() || category;
}
