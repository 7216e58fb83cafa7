import type { Remote } from 'comlink';
import { proxy, releaseProxy, transferHandlers, wrap } from 'comlink';
import { RecommenderError } from './core/errors.js';
import type { CallName, EngineApi, EngineCalls, EngineConfig, EngineNotice, WorkerHello } from './core/protocol.js';
import { typedThrowHandler } from './core/protocol.js';
import type { FilterFunction } from './core/ranking/itemFilter.js';
import { judgeItems } from './core/ranking/judgeItems.js';
import type { CallOptions, CatalogItem, RecommenderStatus } from './core/types.js';

transferHandlers.set('throw', typedThrowHandler(transferHandlers.get('throw')!));

/**
 * Owns the worker: starts it, numbers the calls, and settles every one of them, with its answer, or when it is
 * cancelled, late, or the worker is gone. (Comlink alone leaves the calls of a dead worker pending for ever.)
 */
export class WorkerHost {
  readonly #worker: Worker;
  readonly #engine: Remote<EngineApi>;
  /** Rejects all calls under way at once. */
  readonly #pending = new Set<(error: RecommenderError) => void>();
  #ended: RecommenderError | null = null;
  #lastCallId = 0;

  constructor(startWorker: () => Worker) {
    this.#worker = startWorker();
    const { port1, port2 } = new MessageChannel();
    const hello: WorkerHello = { shelfmate: 'hello', port: port2 };
    this.#worker.addEventListener('error', (event) => {
      event.preventDefault();
      const what = event.message ? `: ${event.message}` : '';
      this.#end(
        new RecommenderError(
          'worker/failed',
          `The recommender's worker stopped${what}. If it never started, check that its script is reachable (an HTML page in its place gives "Unexpected token '<'") and that the Content-Security-Policy allows it (worker-src).`,
          { message: event.message ?? '' },
        ),
      );
    });
    this.#worker.postMessage(hello, [port2]);
    this.#engine = wrap<EngineApi>(port1);
  }

  open(config: EngineConfig, notify: (notice: EngineNotice) => void): Promise<RecommenderStatus> {
    return this.#settle(
      () => this.#engine.open(config, proxy(notify)),
      {},
      () => {},
    );
  }

  call<Name extends CallName>(
    name: Name,
    argument: EngineCalls[Name]['argument'],
    options: CallOptions,
    where?: FilterFunction,
  ): Promise<EngineCalls[Name]['result']> {
    const callId = ++this.#lastCallId;
    const start = (): Promise<EngineCalls[Name]['result']> =>
      this.#engine.call(
        callId,
        name,
        argument,
        where && (proxy((items: readonly CatalogItem[]) => judgeItems(where, items)) as never),
      ) as Promise<EngineCalls[Name]['result']>;
    return this.#settle(start, options, () => void this.#engine.abort(callId));
  }

  status(): Promise<RecommenderStatus> {
    return this.#settle(
      () => this.#engine.status() as Promise<RecommenderStatus>,
      {},
      () => {},
    );
  }

  /** Tells the worker that the page goes into the back/forward cache, or came back. A worker that is gone does not matter. */
  notePageState(state: 'suspend' | 'resume'): void {
    if (!this.#ended) this.#engine[state]().catch(() => {});
  }

  /** Lets the worker close its stores, then ends it; the wait is bounded. */
  async close(waitMs: number): Promise<void> {
    if (this.#ended) return;
    const closing = Promise.resolve(this.#engine.close()).catch(() => {});
    this.#rejectAll(closedError());
    this.#ended = closedError();
    await Promise.race([closing, new Promise((resolve) => setTimeout(resolve, waitMs))]);
    this.#terminate();
  }

  #settle<T>(start: () => Promise<T>, { signal, timeoutMs }: CallOptions, onGiveUp: () => void): Promise<T> {
    return new Promise<T>((resolve, reject) => {
      if (this.#ended) return reject(this.#ended);
      if (signal?.aborted) return reject(abortedError(signal));
      let timer: ReturnType<typeof setTimeout> | undefined;
      const finish = (): void => {
        clearTimeout(timer);
        signal?.removeEventListener('abort', onAbort);
        this.#pending.delete(fail);
      };
      const fail = (error: unknown): void => {
        finish();
        reject(error);
      };
      const onAbort = (): void => {
        onGiveUp();
        fail(abortedError(signal!));
      };
      signal?.addEventListener('abort', onAbort);
      this.#pending.add(fail);
      if (timeoutMs !== undefined) {
        timer = setTimeout(() => {
          onGiveUp();
          fail(
            new RecommenderError(
              'call/timeout',
              `No answer within ${timeoutMs} ms. Allow more time, or show a fallback until the model is loaded.`,
              { timeoutMs },
            ),
          );
        }, timeoutMs);
      }
      start().then((value) => {
        finish();
        resolve(value);
      }, fail);
    });
  }

  #end(error: RecommenderError): void {
    if (this.#ended) return;
    this.#ended = error;
    this.#rejectAll(error);
    this.#terminate();
  }

  #rejectAll(error: RecommenderError): void {
    this.#pending.forEach((reject) => reject(error));
  }

  #terminate(): void {
    this.#engine[releaseProxy]();
    this.#worker.terminate();
  }
}

export function closedError(): RecommenderError {
  return new RecommenderError('call/closed', 'This recommender was closed. Create another one to go on.', {});
}

function abortedError(signal: AbortSignal): RecommenderError {
  return new RecommenderError('call/aborted', 'The call was cancelled by its signal.', {}, signal.reason);
}
