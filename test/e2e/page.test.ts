import { rmSync } from 'node:fs';
import type { Browser, BrowserContext, Page } from 'playwright';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { Recommender, RecommenderOptions } from '../../src/index.js';
import { collectErrors, launchBrowser } from '../fixtures/browser.js';
import type { Site } from '../fixtures/siteServer.js';
import { startSite } from '../fixtures/siteServer.js';
import { smallFolder } from '../fixtures/smallModel.js';
import { smallSequenceFolder } from '../fixtures/smallSequence.js';
import { writeFolder } from '../fixtures/writeFolder.js';

type Shelfmate = typeof import('../../src/index.js');
declare global {
  var shelfmate: Shelfmate;
  var recommender: Recommender;
}

const PAGE = `<!doctype html><html lang="en"><title>page</title><script type="module">
import * as shelfmate from '/shelfmate/index.js';
globalThis.shelfmate = shelfmate;
globalThis.isLoaded = true;
</script></html>`;

let browser: Browser;
let context: BrowserContext;
let page: Page;
let site: Site;
let modelFolder: string;
let sequenceFolder: string;
let errors: string[];

beforeAll(async () => {
  modelFolder = writeFolder(await smallFolder({ itemCount: 500, dimensions: 60 }));
  sequenceFolder = writeFolder(await smallSequenceFolder({ itemCount: 200 }));
  browser = await launchBrowser();
});
afterAll(async () => {
  await browser?.close();
  for (const folder of [modelFolder, sequenceFolder]) if (folder) rmSync(folder, { recursive: true });
});
beforeEach(async () => {
  site = await startSite({
    folders: { '/shelfmate/': 'dist', '/model/': modelFolder, '/sequence-model/': sequenceFolder },
    pages: { '/': PAGE },
  });
  context = await browser.newContext();
  page = await context.newPage();
  errors = collectErrors(page);
  await page.goto(site.url);
  await page.waitForFunction(() => 'isLoaded' in globalThis);
});
afterEach(async () => {
  await context.close();
  await site.close();
});

/** Creates the page's recommender without waiting for its model. */
async function create(options: RecommenderOptions = { model: '/model/' }): Promise<void> {
  await page.evaluate((given) => {
    globalThis.recommender = globalThis.shelfmate.createRecommender(given);
  }, options);
}

/** What a call rejected with, as plain facts; null when it did not. */
function outcome<T>(
  work: (argument: T) => Promise<unknown>,
  argument: T,
): Promise<{ code: string; message: string; isTyped: boolean } | null> {
  return page.evaluate(
    async ([source, value]) => {
      try {
        await (new Function(`return (${source})`)() as (given: unknown) => Promise<unknown>)(value);
        return null;
      } catch (error) {
        const { code, message } = error as { code: string; message: string };
        return { code, message, isTyped: error instanceof globalThis.shelfmate.RecommenderError };
      }
    },
    [work.toString(), argument] as const,
  );
}

describe('a page with the built package', () => {
  it('answers calls made before the model is loaded', async () => {
    const list = await page.evaluate(async () => {
      const recommender = globalThis.shelfmate.createRecommender({ model: '/model/' });
      const recorded = recommender.record({ event: 'view_item', items: [{ item_id: 'i7' }] });
      const recommended = recommender.recommend({ limit: 5, scenario: 'homepage' });
      const similar = recommender.similarItems('i7', { limit: 3 });
      await recorded;
      const lists = { recommended: await recommended, similar: await similar };
      await recommender.ready;
      return { ...lists, status: await recommender.status() };
    });
    expect(list.recommended).toMatchObject({
      strategy: 'personal',
      scenario: 'homepage',
      backend: 'wasm',
      modelRevision: list.status.modelRevision,
    });
    expect(list.recommended.recommId).toMatch(/^[0-9a-f]{24}$/);
    expect(list.recommended.items).toHaveLength(5);
    expect(list.recommended.items[0]!.reasons[0]!.text).toBe('Because you viewed Item 7');
    expect(list.similar.strategy).toBe('similar');
    expect(list.status).toMatchObject({ state: 'ready', backend: 'wasm', itemCount: 500, history: { mode: 'persistent', entries: 1 } });
    expect(errors).toEqual([]);
  });

  it('takes every documented call through the private port', async () => {
    await create();
    const refused = await page.evaluate(async () => {
      const { recommender } = globalThis;
      const { history } = recommender;
      const item = 'i7';
      const calls: Record<string, () => Promise<unknown>> = {
        record: () => recommender.record({ event: 'view_item', items: [{ item_id: item, quantity: 2 }] }),
        recommend: () =>
          recommender.recommend({ limit: 3, exclude: ['i1'], excludeSeen: true, user: { vector: Array<number>(60).fill(0.1) } }),
        rules: () =>
          recommender.recommend({
            filter: { itemId: { in: [item, 'i8'] } },
            boost: [{ filter: { itemId: 'i8' }, factor: 2 }],
            diversity: 0.3,
          }),
        where: () => recommender.recommend({ where: ({ itemId }) => itemId !== item }),
        similarItems: () => recommender.similarItems(item),
        boughtTogether: () => recommender.boughtTogether({ cart: true }),
        lookingSimilar: () => recommender.lookingSimilar(item),
        trending: () => recommender.trending({ category: 'Cameras' }),
        popular: () => recommender.popular(),
        newArrivals: () => recommender.newArrivals(),
        recentlyViewed: () => recommender.recentlyViewed(),
        continueShopping: () => recommender.continueShopping(),
        likeMinded: () => recommender.likeMinded(),
        planPage: () => recommender.planPage({ context: { itemId: item }, shelves: [{ strategy: 'similar', limit: 2 }] }),
        explain: () => recommender.explain('i8'),
        dismiss: () => recommender.dismiss('i9'),
        undismiss: () => recommender.undismiss('i9'),
        recordImpressions: () => recommender.recordImpressions([item]),
        updateItems: () => recommender.updateItems([{ itemId: item, price: 5, inStock: false }]),
        addItems: () => recommender.addItems([{ itemId: 'new-1', title: 'New' }]),
        'history.list': () => history.list({ limit: 5 }),
        'history.forget by time of an item': () => history.forget({ itemId: item, event: 'view_item', timeMs: 5 }),
        'history.forget before': () => history.forget({ beforeMs: 5 }),
        'history.forget all': () => history.forget('all'),
        'history.clear': () => history.clear(),
        'privacy export and import': async () =>
          recommender.privacy({ kind: 'import', file: await recommender.privacy({ kind: 'export' }) }),
        'privacy profile': () => recommender.privacy({ kind: 'profile', profile: 'ann' }),
        'privacy consent': () => recommender.privacy({ kind: 'consent', consent: 'denied' }),
        'privacy erase': () => recommender.privacy({ kind: 'erase' }),
        status: () => recommender.status(),
      };
      const messages: string[] = [];
      for (const [name, call] of Object.entries(calls))
        await call().catch((error: { code: string; message: string }) => messages.push(`${name}: ${error.code} ${error.message}`));
      return messages;
    });
    // A folder without tables cannot answer these, and says so by its own code.
    expect(refused.filter((message) => !/ model\/| artifact\/| input\/no-table/.test(message))).toEqual([]);
    expect(errors).toEqual([]);
  });

  it('says what to do about options that cannot cross to a worker', async () => {
    await create();
    const refused = await outcome(() => globalThis.recommender.recommend({ exclude: new Proxy(['i1'], {}) }), null);
    expect(refused).toMatchObject({ code: 'input/invalid', isTyped: true });
    expect(refused!.message).toMatch(/could not be cloned\. Hand in plain values/);
    expect(errors).toEqual([]);
  });

  it('gives the same lists on all four backends', async () => {
    const lists = await page.evaluate(async () => {
      const results = [];
      for (const backend of ['cpu', 'wasm', 'webgl', 'webgpu'] as const) {
        const recommender = globalThis.shelfmate.createRecommender({ model: '/model/', backend });
        await recommender.record({ event: 'purchase', items: [{ item_id: 'i33' }] });
        const list = await recommender.recommend({ limit: 50, excludeSeen: false, fallback: false });
        const similar = await recommender.similarItems('i33', { limit: 50, fallback: false });
        const { adapter } = await recommender.status();
        await recommender.history.clear();
        await recommender.close();
        results.push({
          backend: list.backend,
          adapter,
          ids: list.items.map((i) => [i.itemId, i.score]),
          similar: similar.items.map((i) => [i.itemId, i.score]),
        });
      }
      return results;
    });
    expect(lists.map((list) => list.backend)).toEqual(['cpu', 'wasm', 'webgl', 'webgpu']);
    for (const { ids, similar, backend, adapter } of lists) {
      expect(ids).toEqual(lists[0]!.ids);
      expect(similar).toEqual(lists[0]!.similar);
      if (backend.startsWith('webg')) expect(adapter).not.toBe('');
    }
    expect(errors).toEqual([]);
  });

  it('cancels a call by its signal, and gives up after timeoutMs', async () => {
    site.intercept = (path) => path.endsWith('manifest.json'); // Never answered.
    await create();
    const aborted = await outcome(async () => {
      const controller = new AbortController();
      const call = globalThis.recommender.recommend({ signal: controller.signal });
      controller.abort();
      await call;
    }, null);
    expect(aborted).toMatchObject({ code: 'call/aborted', isTyped: true });
    const late = await outcome(() => globalThis.recommender.recommend({ timeoutMs: 50 }), null);
    expect(late).toMatchObject({ code: 'call/timeout', isTyped: true });
    expect(errors).toEqual([]);
  });

  it('rejects what is under way, and what comes later, when closed', async () => {
    site.intercept = (path) => path.endsWith('manifest.json');
    await create();
    const underWay = await outcome(async () => {
      await Promise.all([globalThis.recommender.recommend(), globalThis.recommender.close()]);
    }, null);
    expect(underWay).toMatchObject({ code: 'call/closed', isTyped: true });
    expect(await outcome(() => globalThis.recommender.recommend(), null)).toMatchObject({ code: 'call/closed' });
    expect(await page.evaluate(() => globalThis.recommender.status())).toMatchObject({ state: 'closed', error: null });
    expect(errors).toEqual([]);
  });

  it('closes when its signal fires', async () => {
    const state = await page.evaluate(async () => {
      const controller = new AbortController();
      const recommender = globalThis.shelfmate.createRecommender({ model: '/model/', signal: controller.signal });
      await recommender.ready;
      controller.abort();
      return (await recommender.status()).state;
    });
    expect(state).toBe('closed');
  });

  it('keeps code and details of an error from the worker', async () => {
    await create();
    const facts = await page.evaluate(async () => {
      try {
        await globalThis.recommender.similarItems('no such item');
        return null;
      } catch (error) {
        const typed = error as InstanceType<Shelfmate['RecommenderError']>;
        return { code: typed.code, details: typed.details, isTyped: typed instanceof globalThis.shelfmate.RecommenderError };
      }
    });
    expect(facts).toEqual({ code: 'input/unknown-item', details: { itemId: 'no such item' }, isTyped: true });
  });

  it.each([
    [{ model: '/model/', backend: 'cuda' }, /backend is "cuda". Use one of auto, wasm, webgpu, webgl, cpu/],
    [{ model: '/model/', history: 'cloud' }, /history mode is "cloud"/],
    [{ model: '/model/', history: { maxEntries: 0 } }, /maxEntries is 0/],
    [{ model: 'http://:bad' }, /no address/],
  ])('refuses the options %j', async (options, message) => {
    const refused = await outcome(async (given) => globalThis.shelfmate.createRecommender(given as never), options);
    expect(refused).toMatchObject({ code: 'input/invalid', isTyped: true });
    expect(refused!.message).toMatch(message);
  });

  it('rejects, and does not hang, when the worker script is missing or an HTML page', async () => {
    for (const body of ['', '<!doctype html><title>Shop</title>']) {
      site.intercept = (path, response) => {
        if (!path.endsWith('/worker.js')) return false;
        response.writeHead(body ? 200 : 404, { 'content-type': body ? 'text/html' : 'text/plain' }).end(body);
        return true;
      };
      await create();
      expect(await outcome(() => globalThis.recommender.recommend(), null)).toMatchObject({ code: 'worker/failed', isTyped: true });
      expect(await page.evaluate(() => globalThis.recommender.status())).toMatchObject({
        state: 'error',
        error: { code: 'worker/failed' },
      });
    }
  });

  it('says clearly when a backend that was asked for is not there', async () => {
    site.intercept = (path, response) => {
      if (!path.endsWith('/webgl.js')) return false;
      response.writeHead(404).end();
      return true;
    };
    await create({ model: '/model/', backend: 'webgl' });
    const refused = await outcome(() => globalThis.recommender.ready, null);
    expect(refused).toMatchObject({ code: 'backend/unavailable', isTyped: true });
    expect(refused!.message).toMatch(/"webgl" was asked for and does not work here/);
  });

  it('ranks by the session with a folder that has a sequence model, and says which file is missing when it is not there', async () => {
    await create({ model: '/sequence-model/', history: 'memory' });
    const list = await page.evaluate(async () => {
      await globalThis.recommender.record({ event: 'view_item', items: [{ item_id: 'i7' }] });
      return globalThis.recommender.recommend({ limit: 4, fallback: false });
    });
    expect(list).toMatchObject({ strategy: 'blended', isPartial: false });
    expect(list.items).toHaveLength(4);

    site.intercept = (path, response) => {
      if (!path.endsWith('/sequence.js')) return false;
      response.writeHead(404).end();
      return true;
    };
    await create({ model: '/sequence-model/' });
    const refused = await outcome(() => globalThis.recommender.recommend(), null);
    expect(refused).toMatchObject({ code: 'worker/failed', isTyped: true });
    expect(refused!.message).toMatch(/^http:.*\/sequence\.js could not be loaded/);
  });

  it('answers the same after a reload without the network, but for the page itself', async () => {
    await create();
    const before = await page.evaluate(async () => {
      await globalThis.recommender.record({ event: 'add_to_cart', items: [{ item_id: 'i20' }] });
      return (await globalThis.recommender.recommend({ fallback: false })).items;
    });
    await page.reload();
    await page.waitForFunction(() => 'isLoaded' in globalThis);
    site.intercept = (path, response) => {
      if (!path.startsWith('/model/')) return false;
      response.destroy();
      return true;
    };
    await create();
    const after = await page.evaluate(async () => ({
      items: (await globalThis.recommender.recommend({ fallback: false })).items,
      status: await globalThis.recommender.status(),
    }));
    expect(after.items).toEqual(before);
    expect(after.status.fromCache).toBe(true);
  });

  it('shares its history with a second tab', async () => {
    await create();
    const second = await context.newPage();
    await second.goto(site.url);
    await second.waitForFunction(() => 'isLoaded' in globalThis);
    await second.evaluate(() => {
      globalThis.recommender = globalThis.shelfmate.createRecommender({ model: '/model/' });
      return globalThis.recommender.ready;
    });
    const changed = second.evaluate(() => new Promise<void>((resolve) => void globalThis.recommender.history.onChange(resolve)));
    await page.evaluate(() => globalThis.recommender.record({ event: 'view_item', items: [{ item_id: 'i5' }] }));
    await changed;
    expect(await second.evaluate(() => globalThis.recommender.history.list())).toMatchObject([{ itemId: 'i5' }]);
    expect(await second.evaluate(async () => (await globalThis.recommender.recommend({ fallback: false })).strategy)).toBe('personal');
  });

  it('works without storage, in a page that blocks IndexedDB', async () => {
    await page.addInitScript(() => Object.defineProperty(globalThis, 'indexedDB', { get: () => undefined }));
    await create({ model: '/model/', history: 'memory' });
    const result = await page.evaluate(async () => {
      const recorded = await globalThis.recommender.record({ event: 'view_item', items: [{ item_id: 'i5' }] });
      return { recorded, strategy: (await globalThis.recommender.recommend({ fallback: false })).strategy };
    });
    expect(result).toEqual({ recorded: { storage: 'memory', entries: 1 }, strategy: 'personal' });
  });
});

describe('a page whose policy forbids WebAssembly', () => {
  it('recommends all the same, on another backend, and says why', async () => {
    await site.close();
    const headers = {
      'content-security-policy': "default-src 'none'; script-src 'self' 'unsafe-inline'; worker-src 'self'; connect-src 'self'",
    };
    site = await startSite({ folders: { '/shelfmate/': 'dist', '/model/': modelFolder }, pages: { '/': PAGE }, headers });
    await page.goto(site.url);
    await page.waitForFunction(() => 'isLoaded' in globalThis);
    await create();
    const list = await page.evaluate(() => globalThis.recommender.recommend({ limit: 3, fallback: false }));
    expect(list.items).toHaveLength(3);
    expect(list.backend).not.toBe('wasm');
    const status = await page.evaluate(() => globalThis.recommender.status());
    expect(status.attempts[0]).toMatchObject({
      backend: 'wasm',
      accepted: false,
      reason: expect.stringMatching(/Content-Security-Policy|wasm-unsafe-eval/) as string,
    });
  });
});
