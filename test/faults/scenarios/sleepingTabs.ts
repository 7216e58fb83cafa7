import { FaultBrowser, pause, signal } from '../faultBrowser.js';
import { Ledger, listIds, readHistory, record } from '../faultShop.js';
import type { Scenario } from '../scenario.js';
import { between } from '../scenario.js';

export const bfcache: Scenario = {
  name: 'bfcache',
  fault: 'leave the page and come back by the back/forward cache, while another tab records and forgets',
  smallCount: 3,
  longCount: 100,
  must: { missed: 0, lost: 0, doubled: 0, cameBack: 0, errors: 0 },
  async run({ shop, count, onProgress }) {
    const browser = new FaultBrowser({ leaveOutFlags: ['--disable-back-forward-cache'] });
    const ledger = new Ledger();
    const totals = { fromCache: 0, missed: 0 };
    try {
      await browser.start();
      const page = await browser.openPage(shop.home);
      await page.evaluate(() => {
        globalThis.openShop();
        addEventListener('pageshow', ({ persisted }) => Object.assign(globalThis, { cameFromCache: persisted }));
      });
      const other = await browser.openPage(shop.home);
      await other.evaluate(() => void globalThis.openShop());
      for (let cycle = 0; cycle < count; cycle++) {
        ledger.note(`b${cycle}-before`, (await record(page, `b${cycle}-before`)).storage);
        const underWay = page.evaluate((itemId) => {
          void globalThis.recommender.record({ event: 'view_item', items: [{ item_id: itemId }] });
        }, `b${cycle}-leaving`);
        await underWay;
        await page.goto(`${shop.url}/other`);
        const meanwhile = `b${cycle}-other`;
        ledger.note(meanwhile, (await record(other, meanwhile)).storage);
        await other.evaluate((itemId) => globalThis.recommender.history.forget({ itemId }), `b${cycle}-before`);
        ledger.noteCleared([`b${cycle}-before`]);
        await page.goBack({ waitUntil: 'commit' });
        const isBack = await page.evaluate(() => globalThis.cameFromCache === true);
        if (isBack) totals.fromCache++;
        else await page.evaluate(() => void globalThis.openShop());
        await page
          .waitForFunction(
            async (itemId) => (await globalThis.recommender.history.list()).some((one) => one.itemId === itemId),
            meanwhile,
            {
              timeout: 5_000,
            },
          )
          .catch(() => totals.missed++);
        ledger.check(await listIds(page));
        onProgress(cycle + 1);
      }
      const fresh = await browser.openPage(shop.home);
      await fresh.evaluate(() => void globalThis.openShop());
      ledger.check((await readHistory(fresh)).itemIds);
      return { cycles: count, ...totals, ...ledger.figures, errors: browser.errors.length };
    } finally {
      await browser.remove();
    }
  },
};

export const frozenTab: Scenario = {
  name: 'frozen-tab',
  fault: 'SIGSTOP one of two writing tabs for seconds, SIGCONT',
  smallCount: 2,
  longCount: 60,
  must: { unanswered: 0, lost: 0, doubled: 0, cameBack: 0, errors: 0 },
  async run({ shop, count, random, onProgress }) {
    const browser = new FaultBrowser();
    const ledger = new Ledger();
    const totals = { unanswered: 0, writtenMeanwhile: 0, slowestMs: 0 };
    try {
      const context = await browser.start();
      await context.exposeFunction('acked', (itemId: string, storage: string) => ledger.note(itemId, storage));
      for (let cycle = 0; cycle < count; cycle++) {
        const awake = await browser.openPage(shop.home);
        await awake.evaluate(() => void globalThis.openShop());
        const before = new Set(browser.rendererPids());
        const frozen = await browser.openPage(shop.home);
        const pids = browser.rendererPids().filter((pid) => !before.has(pid));
        await frozen.evaluate((prefix) => {
          globalThis.openShop();
          void globalThis.recordOnAndOn(prefix);
        }, `f${cycle}`);
        await pause(between(random, 100, 300));
        for (const pid of pids) signal(pid, 'SIGSTOP');
        const until = Date.now() + between(random, 500, 4_000);
        for (let n = 0; n < 3 || Date.now() < until; n++) {
          const itemId = `a${cycle}-${n}`;
          const startMs = Date.now();
          const result = await Promise.race([record(awake, itemId), pause(20_000).then(() => null)]);
          totals.slowestMs = Math.max(totals.slowestMs, Date.now() - startMs);
          if (!result) totals.unanswered++;
          else ledger.note(itemId, result.storage);
          totals.writtenMeanwhile++;
          await pause(50);
        }
        const forgotten = `a${cycle}-0`;
        await awake.evaluate((itemId) => globalThis.recommender.history.forget({ itemId }), forgotten).catch(() => {});
        ledger.noteCleared([forgotten]);
        for (const pid of pids) signal(pid, 'SIGCONT');
        await pause(200);
        await frozen.close();
        ledger.check((await readHistory(awake)).itemIds);
        await awake.evaluate(() => globalThis.recommender.history.clear());
        ledger.noteCleared();
        await awake.close();
        onProgress(cycle + 1);
      }
      return {
        freezes: count,
        ...totals,
        ...ledger.figures,
        stored: ledger.storages['stored']!,
        memory: ledger.storages['memory']!,
        errors: browser.errors.length,
      };
    } finally {
      await browser.remove();
    }
  },
};
