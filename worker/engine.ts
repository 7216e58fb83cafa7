import { EMPTY_STATUS } from '../src/core/emptyStatus.js';
import { RecommenderError, asRecommenderError, isRecommenderError } from '../src/core/errors.js';
import { toHistoryEntries } from '../src/core/historyEntries.js';
import type { PipelineContext, RankedList } from '../src/core/pipeline.js';
import { DEFAULT_LIMIT } from '../src/core/listLimits.js';
import { wasmScratchBytes } from '../src/core/kernels/topK.wasm.js';
import { recommend, similarItems } from '../src/core/pipeline.js';
import type { CallName, EngineApi, EngineCalls, EngineConfig, EngineNotice, StrategyCall } from '../src/core/protocol.js';
import type { Judge, MadeList } from '../src/core/strategies/makeList.js';
import type { StrategyAnswer } from '../src/core/strategies/strategyRoom.js';
import type { PrivacyRequest } from '../src/core/privacy/privacyRequests.js';
import type { ListOptions, RecommendationList, RecommenderStatus, UserSource } from '../src/core/types.js';
import { changesCatalog, changesLists, isList } from './callEffects.js';
import type { Database } from './database.js';
import type { EngineEnvironment } from './engineEnvironment.js';
import { browserEnvironment } from './engineEnvironment.js';
import type { HistoryStore } from './historyStore.js';
import { ModelHost } from './modelHost.js';
import type { ModelLoader, ServedModel } from './modelLoader.js';
import { popularList } from './popularList.js';
import { Shopper } from './shopper.js';
import { DEVICE_EVENT } from './storedEntry.js';
import type { ListDesk, StrategyCalls, StrategyRoomCall } from './strategyCalls.js';

/** Owns what is loaded; answers the page's calls in the order of the pipeline. */
export class Engine implements EngineApi, ListDesk {
  config: EngineConfig | null = null;
  #shopper: Shopper | null = null;
  #hosting: Promise<ModelHost> | null = null;
  #host: ModelHost | null = null;
  #database: Database | null = null;
  #eventCount = 0;
  readonly scratchBytes = wasmScratchBytes;
  /** Of the room `strategies.js`. */
  #calls: StrategyCalls | null = null;
  /** Items were added or changed on this page: only the room knows how to rank by them, and only with the revision that serves. */
  #hasLiveItems = false;
  readonly #aborted = new Set<number>();
  readonly #underWay = new Set<number>();
  #status: RecommenderStatus = EMPTY_STATUS;
  /** Settles when the changes of the catalogue asked for so far are made; lists asked later wait for them. */
  #catalogChanges: Promise<unknown> = Promise.resolve();

  constructor(readonly environment: EngineEnvironment = browserEnvironment()) {}

  async open(config: EngineConfig, notify: (notice: EngineNotice) => void): Promise<RecommenderStatus> {
    if (this.config)
      throw new RecommenderError('input/invalid', 'This worker has a model already. Create another recommender for another model.', {});
    this.config = config;
    const database = config.history.mode === 'off' ? Promise.resolve(null) : this.environment.openDatabase();
    this.#shopper = new Shopper({
      environment: this.environment,
      config,
      models: database,
      notify,
      onChange: () => void this.#tellChange(),
      onOrder: (order) => void this.call(0, 'privacy', { kind: 'told', order } as never).catch(() => {}),
      onForget: () => this.#calls?.forgetDevice(),
    });
    this.#hosting = database.then((opened) => {
      this.#database = opened;
      this.#host = new ModelHost({
        ...this.environment,
        ...config,
        requested: config.backend,
        database: opened,
        holds: () => this.#hasLiveItems,
        onChange: () => {
          notify({ kind: 'model' });
          void this.#tellChange();
        },
        onProgress: (progress) => notify({ kind: 'progress', progress }),
        onBusy: (isBusy) => notify({ kind: 'busy', isBusy }),
      });
      return this.#host;
    });
    try {
      const host = await this.#hosting;
      await Promise.all([host.complete, this.shopper.history()]);
    } catch (error) {
      const { code, message } = asRecommenderError(error, 'worker/failed', 'The model could not be loaded');
      this.#status = { ...this.#status, state: 'error', error: { code, message } };
      throw error;
    }
    this.#status = { ...this.#status, state: 'ready' };
    await this.#prepareStandIn();
    return this.status();
  }

  async call<Name extends CallName>(
    callId: number,
    name: Name,
    argument: EngineCalls[Name]['argument'],
    judge: Judge | null = null,
    eventId = this.newEventId(),
  ): Promise<EngineCalls[Name]['result']> {
    this.#underWay.add(callId);
    try {
      return (await this.#answer(callId, name, argument, judge, eventId)) as EngineCalls[Name]['result'];
    } finally {
      if (changesLists(name, argument)) await this.#tellChange();
      this.#underWay.delete(callId);
      this.#aborted.delete(callId);
    }
  }

  abort(callId: number): void {
    if (this.#underWay.has(callId)) this.#aborted.add(callId);
  }

  status(): RecommenderStatus {
    const status = { ...this.#status, ...this.#host?.status() };
    const history = this.#shopper?.status();
    return history ? { ...status, history } : status;
  }

  /** The page goes into the back/forward cache: open connections would keep it out, or have it thrown out later. */
  suspend(): void {
    this.#shopper?.suspend();
    this.#database?.release();
  }

  /** The page came back out of it. */
  async resume(): Promise<void> {
    await this.#shopper?.resume();
  }

  async close(): Promise<void> {
    this.#status = { ...this.#status, state: 'closed' };
    await this.#shopper?.close();
    await this.#host?.close();
    this.#database?.close();
  }

  async #answer(callId: number, name: CallName, argument: unknown, judge: Judge | null, eventId: string): Promise<unknown> {
    if (isList(name) && !changesCatalog(argument)) await this.#catalogChanges;
    switch (name) {
      case 'record': {
        // An event that is sent again, to a new worker, keeps its time.
        const timeMs = Math.min(this.environment.nowMs(), parseInt(eventId.slice(0, 9), 36));
        const entries = toHistoryEntries(argument as EngineCalls['record']['argument'], timeMs);
        return (await this.shopper.history()).append(entries, eventId);
      }
      case 'recommend': {
        const options = argument as EngineCalls['recommend']['argument'];
        if (await this.#needsRoom(options, judge)) {
          const { strategy = null, scenario, user, ...rest } = options;
          return this.#inRoom({
            callId,
            request: { method: 'list', strategy, itemIds: [], scenario, user, options: rest },
            judge,
            eventId,
          });
        }
        return this.#list(callId, options, async (context, served) =>
          recommend(context, options, await this.userVector(served, options.user)),
        );
      }
      case 'similarItems': {
        const { itemId, options } = argument as EngineCalls['similarItems']['argument'];
        if (await this.#needsRoom(options, judge))
          return this.#inRoom({
            callId,
            request: { method: 'list', strategy: 'similar', itemIds: [itemId], scenario: options.scenario, options },
            judge,
            eventId,
          });
        return this.#list(callId, options, (context) => similarItems(context, itemId, options));
      }
      case 'strategies':
        return this.#inTurn(argument as StrategyCall, (request) => this.#inRoom({ callId, request, judge, eventId }));
      case 'listHistory': {
        const { limit } = argument as EngineCalls['listHistory']['argument'];
        return (await this.shopper.history())
          .entries()
          .filter(({ event }) => (event as string) !== DEVICE_EVENT)
          .toReversed()
          .slice(0, limit ?? undefined)
          .map(({ timeMs, event, itemId, quantity }) => ({ timeMs, event, itemId, quantity }));
      }
      case 'forget':
        return (await this.shopper.history()).forget(argument as EngineCalls['forget']['argument']);
      case 'clearHistory':
        await this.shopper.clearHistory();
        return null;
      case 'privacy':
        return (await this.environment.rooms.privacy()).answer(this.shopper, argument as PrivacyRequest);
      case 'changeModel':
        return (await this.#opened())[0].change(argument as EngineCalls['changeModel']['argument'], eventId);
    }
  }

  async #list(callId: number, { scenario, limit = DEFAULT_LIMIT }: ListOptions, rank: Rank): Promise<RecommendationList> {
    const [host] = await this.#opened();
    const answer = async (served: ServedModel): Promise<RecommendationList> => {
      const startMs = this.environment.clockMs();
      return this.toList(await rank(await this.look(served), served), served, scenario, startMs);
    };
    return host.serve(async (loader) => {
      const first = await loader.first;
      const served = loader.served ?? first;
      // What the first part cannot answer (an item of the tail) waits for the whole.
      const list = served.isPartial && (await answer(served).catch(() => null));
      if (list && list.items.length >= limit) return list;
      await loader.complete;
      return this.onBackend(callId, loader, answer);
    });
  }

  /** Runs a call on what serves, and once more on the next backend when this one fails. */
  async onBackend<T>(callId: number, loader: ModelLoader, answer: (served: ServedModel) => Promise<T>): Promise<T> {
    if (this.#aborted.has(callId)) throw new RecommenderError('call/aborted', 'The call was cancelled before it began.', {});
    const served = loader.served!;
    return answer(served).catch(async (error: unknown) => {
      if (!isRecommenderError(error) || error.code !== 'backend/failed') throw error;
      return answer(await loader.stepDown(served, error));
    });
  }

  /** What a list is made from, now. */
  async look({ model, backend, unavailable, sequence }: ServedModel): Promise<PipelineContext> {
    const { history, current } = await this.shopper.look(model);
    const session = current && sequence ? { current, loaded: sequence } : null;
    return { model, loaded: backend.loaded, unavailable, history: history.entries(), language: this.config!.language, session };
  }

  toList(
    ranked: RankedList | MadeList,
    { model, backend, isPartial }: ServedModel,
    scenario = 'default',
    startMs: number,
  ): RecommendationList {
    return {
      ...ranked,
      recommId: this.environment.randomId(),
      scenario,
      modelRevision: model.manifest.revision,
      isPartial,
      backend: backend.backend.name,
      tookMs: this.environment.clockMs() - startMs,
    };
  }

  /** Whether a call has more than a plain list can answer. */
  async #needsRoom(options: object, judge: Judge | null): Promise<boolean> {
    const [host, history] = await this.#opened();
    const { texts, experiments } = this.config!;
    if (
      judge ||
      texts ||
      experiments ||
      this.#hasLiveItems ||
      Object.entries(options).some(([key, value]) => value !== undefined && !PLAIN.test(key))
    )
      return true;
    const { model } = await host.serve((loader) => loader.first);
    return (
      Boolean((model.manifest.tables as { primary?: unknown } | null)?.primary) ||
      history.entries().some(({ event }) => event === 'dismiss')
    );
  }

  /** Changes of the catalogue are made in the order they are asked for, and before the lists that are asked for later. */
  async #inTurn<T>(request: StrategyCall, answer: (request: StrategyCall) => Promise<T>): Promise<T> {
    if (!changesCatalog(request)) return answer(request);
    const change = this.#catalogChanges.then(() => answer(request));
    this.#catalogChanges = change.catch(() => {});
    return change;
  }

  async #inRoom(call: StrategyRoomCall): Promise<StrategyAnswer> {
    const [host] = await this.#opened();
    if (changesCatalog(call.request)) this.#hasLiveItems = true;
    const room = await this.environment.rooms.strategies();
    const calls = (this.#calls ??= room.open(this));
    return host.serve((loader) => calls.answer(loader, call));
  }

  /** From the popular list on the page expects plain lists in time: it is sent when what they need is here. */
  async #prepareStandIn(): Promise<void> {
    if (!(await this.#needsRoom({}, null))) return this.#tellPopular();
    void this.environment.rooms
      .strategies()
      .catch(() => {})
      .then(() => this.#tellPopular());
  }

  async #tellPopular(): Promise<void> {
    const [host, history] = await this.#opened();
    await this.#catalogChanges;
    const served = host.loader!.served!;
    const startMs = this.environment.clockMs();
    const list = this.toList(await popularList(served, history.entries(), this.config!), served, undefined, startMs);
    this.shopper.notify({ kind: 'popular', list });
  }

  /** What the page keeps of earlier lists may show what it should not. */
  async #tellChange(): Promise<void> {
    this.shopper.notify({ kind: 'changed' });
    if (this.#status.state === 'ready') await this.#tellPopular().catch(() => {});
  }

  /** Sorts by time, then by the order of recording here; the random end tells tabs apart. */
  newEventId(): string {
    const { nowMs, randomId } = this.environment;
    return `${nowMs().toString(36).padStart(9, '0')}${(this.#eventCount++).toString(36).padStart(4, '0')}-${randomId().slice(0, 12)}`;
  }

  #opened(): Promise<[ModelHost, HistoryStore]> {
    return Promise.all([this.#hosting!, this.shopper.history()]);
  }

  async userVector({ store, model }: ServedModel, user: UserSource | undefined): Promise<Float32Array | null> {
    if (!user) return null;
    if ('vector' in user) return Float32Array.from(user.vector);
    const readUserVector = await this.environment.rooms.users();
    return readUserVector(model.manifest, (entry) => store.read(entry), user.id);
  }

  /** Throws `input/invalid` before `open`. */
  get shopper(): Shopper {
    if (this.#shopper) return this.#shopper;
    throw new RecommenderError('input/invalid', 'The worker was called before it was opened.', {});
  }
}

/** What plain lists take. */
const PLAIN = /^(limit|scenario|exclude|user|excludeSeen|probabilities)$/;

type Rank = (context: PipelineContext, served: ServedModel) => Promise<RankedList>;
