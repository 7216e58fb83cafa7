import type { Page } from 'playwright';
import { FaultBrowser } from '../faultBrowser.js';
import { listIds, record } from '../faultShop.js';
import type { FaultShop } from '../faultShop.js';
import type { Scenario } from '../scenario.js';

/** Clears by the browser's own means: what its settings do, or the shop's server by a header. */
async function clear(browser: FaultBrowser, page: Page, shop: FaultShop, byHeader: boolean): Promise<void> {
  if (!byHeader) {
    const cdp = await browser.cdp(page);
    await cdp.send('Storage.clearDataForOrigin', { origin: shop.url, storageTypes: 'all' });
    return;
  }
  shop.intercept = (path, response) => {
    if (path !== '/clear') return false;
    response.writeHead(200, { 'clear-site-data': '"storage"' }).end();
    return true;
  };
  await page.evaluate(() => fetch('/clear', { cache: 'no-store' }));
  shop.intercept = null;
}

async function waitUntilEmpty(page: Page): Promise<number> {
  let left = -1;
  for (const deadlineMs = Date.now() + 5_000; Date.now() < deadlineMs && left !== 0;) left = (await listIds(page)).length;
  return left;
}

export const dataCleared: Scenario = {
  name: 'data-cleared',
  fault: "clear the site's data in the browser, or by Clear-Site-Data, under two open tabs",
  smallCount: 2,
  longCount: 50,
  must: { leftInMemory: 0, cameBack: 0, savedAfterwards: 1, errors: 0 },
  async run({ shop, count }) {
    const browser = new FaultBrowser();
    const totals = { leftInMemory: 0, cameBack: 0, savedAfterwards: 0 };
    try {
      await browser.start();
      for (let cycle = 0; cycle < count; cycle++) {
        const tabs = [await browser.openPage(shop.home), await browser.openPage(shop.home)];
        for (const tab of tabs) await tab.evaluate(() => void globalThis.openShop());
        for (let n = 0; n < 5; n++) await record(tabs[n % 2]!, `d${cycle}-${n}`);
        await clear(browser, tabs[0]!, shop, cycle % 2 === 1);
        for (const tab of tabs) totals.leftInMemory += await waitUntilEmpty(tab);
        const { storage } = await record(tabs[1]!, `e${cycle}`);
        if (storage === 'mirrored') totals.savedAfterwards++;
        const third = await browser.openPage(shop.home);
        await third.evaluate(() => void globalThis.openShop());
        totals.cameBack += (await listIds(third)).filter((itemId) => itemId !== `e${cycle}`).length;
        await third.evaluate(() => globalThis.recommender.history.clear());
        for (const tab of [...tabs, third]) await tab.close();
      }
      return { clearings: count, ...totals, savedAfterwards: totals.savedAfterwards / count, errors: browser.errors.length };
    } finally {
      await browser.remove();
    }
  },
};
