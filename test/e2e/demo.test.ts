import { rmSync } from 'node:fs';
import type { Browser, BrowserContext, Page } from 'playwright';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { DemoServer } from '../../demo/serve.js';
import { startDemoServer } from '../../demo/serve.js';
import { collectErrors, launchBrowser } from '../fixtures/browser.js';
import type { Site } from '../fixtures/siteServer.js';
import { startSite } from '../fixtures/siteServer.js';
import { smallFolder } from '../fixtures/smallModel.js';
import { writeFolder } from '../fixtures/writeFolder.js';

let browser: Browser;
let server: DemoServer;
let otherFolder: string;
let elsewhere: Site;
let context: BrowserContext;
let page: Page;
let errors: string[];

beforeAll(async () => {
  otherFolder = writeFolder(await smallFolder({ itemCount: 300, items: Array.from({ length: 300 }, (_, i) => ({ itemId: `i${i}` })) }));
  server = await startDemoServer({ port: 0, mounts: { '/other/': otherFolder } });
  elsewhere = await startSite({ folders: { '/model/': otherFolder }, headers: { 'access-control-allow-origin': '*' } });
  browser = await launchBrowser();
});
afterAll(async () => {
  await browser?.close();
  await elsewhere?.close();
  await server?.close();
  if (otherFolder) rmSync(otherFolder, { recursive: true });
});
beforeEach(async () => {
  context = await browser.newContext({ viewport: { width: 1280, height: 800 } });
  page = await context.newPage();
  errors = collectErrors(page);
});
afterEach(async () => {
  await context.close();
});

const recommended = '[data-list="recommended"][data-recomm-id]';

async function open(path = ''): Promise<void> {
  await page.goto(`${server.url}/${path}`.replace(/([^:])\/\//g, '$1/'));
  await page.waitForSelector('html[data-state="ready"]');
}

async function homeIds(): Promise<string[]> {
  await page.evaluate(() => (location.hash = '#/'));
  await page.waitForSelector(`${recommended} [data-item-id]`);
  return page
    .locator(`${recommended} [data-item-id]`)
    .evaluateAll((cards) => cards.map((card) => (card as HTMLElement).dataset['itemId']!));
}

async function viewItem(itemId: string): Promise<void> {
  await page.evaluate((id) => (location.hash = `#/item/${id}`), itemId);
  await page.waitForSelector('[data-list="similar"][data-recomm-id]');
}

describe('the demo shop', () => {
  it('shows progress, then the popular items, and names its backend', async () => {
    const states: string[] = [];
    await page.exposeFunction('noteState', (state: string) => states.push(state));
    await page.addInitScript(() => {
      new MutationObserver(() => {
        const { state } = document.documentElement.dataset;
        if (state) (globalThis as unknown as { noteState(state: string): void }).noteState(state);
      }).observe(document, { attributes: true, subtree: true, attributeFilter: ['data-state'] });
    });
    await open();
    await page.waitForSelector(recommended);
    expect(states).toContain('loading');
    expect(states.at(-1)).toBe('ready');
    expect(await page.getAttribute('html', 'data-backend')).toBe('wasm');
    expect(await page.getAttribute(recommended, 'data-strategy')).toBe('popular');
    expect(await page.locator('h1').count()).toBe(1);
    expect(errors).toEqual([]);
  });

  it('changes its home list after products were viewed, and says why', async () => {
    await open();
    const before = await homeIds();
    const cameras = await page.evaluate(async () => {
      const text = await (await fetch('/shop/catalog.jsonl')).text();
      const items = text
        .trim()
        .split('\n')
        .map((line) => JSON.parse(line) as { itemId: string; category: string; inStock: boolean });
      return items
        .filter((item) => item.category === 'Cameras' && item.inStock)
        .slice(0, 3)
        .map((item) => item.itemId);
    });
    for (const camera of cameras) await viewItem(camera);
    const after = await homeIds();
    expect(await page.getAttribute(recommended, 'data-strategy')).toBe('personal');
    expect(after).not.toEqual(before);
    expect(after.filter((id) => !before.includes(id)).length).toBeGreaterThanOrEqual(after.length / 2);
    expect(after).not.toEqual(expect.arrayContaining(cameras));
    expect(await page.locator(`${recommended} li, ${recommended} article, ${recommended} [data-item-id]`).first().isVisible()).toBe(true);
    expect(await page.locator(recommended).textContent()).toContain('Because you viewed');
    expect(errors).toEqual([]);
  });

  it('remembers across a reload, and forgets when told', async () => {
    await open();
    const popular = await homeIds();
    await viewItem(popular[0]!);
    await viewItem(popular[1]!);
    const personal = await homeIds();
    await page.reload();
    await page.waitForSelector('html[data-state="ready"]');
    expect(await homeIds()).toEqual(personal);
    await page.evaluate(() => (location.hash = '#/history'));
    await page.locator('[data-action="forget-all"]').locator('visible=true').first().click();
    await page.evaluate(() => (location.hash = '#/'));
    await page.waitForSelector(`${recommended}[data-strategy="popular"]`);
    expect(await homeIds()).toEqual(popular);
    expect(errors).toEqual([]);
  });

  it('goes on offline: same lists, products open, a reload too', async () => {
    await open();
    await page.evaluate(() => navigator.serviceWorker.ready.then(() => undefined));
    await page.reload();
    await page.waitForSelector('html[data-state="ready"]');
    const popular = await homeIds();
    await viewItem(popular[2]!);
    const personal = await homeIds();
    await context.setOffline(true);
    expect(await homeIds()).toEqual(personal);
    await viewItem(popular[3]!);
    await page.reload();
    await page.waitForSelector('html[data-state="ready"]');
    await page.waitForSelector(`${recommended}[data-strategy="personal"]`);
    await context.setOffline(false);
    expect(errors.filter((error) => !error.includes('ERR_INTERNET_DISCONNECTED'))).toEqual([]);
  });

  it('asks the network for nothing while a shopper looks around', async () => {
    await open();
    const popular = await homeIds();
    await page.waitForLoadState('networkidle');
    const requests: string[] = [];
    context.on('request', (request) => {
      if (!request.url().startsWith('data:') && !request.url().startsWith('blob:')) requests.push(request.url());
    });
    for (const id of popular.slice(0, 3)) await viewItem(id);
    await page.locator('[data-action="add-to-cart"]').first().click();
    await homeIds();
    expect(requests).toEqual([]);
  });

  it.each(['cpu', 'webgl', 'webgpu'])('runs on %s when asked, with the list of wasm', async (backend) => {
    await open();
    const expected = await homeIds();
    await open(`?backend=${backend}`);
    expect(await page.getAttribute('html', 'data-backend')).toBe(backend);
    expect(await homeIds()).toEqual(expected);
    expect(errors).toEqual([]);
  });

  it('opens another model folder by ?model=, also from another origin, with ids for titles', async () => {
    for (const model of ['/other/', `${elsewhere.url}/model/`]) {
      await open(`?model=${encodeURIComponent(model)}`);
      const ids = await homeIds();
      expect(ids.length).toBeGreaterThan(4);
      expect(ids.every((id) => /^i\d+$/.test(id))).toBe(true);
      await viewItem(ids[0]!);
    }
    expect(errors).toEqual([]);
  });

  it('says what is wrong when there is no model, and offers to try again', async () => {
    await page.goto(`${server.url}/?model=/nothing/`.replace(/([^:])\/\//g, '$1/'));
    await page.waitForSelector('html[data-state="error"]');
    expect(await page.locator('[role="alert"]').first().textContent()).toMatch(/404/);
    expect(await page.locator('[data-action="retry"]').first().isVisible()).toBe(true);
  });

  it('speaks Chinese when asked', async () => {
    await open('?lang=zh');
    const [first] = await homeIds();
    await viewItem(first!);
    await homeIds();
    expect(await page.getAttribute('html', 'lang')).toMatch(/^zh/);
    expect(await page.locator(recommended).textContent()).toContain('因为您看过');
  });

  it('fits a phone without scrolling sideways', async () => {
    await page.setViewportSize({ width: 390, height: 844 });
    await open();
    const [first] = await homeIds();
    await viewItem(first!);
    expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(390);
  });
});
