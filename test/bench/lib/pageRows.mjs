/** The rows of a whole page: page -> worker -> page on the built package, the start, and the memory. */
import { memoryRow } from './memoryRow.mjs';
import { openShop, serveModel } from './openShop.mjs';
import { median, progress, quantile } from './report.mjs';

/** [{name, run()}] of the rows wanted. `context` is filled in by run.mjs before any runs. */
export function pageRows(context) {
  const { isQuick, wants } = context.options;
  const rows = [
    { name: 'recommend N=100000', run: () => recommendRow(context, 'recommend N=100000') },
    { name: 'record N=100000', run: () => recordRow(context, 'record N=100000') },
    { name: 'start N=20000', run: () => startRow(context, 'start N=20000', 1) },
    { name: 'start N=20000 throttle=6', run: () => startRow(context, 'start N=20000 throttle=6', 6) },
    { name: 'memory N=1000000 d=64', run: () => millionRow(context, 'memory N=1000000 d=64'), isLong: true },
  ];
  return rows.filter(({ name, isLong }) => wants(name) && !(isQuick && isLong));
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

async function millionRow(context, name) {
  const itemCount = 1_000_000;
  const model = await serveModel(context, name, { itemCount, isBare: true });
  await memoryRow(context, name, model, model.base);
}
