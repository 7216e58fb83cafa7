import { existsSync, readFileSync, readdirSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { FaultBrowser } from '../faultBrowser.js';
import { Ledger, readHistory, record } from '../faultShop.js';
import type { Scenario } from '../scenario.js';
import { between } from '../scenario.js';

const EVENTS_PER_CYCLE = 5;
const CLEAR_AT = 200;
const PARTS = ['CURRENT', 'MANIFEST', '.log', '.ldb'];

/** Damages the closed database's files: cut, emptied, one byte flipped, removed, or all of them gone. */
function damage(folder: string, random: () => number): void {
  const part = PARTS[between(random, 0, PARTS.length)]!;
  const files = readdirSync(folder).filter((name) => name.includes(part));
  if (files.length === 0 || random() < 0.05) return rmSync(folder, { recursive: true });
  const file = join(folder, files[between(random, 0, files.length)]!);
  const bytes = readFileSync(file);
  const kind = between(random, 0, 4);
  if (kind === 0) truncateSync(file, 0);
  else if (kind === 1) truncateSync(file, between(random, 0, bytes.length + 1));
  else if (kind === 2) rmSync(file);
  else if (bytes.length > 0) {
    bytes[between(random, 0, bytes.length)]! ^= 1 << between(random, 0, 8);
    writeFileSync(file, bytes);
  }
}

export const corruption: Scenario = {
  name: 'corruption',
  fault: "cut, flip or remove the browser's IndexedDB files while it is closed",
  smallCount: 4,
  longCount: 300,
  must: { lost: 0, doubled: 0, cameBack: 0, errors: 0, unanswered: 0 },
  async run({ shop, count, random, onProgress }) {
    const browser = new FaultBrowser();
    const ledger = new Ledger();
    const figures = { restoredAfter: 0, restoredEvents: 0, unanswered: 0 };
    try {
      for (let cycle = 0; cycle <= count; cycle++) {
        await browser.start();
        const page = await browser.openPage(shop.home);
        await page.evaluate(() => void globalThis.openShop());
        const { itemIds, status } = await readHistory(page);
        ledger.check(itemIds);
        if (status.history.restored > 0) figures.restoredAfter++;
        figures.restoredEvents += status.history.restored;
        const list = await page.evaluate(() => globalThis.recommender.recommend({ limit: 5, timeoutMs: 20_000 })).catch(() => null);
        if (list?.items.length !== 5) figures.unanswered++;
        if (ledger.size > CLEAR_AT) {
          await page.evaluate(() => globalThis.recommender.history.clear());
          ledger.noteCleared();
        }
        for (let n = 0; n < EVENTS_PER_CYCLE; n++) {
          const itemId = `c${cycle}-${n}`;
          ledger.note(itemId, (await record(page, itemId)).storage);
        }
        await browser.stop();
        onProgress(cycle);
        const folder = join(browser.profile, 'Default', 'IndexedDB', `http_localhost_${new URL(shop.url).port}.indexeddb.leveldb`);
        if (!existsSync(folder)) throw new Error(`This browser keeps its IndexedDB elsewhere than in ${folder}.`);
        damage(folder, random);
      }
      return { mutations: count, ...ledger.figures, ...figures, stored: ledger.storages['stored']!, errors: browser.errors.length };
    } finally {
      await browser.remove();
    }
  },
};
