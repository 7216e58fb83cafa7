import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { FaultBrowser } from './faultBrowser.js';
import { openFaultShop } from './faultShop.js';

/** Says to the page what the worker's Object.prototype looks like. */
const INSPECTOR = `addEventListener('message', ({ data }) => {
  if (data === 'inspect') postMessage({ names: Object.getOwnPropertyNames(Object.prototype).sort().join(), x: ({}).x });
});`;

it('the private port refuses everything but the listed calls, and the worker stays what it was', async () => {
  const shop = await openFaultShop();
  const browser = new FaultBrowser();
  const worker = readFileSync('dist/worker.js', 'utf8');
  shop.intercept = (path, response) => {
    if (path !== '/shelfmate/worker.js') return false;
    response.writeHead(200, { 'content-type': 'text/javascript' }).end(`${INSPECTOR}\n${worker}`);
    return true;
  };
  try {
    await browser.start();
    const page = await browser.openPage(shop.home);
    const seen = await page.evaluate(async () => {
      const worker = new Worker('/shelfmate/worker.js', { type: 'module' });
      const { port1, port2 } = new MessageChannel();
      worker.postMessage({ shelfmate: 'hello', port: port2 }, [port2]);
      port1.start();
      const inspect = (): Promise<unknown> =>
        new Promise((resolve) => {
          worker.addEventListener('message', ({ data }) => resolve(data), { once: true });
          worker.postMessage('inspect', []);
        });
      const ask = (probe: object): Promise<{ value?: unknown; error?: { code?: string } }> =>
        new Promise((resolve) => {
          port1.addEventListener('message', ({ data }) => resolve(data), { once: true });
          port1.postMessage({ id: 1, ...probe });
        });
      const raw = (...values: unknown[]): object[] => values.map((value) => ({ type: 'RAW', value }));
      const deep = JSON.parse(`${'['.repeat(500)}1${']'.repeat(500)}`) as unknown;
      const call = (...given: unknown[]): object => ({ method: 'call', given: [1, ...given] });
      const probes: object[] = [
        { method: '__proto__', given: [] },
        { method: 'constructor', given: ['self.x = 1'] },
        { method: 'toString', given: [] },
        { method: ['open', 'constructor'], given: ['self.x = 1'] },
        { method: 'environment', given: ['/'] },
        { method: 'environment.fetch', given: ['/'] },
        { method: 'status', given: 7 },
        { method: 'status', given: { length: 0 } },
        { method: 'status' },
        { method: 'open', given: [null] },
        { method: 'open', given: [{ modelUrl: '/', history: {} }, 1, 2, 3, 4, 5] },
        call('__proto__', null),
        call('toString', null),
        call('listHistory', { limit: -1 }),
        call('record', {}, null, '../x'),
        call('recommend', { exclude: deep }),
        call('recommend', { exclude: Array(1e8) }),
        call('recommend', { scenario: 'x'.repeat(5e6) }),
        call('recommend', {}, { postMessage: 1 }),
        call('forget', { itemId: new Map() }),
        call('strategies', 'list'),
        call('privacy', { kind: 'told', order: { kind: 'erase' } }),
        // What Comlink's `expose` would have done, under an id of its own: a call of no method.
        { type: 'SET', path: ['__proto__', 'x'], value: { type: 'RAW', value: 1 } },
        { type: 'GET', path: ['constructor', 'prototype'] },
        { type: 'CONSTRUCT', path: ['open', 'constructor'], argumentList: raw('self.x = 1') },
        { type: 'APPLY', path: ['__proto__', 'toString'], argumentList: [] },
        { type: 'ENDPOINT' },
        { type: 'RELEASE' },
      ];
      // What bears no number is no call and gets no answer: the next one heard is that of `status`.
      for (const noise of [null, 7, 'pong', [], {}, { id: 'x', method: 'close', given: [] }, { id: {}, method: 'close', given: [] }])
        port1.postMessage(noise);
      const { port1: stray, port2: handed } = new MessageChannel();
      port1.postMessage({ id: 1, method: 'open', given: [handed] }, [handed]);
      const strayAnswer = await new Promise<{ error?: { code?: string } }>((resolve) =>
        port1.addEventListener('message', ({ data }) => resolve(data), { once: true }),
      );
      stray.close();
      const before = await inspect();
      const codes = [strayAnswer.error?.code ?? 'answered'];
      for (const probe of probes) {
        codes.push((await ask(probe)).error?.code ?? 'answered');
      }
      const status = await ask({ method: 'status', given: [] });
      return { before, after: await inspect(), codes, status };
    });
    expect(new Set(seen.codes)).toEqual(new Set(['input/invalid']));
    expect(seen.after).toEqual(seen.before);
    expect(seen.after).not.toHaveProperty('x', 1);
    expect(seen.status).toMatchObject({ value: { state: 'loading' } });
    expect(browser.errors).toEqual([]);
  } finally {
    await browser.remove();
    await shop.close();
  }
});
