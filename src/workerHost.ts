import { RecommenderError, asRecommenderError } from './core/errors.js';
import type { CallName, EngineCalls, EngineConfig, EngineNotice, WorkerHello } from './core/protocol.js';
import type { FilterFunction } from './core/ranking/itemFilter.js';
import { judgeItems } from './core/ranking/judgeItems.js';
import type { CatalogChange } from './core/strategyTypes.js';
import type { CallOptions, RecommenderStatus, RecordResult } from './core/types.js';
import { EnginePort } from './enginePort.js';
import { timeoutError } from './fallbackLists.js';

/** While calls are under way the worker is asked so often whether it is there. */
const BEAT_MS = 400;
/** A beat that ends later than this was not awake: it says nothing about the worker. */
const LATE_BEAT_MS = 1.5 * BEAT_MS;
/** So many missed in a row: the worker is lost. */
const MAX_MISSED = 2;
/** While it loads or measures. */
const MAX_MISSED_BUSY = 38;
/** A call that a living worker does not answer for so long, 30 s, is given up. */
const MAX_CALL_BEATS = 75;

/** With so many losses within the window the worker is left alone for a while. */
const MAX_LOSSES = 3;
const LOSS_WINDOW_MS = 60_000;
const REST_MS = 30_000;

const MAX_KEPT_WRITES = 1_000;

/** What a call may be given; undefined is as good as left out. */
export type GivenOptions = { readonly [Name in keyof CallOptions]: CallOptions[Name] | undefined };

type Send = () => Promise<unknown>;

/** A call under way; after a loss it is sent again. */
interface Call {
  readonly send: Send;
  readonly resolve: (value: never) => void;
  readonly reject: (error: unknown) => void;
  beats: number;
}

export interface WorkerHostOptions {
  readonly startWorker: () => Worker;
  readonly config: EngineConfig;
  readonly onNotice: (notice: EngineNotice) => void;
}

/**
 * Owns the worker: starts it, numbers the calls, and settles every one of them, with its answer, or when it is cancelled or late.
 * A worker that fails or falls silent is ended, another one is
 * opened in its place and sent what is under way: reads, and writes, which count once however often they come.
 */
export class WorkerHost {
  /** How often another worker took over. */
  restarts = -1;
  /** Settles once; a worker that is started later does not change it. */
  readonly ready: Promise<RecommenderStatus>;
  readonly #calls = new Set<Call>();
  #worker: Worker | null = null;
  #engine!: EnginePort;
  #opening!: Promise<RecommenderStatus>;
  #isBusy = true;
  #hasSpoken = false;
  #missed = 0;
  #beat: ReturnType<typeof setTimeout> | undefined;
  #lossesMs: number[] = [];
  #restUntilMs = 0;
  /** Why calls are refused now. */
  #error: RecommenderError | null = null;
  #isClosed = false;
  #lastCallId = 0;
  readonly #pageId = Math.random().toString(36).slice(2, 14);
  /** What only the worker's memory has, in its order: a new worker must hear it again. */
  #keptHistory: Send[] = [];
  #keptCatalog: Send[] = [];
  #deviceId: string | undefined;

  constructor(readonly options: WorkerHostOptions) {
    this.ready = this.#run(() => this.#opening, {});
  }

  async call<Name extends CallName>(
    name: Name,
    argument: EngineCalls[Name]['argument'],
    options: GivenOptions = {},
    where?: FilterFunction,
  ): Promise<EngineCalls[Name]['result']> {
    type Result = EngineCalls[Name]['result'];
    const callId = ++this.#lastCallId;
    const eventId = `${Date.now().toString(36).padStart(9, '0')}${callId.toString(36).padStart(6, '0')}-${this.#pageId}`;
    const send = (): Promise<Result> =>
      this.#engine.ask('call', callId, name, argument, where ? judgePort(where) : null, eventId) as Promise<Result>;
    const result = await this.#run(send, options, () => this.#tell((engine) => engine.ask('abort', callId)));
    if (name === 'clearHistory') this.forgetWrites();
    const { storage, entries, ignored } = (result ?? {}) as Partial<RecordResult & CatalogChange>;
    const isInMemory = storage === 'memory' && entries! > 0;
    if (isInMemory || (name === 'forget' && this.#keptHistory.length > 0))
      this.#keptHistory = [...this.#keptHistory, send].slice(-MAX_KEPT_WRITES);
    if (ignored) this.#keptCatalog = [...this.#keptCatalog, send].slice(-MAX_KEPT_WRITES);
    return result;
  }

  async status(): Promise<RecommenderStatus> {
    const status = await this.#run(() => this.#engine.ask('status'), {});
    return { ...status, restarts: this.restarts };
  }

  /** Forgets what a new worker would hear again of the history. */
  forgetWrites(): void {
    this.#keptHistory = [];
    this.#deviceId = undefined;
  }

  /** Tells the worker that the page goes into the back/forward cache, or came back. A worker that is gone does not matter. */
  notePageState(state: 'suspend' | 'resume'): void {
    this.#tell((engine) => engine.ask(state));
  }

  /** Lets the worker close its stores, then ends it; the wait is bounded. */
  async close(waitMs: number): Promise<void> {
    if (this.#isClosed) return;
    this.#isClosed = true;
    const closed = new Promise<void>((resolve) => {
      setTimeout(resolve, this.#worker ? waitMs : 0);
      this.#tell((engine) => engine.ask('close').finally(resolve));
    });
    this.#rejectAll(closedError());
    await closed;
    this.#end();
  }

  #tell(what: (engine: EnginePort) => Promise<void>): void {
    if (this.#worker) what(this.#engine).catch(() => {});
  }

  #run<T>(send: () => Promise<T>, { signal, timeoutMs }: GivenOptions, onGiveUp = (): void => {}): Promise<T> {
    return new Promise<T>((resolve, reject) => {
      if (this.#isClosed) return reject(closedError());
      if (signal?.aborted) return reject(abortedError(signal));
      let timer: ReturnType<typeof setTimeout> | undefined;
      const finish = (): void => {
        clearTimeout(timer);
        signal?.removeEventListener('abort', onAbort);
        this.#calls.delete(call);
      };
      const giveUp = (error: RecommenderError): void => {
        onGiveUp();
        call.reject(error);
      };
      const onAbort = (): void => giveUp(abortedError(signal!));
      const call: Call = {
        send,
        resolve: (value) => {
          finish();
          resolve(value);
        },
        reject: (error) => {
          finish();
          reject(error);
        },
        beats: 0,
      };
      signal?.addEventListener('abort', onAbort);
      if (timeoutMs !== undefined) timer = setTimeout(() => giveUp(timeoutError(timeoutMs)), timeoutMs);
      this.#calls.add(call);
      if (this.#worker) this.#send(call);
      else if (performance.now() < this.#restUntilMs) call.reject(this.#error);
      else this.#start();
    });
  }

  #send({ send, resolve, reject }: Call): void {
    (send() as Promise<never>).then(resolve, reject);
    if (this.#beat !== undefined) return;
    this.#missed = 0;
    this.#startBeat();
  }

  /** Starts a worker and sends it all calls. */
  #start(): void {
    this.restarts++;
    const { startWorker, config, onNotice } = this.options;
    const { port1, port2 } = new MessageChannel();
    try {
      const worker = startWorker();
      worker.addEventListener('error', (event) => {
        event.preventDefault();
        // A stray error that no call waits for is no loss.
        if (worker === this.#worker && this.#calls.size > 0) this.#lose(stoppedError(event.message));
      });
      const hello: WorkerHello = { shelfmate: 'hello', port: port2 };
      worker.postMessage(hello, [port2]);
      this.#worker = worker;
    } catch (error) {
      return this.#lose(asRecommenderError(error, 'worker/failed', 'The recommender could not start its worker'));
    }
    this.#engine = new EnginePort(port1, (notice) => {
      this.#hasSpoken = true;
      if (notice?.kind === 'busy') this.#isBusy = notice.isBusy;
      else if (notice?.kind === 'device') this.#deviceId = notice.deviceId;
      else if (notice) onNotice(notice);
    });
    this.#isBusy = true;
    this.#opening = this.#engine.ask('open', { ...config, ...(this.#deviceId && { deviceId: this.#deviceId }) });
    this.#opening.catch(() => {}).finally(() => (this.#isBusy = false));
    for (const send of [...this.#keptHistory, ...this.#keptCatalog]) send().catch(() => {});
    this.#calls.forEach((call) => this.#send(call));
  }

  #startBeat(): void {
    const sentMs = performance.now();
    this.#hasSpoken = false;
    this.#engine.ping();
    // The second timer lets the messages in that wait behind the first one.
    this.#beat = setTimeout(() => (this.#beat = setTimeout(() => this.#endBeat(performance.now() - sentMs))), BEAT_MS);
  }

  #endBeat(tookMs: number): void {
    this.#beat = undefined;
    if (this.#calls.size === 0) return;
    this.#missed = this.#hasSpoken || tookMs > LATE_BEAT_MS ? 0 : this.#missed + 1;
    if (this.#missed >= (this.#isBusy ? MAX_MISSED_BUSY : MAX_MISSED)) return this.#lose(stoppedError('it does not answer'));
    for (const call of this.#calls)
      if (!this.#isBusy && ++call.beats >= MAX_CALL_BEATS) call.reject(timeoutError(BEAT_MS * MAX_CALL_BEATS));
    this.#startBeat();
  }

  #lose(error: RecommenderError): void {
    this.#end();
    if (this.#isClosed) return;
    const nowMs = performance.now();
    this.#lossesMs = [...this.#lossesMs.filter((lossMs) => nowMs - lossMs < LOSS_WINDOW_MS), nowMs];
    if (this.#lossesMs.length < MAX_LOSSES) return this.#start();
    this.#error = error;
    this.#restUntilMs = nowMs + REST_MS;
    this.#rejectAll(error);
  }

  #rejectAll(error: RecommenderError): void {
    this.#calls.forEach((call) => call.reject(error));
  }

  #end(): void {
    clearTimeout(this.#beat);
    this.#beat = undefined;
    this.#worker?.terminate();
    this.#engine?.close();
    this.#worker = null;
  }
}

/** A function cannot cross: the worker asks it by this port, which it closes with the call. */
function judgePort(where: FilterFunction): MessagePort {
  const { port1, port2 } = new MessageChannel();
  port1.addEventListener('message', ({ data }) => port1.postMessage(judgeItems(where, data)));
  port1.start();
  return port2;
}

export function closedError(): RecommenderError {
  return new RecommenderError('call/closed', 'This recommender was closed. Create another one to go on.', {});
}

function stoppedError(message = ''): RecommenderError {
  const what = message && `: ${message}`;
  return new RecommenderError(
    'worker/failed',
    `The recommender's worker stopped${what}. Is its script there (an HTML page gives "Unexpected token '<'"), and allowed by the Content-Security-Policy (worker-src)?`,
    { message },
  );
}

function abortedError(signal: AbortSignal): RecommenderError {
  return new RecommenderError('call/aborted', 'The call was cancelled by its signal.', {}, signal.reason);
}
