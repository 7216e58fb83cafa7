import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Browser } from 'playwright';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { collectErrors, launchBrowser } from '../fixtures/browser.js';
import { NETWORK_ITEMS, saveConvolution, saveGraph } from '../fixtures/networks.js';
import type { SavedNetwork } from '../fixtures/networks.js';
import { startSite } from '../fixtures/siteServer.js';
import type { Site } from '../fixtures/siteServer.js';
import { cli, temporaryFolder } from '../unit/cli/captureIo.js';

const PAGE = `<!doctype html><meta charset="utf-8"><script type="module">
  import { createRecommender } from '/shelfmate/index.js';
  globalThis.createRecommender = createRecommender;
  globalThis.isLoaded = true;
</script>`;

declare global {
  var createRecommender: typeof import('../../src/index.js').createRecommender;
}

const IDS = Array.from({ length: NETWORK_ITEMS }, (_, i) => `n${i}`);
const MET = [4, 19, 4, 33, 8, 21];
/** The last five, one further because of the padding row. */
const INPUT = MET.slice(-5).map((item) => item + 1);

let browser: Browser;
let site: Site;
let convolution: SavedNetwork;
let graph: SavedNetwork;
const folder = temporaryFolder();

async function pack(name: string, { path, declaration }: SavedNetwork): Promise<void> {
  const [network, ids] = [join(folder, `${name}.json`), join(folder, 'ids.json')];
  writeFileSync(network, JSON.stringify(declaration));
  writeFileSync(ids, JSON.stringify(IDS));
  const { code, stderr } = await cli(['pack', path, '--network', network, '--ids', ids, '--out', join(folder, name), '--dtype', 'float32']);
  expect(code, stderr).toBe(0);
}

beforeAll(async () => {
  convolution = await saveConvolution(join(folder, 'convolution-source'));
  graph = saveGraph(join(folder, 'graph-source'));
  await pack('convolution', convolution);
  await pack('graph', graph);
  browser = await launchBrowser();
  site = await startSite({
    folders: { '/shelfmate/': 'dist', '/convolution/': join(folder, 'convolution'), '/graph/': join(folder, 'graph') },
    pages: { '/': PAGE },
  });
});
afterAll(async () => {
  await browser?.close();
  await site?.close();
  rmSync(folder, { recursive: true });
});

async function listAfter(
  model: string,
): Promise<{ readonly strategy: string; readonly items: readonly { readonly itemId: string; readonly score: number }[] }> {
  const context = await browser.newContext();
  const page = await context.newPage();
  const errors = collectErrors(page);
  try {
    await page.goto(site.url);
    await page.waitForFunction(() => 'isLoaded' in globalThis);
    const list = await page.evaluate(
      async ([address, ids]) => {
        const recommender = globalThis.createRecommender({ model: address as string, history: 'memory' });
        for (const id of ids as string[]) await recommender.record({ event: 'view_item', items: [{ item_id: id }] });
        const { strategy, items } = await recommender.recommend({ limit: 40, excludeSeen: false, probabilities: true, fallback: false });
        await recommender.close();
        return { strategy, items };
      },
      [model, MET.map((item) => IDS[item]!)] as const,
    );
    expect(errors).toEqual([]);
    return list;
  } finally {
    await context.close();
  }
}

describe('a folder with a tfjs network of its own', () => {
  it('ranks by the scores that tfjs gives for the last items', async () => {
    const { strategy, items } = await listAfter('/convolution/');
    expect(strategy).toBe('session');
    const expected = convolution.predict(INPUT).slice(1);
    const order = [...expected.keys()].sort((a, b) => expected[b]! - expected[a]!);
    expect(items.map(({ itemId }) => itemId)).toEqual(order.map((item) => IDS[item]));
    for (const { itemId, score } of items)
      expect(Math.abs(score - expected[IDS.indexOf(itemId)]!) / expected[order[0]!]!).toBeLessThanOrEqual(1e-5);
    expect(items.every((item) => !('probability' in item))).toBe(true);
  });

  it('multiplies the vector of a graph-model with the item rows by its kernels', async () => {
    const { strategy, items } = await listAfter('/graph/');
    expect(strategy).toBe('session');
    expect(items).toHaveLength(NETWORK_ITEMS);
    const scores = items.map(({ score }) => score);
    expect(scores).toEqual([...scores].sort((a, b) => b - a));
    expect(new Set(scores).size).toBeGreaterThan(30);
  });

  it('loads tfjs.js only where a folder has a network, once, beside worker.js', async () => {
    const before = site.requests.length;
    await listAfter('/graph/');
    const asked = site.requests.slice(before).filter((path) => path.startsWith('/shelfmate/'));
    expect(asked.filter((path) => path.endsWith('/tfjs.js'))).toHaveLength(1);
    expect(asked.filter((path) => path.endsWith('/sequence.js'))).toHaveLength(1);
  });
});
