import { readFileSync, readdirSync, rmSync } from 'node:fs';
import type { Browser, BrowserContext, Page } from 'playwright';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { HistoryExport } from '../../src/index.js';
import type { PrivacyPanelElement } from '../../src/widgets/privacyPanel.js';
import type { Privacy } from '../../src/privacyCalls.js';
import { collectErrors, launchBrowser } from '../fixtures/browser.js';
import type { Site } from '../fixtures/siteServer.js';
import { startSite } from '../fixtures/siteServer.js';
import { smallFolder } from '../fixtures/smallModel.js';
import { writeFolder } from '../fixtures/writeFolder.js';

const script = (options: string): string => `<!doctype html><html lang="en"><title>shop</title><script type="module" nonce="n">
import * as shelfmate from '/shelfmate/index.js';
import { privacyOf } from '/shelfmate/privacyCalls.js';
globalThis.recommender = shelfmate.createRecommender({ model: '/model/', ${options} });
globalThis.privacy = privacyOf(globalThis.recommender);
await globalThis.recommender.ready;
globalThis.isReady = true;
</script><body></body></html>`;
const PANEL = `<!doctype html><html lang="en"><title>panel</title><body><shelfmate-privacy></shelfmate-privacy><script type="module" nonce="n">
import { createRecommender } from '/shelfmate/index.js';
import { definePrivacyPanel } from '/shelfmate/privacyPanel.js';
const policy = trustedTypes.createPolicy('shop', { createScriptURL: (url) => url });
globalThis.recommender = createRecommender({ model: '/model/', worker: () => new Worker(policy.createScriptURL('/shelfmate/worker.js'), { type: 'module' }) });
document.querySelector('shelfmate-privacy').recommender = globalThis.recommender;
definePrivacyPanel();
await globalThis.recommender.ready;
globalThis.isReady = true;
</script></body></html>`;
const STRICT =
  "default-src 'none'; script-src 'self' 'nonce-n'; worker-src 'self'; connect-src 'self'; require-trusted-types-for 'script'; trusted-types shop";

declare global {
  var privacy: Privacy;
}

interface Asked {
  readonly line: string;
  readonly headers: string;
  body: string;
}

let browser: Browser;
let context: BrowserContext;
let site: Site;
let modelFolder: string;
let asked: Asked[];
let errors: string[] = [];

beforeAll(async () => {
  modelFolder = writeFolder(await smallFolder({ itemCount: 500 }));
  browser = await launchBrowser();
});
afterAll(async () => {
  await browser?.close();
  if (modelFolder) rmSync(modelFolder, { recursive: true });
});
beforeEach(async () => {
  site = await startSite({
    folders: { '/shelfmate/': 'dist', '/model/': modelFolder },
    pages: { '/': script(''), '/pending': script("consent: 'pending'"), '/panel': PANEL },
  });
  asked = [];
  site.intercept = (path, response) => {
    const { method, url, headers } = response.req;
    const one: Asked = { line: `${method} ${url}`, headers: JSON.stringify(headers), body: '' };
    response.req.on('data', (chunk: Buffer) => (one.body += chunk.toString()));
    asked.push(one);
    if (path === '/panel') response.setHeader('Content-Security-Policy', STRICT);
    return false;
  };
  context = await browser.newContext();
});
afterEach(async () => {
  expect(errors).toEqual([]);
  await context.close();
  await site.close();
});

async function open(path = '/', to = context): Promise<Page> {
  const page = await to.newPage();
  errors = collectErrors(page);
  await page.goto(site.url + path);
  await untilReady(page);
  return page;
}

/** Not `waitForFunction`, which needs `eval`. */
async function untilReady(page: Page): Promise<void> {
  await expect.poll(() => page.evaluate(() => 'isReady' in globalThis), { timeout: 30_000 }).toBe(true);
}

/** A list without what differs from call to call: its id and its time. */
const listText = (page: Page): Promise<string> =>
  page.evaluate(async () => JSON.stringify({ ...(await recommender.recommend({ limit: 50 })), recommId: '', tookMs: 0 }));
const record = (page: Page, itemId: string): Promise<string> =>
  page.evaluate(async (id) => (await recommender.record({ event: 'view_item', items: [{ item_id: id }] })).storage, itemId);
const historyIds = (page: Page): Promise<string[]> =>
  page.evaluate(async () => (await recommender.history.list()).map(({ itemId }) => itemId));

/** Everything a page can store, by name. */
function allStores(page: Page): Promise<string[]> {
  return page.evaluate(async () => {
    const names = (await indexedDB.databases()).map(({ name }) => `IndexedDB ${name}`);
    for (const name of await caches.keys()) names.push(`Cache ${name}`);
    const root = (await navigator.storage.getDirectory()) as FileSystemDirectoryHandle & { keys(): AsyncIterable<string> };
    for await (const name of root.keys()) names.push(`OPFS ${name}`);
    for (const name of Object.keys(localStorage)) names.push(`localStorage ${name}`);
    for (const name of Object.keys(sessionStorage)) names.push(`sessionStorage ${name}`);
    return [...names, ...document.cookie.split('; ').filter(Boolean)].sort();
  });
}

/** Looks around, searches, fills a cart, buys, comes back, forgets, exports: every kind of event and call there is. */
async function shop(page: Page, [first, second]: readonly [string, string], canary: string): Promise<void> {
  await page.evaluate(
    async ([one, two, secret]) => {
      const names = [
        'view_item_list',
        'select_item',
        'view_item',
        'add_to_wishlist',
        'add_to_cart',
        'remove_from_cart',
        'begin_checkout',
        'purchase',
      ] as const;
      for (const event of names) {
        const items = [{ item_id: one! }, { item_id: two! }, { item_id: secret! }];
        await recommender.record({ event, items, transaction_id: secret!, user_id: secret! });
        await recommender.recommend({ limit: 5, scenario: secret! });
      }
      await recommender.record({ event: 'search', search_term: secret! });
      await recommender.similarItems(one!);
      await privacy.import(await privacy.export());
      await recommender.history.forget({ itemId: two! });
    },
    [first, second, canary],
  );
  await page.reload();
  await untilReady(page);
  await page.evaluate(() => recommender.recommend());
  await page.waitForTimeout(3_500); // What is loaded when the worker has been idle is loaded by now.
}

describe('a full shopping journey', () => {
  const journey = async (items: readonly [string, string], canary: string): Promise<Asked[]> => {
    asked = [];
    const fresh = await browser.newContext();
    await shop(await open('/', fresh), items, canary);
    await fresh.close();
    return asked;
  };

  it('asks for nothing but the page, the package and the model', async () => {
    const requests = await journey(['i1', 'i2'], 'CANARY-4711');
    expect(requests.length).toBeGreaterThan(5);
    const expected = /^GET \/($|favicon\.ico$|shelfmate\/[a-zA-Z]+\.js$|model\/[\w.-]+$)/;
    expect(requests.map(({ line }) => line).filter((line) => !expected.test(line))).toEqual([]);
  });

  it('lets no canary id out in any URL, header or body', async () => {
    const requests = await journey(['i1', 'i2'], 'CANARY-4711');
    expect(requests.filter((request) => /canary|4711/i.test(JSON.stringify(request)))).toEqual([]);
    expect(requests.filter(({ body }) => body !== '')).toEqual([]);
  });

  it('makes the same requests whoever the shopper is', async () => {
    const [one, other] = [await journey(['i1', 'i2'], 'CANARY-1'), await journey(['i402', 'i77'], 'CANARY-2')];
    // Files asked for side by side arrive in any order.
    const facts = (requests: Asked[]): string[] => requests.map(({ line, headers }) => `${line} ${headers}`).sort();
    expect(facts(other)).toEqual(facts(one));
  });
});

describe('the built files', () => {
  /** Those with TensorFlow.js in them hold its loaders, which are not called; the evaluation page reads what its user names. */
  const OTHERS = /^(tfjs|webgpu|webgl|evaluation|evaluationWorker)\.js$/;

  it("hold no way out but the loader's fetch", () => {
    const files = readdirSync('dist').filter((name) => name.endsWith('.js') && !OTHERS.test(name));
    expect(files.length).toBeGreaterThanOrEqual(13);
    for (const name of files) {
      const text = readFileSync(`dist/${name}`, 'utf8');
      expect(
        text.match(/sendBeacon|\bWebSocket\b|XMLHttpRequest|EventSource|RTCPeerConnection|WebTransport|new Image\b/g),
        name,
      ).toBeNull();
      expect(text.match(/\bfetch\(/g)?.length ?? 0, `${name}: calls of fetch`).toBeLessThanOrEqual(name.startsWith('worker') ? 1 : 0);
    }
  });
});

describe('consent', () => {
  it('comes before anything is stored: no IndexedDB, Cache, OPFS, localStorage, sessionStorage or cookie', async () => {
    const page = await open('/pending');
    expect(await record(page, 'i7')).toBe('memory');
    await page.evaluate(() => recommender.recommend());
    await page.waitForTimeout(3_500);
    expect(await allStores(page)).toEqual([]);
    await page.evaluate(() => privacy.setConsent('granted'));
    expect(await record(page, 'i8')).toBe('mirrored');
    expect(await allStores(page)).toEqual(['IndexedDB shelfmate', 'OPFS shelfmate']);
    expect(await historyIds(await open('/'))).toEqual(['i8', 'i7']);
    await page.evaluate(() => privacy.setConsent('denied'));
    expect(await allStores(page)).toEqual([]);
    expect(await historyIds(page)).toEqual([]);
  });
});

describe('erase', () => {
  it('leaves two tabs with the lists of a cold start, byte for byte', async () => {
    const [one, other] = [await open(), await open()];
    const cold = await listText(one);
    for (const id of ['i7', 'i8']) await record(one, id);
    await record(other, 'i9');
    await expect.poll(() => historyIds(one)).toHaveLength(3);
    expect(await listText(other)).not.toBe(cold);
    await one.evaluate(() => privacy.pause());
    await one.evaluate(() => privacy.erase());
    expect(await listText(one)).toBe(cold);
    await expect.poll(() => listText(other)).toBe(cold);
    expect(await listText(await open())).toBe(cold);
    expect((await allStores(one)).filter((name) => !name.startsWith('IndexedDB'))).toEqual([]);
    expect(await record(other, 'i10')).toBe('mirrored');
    expect(await historyIds(await open())).toEqual(['i10']);
  });
});

describe('the privacy panel', () => {
  it('shows, pauses, exports, imports and clears by keyboard, under strict CSP and Trusted Types', async () => {
    const page = await open('/panel');
    await record(page, 'i7');
    const panel = page.locator('shelfmate-privacy');
    const button = (name: string) => panel.getByRole('button', { name, exact: true });
    const message = panel.getByRole('status');
    await panel.getByText('1 entry is kept.').waitFor();
    expect(await panel.getByRole('region', { name: 'Your data on this device' }).count()).toBe(1);

    await button('Pause').press('Enter');
    await message.getByText('Paused.').waitFor();
    await record(page, 'i8');
    expect(await historyIds(page)).toEqual(['i7']);
    await button('Resume').press('Enter');
    await record(page, 'i8');
    await panel.getByText('2 entries are kept.').waitFor();

    const [download] = await Promise.all([page.waitForEvent('download'), button('Export').press('Enter')]);
    const file = JSON.parse(readFileSync(await download.path(), 'utf8')) as HistoryExport;
    expect(file.history.map(({ itemId }) => itemId)).toEqual(['i7', 'i8']);

    await panel.getByText('Show what is kept').press('Enter');
    await button('Forget i8').press('Enter');
    await message.getByText('i8 is forgotten.').waitFor();
    expect(await historyIds(page)).toEqual(['i7']);

    await button('Clear everything').press('Enter');
    expect(await button('Keep').evaluate((node) => (node.getRootNode() as ShadowRoot).activeElement === node)).toBe(true);
    await button('Keep').press('Escape');
    expect(await historyIds(page)).toEqual(['i7']);
    await button('Clear everything').press('Enter');
    await button('Delete').press('Enter');
    await message.getByText('Everything is deleted.').waitFor();
    expect(await historyIds(page)).toEqual([]);

    const [chooser] = await Promise.all([page.waitForEvent('filechooser'), button('Import').press('Enter')]);
    await chooser.setFiles({ name: 'e.json', mimeType: 'application/json', buffer: Buffer.from(JSON.stringify(file)) });
    await message.getByText('2 entries were added.').waitFor();
    const [again] = await Promise.all([page.waitForEvent('filechooser'), button('Import').press('Enter')]);
    await again.setFiles({ name: 'e.json', mimeType: 'application/json', buffer: Buffer.from('<!doctype html>') });
    await message.getByText('This file cannot be read.').waitFor();
  });

  it('speaks Chinese where the page does, and the words of the shop', async () => {
    const page = await open('/panel');
    await page.evaluate(() => {
      document.documentElement.lang = 'zh-CN';
      document.querySelector<PrivacyPanelElement>('shelfmate-privacy')!.texts = { title: '本店与你的数据' };
    });
    const panel = page.locator('shelfmate-privacy');
    await panel.getByRole('region', { name: '本店与你的数据' }).waitFor();
    expect(await panel.getByRole('button').allTextContents()).toEqual(['暂停', '导出', '导入', '全部清除']);
  });
});
