import { readFileSync } from 'node:fs';
import { FaultBrowser } from '../faultBrowser.js';
import type { Scenario } from '../scenario.js';

/** Put before the worker's own code: what Safari does in the field, made to happen. */
const HANGS: Readonly<Record<string, string>> = {
  open: `
    const open = IDBFactory.prototype.open;
    IDBFactory.prototype.open = function () {
      const request = open.call(this, 'never');
      request.addEventListener = () => {};
      return request;
    };`,
  transaction: `
    for (const name of ['get', 'getAll', 'put', 'openCursor', 'count']) {
      const original = IDBObjectStore.prototype[name];
      IDBObjectStore.prototype[name] = function (...given) {
        const request = original.apply(this, given);
        request.addEventListener = () => {};
        return request;
      };
    }`,
  // A second connection works: reopening and trying once more is enough.
  'first connection': `
    let connections = 0;
    const open = IDBFactory.prototype.open;
    const numbers = new WeakMap();
    IDBFactory.prototype.open = function (...given) {
      const request = open.apply(this, given);
      connections++;
      if (connections === 1) request.addEventListener('success', () => numbers.set(request.result, 1));
      return request;
    };
    for (const name of ['get', 'getAll', 'put', 'openCursor', 'count']) {
      const original = IDBObjectStore.prototype[name];
      IDBObjectStore.prototype[name] = function (...given) {
        const request = original.apply(this, given);
        if (numbers.has(this.transaction.db)) request.addEventListener = () => {};
        return request;
      };
    }`,
};

export const neverSettles: Scenario = {
  name: 'never-settles',
  fault: 'IndexedDB opens, or transactions, that never settle',
  smallCount: 3,
  longCount: 15,
  must: { pending: 0, wrongAnswers: 0, errors: 0 },
  async run({ shop, count, onProgress }) {
    const browser = new FaultBrowser();
    const totals = { pending: 0, wrongAnswers: 0, slowestMs: 0 };
    const worker = readFileSync('dist/worker.js', 'utf8');
    const kinds = Object.entries(HANGS);
    try {
      await browser.start();
      for (let cycle = 0; cycle < count; cycle++) {
        const [kind, hang] = kinds[cycle % kinds.length]!;
        shop.intercept = (path, response) => {
          if (path !== '/shelfmate/worker.js') return false;
          response.writeHead(200, { 'content-type': 'text/javascript', 'cache-control': 'no-store' }).end(`{${hang}}\n${worker}`);
          return true;
        };
        const page = await browser.openPage(shop.home);
        const startMs = Date.now();
        const answers = await page.evaluate(async () => {
          globalThis.openShop();
          const timeoutMs = 30_000;
          const event = { event: 'view_item', items: [{ item_id: 'i7' }] } as const;
          const settled = await Promise.allSettled([
            globalThis.recommender.record(event, { timeoutMs }),
            globalThis.recommender.recommend({ limit: 5, timeoutMs }),
          ]);
          return settled.map((one) => (one.status === 'fulfilled' ? one.value : null));
        });
        totals.slowestMs = Math.max(totals.slowestMs, Date.now() - startMs);
        const [recorded, list] = answers as [{ storage: string } | null, { items: unknown[]; strategy: string } | null];
        totals.pending += answers.filter((answer) => answer === null).length;
        const isStored = recorded?.storage === 'mirrored' || recorded?.storage === 'stored';
        if (isStored !== (kind === 'first connection') || list?.items.length !== 5 || list.strategy !== 'personal') totals.wrongAnswers++;
        await page.close();
        onProgress(cycle + 1);
      }
      return { cycles: count, ...totals, errors: browser.errors.length };
    } finally {
      shop.intercept = null;
      await browser.remove();
    }
  },
};
