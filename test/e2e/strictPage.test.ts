import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Browser, BrowserContext } from 'playwright';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { collectErrors, launchBrowser } from '../fixtures/browser.js';
import { chromiumFlags } from '../fixtures/chromiumFlags.js';
import type { Site } from '../fixtures/siteServer.js';
import { startSite } from '../fixtures/siteServer.js';
import { smallFolder } from '../fixtures/smallModel.js';
import { writeFolder } from '../fixtures/writeFolder.js';

/** As README says a shop with Trusted Types does it: the policy is the shop's own, and allows one address. */
const SHOP = `import { createRecommender } from '/shelfmate/index.js';
const workerUrl = '/shelfmate/worker.js';
const policy = trustedTypes.createPolicy('shop', {
  createScriptURL: (url) => {
    if (url !== workerUrl) throw new TypeError('no script of ours: ' + url);
    return url;
  },
});
const backend = new URLSearchParams(location.search).get('backend') ?? 'auto';
const worker = () => new Worker(policy.createScriptURL(workerUrl), { type: 'module', name: 'shelfmate' });
const violations = [];
addEventListener('securitypolicyviolation', ({ violatedDirective, blockedURI }) => violations.push(violatedDirective + ' ' + blockedURI));
const show = (facts) => document.documentElement.setAttribute('data-facts', JSON.stringify({ ...facts, violations }));
try {
  const recommender = createRecommender({ model: '/model/', backend, worker, update: 'manual' });
  const { storage } = await recommender.record({ event: 'view_item', items: [{ item_id: 'i7' }] });
  await recommender.ready;
  const plain = await recommender.recommend({ limit: 20, fallback: false });
  const withRules = await recommender.recommend({ limit: 5, filter: { brand: 'Aro' }, fallback: false });
  const update = await recommender.model.update();
  const { attempts } = await recommender.status();
  show({ storage, plain, withRules: withRules.items.length, outcome: update.outcome, attempts });
} catch (error) {
  show({ error: String(error) });
}
`;
const PAGE = '<!doctype html><html lang="en"><title>strict</title><script type="module" src="/shop/shop.js"></script></html>';

interface Facts {
  readonly error?: string;
  readonly storage: string;
  readonly plain: { readonly backend: string; readonly items: readonly { readonly itemId: string; readonly score: number }[] };
  readonly withRules: number;
  readonly outcome: string;
  readonly attempts: readonly { readonly backend: string; readonly accepted: boolean; readonly reason: string }[];
  readonly violations: readonly string[];
}

let browser: Browser;
/** As on a device whose GPU the browser does not use. */
let withoutGpu: Browser;
let context: BrowserContext | undefined;
let site: Site | undefined;
let modelFolder: string;
let shopFolder: string;

beforeAll(async () => {
  modelFolder = writeFolder(await smallFolder({ itemCount: 500, dimensions: 60 }));
  shopFolder = mkdtempSync(join(tmpdir(), 'shelfmate-strict-'));
  writeFileSync(join(shopFolder, 'shop.js'), SHOP);
  browser = await launchBrowser();
  withoutGpu = await launchBrowser([
    ...chromiumFlags.filter((flag) => !/webgpu|swiftshader/.test(flag)),
    '--disable-gpu',
    '--disable-software-rasterizer',
  ]);
});
afterAll(async () => {
  await browser?.close();
  await withoutGpu?.close();
  for (const folder of [modelFolder, shopFolder]) if (folder) rmSync(folder, { recursive: true });
});
afterEach(async () => {
  await context?.close();
  await site?.close();
});

/** Opens the shop with the policy on every response, the worker's own too; `reports`: what the browser blocked, in page and worker. */
async function visit(
  scriptSources: string,
  { backend = 'auto', on = browser }: { readonly backend?: string; readonly on?: Browser } = {},
): Promise<{ facts: Facts; errors: string[]; reports: string[] }> {
  const policy = [
    "default-src 'none'",
    `script-src ${scriptSources}`,
    "worker-src 'self'",
    "connect-src 'self'",
    "require-trusted-types-for 'script'",
    'trusted-types shop',
    'report-uri /csp-report',
  ];
  const reports: string[] = [];
  site = await startSite({
    folders: { '/shelfmate/': 'dist', '/model/': modelFolder, '/shop/': shopFolder },
    pages: { '/': PAGE },
    headers: { 'content-security-policy': policy.join('; ') },
  });
  site.intercept = (path, response, request) => {
    if (path !== '/csp-report') return false;
    let text = '';
    request.on('data', (chunk) => (text += String(chunk)));
    request.on('end', () => {
      const report = (JSON.parse(text) as { 'csp-report': Record<string, string> })['csp-report'];
      reports.push(`${report['violated-directive']} ${report['blocked-uri']}`);
      response.writeHead(204).end();
    });
    return true;
  };
  context = await on.newContext();
  const page = await context.newPage();
  const errors = collectErrors(page);
  await page.goto(`${site.url}/?backend=${backend}`);
  const root = page.locator('html[data-facts]');
  const facts = JSON.parse((await root.getAttribute('data-facts'))!) as Facts;
  return { facts, errors, reports };
}

const rows = ({ plain }: Facts): (readonly [string, number])[] => plain.items.map(({ itemId, score }) => [itemId, score]);

describe('a page under a strict policy with Trusted Types', () => {
  it('works whole: no policy of the library, nothing blocked, in page or worker', async () => {
    const { facts, errors, reports } = await visit("'self' 'wasm-unsafe-eval'");
    expect(facts).toMatchObject({ storage: 'mirrored', withRules: 5, outcome: 'current', violations: [], plain: { backend: 'wasm' } });
    expect(facts.plain.items).toHaveLength(20);
    expect(reports).toEqual([]);
    expect(errors).toEqual([]);
  });

  it("gives the same list without 'wasm-unsafe-eval', by plain JavaScript; nothing but WebAssembly was blocked", async () => {
    const withWasm = (await visit("'self' 'wasm-unsafe-eval'")).facts;
    await context!.close();
    await site!.close();
    const { facts, errors, reports } = await visit("'self'", { on: withoutGpu });
    expect(facts).toMatchObject({ storage: 'mirrored', withRules: 5, outcome: 'current', violations: [], plain: { backend: 'cpu' } });
    expect(rows(facts)).toEqual(rows(withWasm));
    expect(new Set(reports)).toEqual(new Set(['script-src wasm-eval']));
    expect(facts.attempts[0]).toMatchObject({ backend: 'wasm', accepted: false });
    expect(errors.filter((error) => !/WebAssembly|wasm/.test(error))).toEqual([]);
  });

  it.each(['webgpu', 'webgl'])('runs the %s backend', async (backend) => {
    const { facts, reports } = await visit("'self' 'wasm-unsafe-eval'", { backend });
    expect(facts.error).toBeUndefined();
    expect(facts.plain.backend).toBe(backend);
    expect(reports).toEqual([]);
  });
});
