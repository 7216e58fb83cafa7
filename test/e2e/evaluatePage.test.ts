import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { cpSync, readdirSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import type { Browser, BrowserContext, Page } from 'playwright';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { DemoServer } from '../../demo/serve.js';
import { startDemoServer } from '../../demo/serve.js';
import { collectErrors, launchBrowser } from '../fixtures/browser.js';

const HELDOUT_MODEL = 'build/demo-heldout-model';
const EVENTS = 'build/demo-shop/events.jsonl';
/** What the shop's own model was made of: its events and the till's orders. */
const WHOLE_LOG = 'build/demo-log.jsonl';

let browser: Browser;
let server: DemoServer;
let folder: string;
let context: BrowserContext;
let page: Page;
let errors: string[];
let requests: string[];

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'shelfmate-evaluate-'));
  server = await startDemoServer({ port: 0 });
  browser = await launchBrowser();
});
afterAll(async () => {
  await browser?.close();
  await server?.close();
  if (folder) rmSync(folder, { recursive: true });
});
beforeEach(async () => {
  context = await browser.newContext({ viewport: { width: 1280, height: 800 } });
  page = await context.newPage();
  errors = collectErrors(page);
  requests = [];
  context.on('request', (request) => {
    if (!/^(data|blob):/.test(request.url())) requests.push(`${request.method()} ${new URL(request.url()).pathname}`);
  });
});
afterEach(async () => {
  await context.close();
});

type Json = Record<string, unknown>;

async function open(query = ''): Promise<void> {
  await page.goto(`${server.url}evaluate${query}`);
  await page.waitForSelector('form.setup');
}

async function chooseEvents(name: string, content: string | Buffer): Promise<void> {
  const path = join(folder, name);
  writeFileSync(path, content);
  await page.setInputFiles('#file-events', path);
}

async function measureOnly(...backends: string[]): Promise<void> {
  await page.locator('.setup-more summary').click();
  for (const name of ['wasm', 'webgpu', 'webgl', 'cpu'])
    await page.locator(`input[name="measured"][value="${name}"]`).setChecked(backends.includes(name));
}

async function run(): Promise<string> {
  await page.click('[data-action="run"]');
  return settled();
}

async function settled(): Promise<string> {
  await page.waitForSelector('html[data-state="done"], html[data-state="error"]', { timeout: 280_000 });
  return (await page.getAttribute('html', 'data-state'))!;
}

async function exported(action: 'export-json' | 'export-csv'): Promise<string> {
  const [file] = await Promise.all([page.waitForEvent('download'), page.click(`[data-action="${action}"]`)]);
  return readFileSync(await file.path(), 'utf8');
}

function commandLine(...args: string[]): Json {
  const json = join(folder, 'cli.json');
  execFileSync(process.execPath, ['dist/cli/index.js', 'evaluate', ...args, '--json', json, '--quiet'], { stdio: 'pipe' });
  return JSON.parse(readFileSync(json, 'utf8')) as Json;
}

/** Without what differs from run to run. */
function withoutTimes({ models, ...rest }: Json): Json {
  const kinds = Object.entries(models as Record<string, Json>).map(([name, { kind }]) => [name, kind]);
  return { ...rest, seconds: 0, latencies: 0, models: Object.fromEntries(kinds) as Json };
}

async function failure(): Promise<string> {
  expect(await settled()).toBe('error');
  return (await page.locator('.failure').textContent())!;
}

/** Some of the demo shop's events: enough to see everything, few enough to be quick. */
const someEvents = (): string => readFileSync(EVENTS, 'utf8').split('\n').slice(0, 12_000).join('\n');

describe('the evaluation page', () => {
  it('gives, for the demo shop, the figures of the command line to the last digit', async () => {
    await open();
    await page.click('[data-action="try-demo"]');
    expect(await settled()).toBe('done');
    const seen = JSON.parse(await exported('export-json')) as Json;
    const expected = commandLine(HELDOUT_MODEL, '--events', EVENTS);
    expect(withoutTimes(seen)).toEqual(withoutTimes(expected));
    expect(Object.keys(seen).filter((key) => !(key in expected))).toEqual(['latencies']);
    expect(seen['cases']).toBe(8_000);

    const results = expected['results'] as Record<string, Record<string, { value: number }>>;
    const ofFolder = Object.entries(expected['models'] as Record<string, { kind: string }>).filter(([, { kind }]) => kind === 'model');
    const hits = Math.max(...ofFolder.map(([name]) => results[name]!['hr@20']!.value));
    expect(await page.locator('[data-section="headline"] h2').textContent()).toContain(`For ${Math.round(100 * hits)} of 100 shoppers`);
    for (const backend of ['wasm', 'webgpu', 'webgl', 'cpu']) {
      const row = page.locator(`tr[data-latency="${backend}"]`);
      expect(await row.locator('td').nth(1).textContent(), backend).toMatch(/^\d+\.\d+ ms$/);
      expect(await row.locator('th small').textContent(), backend).toMatch(/\w{6}/);
    }
    expect(errors).toEqual([]);
  }, 300_000);

  it.each([
    ['temporal', ['--protocol', 'temporal', '--targets', 'rest-of-visit', '--test-days', '5', '--at', '5,20']],
    ['session-prefixes', ['--protocol', 'session-prefixes', '--test-share', '0.2', '--models', 'als,popularity']],
  ])('agrees with the command line on %s and a packed CSV', async (protocol, args) => {
    const events = someEvents()
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as { userId: string; itemId: string; timestampMs: number; event: string })
      .map(({ userId, itemId, timestampMs, event }) => `"${userId}",${itemId},${timestampMs},${event}`);
    const csv = gzipSync('"buyer",article,when,what\r\n' + events.join('\r\n'));
    await open();
    await chooseEvents('events.csv.gz', csv);
    await measureOnly();
    await page.selectOption('#protocol', protocol);
    await page.fill('#columns', 'user=buyer, item=article, time=when, event=what');
    if (protocol === 'temporal') {
      await page.selectOption('#targets', 'rest-of-visit');
      await page.fill('#test-days', '5');
      await page.fill('#cutoffs', '20, 5');
    } else {
      await page.fill('#test-share', '0.2');
      await page.fill('#models', 'als, popularity');
    }
    expect(await run()).toBe('done');
    const seen = JSON.parse(await exported('export-json')) as Json;
    const columns = ['--columns', 'user=buyer,item=article,time=when,event=what'];
    expect(withoutTimes(seen)).toEqual(
      withoutTimes(commandLine(HELDOUT_MODEL, '--events', join(folder, 'events.csv.gz'), ...columns, ...args)),
    );
    expect(errors).toEqual([]);
  });

  it('agrees with the command line on a test file of its own', async () => {
    const lines = someEvents().split('\n');
    const later = join(folder, 'later.jsonl');
    writeFileSync(later, lines.filter((_, at) => at % 4 === 3).join('\n'));
    await open();
    await chooseEvents('earlier.jsonl', lines.filter((_, at) => at % 4 !== 3).join('\n'));
    await measureOnly();
    await page.selectOption('#protocol', 'given-split');
    await page.click('[data-action="run"]');
    expect(await page.locator('.form-message').textContent()).toContain('needs a second file');
    await page.setInputFiles('#file-test', later);
    expect(await run()).toBe('done');
    const seen = JSON.parse(await exported('export-json')) as Json;
    const expected = commandLine(HELDOUT_MODEL, '--events', join(folder, 'earlier.jsonl'), '--test', later, '--protocol', 'given-split');
    expect(withoutTimes(seen)).toEqual(withoutTimes(expected));
  });

  it('asks the network for the model’s files and its own scripts, and sends nothing', async () => {
    await open();
    await chooseEvents('private.jsonl', someEvents());
    await measureOnly('wasm');
    await page.waitForLoadState('networkidle');
    requests.length = 0;
    expect(await run()).toBe('done');
    const ofModel = readdirSync(HELDOUT_MODEL).map((name) => `GET /heldout-model/${name}`);
    const scripts = ['GET /shelfmate/evaluation.js', 'GET /shelfmate/evaluationWorker.js'];
    expect([...ofModel, ...scripts]).toEqual(expect.arrayContaining(requests));
    expect(requests).toContain('GET /heldout-model/manifest.json');
    expect(new Set(requests).size).toBe(requests.length);
    requests.length = 0;
    await exported('export-csv');
    expect(requests).toEqual([]);
  });

  it('opens a folder of the person’s own, and exports one figure a line', async () => {
    await open();
    await page.setInputFiles('#file-model', HELDOUT_MODEL);
    expect(await page.locator('[data-chosen="model"]').textContent()).toContain('demo-heldout-model');
    await chooseEvents('events.jsonl', someEvents());
    await measureOnly();
    expect(await run()).toBe('done');
    const figures = JSON.parse(await exported('export-json')) as {
      results: Record<string, Record<string, { value: number; low: number }>>;
    };
    const lines = (await exported('export-csv')).trim().split('\r\n');
    const { value, low } = figures.results['item-knn']!['ndcg@10']!;
    expect(lines.find((line) => line.startsWith(`accuracy,all,item-knn,baseline,ndcg,10,${value},${low},`))).toBeDefined();
    expect(requests.filter((request) => request.includes('heldout-model'))).toEqual([]);
    expect(errors).toEqual([]);
  });

  it.each([
    ['a file that is no events file', 'notes.csv', 'colour,size\nred,3\n', /no user and no item column.*colour, size.*`columns`/],
    ['an empty file', 'empty.csv', '', /empty\.csv is empty/],
    ['broken quoting', 'broken.csv', 'user,item\na,"x\nb,y\n', /quote is opened and never closed/],
    ['a cut gzip file', 'cut.csv.gz', gzipSync('user,item\na,x\n'.repeat(500)).subarray(0, 40), /cut or damaged/],
    ['ids the folder does not know', 'foreign.csv', 'user,item\na,x\na,y\nb,x\n', /Only 0\.0 % of the events.*Ids in the folder/],
    ['a picture', 'photo.png', Buffer.from([137, 80, 78, 71, 0, 0, 0, 13]), /not a text file/],
  ])('says what to do about %s', async (_, name, content, sentence) => {
    await open();
    await chooseEvents(name, content);
    await page.click('[data-action="run"]');
    expect(await failure()).toMatch(sentence);
    expect(errors).toEqual([]);
  });

  it('says what to do about a folder without manifest, and about one that was changed', async () => {
    await open();
    await chooseEvents('events.jsonl', someEvents());
    const changed = join(folder, 'changed');
    cpSync(HELDOUT_MODEL, changed, { recursive: true });
    const shard = readdirSync(changed).find((name) => name.startsWith('als-000'))!;
    const bytes = readFileSync(join(changed, shard));
    bytes[bytes.length - 1]! ^= 1;
    writeFileSync(join(changed, shard), bytes);
    await page.setInputFiles('#file-model', changed);
    await page.click('[data-action="run"]');
    expect(await failure()).toMatch(/SHA-256 is .* the manifest says/);
    rmSync(join(changed, 'manifest.json'));
    await page.setInputFiles('#file-model', changed);
    await page.click('[data-action="run"]');
    await page.waitForFunction(() => document.querySelector('.failure')?.textContent?.includes('manifest.json'));
    expect(await failure()).toMatch(/There is no manifest\.json among the \d+ files/);
    expect(errors).toEqual([]);
  });

  it('asks for what is missing before it runs', async () => {
    await open();
    await page.click('[data-action="run"]');
    expect(await page.locator('.form-message').textContent()).toContain('Choose a file of events first');
    await page.click('[data-action="demo-events"]');
    await page.fill('#cutoffs', '10, many');
    await page.click('[data-action="run"]');
    expect(await failure()).toMatch(/Use whole numbers from 1 to 200/);
  });

  it('stops at once when cancelled, and runs again', async () => {
    await open();
    await page.click('[data-action="demo-events"]');
    await page.click('[data-action="run"]');
    await page.waitForSelector('[data-phase="ranking"]');
    expect(await page.locator('progress').getAttribute('aria-label')).toBeTruthy();
    await page.click('[data-action="cancel"]');
    await page.waitForSelector('html[data-state="idle"]');
    expect(await page.locator('.form-message').textContent()).toContain('Cancelled');
    // A worker that is counting is given two seconds by the browser.
    await expect.poll(() => page.workers().length, { timeout: 20_000 }).toBe(0);
    await chooseEvents('events.jsonl', someEvents());
    await measureOnly('cpu');
    expect(await run()).toBe('done');
    expect(await page.locator('[data-section]').count()).toBeGreaterThan(5);
    expect(errors).toEqual([]);
  });

  it('says so when the folder has met the answers', async () => {
    await open('?model=./model/');
    await chooseEvents('events.jsonl', readFileSync(WHOLE_LOG));
    await measureOnly();
    await page.fill('#max-cases', '500');
    expect(await run()).toBe('done');
    expect(await page.locator('[data-note="knows-answers"]').isVisible()).toBe(true);
  });

  it('speaks Chinese, fits a phone, and is linked from the shop', async () => {
    await page.setViewportSize({ width: 390, height: 844 });
    await open('?lang=zh');
    await chooseEvents('events.jsonl', someEvents());
    await page.locator('.setup-more summary').click();
    await page.fill('#max-cases', '300');
    expect(await run()).toBe('done');
    expect(await page.getAttribute('html', 'lang')).toBe('zh-CN');
    expect(await page.locator('[data-section="headline"] h2').textContent()).toMatch(/每 100 位顾客中/);
    expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(390);
    await page.goto(server.url);
    await page.locator('a[href^="./evaluate"]').locator('visible=true').first().click();
    await page.waitForSelector('form.setup');
  });
});
