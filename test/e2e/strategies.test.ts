import { rmSync } from 'node:fs';
import type { Browser, Page } from 'playwright';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { writeModelFolder } from '../../src/core/artifact/writeModelFolder.js';
import { collectErrors, launchBrowser } from '../fixtures/browser.js';
import type { Site } from '../fixtures/siteServer.js';
import { startSite } from '../fixtures/siteServer.js';
import { sha256, smallModelInput } from '../fixtures/smallModel.js';
import { smallTables } from '../fixtures/smallTables.js';
import { writeFolder } from '../fixtures/writeFolder.js';

const PAGE = `<!doctype html><html lang="en"><title>page</title><script type="module">
import * as shelfmate from '/shelfmate/index.js';
globalThis.shelfmate = shelfmate;
</script></html>`;

let browser: Browser;
let page: Page;
let site: Site;
let folder: string;
let errors: string[];

beforeAll(async () => {
  folder = writeFolder(await writeModelFolder({ ...smallModelInput({ itemCount: 120 }), tables: smallTables(120) }, sha256));
  browser = await launchBrowser();
  site = await startSite({ folders: { '/shelfmate/': 'dist', '/model/': folder }, pages: { '/': PAGE } });
  page = await (await browser.newContext()).newPage();
  errors = collectErrors(page);
});
afterAll(async () => {
  await browser?.close();
  await site?.close();
  if (folder) rmSync(folder, { recursive: true });
});

it('a page calls every kind of list of the built package, and only then is their file loaded', async () => {
  const requests: string[] = [];
  page.on('request', (request) => requests.push(new URL(request.url()).pathname));
  await page.goto(site.url);
  await page.waitForFunction(() => 'shelfmate' in globalThis);
  const plain = await page.evaluate(async () => {
    globalThis.recommender = globalThis.shelfmate.createRecommender({ model: '/model/', texts: undefined as never });
    await globalThis.recommender.record({ event: 'view_item', items: [{ item_id: 'i7' }] });
    await globalThis.recommender.ready;
    return (await globalThis.recommender.recommend({ limit: 3 })).items.length;
  });
  expect(plain).toBe(3);
  const rooms = (): string[] =>
    requests.filter((path) => path.endsWith('strategies.js') || path.includes('trends') || path.includes('content'));
  expect(rooms()).toEqual([]);
  const facts = await page.evaluate(async () => {
    const { recommender } = globalThis;
    await recommender.record({ event: 'add_to_cart', items: [{ item_id: 'i5' }] });
    const lists = {
      bought: await recommender.boughtTogether('i5', { limit: 3 }),
      basket: await recommender.boughtTogether({ items: ['i5', 'i6'] }, { limit: 3 }),
      cart: await recommender.boughtTogether({ cart: true }, { limit: 3 }),
      looking: await recommender.lookingSimilar('i5', { limit: 3 }),
      trending: await recommender.trending({ category: 'Phones', limit: 3 }),
      popular: await recommender.popular({ limit: 3 }),
      neighbors: await recommender.recommend({ strategy: 'neighbors', fallback: ['popular'], limit: 3 }),
      likeMinded: await recommender.likeMinded({ limit: 3, fallback: ['popular'] }),
      recent: await recommender.recentlyViewed({ limit: 3 }),
      going: await recommender.continueShopping({ limit: 3 }),
      arrivals: await recommender.newArrivals({ limit: 3, fallback: ['popular'] }),
      where: await recommender.recommend({ limit: 3, where: ({ price }) => price! > 100 }),
    };
    const counts = Object.fromEntries(Object.entries(lists).map(([name, { items }]) => [name, items.length]));
    const shelves = await recommender.planPage({
      shelves: [
        { strategy: 'personal', limit: 3 },
        { strategy: 'popular', limit: 3 },
      ],
    });
    const best = lists.popular.items[0]!.itemId;
    const explained = await recommender.explain(best);
    const shown = await recommender.recordImpressions([best]);
    const updated = await recommender.updateItems([{ itemId: best, inStock: false }]);
    const added = await recommender.addItems([{ itemId: 'new', title: 'Camera', price: 3 }]);
    const found = await recommender.recommend({ filter: { itemId: 'new' } });
    await recommender.dismiss('new');
    const dismissed = await recommender.recommend({ filter: { itemId: 'new' } });
    const undone = await recommender.undismiss('new');
    const after = await recommender.popular({ limit: 100 });
    const refusal = await recommender.recommend({ filter: { colour: 'red' } }).catch((error: { code: string }) => error.code);
    return {
      counts,
      prices: lists.where.items.map(({ item }) => item.price!),
      headlines: shelves.shelves.map(({ headline }) => headline.text),
      sum:
        explained.reasons.reduce((total, { contribution = NaN }: { contribution?: number }) => total + contribution, 0) - explained.score!,
      shown,
      updated,
      added,
      found: found.items.map(({ itemId }) => itemId),
      dismissed: dismissed.emptyBecause?.condition,
      undone,
      isGone: after.items.every(({ itemId }) => itemId !== best),
      refusal,
    };
  });
  for (const [name, count] of Object.entries(facts.counts)) expect(count, name).toBeGreaterThan(0);
  for (const price of facts.prices) expect(price).toBeGreaterThan(100);
  expect(Math.abs(facts.sum)).toBeLessThanOrEqual(1e-5);
  expect(facts).toMatchObject({
    headlines: ['Recommended for you', 'Popular in this shop'],
    shown: 1,
    updated: { items: 1, ignored: [] },
    added: { items: 1, ignored: [] },
    found: ['new'],
    dismissed: 'not dismissed',
    undone: 1,
    isGone: true,
    refusal: 'input/unknown-field',
  });
  expect(rooms().filter((path) => path.endsWith('strategies.js'))).toHaveLength(1);
  expect(errors).toEqual([]);
});
