import { FaultBrowser, pause, signal } from '../faultBrowser.js';
import { listIds, record } from '../faultShop.js';
import type { Scenario } from '../scenario.js';
import { between } from '../scenario.js';
import { makeVersionOne } from './rawDatabase.js';

const EVENTS = 600;
/** Longer than the store leaves a database alone that did not open. */
const REST_MS = 11_000;

export const blockedUpgrade: Scenario = {
  name: 'blocked-upgrade',
  fault: 'a tab keeps version 1 of the database open and does not let go',
  smallCount: 1,
  longCount: 10,
  must: { answered: 1, personal: 1, savedAfterwards: 1, lost: 0, doubled: 0, errors: 0 },
  async run({ shop, count }) {
    const totals = { answered: 0, personal: 0, savedAfterwards: 0, lost: 0, doubled: 0, errors: 0 };
    const settleMs: number[] = [];
    for (let cycle = 0; cycle < count; cycle++) {
      const browser = new FaultBrowser();
      try {
        await browser.start();
        const old = await browser.openPage(shop.home);
        await makeVersionOne(old, 20, true);
        const page = await browser.openPage(shop.home);
        const startMs = Date.now();
        await page.evaluate(() => globalThis.openShop().ready);
        const { storage } = await record(page, 'i7');
        const list = await page.evaluate(() => globalThis.recommender.recommend({ limit: 5 }));
        settleMs.push(Date.now() - startMs);
        if (storage === 'memory' && list.items.length === 5) totals.answered++;
        if (list.strategy === 'personal') totals.personal++;
        await old.close();
        await pause(REST_MS);
        if ((await record(page, 'i8')).storage === 'mirrored') totals.savedAfterwards++;
        const itemIds = await listIds(page);
        totals.doubled += itemIds.length - new Set(itemIds).size;
        const expected = ['i7', 'i8', ...Array.from({ length: 20 }, (_, n) => `v${n}`)];
        totals.lost += expected.filter((itemId) => !itemIds.includes(itemId)).length;
        totals.errors += browser.errors.length;
      } finally {
        await browser.remove();
      }
    }
    const { answered, personal, savedAfterwards, ...rest } = totals;
    return {
      cycles: count,
      answered: answered / count,
      personal: personal / count,
      savedAfterwards: savedAfterwards / count,
      ...rest,
      settledWithinMs: Math.max(...settleMs),
    };
  },
};

export const killedUpgrade: Scenario = {
  name: 'killed-upgrade',
  fault: 'SIGKILL the renderer or the browser while the database is upgraded from version 1',
  smallCount: 3,
  longCount: 200,
  must: { lost: 0, doubled: 0, errors: 0 },
  async run({ shop, count, random, onProgress }) {
    const totals = { browserKills: 0, stillOld: 0, lost: 0, doubled: 0, errors: 0 };
    for (let cycle = 0; cycle < count; cycle++) {
      const browser = new FaultBrowser();
      try {
        await browser.start();
        const old = await browser.openPage(shop.home);
        await makeVersionOne(old, EVENTS, false);
        const page = await browser.openPage(shop.home);
        await page.evaluate(() => void globalThis.openShop());
        await pause(between(random, 0, 600));
        if (random() < 0.5) {
          totals.browserKills++;
          await browser.killBrowser();
          await browser.start();
        } else for (const pid of browser.rendererPids()) signal(pid, 'SIGKILL');
        const after = await browser.openPage(shop.home);
        const version = await after.evaluate(async () => (await indexedDB.databases()).find(({ name }) => name === 'shelfmate')?.version);
        if (version === 1) totals.stillOld++;
        await after.evaluate(() => void globalThis.openShop());
        const itemIds = await listIds(after);
        totals.doubled += itemIds.length - new Set(itemIds).size;
        totals.lost += EVENTS - new Set(itemIds).size;
        totals.errors += browser.errors.length;
        onProgress(cycle + 1);
      } finally {
        await browser.remove();
      }
    }
    return { kills: count, ...totals };
  },
};
