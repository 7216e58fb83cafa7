/** The rows of a whole page: page -> worker -> page on the built package, the start, and the memory. */
import { readFileSync } from 'node:fs';
import { median, progress, quantile } from './report.mjs';

const START_LIMIT_MS = 120_000;
const MEMORY_SAMPLE_MS = 50;

/** [{name, run()}] of the rows wanted. `context` is filled in by run.mjs before any runs. */
export function pageRows(context) {
  const { isQuick, wants } = context.options;
  const rows = [
    { name: 'recommend N=100000', run: () => recommendRow(context, 'recommend N=100000') },
    { name: 'record N=100000', run: () => recordRow(context, 'record N=100000') },
    { name: 'start N=20000', run: () => startRow(context, 'start N=20000', 1) },
    { name: 'start N=20000 throttle=6', run: () => startRow(context, 'start N=20000 throttle=6', 6) },
    { name: 'memory N=1000000 d=64', run: () => memoryRow(context, 'memory N=1000000 d=64'), isLong: true },
  ];
  return rows.filter(({ name, isLong }) => wants(name) && !(isQuick && isLong));
}

/** A page that shows the model of so many items, in a profile of its own. */
async function openShop(context, name, { itemCount, isBare = false }) {
  const { server, folders, browser } = context;
  context.models ??= new Map();
  const chromiumContext = await browser.newContext();
  let model = context.models.get(itemCount);
  if (!model) {
    progress(`${name}: packing ${itemCount} items`);
    const { makeModelFolder } = await import('./modelFolder.mjs');
    model = await makeModelFolder({ itemCount, dimensions: 64, isBare });
    context.models.set(itemCount, model);
    folders.push(model.path);
    server.mount(`/model-${itemCount}/`, model.path);
  }
  const page = await chromiumContext.newPage();
  page.setDefaultTimeout(START_LIMIT_MS);
  const url = `${server.url}/bench/shop.html?model=/model-${itemCount}/`;
  return { page, url, model, close: () => chromiumContext.close() };
}

async function recommendRow(context, name) {
  const shop = await openShop(context, name, { itemCount: 100_000 });
  try {
    await shop.page.goto(shop.url);
    await shop.page.waitForFunction(() => 'measured' in globalThis);
    progress(`${name}: measuring`);
    const { totals, engine, status } = await shop.page.evaluate(
      async (rounds) => {
        const { recommender } = globalThis;
        for (let n = 0; n < 50; n++)
          await recommender.record({ event: n % 5 ? 'view_item' : 'add_to_cart', items: [{ item_id: `p${n * 37}` }] });
        const options = {
          limit: 20,
          filter: { category: ['Cameras', 'Phones', 'Audio'], price: { max: 400 }, inStock: true },
          exclude: Array.from({ length: 30 }, (_, n) => `p${n * 11}`),
        };
        const totals = [];
        const engine = [];
        for (let n = 0; n < rounds + 30; n++) {
          const startMs = performance.now();
          const list = await recommender.recommend(options);
          const totalMs = performance.now() - startMs;
          if (list.items.length !== 20 || !list.items[0].reasons.length) throw new Error('the list is not what was asked for');
          if (n < 30) continue;
          totals.push(totalMs);
          engine.push(list.tookMs);
        }
        return { totals, engine, status: await recommender.status() };
      },
      context.options.isQuick ? 100 : 400,
    );
    context.report.add({
      name,
      peer: 'floor',
      ours: median(totals),
      theirs: median(engine),
      backend: status.backend,
      overheadMs: median(totals) - median(engine),
      p99: quantile(totals, 0.99),
      rounds: totals.length,
    });
  } finally {
    await shop.close();
  }
}

async function recordRow(context, name) {
  const shop = await openShop(context, name, { itemCount: 100_000 });
  try {
    await shop.page.goto(shop.url);
    await shop.page.waitForFunction(() => 'measured' in globalThis);
    progress(`${name}: measuring`);
    const { totals, engine, backend } = await shop.page.evaluate(
      async (rounds) => {
        const { recommender } = globalThis;
        for (let n = 0; n < 50; n++) await recommender.record({ event: 'view_item', items: [{ item_id: `p${n * 37}` }] });
        const totals = [];
        const engine = [];
        let backend = '';
        for (let n = 0; n < rounds; n++) {
          const itemId = `p${5_000 + n * 13}`;
          const startMs = performance.now();
          const recorded = recommender.record({ event: 'view_item', items: [{ item_id: itemId }] });
          await recorded;
          const list = await recommender.recommend({ limit: 20 });
          totals.push(performance.now() - startMs);
          engine.push(list.tookMs);
          backend = list.backend;
          const [newest] = await recommender.history.list({ limit: 1 });
          if (newest.itemId !== itemId || list.items.some((item) => item.itemId === itemId))
            throw new Error('the list does not reflect the event');
        }
        return { totals, engine, backend };
      },
      context.options.isQuick ? 30 : 100,
    );
    context.report.add({
      name,
      peer: 'floor',
      ours: median(totals),
      theirs: median(engine),
      backend,
      p99: quantile(totals, 0.99),
      rounds: totals.length,
    });
  } finally {
    await shop.close();
  }
}

/** From navigation to the first list, the model in the browser's cache. The floor is the same page without any recommender. */
async function startRow(context, name, throttle) {
  const shop = await openShop(context, name, { itemCount: 20_000 });
  try {
    const { page, url } = shop;
    await page.goto(url);
    await page.waitForFunction(() => 'measured' in globalThis);
    await page.evaluate(() => globalThis.recommender.ready);
    await page.waitForTimeout(1_500);
    const devtools = await page.context().newCDPSession(page);
    await devtools.send('Emulation.setCPUThrottlingRate', { rate: throttle });
    const visits = [];
    const empty = [];
    for (let n = 0; n < (context.options.isQuick ? 5 : 11); n++) {
      progress(`${name}: visit ${n + 1}`);
      await page.goto(url);
      await page.waitForFunction(() => 'measured' in globalThis);
      visits.push(await page.evaluate(() => globalThis.measured()));
      await page.goto(`${context.server.url}/bench/empty.html`);
      empty.push(await page.evaluate(() => globalThis.loadedMs));
    }
    if (!visits.every(({ fromCache }) => fromCache)) throw new Error('the model did not come from the cache');
    context.report.add({
      name,
      peer: 'floor',
      ours: median(visits.map(({ firstListMs }) => firstListMs)),
      theirs: median(empty),
      slowestMs: Math.max(...visits.map(({ firstListMs }) => firstListMs)),
      longTasks: Math.max(...visits.map(({ longTasks }) => longTasks)),
      rounds: visits.length,
    });
  } finally {
    await shop.close();
  }
}

/**
 * The most that the page's process held while it loaded a million items, less what it held before: page, worker and
 * WebAssembly memory together, as the operating system counts them. Linux only.
 */
async function memoryRow(context, name) {
  if (process.platform !== 'linux') return context.report.skip(name, 'floor', 'the process is measured on Linux only');
  const shop = await openShop(context, name, { itemCount: 1_000_000, isBare: true });
  try {
    await shop.page.goto(`${context.server.url}/bench/empty.html`);
    const devtools = await context.browser.newBrowserCDPSession();
    const { processInfo } = await devtools.send('SystemInfo.getProcessInfo');
    const renderers = processInfo.filter(({ type }) => type === 'renderer').map(({ id }) => id);
    const before = new Map(renderers.map((id) => [id, residentBytes(id)]));
    let peakBytes = 0;
    const sample = () => {
      for (const id of renderers) peakBytes = Math.max(peakBytes, residentBytes(id) - before.get(id));
    };
    const timer = setInterval(sample, MEMORY_SAMPLE_MS);
    progress(`${name}: loading`);
    // Same site, same process.
    await shop.page.evaluate((url) => globalThis.openShop(url), shop.url);
    await shop.page.waitForFunction(() => globalThis.firstListMs > 0);
    await shop.page.waitForTimeout(500);
    clearInterval(timer);
    sample();
    const settledBytes = renderers.reduce((most, id) => Math.max(most, residentBytes(id) - before.get(id)), 0);
    const firstListMs = await shop.page.evaluate(() => globalThis.firstListMs);
    // What the browser counts after a garbage collection, of the worker alone.
    const workerBytes = await shop.page.evaluate(async () => {
      const { breakdown } = await performance.measureUserAgentSpecificMemory();
      const isWorker = ({ attribution }) => attribution.some(({ scope }) => scope.includes('Worker'));
      return breakdown.filter(isWorker).reduce((sum, { bytes }) => sum + bytes, 0);
    });
    context.report.add({
      name,
      peer: 'floor',
      ours: peakBytes,
      theirs: shop.model.bytes,
      unit: 'bytes',
      budget: Math.round(1.3 * shop.model.bytes + 30e6),
      settledBytes,
      workerBytes,
      firstListMs,
    });
  } finally {
    await shop.close();
  }
}

/** What the process holds that is its own: memory shared with the browser process is not counted twice. */
function residentBytes(pid) {
  try {
    const status = readFileSync(`/proc/${pid}/status`, 'utf8');
    return 1024 * Number(/RssAnon:\s+(\d+)/.exec(status)?.[1] ?? 0);
  } catch {
    return 0;
  }
}
