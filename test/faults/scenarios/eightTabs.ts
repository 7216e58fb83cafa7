import type { Page } from 'playwright';
import { FaultBrowser, pause, signal } from '../faultBrowser.js';
import { Ledger, readHistory, record } from '../faultShop.js';
import type { Scenario } from '../scenario.js';
import { between } from '../scenario.js';

const TABS = 8;
const CRASHES_PER_LOOK = 5;
/** The newest of these many are kept; the history is cleared before it gets there. */
const MAX_ENTRIES = 3_000;
const CLEAR_AT = 1_000;

interface Tab {
  readonly page: Page;
  readonly pids: readonly number[];
}

export const eightTabs: Scenario = {
  name: 'eight-tabs',
  fault: 'SIGKILL the renderer of one of eight writing tabs, again and again',
  smallCount: 10,
  longCount: null,
  must: { lost: 0, doubled: 0, cameBack: 0, errors: 0 },
  async run({ shop, count, random, onProgress }) {
    const browser = new FaultBrowser({ flags: ['--process-per-tab'] });
    const ledger = new Ledger();
    const settleMs: number[] = [];
    let tabCount = 0;
    try {
      const context = await browser.start();
      await context.exposeFunction('acked', (itemId: string, storage: string) => ledger.note(itemId, storage));
      const openTab = async (prefix: string | null): Promise<Tab> => {
        const before = new Set(browser.rendererPids());
        const page = await browser.openPage(shop.home);
        const pids = browser.rendererPids().filter((pid) => !before.has(pid));
        await page.evaluate(
          ([name, maxEntries]) => {
            globalThis.openShop({ history: { maxEntries } });
            if (name === null) return;
            const { record } = globalThis.recommender;
            const slowly: typeof record = async (...given) => {
              await new Promise((resolve) => setTimeout(resolve, 40));
              return record(...given);
            };
            globalThis.recommender = { ...globalThis.recommender, record: slowly };
            void globalThis.recordOnAndOn(name);
          },
          [prefix, MAX_ENTRIES] as const,
        );
        return { page, pids };
      };
      const tabs: Tab[] = [];
      const observer = await openTab(null);
      for (let n = 0; n < TABS; n++) tabs.push(await openTab(`t${tabCount++}`));
      for (let crash = 1; crash <= count; crash++) {
        await pause(between(random, 20, 150));
        const victim = between(random, 0, TABS);
        const { page, pids } = tabs[victim]!;
        if (pids.length === 0) throw new Error('A tab has no renderer of its own.');
        const crashed = new Promise((resolve) => page.once('crash', resolve));
        for (const pid of pids) signal(pid, 'SIGKILL');
        const startMs = Date.now();
        const itemId = `o${crash}`;
        ledger.note(itemId, (await record(observer.page, itemId)).storage);
        settleMs.push(Date.now() - startMs);
        await crashed;
        await page.close();
        tabs[victim] = await openTab(`t${tabCount++}`);
        onProgress(crash);
        if (crash % CRASHES_PER_LOOK !== 0 && crash !== count) continue;
        // What is acknowledged while the history is read need not be in it.
        const expected = ledger.expected();
        ledger.check((await readHistory(observer.page)).itemIds, expected);
        if (ledger.size > CLEAR_AT) await clearWhileWritten(observer.page, ledger);
      }
      settleMs.sort((a, b) => a - b);
      return {
        crashes: count,
        ...ledger.figures,
        stored: ledger.storages['stored']!,
        memory: ledger.storages['memory']!,
        settledP99Ms: settleMs[Math.floor(settleMs.length * 0.99)]!,
        errors: browser.errors.length,
      };
    } finally {
      await browser.remove();
    }
  },
};

/** What was acknowledged before is gone for good; what is acknowledged meanwhile may be gone or not. */
async function clearWhileWritten(page: Page, ledger: Ledger): Promise<void> {
  ledger.noteCleared();
  await page.evaluate(() => globalThis.recommender.history.clear());
  ledger.noteUnknown();
}
