import { describe, expect, it } from 'vitest';
import type { ModelFolderInput } from '../../../src/core/artifact/writeModelFolder.js';
import { writeModelFolder } from '../../../src/core/artifact/writeModelFolder.js';
import type { EngineConfig } from '../../../src/core/protocol.js';
import type { ListRequest, ListRequestOptions } from '../../../src/core/strategies/listRequest.js';
import type { CatalogChange, Explanation, PageOfShelves, StrategyName } from '../../../src/core/strategyTypes.js';
import { STRATEGIES } from '../../../src/core/strategyTypes.js';
import type { CatalogItem, HistoryEvent, RecommendationList, RecordResult } from '../../../src/core/types.js';
import { judgeItems } from '../../../src/core/ranking/judgeItems.js';
import { openEngine } from '../../fixtures/openEngine.js';
import { sha256, smallModelInput } from '../../fixtures/smallModel.js';
import { smallTables } from '../../fixtures/smallTables.js';

const ITEMS = 120;
const NOW_MS = Date.UTC(2026, 1, 2);
const DAY_MS = 86_400_000;

function shopInput(change: Partial<ModelFolderInput> = {}): ModelFolderInput {
  const input = smallModelInput({ itemCount: ITEMS });
  const items = input.items.map((item, i) => ({ ...item, addedAt: new Date(NOW_MS - (i % 50) * DAY_MS).toISOString() }));
  return { ...input, items, tables: smallTables(ITEMS), ...change };
}

async function openShop(config: Partial<EngineConfig> = {}, change: Partial<ModelFolderInput> = {}) {
  const shop = await openEngine(await writeModelFolder(shopInput(change), sha256), config, NOW_MS);
  let call = 0;
  const { engine } = shop;
  return {
    ...shop,
    did: (event: HistoryEvent, itemId: string, timestampMs = NOW_MS) =>
      engine.call(++call, 'record', { event, timestampMs, items: [{ item_id: itemId }] }),
    list: (
      strategy: StrategyName | null,
      options: ListRequestOptions = {},
      ask: Partial<ListRequest> = {},
      where?: (item: CatalogItem) => boolean,
    ) =>
      engine.call(
        ++call,
        'strategies',
        { method: 'list', strategy, itemIds: [], options, ...ask },
        where && (async (items) => judgeItems(where, items)),
      ) as Promise<RecommendationList>,
    recommend: (options = {}) => engine.call(++call, 'recommend', options),
    explain: (itemId: string, strategy: StrategyName | null, ask: Partial<ListRequest>, options: ListRequestOptions) =>
      engine.call(++call, 'strategies', { method: 'explain', itemId, strategy, itemIds: [], options, ...ask }) as Promise<Explanation>,
    page: (shelves: object[], context = {}) =>
      engine.call(++call, 'strategies', { method: 'page', shelves: shelves as never, context }) as Promise<PageOfShelves>,
    update: (items: object[]) =>
      engine.call(++call, 'strategies', { method: 'updateItems', items: items as never }) as Promise<CatalogChange>,
    add: (items: CatalogItem[]) => engine.call(++call, 'strategies', { method: 'addItems', items }) as Promise<CatalogChange>,
    seen: async (itemIds: string[]) =>
      ((await engine.call(++call, 'strategies', { method: 'recordImpressions', itemIds })) as RecordResult).entries,
  };
}

const ids = (list: { items: readonly { itemId: string }[] }): string[] => list.items.map(({ itemId }) => itemId);
const sumOf = (reasons: readonly { contribution?: number }[]): number => reasons.reduce((sum, one) => sum + one.contribution!, 0);

/** A shopper with views, a cart and a purchase. */
async function withShopper(shop: Awaited<ReturnType<typeof openShop>>): Promise<void> {
  await shop.did('view_item', 'i10', NOW_MS - 3 * DAY_MS);
  await shop.did('view_item', 'i11', NOW_MS - 2 * DAY_MS);
  await shop.did('view_item', 'i11', NOW_MS - DAY_MS);
  await shop.did('add_to_cart', 'i12', NOW_MS - DAY_MS);
  await shop.did('purchase', 'i13', NOW_MS - DAY_MS);
  // An item that a group of like-minded shoppers met, too.
  await shop.did('view_item', `i${smallTables(ITEMS).prototypes!.table.columns[0]}`, NOW_MS - 1);
  await shop.did('view_item', 'i14');
}

describe('every strategy', () => {
  it('refuses an option that there is not, and names the likely one', async () => {
    const { engine, recommend, page } = await openShop();
    const mistyped = { code: 'input/invalid', message: expect.stringMatching(/no option "diverstiy"\. Did you mean "diversity"\?/) };
    await expect(recommend({ diverstiy: 0.3 })).rejects.toMatchObject(mistyped);
    await expect(page([{ strategy: 'popular', diverstiy: 0.3 }])).rejects.toMatchObject(mistyped);
    await engine.close();
  });

  const asks: Readonly<Partial<Record<StrategyName, Partial<ListRequest>>>> = {
    similar: { itemIds: ['i5'] },
    boughtTogether: { itemIds: ['i5', 'i6'] },
    lookingSimilar: { itemIds: ['i5'] },
    trending: { category: 'Phones' },
  };

  it.each(STRATEGIES)('%s gives reasons whose contributions sum to the score, in the list and when explained', async (strategy) => {
    const shop = await openShop();
    await withShopper(shop);
    const page = { context: { itemId: 'i5', searchTerm: 'camera' } };
    for (const rules of [{}, { boost: [{ filter: { brand: 'Aro' }, factor: 1.5, add: 0.1 }] }]) {
      const list = await shop.list(strategy, { limit: 30, ...page, ...rules }, asks[strategy]);
      expect(list.items.length).toBeGreaterThan(0);
      expect(list.rungs).toEqual([{ strategy: list.strategy, items: list.items.length }]);
      const scores = list.items.map(({ score }) => score);
      expect(scores).toEqual([...scores].sort((a, b) => b - a));
      for (const { score, reasons } of list.items) {
        expect(Math.abs(sumOf(reasons) - score)).toBeLessThanOrEqual(1e-5 * Math.max(1, Math.abs(score)));
        for (const { text } of reasons) expect(text).not.toMatch(/[{}]|^$/);
      }
    }
    const plain = await shop.list(strategy, { limit: 5, ...page }, asks[strategy]);
    const explained = await shop.explain(plain.items[0]!.itemId, strategy, asks[strategy] ?? {}, { limit: 5, ...page });
    expect(explained.score).toBe(plain.items[0]!.score);
    expect(Math.abs(sumOf(explained.reasons) - explained.score!)).toBeLessThanOrEqual(1e-5 * Math.max(1, explained.score!));
    expect(explained.excludedBy).toEqual([]);
  });

  it.each(STRATEGIES)(
    '%s leaves out the current item, the cart, what was bought, out of stock, and what a filter refuses',
    async (strategy) => {
      const shop = await openShop();
      await withShopper(shop);
      const list = await shop.list(strategy, { limit: 100, context: { itemId: 'i5' }, filter: { brand: 'Aro' } }, asks[strategy]);
      expect(ids(list)).not.toContain('i13');
      if (strategy !== 'continueShopping') expect(ids(list)).not.toContain('i12');
      for (const { itemId, item } of list.items) {
        expect(item).toMatchObject({ brand: 'Aro', inStock: true });
        expect(itemId).not.toBe('i5');
      }
    },
  );

  it('is the fallback of another, fills what it left and repeats nothing', async () => {
    const shop = await openShop();
    await withShopper(shop);
    const list = await shop.list('recentlyViewed', { limit: 20, fallback: ['boughtTogether', 'popular'] });
    expect(list.items).toHaveLength(20);
    expect(new Set(ids(list)).size).toBe(20);
    expect(list.strategy).toBe('recentlyViewed');
    expect(list.rungs!.map(({ strategy }) => strategy)).toEqual(['recentlyViewed', 'boughtTogether', 'popular']);
    expect(list.rungs!.reduce((sum, { items }) => sum + items, 0)).toBe(20);
    expect(list.items.map(({ strategy }) => strategy)).toEqual(
      list.rungs!.flatMap(({ strategy, items }) => Array<string>(items).fill(strategy)),
    );
  });

  it('says why it cannot be asked in a folder without tables', async () => {
    const shop = await openShop({}, { tables: undefined });
    for (const strategy of ['boughtTogether', 'trending', 'likeMinded', 'neighbors', 'content'] as const) {
      const list = await shop.list(strategy, { context: { itemId: 'i5' } });
      expect(list.items).toEqual([]);
      expect(list.rungs![0]!.reason).toMatch(/the folder has no/);
    }
    const alike = await shop.list('lookingSimilar', { limit: 5 }, { itemIds: ['i5'] });
    expect(alike.items[0]!.reasons[0]).toMatchObject({ kind: 'attribute', field: 'category' });
  });
});

describe('the plain calls', () => {
  it('ask for no room and no table, and give what the room gives for the same history', async () => {
    const shop = await openShop();
    await withShopper(shop);
    const files = shop.requests.length;
    const plain = await shop.recommend({ limit: 20 });
    await shop.engine.call(9, 'similarItems', { itemId: 'i5', options: { limit: 5 } });
    expect(shop.roomsOpened()).toBe(0);
    expect(shop.requests).toHaveLength(files);
    const ruled = await shop.recommend({ limit: 20, diversity: 0 });
    expect(shop.roomsOpened()).toBe(1);
    expect(ids(ruled)).toEqual(ids(plain));
    expect(ruled.strategy).toBe(plain.strategy);
    ruled.items.forEach(({ score }, at) => expect(score).toBe(plain.items[at]!.score));
  });
});

describe('the ladder', () => {
  it('comes down from the session to the page, the trend of its category, and what is popular', async () => {
    const shop = await openShop();
    const stepOf = async (options: object): Promise<string> => (await shop.recommend({ limit: 3, ...options })).strategy;
    expect(await stepOf({ context: { searchTerm: 'camera' } })).toBe('content');
    expect(await stepOf({ context: { itemId: 'i5' } })).toBe('content');
    expect(await stepOf({ context: { searchTerm: 'unheard of' } })).toBe('trending');
    const bare = await openShop({}, { tables: undefined });
    const popular = await bare.recommend({ limit: 3, context: { category: 'Phones' } });
    expect(popular.strategy).toBe('popular');
    for (const { item } of popular.items) expect(item.category).toBe('Phones');
    await shop.did('view_item', 'i7');
    expect(await stepOf({ context: { itemId: 'i5' } })).toBe('personal');
  });
});

describe('rules', () => {
  it('tell which condition left nothing', async () => {
    const shop = await openShop();
    const list = await shop.recommend({ filter: { all: [{ price: { min: 50 } }, { price: { max: 40 } }] } });
    expect(list.items).toEqual([]);
    expect(list.emptyBecause).toMatchObject({ condition: 'price max 40', blocking: ['price min 50', 'price max 40'] });
  });

  it('name the fields, operators and strategies there are', async () => {
    const shop = await openShop();
    await expect(shop.recommend({ filter: { colour: 'red' } })).rejects.toThrow(/"colour".*Fields: itemId, title/);
    await expect(shop.recommend({ filter: { price: { below: 3 } as never } })).rejects.toThrow(/Operators: eq, ne/);
    await expect(shop.recommend({ strategy: 'trendin' as never })).rejects.toThrow(/Did you mean "trending"\?.*Strategies: personal/);
    await expect(shop.recommend({ diversity: 2 })).rejects.toThrow(/diversity is 2/);
    await expect(shop.recommend({ calibration: -1 })).rejects.toThrow(/calibration is -1/);
    await expect(shop.list('similar', {}, { itemIds: ['nope'] })).rejects.toThrow(/does not know the item "nope"/);
  });

  it('ask the page in rounds until the list is full, and report items for which its function throws', async () => {
    const shop = await openShop();
    await shop.did('view_item', 'i10');
    let asked = 0;
    const list = await shop.list(null, { limit: 8 }, {}, ({ itemId, price }) => {
      asked++;
      if (itemId === 'i20') throw new TypeError('boom');
      return price! > 110;
    });
    expect(list.items).toHaveLength(8);
    for (const { item } of list.items) expect(item.price).toBeGreaterThan(110);
    expect(asked).toBeGreaterThan(8);
    expect(list.filterProblems).toEqual({ count: 1, first: [{ itemId: 'i20', message: 'TypeError: boom' }] });
  });

  it('cap a brand, lift by boosts and pin at a place', async () => {
    const shop = await openShop();
    await shop.did('view_item', 'i10');
    const options = { limit: 10, caps: [{ field: 'category', max: 2 }] };
    const capped = await shop.recommend(options);
    for (const category of ['Cameras', 'Phones', 'Audio'])
      expect(capped.items.filter(({ item }) => item.category === category)).toHaveLength(2);
    expect(capped.items).toHaveLength(6);
    const boosted = await shop.recommend({ limit: 5, boost: [{ filter: { brand: 'Belk' }, add: 100 }] });
    for (const { item, reasons } of boosted.items) {
      expect(item.brand).toBe('Belk');
      expect(reasons.some(({ kind }) => kind === 'boost')).toBe(true);
    }
    const pinned = await shop.recommend({
      limit: 5,
      pin: [
        { itemId: 'i100', position: 2 },
        { itemId: 'gone', position: 1 },
      ],
    });
    expect(pinned.items[1]!.itemId).toBe('i100');
    expect(pinned.droppedPins).toEqual([{ itemId: 'gone', reason: 'unknown' }]);
  });

  it('fill a varied list though a cap turns away all that stands first', async () => {
    const shop = await openShop();
    await shop.did('view_item', 'i10');
    const varied = { limit: 10, diversity: 0.3, calibration: 0.2, rotationRate: 0.5, caps: [{ field: 'brand', max: 6 }] };
    const list = await shop.recommend({ ...varied, boost: [{ filter: { brand: 'Aro' }, add: 100 }] });
    expect(list.items).toHaveLength(10);
  });

  it.each(['spread', 'mmr', 'dpp'] as const)('spread a list by %s without changing a score', async (diversifyBy) => {
    const shop = await openShop();
    await shop.did('view_item', 'i10');
    const plain = await shop.recommend({ limit: 100, excludeSeen: true, diversity: 0 });
    const scores = new Map(plain.items.map(({ itemId, score }) => [itemId, score]));
    const varied = await shop.recommend({ limit: 10, diversity: 0.6, diversifyBy });
    expect(ids(varied)).not.toEqual(ids(plain).slice(0, 10));
    for (const { itemId, score } of varied.items) expect(score).toBe(scores.get(itemId));
  });

  it('move back what was shown and ignored, until it is touched', async () => {
    const shop = await openShop();
    await shop.did('view_item', 'i10');
    const first = ids(await shop.recommend({ limit: 5, rotationRate: 1 }));
    expect(await shop.seen(first)).toBe(5);
    const second = ids(await shop.recommend({ limit: 5, rotationRate: 1 }));
    expect(second.filter((itemId) => first.includes(itemId))).toEqual([]);
    await shop.seen(first);
    const kept = await shop.engine.call(1, 'listHistory', { limit: null });
    expect(kept.filter(({ event }) => event === 'view_item_list').map(({ quantity }) => quantity)).toEqual([2, 2, 2, 2, 2]);
    await shop.did('select_item', first[0]!);
    expect(ids(await shop.recommend({ limit: 5, rotationRate: 1, excludeSeen: false }))).toContain(first[0]);
  });
});

describe('changes of the moment', () => {
  it('a new price and stock act on the next list, plain or not', async () => {
    const shop = await openShop();
    const [best] = ids(await shop.recommend({ limit: 1 }));
    expect(
      await shop.update([
        { itemId: best, inStock: false },
        { itemId: 'i1', price: 7.5, badge: 'sale' },
        { itemId: 'x', price: 1 },
      ]),
    ).toEqual({
      items: 2,
      ignored: ['x'],
    });
    const next = await shop.recommend({ limit: 5 });
    expect(ids(next)).not.toContain(best);
    expect(next.items.find(({ itemId }) => itemId === 'i1')!.item).toMatchObject({ price: 7.5, badge: 'sale' });
    expect(ids(await shop.recommend({ filter: { badge: 'sale' } }))).toEqual(['i1']);
    await shop.update([{ itemId: best, inStock: true }]);
    expect(ids(await shop.recommend({ limit: 1 }))).toEqual([best]);
    await expect(shop.update([{ itemId: 'i2', url: 'javascript:alert(1)' }])).rejects.toThrow(/begin with http/);
    await expect(shop.update([{ itemId: 'i2', price: 'dear' }])).rejects.toThrow(/i2.*price "dear".*type number/);
  });

  it('a new item is placed by its content, found by likeness, and counts in the history', async () => {
    const shop = await openShop();
    const added = { itemId: 'new', title: 'Camera', brand: 'brand', category: 'Cameras', price: 5, inStock: true };
    expect(await shop.add([added, { itemId: 'i3' }])).toEqual({ items: 1, ignored: ['i3'] });
    const found = await shop.recommend({ limit: 200, context: { searchTerm: 'camera' } });
    expect(found.items.find(({ itemId }) => itemId === 'new')).toMatchObject({ strategy: 'content', item: added });
    expect(ids(await shop.recommend({ filter: { itemId: 'new' } }))).toEqual(['new']);
    await shop.did('view_item', 'new');
    const list = await shop.recommend({ limit: 10 });
    expect(list.strategy).toBe('personal');
    expect(list.items[0]!.reasons[0]).toMatchObject({ kind: 'history', itemId: 'new', text: 'Because you viewed Camera' });
    await shop.update([{ itemId: 'new', inStock: false }]);
    expect(ids(await shop.list('recentlyViewed'))).toEqual([]);
  });

  it('what is dismissed leaves every list at once, and its events count no more', async () => {
    const shop = await openShop();
    await shop.did('view_item', 'i10');
    const before = await shop.recommend({ limit: 5 });
    await shop.did('dismiss', ids(before)[0]!);
    expect(ids(await shop.recommend({ limit: 5, excludeSeen: false }))).not.toContain(ids(before)[0]);
    await shop.did('dismiss', 'i10');
    const list = await shop.recommend({ limit: 5 });
    expect(list.strategy).not.toBe('personal');
    await shop.engine.call(1, 'forget', { itemId: 'i10', event: 'dismiss' });
    expect((await shop.recommend({ limit: 5 })).strategy).toBe('personal');
  });

  it('one view is forgotten by its time', async () => {
    const shop = await openShop();
    await shop.did('view_item', 'i10', NOW_MS - 5);
    await shop.did('view_item', 'i10', NOW_MS - 3);
    expect(await shop.engine.call(1, 'forget', { itemId: 'i10', timeMs: NOW_MS - 5 })).toBe(1);
    expect(await shop.engine.call(1, 'listHistory', { limit: null })).toHaveLength(1);
  });

  it('an event counts in the trends of this device', async () => {
    const shop = await openShop();
    const before = await shop.list('trending', { limit: 100 });
    const last = before.items.at(-1)!;
    for (let view = 0; view < 60; view++) await shop.did('view_item', last.itemId);
    const after = await shop.list('trending', { limit: 100 });
    expect(after.items[0]!.itemId).toBe(last.itemId);
    expect(after.items[0]!.score - last.score).toBeCloseTo((60 * Math.LN2) / 14, 5);
  });
});

describe('pages and experiments', () => {
  it('a page repeats nothing and has a headline for each shelf', async () => {
    const shop = await openShop({ texts: { shelfPopular: 'Evergreens' } });
    await withShopper(shop);
    const { shelves, dropped } = await shop.page([
      { strategy: 'similar', limit: 4 },
      { strategy: 'personal', limit: 4 },
      { strategy: 'popular', limit: 4 },
      { strategy: 'newArrivals', category: 'Phones', limit: 4, id: 'new' },
      { strategy: 'lookingSimilar', itemId: 'i5', filter: { price: { max: 1 } } },
    ]);
    const all = shelves.flatMap(ids);
    expect(new Set(all).size).toBe(all.length);
    expect(shelves.map(({ id, headline, items }) => [id, headline.text, items.length])).toEqual([
      ['similar', 'Because you viewed Item 14', 4],
      ['personal', 'Recommended for you', 4],
      ['popular', 'Evergreens', 4],
      ['new', 'New in Phones', 4],
    ]);
    expect(dropped).toMatchObject([{ id: 'lookingSimilar', reason: 'no candidates' }]);
    expect(new Set(shelves.map(({ recommId }) => recommId)).size).toBe(4);
  });

  it('a page speaks Chinese', async () => {
    const shop = await openShop({ language: 'zh' });
    const { shelves } = await shop.page([{ strategy: 'popular', limit: 2 }]);
    expect(shelves[0]!.headline.text).toBe('本店热销');
    expect(shelves[0]!.items[0]!.reasons[0]!.text).toBe('很多顾客都在看');
  });

  it('an arm is drawn once, names itself in the list, changes it, and is drawn anew after the history was erased', async () => {
    const experiments = [{ name: 'home', arms: { plain: { share: 1 }, trend: { share: 1, strategy: 'trending' as const } } }];
    const shop = await openShop({ experiments });
    const arms = new Set<string>();
    for (let life = 0; life < 12; life++) {
      const list = await shop.recommend({ limit: 3 });
      const again = await shop.recommend({ limit: 3 });
      expect(again.experiments).toEqual(list.experiments);
      const { arm } = list.experiments![0]!;
      expect(list.rungs![0]!.strategy).toBe(arm === 'trend' ? 'trending' : 'personal');
      arms.add(arm);
      expect(await shop.engine.call(1, 'listHistory', { limit: null })).toEqual([]);
      await shop.engine.call(1, 'clearHistory', null);
    }
    expect(arms.size).toBe(2);
    const heldOut = await openShop({ experiments: [{ ...experiments[0]!, holdOut: 1 }] });
    const list = await heldOut.recommend({ limit: 3 });
    expect(list.experiments).toEqual([{ experiment: 'home', arm: 'hold-out' }]);
    expect(list.rungs![0]!.strategy).toBe('personal');
  });
});
