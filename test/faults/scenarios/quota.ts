import { FaultBrowser, pause } from '../faultBrowser.js';
import { listIds, record } from '../faultShop.js';
import type { Scenario } from '../scenario.js';
import { countRows } from './rawDatabase.js';

/** Longer than the store leaves a disk alone that refused. */
const REST_MS = 11_000;

export const quota: Scenario = {
  name: 'quota',
  fault: 'leave the origin one byte of quota, then give it back',
  smallCount: 1,
  longCount: 5,
  must: { purged: 1, wentToMemory: 1, servedShare: 1, savedAfterwards: 1, lost: 0, doubled: 0, errors: 0 },
  async run({ shop, count }) {
    const browser = new FaultBrowser();
    const totals = { purged: 0, wentToMemory: 0, served: 0, asked: 0, savedAfterwards: 0, lost: 0, doubled: 0 };
    try {
      for (let cycle = 0; cycle < count; cycle++) {
        await browser.start();
        const first = await browser.openPage(shop.home);
        await first.evaluate(() => globalThis.openShop().ready);
        const before = await record(first, 'i1');
        if (before.storage !== 'mirrored' || (await countRows(first, 'files')) === 0)
          throw new Error('The model was not cached to begin with.');
        // A running browser remembers for 30 s how much room there was.
        await browser.stop();
        await browser.start();
        const page = await browser.openPage(shop.home);
        const cdp = await browser.cdp(page);
        await cdp.send('Storage.overrideQuotaForOrigin', { origin: shop.url, quotaSize: 1 });
        await page.evaluate(() => globalThis.openShop().ready);
        const storages: string[] = [];
        for (let n = 0; n < 5; n++) {
          storages.push((await record(page, `i${n + 2}`)).storage);
          totals.asked++;
          const list = await page.evaluate(() => globalThis.recommender.recommend({ limit: 5 })).catch(() => null);
          if (list?.items.length === 5 && list.strategy === 'personal') totals.served++;
        }
        if ((await countRows(page, 'files')) === 0) totals.purged++;
        if (storages.at(-1) === 'memory') totals.wentToMemory++;
        await cdp.send('Storage.overrideQuotaForOrigin', { origin: shop.url });
        await pause(REST_MS);
        const after = await record(page, 'i7');
        if (after.storage === 'mirrored') totals.savedAfterwards++;
        await page.close();
        const second = await browser.openPage(shop.home);
        await second.evaluate(() => globalThis.openShop().ready);
        const itemIds = await listIds(second);
        totals.doubled += itemIds.length - new Set(itemIds).size;
        for (let n = 1; n <= 7; n++) if (!itemIds.includes(`i${n}`)) totals.lost++;
        await second.evaluate(() => globalThis.recommender.history.clear());
        await browser.stop();
      }
      const { purged, wentToMemory, served, asked, savedAfterwards, lost, doubled } = totals;
      return {
        cycles: count,
        purged: purged / count,
        wentToMemory: wentToMemory / count,
        servedShare: served / asked,
        savedAfterwards: savedAfterwards / count,
        lost,
        doubled,
        errors: browser.errors.length,
      };
    } finally {
      await browser.remove();
    }
  },
};
