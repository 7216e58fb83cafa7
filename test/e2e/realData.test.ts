/**
 * Trains on the public data sets that lie beside the project in its own CI (SHELFMATE_REAL_DATA names their folder).
 * They are not part of the repository; without them these tests do not run, and everything else does.
 */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { startDemoServer } from '../../demo/serve.js';
import type { CliIo } from '../../src/cli/cliIo.js';
import { runCli } from '../../src/cli/runCli.js';
import { launchBrowser } from '../fixtures/browser.js';

const realData = process.env['SHELFMATE_REAL_DATA'];
const work = mkdtempSync(join(tmpdir(), 'shelfmate-real-'));
afterAll(() => rmSync(work, { recursive: true }));

let complaints = '';
const io: CliIo = {
  stdout: { write: () => true },
  stderr: { write: (text) => (complaints += text) },
  env: {},
  now: () => Date.UTC(2026, 0, 1),
  fetch: globalThis.fetch,
  signal: new AbortController().signal,
};

const SETS = [
  { name: 'online-retail', events: 'online-retail/online_retail.csv.gz', options: [], items: 3_665, gain: 2 },
  { name: 'yoochoose', events: 'yoochoose-1-64/train_sessions.txt.gz', options: ['--format', 'sequences'], items: 17_376, gain: 3 },
  { name: 'electronics', events: 'amazon-electronics-m1/train.txt', options: ['--format', 'user-items'], items: 1_522, gain: 1 },
  { name: 'beauty', events: 'amazon-beauty/sequences.txt.gz', options: ['--format', 'user-items'], items: 12_101, gain: 2 },
] as const;

interface Figures {
  readonly items: number;
  readonly evaluation: { readonly model: { readonly hitRateAt20: number }; readonly popularity: { readonly hitRateAt20: number } };
}

describe.runIf(realData)('shelfmate train on real data', () => {
  it.each(SETS)(
    'makes a sound folder from $name that beats popularity',
    { timeout: 300_000 },
    async ({ name, events, options, items, gain }) => {
      const out = join(work, name);
      const json = join(work, `${name}.json`);
      const args = ['train', join(realData!, events), '--out', out, '--json', json, '--epochs', '4', '--factors', '32', ...options];
      complaints = '';
      expect(await runCli(args, io), complaints).toBe(0);
      expect(await runCli(['verify', out], io)).toBe(0);
      const figures = JSON.parse(readFileSync(json, 'utf8')) as Figures;
      expect(figures.items).toBe(items);
      expect(figures.evaluation.model.hitRateAt20).toBeGreaterThan(gain * figures.evaluation.popularity.hitRateAt20);
    },
  );

  it('opens such a folder in the demo by ?model=', async () => {
    const server = await startDemoServer({ port: 0, mounts: { '/retail/': join(work, 'online-retail') } });
    const browser = await launchBrowser();
    try {
      const page = await browser.newPage();
      await page.goto(`${server.url}?model=/retail/`);
      await page.waitForSelector('html[data-state="ready"]');
      const cards = page.locator('[data-list="recommended"][data-recomm-id] [data-item-id]');
      await cards.first().click();
      await page.waitForSelector('[data-list="similar"][data-recomm-id] [data-item-id]');
      await page.evaluate(() => (location.hash = '#/'));
      await page.waitForSelector('[data-list="recommended"][data-strategy="personal"]');
      expect(await page.locator('h1, h2').allTextContents()).not.toEqual([]);
    } finally {
      await browser.close();
      await server.close();
    }
  });
});
