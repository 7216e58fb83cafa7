import type { Page } from 'playwright';
import { FaultBrowser, pause, signal } from '../faultBrowser.js';
import { Ledger, readHistory } from '../faultShop.js';
import type { Figures, Scenario, ScenarioOptions } from '../scenario.js';
import { between } from '../scenario.js';

/** Events kept before the shopper clears the history: below the 1,000 at which the oldest give way. */
const CLEAR_AT = 500;
const WRITERS = 3;

/** Kills again and again while events are written, and looks each time whether all that was acknowledged is there. */
async function killAndLook(
  { shop, count, random, onProgress }: ScenarioOptions,
  kill: (browser: FaultBrowser, page: Page) => Promise<void>,
): Promise<Figures> {
  const browser = new FaultBrowser();
  const ledger = new Ledger();
  let restoredAfter = 0;
  let restoredEvents = 0;
  let refused = 0;
  const figuresAfter = (kills: number): Figures => {
    const { mirrored: _, ...storages } = ledger.storages;
    return { kills, ...ledger.figures, ...storages, restoredAfter, restoredEvents, refused, errors: browser.errors.length };
  };
  const exposed = new WeakSet<object>();
  try {
    for (let cycle = 0; cycle <= count; cycle++) {
      const context = browser.isRunning ? browser.context : await browser.start();
      let acknowledged = 0;
      let resolveBusy = (): void => {};
      const busy = new Promise<void>((resolve) => (resolveBusy = resolve));
      const target = between(random, 5, 20);
      noteAck.set(context, (itemId, storage) => {
        ledger.note(itemId, storage);
        if (++acknowledged >= target) resolveBusy();
      });
      if (!exposed.has(context)) {
        await context.exposeFunction('acked', (itemId: string, storage: string) => noteAck.get(context)!(itemId, storage));
        exposed.add(context);
      }
      const page = await browser.openPage(shop.home);
      await page.evaluate(() => void globalThis.openShop());
      const { itemIds, status, refusals } = await readHistory(page);
      ledger.check(itemIds);
      refused += refusals;
      if (status.history.restored > 0) restoredAfter++;
      restoredEvents += status.history.restored;
      onProgress(cycle, figuresAfter(cycle));
      if (cycle === count) break;
      if (ledger.size > CLEAR_AT) {
        await page.evaluate(() => globalThis.recommender.history.clear());
        ledger.noteCleared(itemIds);
      } else if (itemIds.length > 0 && random() < 0.2) {
        const itemId = itemIds[between(random, 0, itemIds.length)]!;
        await page.evaluate((id) => globalThis.recommender.history.forget({ itemId: id }), itemId);
        ledger.noteCleared([itemId]);
      }
      for (let writer = 0; writer < WRITERS; writer++) {
        await page.evaluate((prefix) => void globalThis.recordOnAndOn(prefix), `k${cycle}-${writer}`);
      }
      await busy;
      await pause(between(random, 0, 40));
      await kill(browser, page);
    }
    return figuresAfter(count);
  } finally {
    await browser.remove();
  }
}

const noteAck = new WeakMap<object, (itemId: string, storage: string) => void>();

export const rendererKill: Scenario = {
  name: 'renderer-kill',
  fault: 'SIGKILL the renderer while events are written',
  smallCount: 8,
  longCount: null,
  must: { lost: 0, doubled: 0, cameBack: 0, errors: 0 },
  run: (options) =>
    killAndLook(options, async (browser, page) => {
      const crashed = new Promise((resolve) => page.once('crash', resolve));
      for (const pid of browser.rendererPids()) signal(pid, 'SIGKILL');
      await crashed;
      await page.close();
    }),
};

export const browserKill: Scenario = {
  name: 'browser-kill',
  fault: 'SIGKILL every process of the browser while events are written',
  smallCount: 4,
  longCount: null,
  must: { lost: 0, doubled: 0, cameBack: 0, errors: 0 },
  run: (options) => killAndLook(options, (browser) => browser.killBrowser()),
};
