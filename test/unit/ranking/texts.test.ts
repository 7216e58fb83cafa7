import { describe, expect, it } from 'vitest';
import type { Evidence, ShelfTopic } from '../../../src/core/ranking/evidence.js';
import { headline, reasonText } from '../../../src/core/ranking/evidence.js';
import { historyText, popularText, profileText, sessionText, similarText } from '../../../src/core/ranking/reasonText.js';
import type { TextKey } from '../../../src/core/ranking/shopTexts.js';
import { TEXT_KEYS, placeholders, shopTexts } from '../../../src/core/ranking/shopTexts.js';
import type { EventName, Language, Reason } from '../../../src/core/types.js';

const en = shopTexts('en');
const zh = shopTexts('zh');
const camera = { itemId: 'c', title: 'Camera' };

describe('shopTexts', () => {
  it('names the same values in both languages', () => {
    const named = (language: Language, key: TextKey) => {
      const names = 'brand category count name query title value'.split(' ');
      const said = shopTexts(language).say(key, Object.fromEntries(names.map((name) => [name, `<${name}>`])));
      return names.filter((name) => said.includes(`<${name}>`));
    };
    for (const key of TEXT_KEYS.filter((key) => !key.endsWith('One'))) expect(named('zh', key), key).toEqual(named('en', key));
  });

  it('says what the first lists say, word for word', () => {
    for (const language of ['en', 'zh'] as const) {
      const texts = shopTexts(language);
      const events: EventName[] = ['view_item', 'add_to_cart', 'add_to_wishlist', 'begin_checkout', 'purchase', 'select_item'];
      for (const event of events) {
        const reason: Reason = { kind: 'history', event, ...camera, contribution: 1, text: '' };
        expect(reasonText(reason, texts)).toBe(historyText(language, event, 'Camera'));
      }
      expect(texts.say('nextInSession', camera)).toBe(sessionText(language, 'Camera'));
      expect(texts.say('similar', camera)).toBe(similarText(language, 'Camera'));
      expect(texts.say('popular')).toBe(popularText(language));
      expect(texts.say('profile')).toBe(profileText(language));
    }
  });

  it("takes the shop's own sentences, and inserts values as they are", () => {
    const own = shopTexts('en', { viewed: 'Weil du {title} gesehen hast' });
    expect(own.say('viewed', { title: '{count} $& Kamera' })).toBe('Weil du {count} $& Kamera gesehen hast');
    expect(own.say('similar', camera)).toBe('Similar to Camera');
  });

  it.each([
    [{ viewd: 'x' }, /"viewd", which is no sentence\. Did you mean "viewed"\? Sentences: viewed/],
    [{ viewed: '' }, /Use a text that is not empty/],
    [{ viewed: () => 'x' }, /Use a text that is not empty/],
    [{ viewed: 'You saw {name}' }, /names \{name\}, which cannot be filled\. It may name \{title\}/],
    [{ popular: '{title}' }, /It has no names/],
    [{ constructor: 'x' }, /"constructor", which is no sentence/],
  ])('refuses %j', (own, message) => {
    expect(() => shopTexts('en', own as never)).toThrow(message);
  });

  it('finds the names in braces', () => {
    expect(placeholders('{a} and {b}, not { c }')).toEqual(['a', 'b']);
  });
});

describe('reasonText', () => {
  it.each<[Evidence, string, string]>([
    [{ kind: 'neighbours', score: 1, itemId: null, title: null }, 'Liked by shoppers who chose much the same', '与您选择相近的顾客也喜欢'],
    [{ kind: 'neighbours', score: 1, ...camera }, 'Liked by shoppers who, like you, chose Camera', '和您一样选了「Camera」的顾客也喜欢'],
    [
      { kind: 'boughtTogether', ...camera, count: 1234, lift: 2 },
      'Bought together with Camera 1,234 times',
      '与「Camera」一起购买过 1,234 次',
    ],
    [{ kind: 'boughtTogether', ...camera, count: 1, lift: 2 }, 'Bought together with Camera once', '与「Camera」一起购买过 1 次'],
    [{ kind: 'boughtTogether', ...camera, count: null, lift: null }, 'Often bought together with Camera', '常与「Camera」一起购买'],
    [{ kind: 'attribute', field: 'brand', value: 'Aro', ...camera }, 'Also from Aro', '同属品牌「Aro」'],
    [{ kind: 'attribute', field: 'category', value: 'A > Lenses', ...camera }, 'More in Lenses', '「Lenses」中的更多商品'],
    [{ kind: 'attribute', field: 'Mount', value: 'X', ...camera }, 'Mount: X, like Camera', 'Mount：X，与「Camera」相同'],
    [{ kind: 'looksSimilar', ...camera, similarity: 0.9 }, 'Looks like Camera', '外观与「Camera」相似'],
    [{ kind: 'search', query: 'tripod' }, 'Fits your search for tripod', '符合您的搜索「tripod」'],
    [{ kind: 'trending', category: null, rank: 1 }, 'Trending now', '近期热门'],
    [{ kind: 'trending', category: 'Audio', rank: 1 }, 'Trending in Audio', '「Audio」近期热门'],
    [{ kind: 'newArrival', days: null }, 'New in the shop', '新品上架'],
    [{ kind: 'newArrival', days: 1.5 }, 'New since yesterday', '新品：昨天上架'],
    [{ kind: 'newArrival', days: 9 }, 'New: here for 9 days', '新品：上架 9 天'],
    [{ kind: 'recentlyViewed', timeMs: 1 }, 'You viewed this recently', '您最近看过'],
    [{ kind: 'continueShopping', isInCart: true, viewCount: 2 }, 'Still in your cart', '仍在您的购物车中'],
    [{ kind: 'continueShopping', isInCart: false, viewCount: 2 }, 'You viewed this 2 times', '您看过 2 次'],
    [{ kind: 'pinned' }, 'Picked by the shop', '店家精选'],
  ])('says %j in English and Chinese', (reason, english, chinese) => {
    expect(reasonText(reason, en)).toBe(english);
    expect(reasonText(reason, zh)).toBe(chinese);
  });
});

describe('headline', () => {
  it.each<[ShelfTopic, string, string]>([
    [{ kind: 'personal' }, 'Recommended for you', '为您推荐'],
    [{ kind: 'becauseViewed', ...camera }, 'Because you viewed Camera', '因为您看过「Camera」'],
    [{ kind: 'boughtTogether', ...camera }, 'Often bought with Camera', '常与「Camera」一起购买'],
    [{ kind: 'trending', category: 'A > Lenses' }, 'Trending in Lenses', '「Lenses」近期热门'],
    [{ kind: 'popular', category: null }, 'Popular in this shop', '本店热销'],
    [{ kind: 'newArrivals', category: 'Audio' }, 'New in Audio', '「Audio」新品'],
  ])('of %j', (topic, english, chinese) => {
    expect(headline(topic, en)).toEqual({ topic, text: english });
    expect(headline(topic, zh).text).toBe(chinese);
  });
});
