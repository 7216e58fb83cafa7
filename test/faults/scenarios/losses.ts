import { readFileSync } from 'node:fs';
import type { ServerResponse } from 'node:http';
import type { Page } from 'playwright';
import { FaultBrowser, signal } from '../faultBrowser.js';
import type { Scenario, ScenarioOptions } from '../scenario.js';

declare global {
  var lossWorker: Worker;
  var notePageError: (message: string) => Promise<void>;
}

/** Put before the worker's own code: each of these is done when the page says its name to the worker. */
const HOOKS = `{
  const devices = [];
  const contexts = [];
  const requestDevice = globalThis.GPUAdapter?.prototype.requestDevice;
  if (requestDevice) GPUAdapter.prototype.requestDevice = async function (...given) {
    const device = await requestDevice.apply(this, given);
    devices.push(device);
    return device;
  };
  const getContext = OffscreenCanvas.prototype.getContext;
  OffscreenCanvas.prototype.getContext = function (...given) {
    const context = getContext.apply(this, given);
    if (context?.getExtension) contexts.push(context);
    return context;
  };
  const post = MessagePort.prototype.postMessage;
  const faults = {
    hang: () => { for (;;); },
    close: () => self.close(),
    throw: () => {
      MessagePort.prototype.postMessage = function () { setTimeout(() => { throw new Error('injected'); }); };
    },
    reject: () => {
      MessagePort.prototype.postMessage = function () { Promise.reject(new Error('injected')); };
    },
    mute: () => { MessagePort.prototype.postMessage = () => {}; },
    device: () => devices.forEach((device) => device.destroy()),
    context: () => contexts.forEach((context) => context.getExtension('WEBGL_lose_context')?.loseContext()),
  };
  addEventListener('message', ({ data }) => faults[data?.fault]?.());
}`;

const WORKER_FAULTS = ['hang', 'close', 'throw', 'reject', 'mute', 'html'] as const;
const GPU_FAULTS = ['device', 'context', 'process'] as const;

interface Outcome {
  readonly pending: number;
  readonly wrong: number;
  readonly doubled: number;
  readonly degraded: number;
  readonly recoveryMs: number;
  /** The backend is the one that was lost. */
  readonly unmoved?: number;
}

const NOTHING_RIGHT: Outcome = { pending: 3, wrong: 0, doubled: 0, degraded: 0, recoveryMs: NaN };

export const workerLoss: Scenario = {
  name: 'worker-loss',
  fault: 'the worker hangs, closes itself, throws, rejects, falls silent, or is an HTML page, with calls under way',
  smallCount: WORKER_FAULTS.length,
  longCount: null,
  must: { pending: 0, wrong: 0, doubled: 0, slow: 0, errors: 0 },
  run: (options) =>
    runLosses(options, WORKER_FAULTS, { backend: 'wasm' }, async (fault, page) => {
      return within(
        page.evaluate(async (name) => {
          const { recommender, lossWorker } = globalThis;
          const ids = (list: { items: readonly { itemId: string }[] }): string => list.items.map(({ itemId }) => itemId).join();
          const view = { event: 'view_item', items: [{ item_id: 'i7' }] } as const;
          await recommender.history.clear();
          await recommender.record(view);
          const ask = () => recommender.recommend({ limit: 20, excludeSeen: false, fallback: false });
          const expected = ids(await ask());
          await recommender.recommend({ limit: 20, excludeSeen: false });
          lossWorker.postMessage({ fault: name }, []);
          const startMs = performance.now();
          const recorded = recommender.record({ event: 'view_item', items: [{ item_id: 'i7' }] });
          const inTime = recommender.recommend({ limit: 20, excludeSeen: false });
          const fresh = await ask();
          const recoveryMs = performance.now() - startMs;
          const [, first] = await Promise.all([recorded, inTime]);
          // Both events are of one product: the list is the one of the history with two.
          const reference = ids(await ask());
          const entries = (await recommender.history.list()).length;
          const isWrong = (list: typeof first): boolean => ![expected, reference].includes(ids(list));
          return {
            pending: 0,
            wrong: Number(isWrong(fresh)) + Number(isWrong(first)),
            doubled: entries - 2,
            degraded: Number(first.degraded !== undefined),
            recoveryMs,
          };
        }, fault),
      );
    }),
};

export const gpuLoss: Scenario = {
  name: 'gpu-loss',
  fault: 'the WebGPU device is destroyed, the WebGL context is lost, or the GPU process is killed, with calls under way',
  smallCount: GPU_FAULTS.length,
  longCount: null,
  must: { pending: 0, wrong: 0, unmoved: 0, doubled: 0, slow: 0, errors: 0 },
  run: (options) =>
    runLosses(options, GPU_FAULTS, {}, async (fault, page, browser) => {
      const expected = await page.evaluate(async () => {
        await globalThis.recommender.history.clear();
        await globalThis.recommender.record({ event: 'view_item', items: [{ item_id: 'i7' }] });
        const list = await globalThis.recommender.recommend({ limit: 20, fallback: false });
        return { list: list.items.map(({ itemId, score }) => [itemId, score].join()).join(), backend: list.backend };
      });
      if (fault === 'process') {
        for (const one of browser.processes()) if (one.command.includes('--type=gpu-process')) signal(one.pid, 'SIGKILL');
      }
      return within(
        page.evaluate(
          async ([name, before]) => {
            const { recommender, lossWorker } = globalThis;
            const startMs = performance.now();
            const calls = [1, 2, 3].map(() => recommender.recommend({ limit: 20, fallback: false }));
            lossWorker.postMessage({ fault: name }, []);
            const lists = await Promise.all([...calls, ...[1, 2].map(() => recommender.recommend({ limit: 20, fallback: false }))]);
            const recoveryMs = performance.now() - startMs;
            const isWrong = (list: (typeof lists)[0]): boolean =>
              list.items.map(({ itemId, score }) => [itemId, score].join()).join() !== before.list;
            const { backend } = await recommender.status();
            return {
              pending: 0,
              wrong: lists.filter(isWrong).length,
              doubled: 0,
              degraded: 0,
              recoveryMs,
              // The GPU served, and no longer does.
              unmoved: Number(before.backend === 'wasm' || backend !== 'wasm' || lists.at(-1)!.backend !== 'wasm'),
            };
          },
          [fault, expected] as const,
        ),
      );
    }),
};

/** What has not settled after so long is counted as pending. */
async function within(outcome: Promise<Outcome>): Promise<Outcome> {
  return Promise.race([outcome, new Promise<Outcome>((resolve) => setTimeout(() => resolve(NOTHING_RIGHT), 60_000))]);
}

type Lose = (fault: string, page: Page, browser: FaultBrowser) => Promise<Outcome>;

async function runLosses(
  { shop, count, onProgress }: ScenarioOptions,
  faults: readonly string[],
  { backend }: { readonly backend?: 'wasm' },
  lose: Lose,
): Promise<Record<string, number>> {
  const browser = new FaultBrowser();
  const worker = readFileSync('dist/worker.js', 'utf8');
  // Uncaught in the page itself; Playwright's own count has those of the worker too, which are injected here.
  const pageErrors: string[] = [];
  const totals = { losses: 0, pending: 0, wrong: 0, doubled: 0, degraded: 0, unmoved: 0 };
  const times: number[] = [];
  let isHtml = false;
  shop.intercept = (path: string, response: ServerResponse) => {
    if (path !== '/shelfmate/worker.js') return false;
    const type = isHtml ? 'text/html' : 'text/javascript';
    response.writeHead(200, { 'content-type': type, 'cache-control': 'no-store' });
    response.end(isHtml ? '<!doctype html>' : `${HOOKS}\n${worker}`);
    return true;
  };
  const figures = (): Record<string, number> => {
    const sorted = times.toSorted((a, b) => a - b);
    const at = (share: number): number => Math.round(sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? 0);
    const p99Ms = at(0.99);
    return { ...totals, p50Ms: at(0.5), p99Ms, maxMs: at(1), slow: Number(p99Ms > 2_000), errors: pageErrors.length };
  };
  const start = async (): Promise<void> => {
    const context = await browser.start();
    await context.exposeFunction('notePageError', (message: string) => pageErrors.push(message));
    await context.addInitScript(() => {
      addEventListener('error', ({ message }) => void globalThis.notePageError(message));
      addEventListener('unhandledrejection', ({ reason }) => void globalThis.notePageError(String(reason)));
    });
  };
  try {
    await start();
    for (let cycle = 0; cycle < count; cycle++) {
      const fault = faults[cycle % faults.length]!;
      isHtml = fault === 'html';
      const page = await browser.openPage(shop.home);
      let outcome: Outcome;
      if (isHtml) outcome = await readHtmlRefusal(page);
      else {
        await page.evaluate(
          async (name) => {
            globalThis.openShop({
              backend: name as 'wasm',
              history: 'memory',
              worker: () => (globalThis.lossWorker = new Worker('/shelfmate/worker.js', { type: 'module' })),
            });
            await globalThis.recommender.ready;
          },
          backend ?? (fault === 'context' ? 'webgl' : 'webgpu'),
        );
        outcome = await lose(fault, page, browser);
        times.push(outcome.recoveryMs);
      }
      totals.losses++;
      totals.pending += outcome.pending;
      totals.wrong += outcome.wrong;
      totals.doubled += outcome.doubled;
      totals.degraded += outcome.degraded;
      totals.unmoved += outcome.unmoved ?? 0;
      await page.close();
      onProgress(cycle + 1, figures());
      // A browser whose GPU process died a few times does without.
      if (fault === 'process') {
        await browser.stop();
        await start();
      }
    }
    return figures();
  } finally {
    shop.intercept = null;
    await browser.remove();
  }
}

/** No worker ever starts: the call must end with an error that says why. */
async function readHtmlRefusal(page: Page): Promise<Outcome> {
  const code = await Promise.race([
    page.evaluate(async () => {
      globalThis.openShop();
      return globalThis.recommender.recommend().then(
        () => 'a list',
        (error: { code: string }) => error.code,
      );
    }),
    new Promise<string>((resolve) => setTimeout(() => resolve('pending'), 60_000)),
  ]);
  return { pending: Number(code === 'pending'), wrong: Number(code === 'a list'), doubled: 0, degraded: 0, recoveryMs: 0 };
}
