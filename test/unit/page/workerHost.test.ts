import { afterEach, describe, expect, it } from 'vitest';
import { RecommenderError } from '../../../src/core/errors.js';
import type { EngineConfig, WorkerHello } from '../../../src/core/protocol.js';
import { WorkerHost } from '../../../src/workerHost.js';
import type { Method } from '../../../worker/answerCalls.js';
import { answerCalls } from '../../../worker/answerCalls.js';

/** A worker in this thread: what it was sent, in order, and answers by call name. */
class FakeWorker extends EventTarget {
  readonly heard: string[] = [];
  #port: MessagePort | null = null;

  constructor(readonly answers: Readonly<Record<string, (argument: never) => unknown>>) {
    super();
  }

  postMessage({ port }: WorkerHello): void {
    this.#port = port;
    const methods = new Map<string, Method>([
      ['open', (config: EngineConfig) => void this.heard.push(`open ${config.deviceId ?? '-'}`)],
      ['status', () => ({ state: 'ready' })],
      ['close', () => {}],
      ['abort', () => {}],
      [
        'call',
        (_: number, name: string, argument: { items?: { itemId?: string }[] }, __: null, eventId: string) => {
          this.heard.push(`${name} ${argument?.items?.[0]?.itemId ?? ''}`.trim());
          this.eventIds.push(eventId);
          return this.answers[name]!(argument as never);
        },
      ],
    ]);
    answerCalls(port, methods);
  }

  readonly eventIds: string[] = [];

  notify(notice: object): void {
    this.#port!.postMessage({ notice }, []);
  }

  fail(): void {
    this.dispatchEvent(Object.assign(new Event('error', { cancelable: true }), { message: 'injected' }));
  }

  terminate(): void {
    this.#port?.close();
  }
}

const CONFIG = { modelUrl: 'https://shop.example/', history: { mode: 'memory' } } as EngineConfig;
const inMemory = (): object => ({ storage: 'memory', entries: 1 });
const never = (): Promise<never> => new Promise(() => {});
let host: WorkerHost | null = null;
afterEach(() => host?.close(0));

function openHost(...workers: FakeWorker[]): WorkerHost {
  let at = 0;
  host = new WorkerHost({ startWorker: () => workers[at++] as unknown as Worker, config: CONFIG, onNotice: () => {} });
  host.ready.catch(() => {});
  return host;
}

describe('the worker host', () => {
  it('sends a new worker what only the lost one knew, in its order, then what is under way', async () => {
    const lost = new FakeWorker({ record: inMemory, strategies: () => ({ items: 1, ignored: [] }), recommend: never });
    const next = new FakeWorker({ record: inMemory, strategies: () => ({ items: 1, ignored: [] }), recommend: () => 'a list' });
    const host = openHost(lost, next);
    await host.ready;
    lost.notify({ kind: 'device', deviceId: 'drawn' });
    await host.call('record', { event: 'dismiss', items: [] }, {});
    await host.call('strategies', { method: 'addItems', items: [{ itemId: 'new' }] }, {});
    await host.call('strategies', { method: 'updateItems', items: [{ itemId: 'dear', price: 1 }] }, {});
    const underWay = host.call('recommend', {}, {});
    lost.fail();
    expect(await underWay).toBe('a list');
    expect(next.heard).toEqual(['open drawn', 'record', 'strategies new', 'strategies dear', 'recommend']);
    // The same event by the same name: whoever has it already counts it once.
    expect(next.eventIds[0]).toBe(lost.eventIds[0]);
    expect((await host.status()).restarts).toBe(1);
  });

  it('keeps changes of the catalogue when the history is forgotten, and nothing of the history', async () => {
    const answers = { record: inMemory, strategies: () => ({ items: 1, ignored: [] }), clearHistory: () => null, recommend: never };
    const lost = new FakeWorker(answers);
    const next = new FakeWorker({ ...answers, recommend: () => 'a list' });
    const host = openHost(lost, next);
    await host.ready;
    lost.notify({ kind: 'device', deviceId: 'drawn' });
    await host.call('record', { event: 'view_item' }, {});
    await host.call('strategies', { method: 'updateItems', items: [{ itemId: 'dear', price: 1 }] }, {});
    await host.call('clearHistory', null, {});
    const underWay = host.call('recommend', {}, {});
    lost.fail();
    await underWay;
    expect(next.heard).toEqual(['open -', 'strategies dear', 'recommend']);
  });

  it('replaces a worker that falls silent under a call', async () => {
    const silent = new FakeWorker({ recommend: never });
    const host = openHost(silent, new FakeWorker({ recommend: () => 'a list' }));
    await host.ready;
    const underWay = host.call('recommend', {}, {});
    silent.terminate();
    expect(await underWay).toBe('a list');
  });

  it('rests after three losses in a row, and says why', async () => {
    const workers = Array.from({ length: 4 }, () => new FakeWorker({ recommend: never }));
    const host = openHost(...workers);
    await host.ready;
    const underWay = host.call('recommend', {}, {});
    for (const worker of workers.slice(0, 3)) worker.fail();
    await expect(underWay).rejects.toMatchObject({ code: 'worker/failed', message: expect.stringContaining('injected') as string });
    await expect(host.call('recommend', {}, {})).rejects.toMatchObject({ code: 'worker/failed' });
    expect(workers[3]!.heard).toEqual([]);
  });

  it('settles calls whose worker cannot be started at all', async () => {
    host = new WorkerHost({
      startWorker: () => {
        throw new Error('Content-Security-Policy');
      },
      config: CONFIG,
      onNotice: () => {},
    });
    await expect(host.ready).rejects.toMatchObject({ code: 'worker/failed' });
    await expect(host.call('recommend', {}, {})).rejects.toBeInstanceOf(RecommenderError);
  });

  it('answers a filter function by a port of its own, again on a new worker', async () => {
    const ask = (port: MessagePort): Promise<unknown> =>
      new Promise((resolve) => {
        port.addEventListener('message', ({ data }: MessageEvent<{ accepted: Uint8Array }>) => resolve([...data.accepted]));
        port.start();
        port.postMessage([{ itemId: 'a' }, { itemId: 'b' }], []);
      });
    class Asking extends FakeWorker {
      override postMessage({ port }: WorkerHello): void {
        answerCalls(
          port,
          new Map<string, Method>([
            ['open', () => null],
            ['call', (...given: [number, string, object, MessagePort]) => (this.answers['recommend'] ? ask(given[3]) : never())],
          ]),
        );
      }
    }
    const lost = new Asking({});
    const host = openHost(lost, new Asking({ recommend: () => null }));
    await host.ready;
    const underWay = host.call('recommend', {}, {}, ({ itemId }) => itemId === 'b');
    lost.fail();
    expect(await underWay).toEqual([0, 1]);
  });
});
