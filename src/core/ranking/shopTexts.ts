import { RecommenderError, show } from '../errors.js';
import type { Language } from '../types.js';
import { suggestion } from './nearestName.js';

/**
 * Every sentence a shopper may read, by key; `{name}` stands for a value. A shop hands in its own for some keys, in its own language:
 * `{viewed: 'Weil du {title} angesehen hast'}`. Keys in -One are for a count of one.
 */
const EN = {
  // Reasons, by what the shopper did.
  viewed: 'Because you viewed {title}',
  addedToCart: 'Because you put {title} in your cart',
  savedForLater: 'Because you saved {title}',
  checkingOut: 'Because you are buying {title}',
  bought: 'Because you bought {title}',
  // Reasons, by what it is.
  nextInSession: 'Often next after {title}',
  similar: 'Similar to {title}',
  profile: 'Chosen for your profile',
  popular: 'Popular with other shoppers',
  likedByNeighbours: 'Liked by shoppers who chose much the same',
  likedByNeighboursAfter: 'Liked by shoppers who, like you, chose {title}',
  boughtTogether: 'Bought together with {title} {count} times',
  boughtTogetherOne: 'Bought together with {title} once',
  boughtTogetherOften: 'Often bought together with {title}',
  sameBrand: 'Also from {brand}',
  sameCategory: 'More in {category}',
  sameAttribute: '{name}: {value}, like {title}',
  looksSimilar: 'Looks like {title}',
  matchesSearch: 'Fits your search for {query}',
  trending: 'Trending now',
  trendingInCategory: 'Trending in {category}',
  newArrival: 'New in the shop',
  newArrivalDays: 'New: here for {count} days',
  newArrivalDaysOne: 'New since yesterday',
  recentlyViewed: 'You viewed this recently',
  continueInCart: 'Still in your cart',
  continueViewing: 'You viewed this {count} times',
  continueViewingOne: 'You viewed this once',
  pinned: 'Picked by the shop',
  bias: 'Liked by most who see it',
  boost: 'Featured by the shop',
  rest: 'And more that speaks for it',
  // Headlines of shelves.
  shelfPersonal: 'Recommended for you',
  shelfBecauseViewed: 'Because you viewed {title}',
  shelfBecauseBought: 'Because you bought {title}',
  shelfSimilar: 'Similar to {title}',
  shelfLookingSimilar: 'Looks like {title}',
  shelfBoughtTogether: 'Often bought with {title}',
  shelfGoesWithCart: 'Goes with your cart',
  shelfTrending: 'Trending now',
  shelfTrendingInCategory: 'Trending in {category}',
  shelfPopular: 'Popular in this shop',
  shelfPopularInCategory: 'Popular in {category}',
  shelfNeighbours: 'Shoppers like you also chose',
  shelfRecentlyViewed: 'Recently viewed',
  shelfContinueShopping: 'Continue shopping',
  shelfNewArrivals: 'New arrivals',
  shelfNewInCategory: 'New in {category}',
} as const;

export type TextKey = keyof typeof EN;
export type TextTable = Readonly<Record<TextKey, string>>;
export const TEXT_KEYS = Object.keys(EN) as readonly TextKey[];

const ZH: TextTable = {
  viewed: '因为您看过「{title}」',
  addedToCart: '因为您把「{title}」加入了购物车',
  savedForLater: '因为您收藏了「{title}」',
  checkingOut: '因为您正在购买「{title}」',
  bought: '因为您买过「{title}」',
  nextInSession: '看过「{title}」之后常看',
  similar: '与「{title}」相似',
  profile: '根据您的偏好挑选',
  popular: '很多顾客都在看',
  likedByNeighbours: '与您选择相近的顾客也喜欢',
  likedByNeighboursAfter: '和您一样选了「{title}」的顾客也喜欢',
  boughtTogether: '与「{title}」一起购买过 {count} 次',
  boughtTogetherOne: '与「{title}」一起购买过 1 次',
  boughtTogetherOften: '常与「{title}」一起购买',
  sameBrand: '同属品牌「{brand}」',
  sameCategory: '「{category}」中的更多商品',
  sameAttribute: '{name}：{value}，与「{title}」相同',
  looksSimilar: '外观与「{title}」相似',
  matchesSearch: '符合您的搜索「{query}」',
  trending: '近期热门',
  trendingInCategory: '「{category}」近期热门',
  newArrival: '新品上架',
  newArrivalDays: '新品：上架 {count} 天',
  newArrivalDaysOne: '新品：昨天上架',
  recentlyViewed: '您最近看过',
  continueInCart: '仍在您的购物车中',
  continueViewing: '您看过 {count} 次',
  continueViewingOne: '您看过 1 次',
  pinned: '店家精选',
  bias: '看过的顾客大多喜欢',
  boost: '店家推荐',
  rest: '以及其他理由',
  shelfPersonal: '为您推荐',
  shelfBecauseViewed: '因为您看过「{title}」',
  shelfBecauseBought: '因为您买过「{title}」',
  shelfSimilar: '与「{title}」相似',
  shelfLookingSimilar: '外观与「{title}」相似',
  shelfBoughtTogether: '常与「{title}」一起购买',
  shelfGoesWithCart: '与您购物车中的商品相配',
  shelfTrending: '近期热门',
  shelfTrendingInCategory: '「{category}」近期热门',
  shelfPopular: '本店热销',
  shelfPopularInCategory: '「{category}」热销',
  shelfNeighbours: '与您相近的顾客还选了',
  shelfRecentlyViewed: '最近看过',
  shelfContinueShopping: '继续选购',
  shelfNewArrivals: '新品上架',
  shelfNewInCategory: '「{category}」新品',
};

const TABLES: Readonly<Record<Language, TextTable>> = { en: EN, zh: ZH };

/** What a sentence names. */
export type TextValues = Readonly<Record<string, string | number>>;

/** Sentences in one language. */
export interface ShopTexts {
  readonly language: Language;
  /** Fills a sentence. Numbers are written as the language does, counts of 1 take the key in -One where there is one. */
  say(key: TextKey, values?: TextValues): string;
}

/**
 * Joins the built-in sentences of a language with the shop's own. Throws `input/invalid` on a key that there is none, a text that is
 * none, or one with a `{name}` that the sentence cannot fill.
 */
export function shopTexts(language: Language, own: Readonly<Partial<Record<TextKey, string>>> = {}): ShopTexts {
  for (const [key, text] of Object.entries(own)) checkText(key, text);
  const table: TextTable = { ...TABLES[language], ...own };
  const numbers = new Intl.NumberFormat(language);
  return {
    language,
    say: (key, values = {}) => {
      const one = `${key}One` as TextKey;
      const template = values['count'] === 1 && Object.hasOwn(table, one) ? table[one] : table[key];
      return template.replace(/\{(\w+)\}/g, (_, name: string) => {
        const value = values[name] ?? '';
        return typeof value === 'number' ? numbers.format(value) : value;
      });
    },
  };
}

/** The names in braces. */
export function placeholders(template: string): string[] {
  return Array.from(template.matchAll(/\{(\w+)\}/g), ([, name]) => name!);
}

function checkText(key: string, text: unknown): void {
  if (!Object.hasOwn(EN, key)) {
    throw new RecommenderError(
      'input/invalid',
      `texts names ${show(key)}, which is no sentence.${suggestion(key, TEXT_KEYS)} Sentences: ${TEXT_KEYS.join(', ')}.`,
      { key, known: TEXT_KEYS },
    );
  }
  if (typeof text !== 'string' || text.trim() === '') {
    throw new RecommenderError('input/invalid', `The text ${show(key)} is ${show(text)}. Use a text that is not empty.`, { key });
  }
  const known = placeholders(EN[key as TextKey]);
  const unknown = placeholders(text).filter((name) => !known.includes(name));
  if (unknown.length === 0) return;
  throw new RecommenderError(
    'input/invalid',
    `The text ${show(key)} names {${unknown.join('}, {')}}, which cannot be filled. ${known.length > 0 ? `It may name {${known.join('}, {')}}.` : 'It has no names.'}`,
    { key, unknown, known },
  );
}
