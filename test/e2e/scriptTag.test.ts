import { rmSync } from 'node:fs';
import type { Browser, BrowserContext, Page } from 'playwright';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { collectErrors, launchBrowser } from '../fixtures/browser.js';
import type { Site } from '../fixtures/siteServer.js';
import { startSite } from '../fixtures/siteServer.js';
import { smallFolder } from '../fixtures/smallModel.js';
import { smallSequenceFolder } from '../fixtures/smallSequence.js';
import { writeFolder } from '../fixtures/writeFolder.js';

/** The policy that README.md states for a shop that takes the script from another origin. */
const policy = (scriptOrigin: string): string =>
  `default-src 'none'; script-src ${scriptOrigin} 'nonce-shop' 'wasm-unsafe-eval'; worker-src blob:; connect-src 'self'; img-src 'self'`;

const shopPage = (scriptUrl: string, attributes: string): string => `<!doctype html><html lang="en"><title>shop</title>
<body data-shelfmate-item="i33">
<script nonce="shop">
  window.results = [];
  (window.Shelfmate = window.Shelfmate || []).push(function (shelfmate) {
    return shelfmate.recommend({ limit: 3 }).then(function (list) { window.results.push(list); });
  });
  window.Shelfmate.push(function () { throw new Error('a broken command'); });
  window.Shelfmate.push(function (shelfmate) { window.version = shelfmate.VERSION; });
</script>
<div id="for-you" data-shelfmate="recommend" data-limit="6"></div>
<div id="similar" data-shelfmate="similar" data-limit="4"></div>
<script async src="${scriptUrl}" ${attributes}></script>`;

let browser: Browser;
let modelFolder: string;
let sequenceFolder: string;
let cdn: Site;
let shop: Site;
let context: BrowserContext;

beforeAll(async () => {
  const itemCount = 500;
  const items = Array.from({ length: itemCount }, (_, i) => ({
    itemId: `i${i}`,
    title: i === 34 ? '<img src=x onerror="window.hacked=1">' : `Item ${i}`,
    url: i % 2 ? `/p/${i}` : 'javascript:window.hacked=1',
    price: 5 + i,
    currency: 'USD',
  }));
  modelFolder = writeFolder(await smallFolder({ itemCount, items }));
  sequenceFolder = writeFolder(await smallSequenceFolder({ itemCount: 200 }));
  browser = await launchBrowser();
});
afterAll(async () => {
  await browser?.close();
  for (const folder of [modelFolder, sequenceFolder]) if (folder) rmSync(folder, { recursive: true });
});
afterEach(async () => {
  await context.close();
  await Promise.all([cdn.close(), shop.close()]);
});

/** Two origins: the script lies on one, page and model on the other. */
async function openShop(attributes: string): Promise<{ page: Page; errors: string[] }> {
  cdn = await startSite({ folders: { '/lib/': 'dist' }, headers: { 'access-control-allow-origin': '*' } });
  shop = await startSite({
    folders: { '/model/': modelFolder, '/sequence-model/': sequenceFolder },
    pages: { '/': shopPage(`${cdn.url}/lib/shelfmate.iife.js`, attributes) },
    headers: { 'content-security-policy': policy(cdn.url) },
  });
  context = await browser.newContext();
  const page = await context.newPage();
  const errors = collectErrors(page);
  await page.goto(shop.url);
  await page.waitForFunction(() => (globalThis as unknown as { results: unknown[] }).results.length > 0);
  return { page, errors };
}

describe('a static page with the script tag from another origin, under a strict policy', () => {
  it('recommends, runs the commands queued before, and fills its declared lists', async () => {
    const { page, errors } = await openShop('data-model="/model/"');
    expect(await page.evaluate('results[0].items.length')).toBe(3);
    expect(await page.evaluate('version')).toMatch(/^\d+\.\d+\.\d+$/);
    await page.waitForSelector('#for-you .shelfmate-card');
    await page.waitForSelector('#similar .shelfmate-card');
    expect(await page.locator('#for-you .shelfmate-card').count()).toBe(6);
    expect(await page.locator('#similar .shelfmate-card').count()).toBe(4);
    expect(await page.locator('#for-you').getAttribute('data-strategy')).toBe('personal');
    expect(await page.locator('#for-you').getAttribute('data-recomm-id')).toMatch(/^[0-9a-f]{24}$/);
    expect(await page.locator('#for-you .shelfmate-reason').first().textContent()).toBe('Because you viewed Item 33');
    expect(errors.filter((error) => !error.includes('a broken command'))).toEqual([]);
    expect(errors.some((error) => error.includes('a broken command'))).toBe(true);
    const scripts = (): string[] => cdn.requests.filter((path) => path.endsWith('.js')).sort();
    await expect.poll(scripts).toEqual([
      '/lib/delivery.js', // The first visit: the model is put by.
      '/lib/history.js',
      '/lib/shelfmate.iife.js',
      '/lib/worker.iife.js',
    ]);
  });

  it('shows hostile titles as text and makes no link of a javascript: address', async () => {
    const { page } = await openShop('data-model="/model/" data-history="memory"');
    await page.waitForSelector('#for-you .shelfmate-card');
    const links = await page.evaluate(async () => {
      const { Shelfmate } = globalThis as unknown as { Shelfmate: { recommend(options: object): Promise<{ items: unknown[] }> } };
      await Shelfmate.recommend({ limit: 1 });
      return [...document.querySelectorAll('.shelfmate-card a')].map((link) => (link as HTMLAnchorElement).protocol);
    });
    expect(links.every((protocol) => protocol === 'http:')).toBe(true);
    expect(await page.evaluate('window.hacked')).toBeUndefined();
    expect(await page.locator('.shelfmate-card img[src="x"]').count()).toBe(0);
  });

  it.each(['webgpu', 'webgl'])('loads the %s backend from the script’s origin', async (backend) => {
    const { page } = await openShop(`data-model="/model/" data-backend="${backend}"`);
    expect(await page.evaluate('results[0].backend')).toBe(backend);
    expect(cdn.requests).toContain(`/lib/${backend}.js`);
  });

  it('takes the code for sequence models from the script’s origin, for a folder that has one', async () => {
    const { page, errors } = await openShop('data-model="/sequence-model/"');
    await page.waitForSelector('#for-you .shelfmate-card');
    expect(await page.locator('#for-you').getAttribute('data-strategy')).toBe('blended');
    expect(cdn.requests.filter((path) => path.endsWith('/sequence.js'))).toHaveLength(1);
    expect(errors.filter((error) => !error.includes('a broken command'))).toEqual([]);
  });
});
