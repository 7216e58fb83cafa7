import { readUserVector } from '../src/core/artifact/readModelFolder.js';
import { EMPTY_STATUS } from '../src/core/emptyStatus.js';
import { RecommenderError, asRecommenderError, isRecommenderError, show } from '../src/core/errors.js';
import { toHistoryEntries } from '../src/core/historyEntries.js';
import type { PipelineContext, RankedList } from '../src/core/pipeline.js';
import { DEFAULT_LIMIT, recommend, similarItems } from '../src/core/pipeline.js';
import type { CallName, EngineApi, EngineCalls, EngineConfig, EngineNotice } from '../src/core/protocol.js';
import type { RecommendationList, RecommenderStatus, UserSource } from '../src/core/types.js';
import { backendLoaders } from './backends/chunks.js';
import type { Database } from './database.js';
import { openDatabase } from './database.js';
import { HistoryStore } from './historyStore.js';
import type { ModelLoaderOptions, ServedModel } from './modelLoader.js';
import { ModelLoader } from './modelLoader.js';
import type { Rooms } from './rooms.js';
import { rooms } from './rooms.js';
import type { SessionStore, StoredSession } from './sessionStore.js';

/** What the engine takes from its surroundings, so that tests can hand in their own. */
export interface EngineEnvironment {
  readonly fetch: typeof fetch;
  /** Milliseconds since 1970. */
  readonly nowMs: () => number;
  /** Milliseconds since the worker began; only differences are used. */
  readonly clockMs: () => number;
  readonly randomId: () => string;
  readonly openDatabase: () => Promise<Database | null>;
  readonly backends: ModelLoaderOptions['backends'];
  readonly rooms: Rooms;
  readonly whenIdle: () => Promise<void>;
}

/** Long enough for a page to have drawn itself before a GPU is tried. */
const IDLE_MS = 3_000;

export function browserEnvironment(): EngineEnvironment {
  return {
    fetch: (input, init) => fetch(input, init),
    nowMs: () => Date.now(),
    clockMs: () => performance.now(),
    randomId: () => Array.from(crypto.getRandomValues(new Uint8Array(12)), (byte) => byte.toString(16).padStart(2, '0')).join(''),
    openDatabase,
    backends: backendLoaders,
    rooms,
    whenIdle: () => new Promise((resolve) => setTimeout(resolve, IDLE_MS)),
  };
}

/** Owns what is loaded; answers the page's calls in the order of the pipeline. */
export class Engine implements EngineApi {
  #config: EngineConfig | null = null;
  #history: Promise<HistoryStore> | null = null;
  #openHistory: HistoryStore | null = null;
  #loading: Promise<ModelLoader> | null = null;
  #loader: ModelLoader | null = null;
  #database: Database | null = null;
  /** The state of the session as the last page left it. */
  #storedSession: Promise<StoredSession | undefined> | null = null;
  #sessions: SessionStore | null = null;
  #eventCount = 0;
  readonly #aborted = new Set<number>();
  readonly #underWay = new Set<number>();
  #status: RecommenderStatus = EMPTY_STATUS;

  constructor(readonly environment: EngineEnvironment = browserEnvironment()) {}

  async open(config: EngineConfig, notify: (notice: EngineNotice) => void): Promise<RecommenderStatus> {
    if (this.#config)
      throw new RecommenderError('input/invalid', 'This worker has a model already. Create another recommender for another model.', {});
    this.#config = config;
    const database = config.history.mode === 'off' ? Promise.resolve(null) : this.environment.openDatabase();
    this.#history = database.then(async (opened) => {
      this.#database = opened;
      this.#openHistory = await HistoryStore.open({
        ...this.environment,
        ...config.history,
        openRoom: this.environment.rooms.history,
        database: opened,
        onChange: () => notify({ kind: 'history' }),
      });
      return this.#openHistory;
    });
    this.#storedSession = database
      .then((opened) => (config.history.mode === 'persistent' ? opened?.get('sessions', config.modelUrl) : undefined))
      .catch(() => undefined);
    this.#loading = database.then((opened) => (this.#loader = this.#startLoading(config, opened, notify)));
    try {
      const loader = await this.#loading;
      await Promise.all([loader.complete, this.#history]);
    } catch (error) {
      const { code, message } = asRecommenderError(error, 'worker/failed', 'The model could not be loaded');
      this.#status = { ...this.#status, state: 'error', error: { code, message } };
      throw error;
    }
    this.#status = { ...this.#status, state: 'ready' };
    return this.status();
  }

  async call<Name extends CallName>(
    callId: number,
    name: Name,
    argument: EngineCalls[Name]['argument'],
  ): Promise<EngineCalls[Name]['result']> {
    this.#underWay.add(callId);
    try {
      return (await this.#answer(callId, name, argument)) as EngineCalls[Name]['result'];
    } finally {
      this.#underWay.delete(callId);
      this.#aborted.delete(callId);
    }
  }

  abort(callId: number): void {
    if (this.#underWay.has(callId)) this.#aborted.add(callId);
  }

  status(): RecommenderStatus {
    const status = { ...this.#status, ...this.#loader?.status };
    const history = this.#openHistory;
    if (!history) return status;
    return { ...status, history: { mode: history.mode, entries: history.entries().length, restored: history.restored } };
  }

  /** The page goes into the back/forward cache: open connections would keep it out, or have it thrown out later. */
  suspend(): void {
    this.#openHistory?.suspend();
    this.#sessions?.suspend();
    this.#database?.release();
  }

  /** The page came back out of it. */
  async resume(): Promise<void> {
    await this.#openHistory?.resume();
  }

  async close(): Promise<void> {
    this.#status = { ...this.#status, state: 'closed' };
    await this.#openHistory?.close();
    await this.#sessions?.close();
    await this.#loader?.close();
    this.#database?.close();
  }

  async #answer(callId: number, name: CallName, argument: unknown): Promise<unknown> {
    switch (name) {
      case 'record': {
        const entries = toHistoryEntries(argument as EngineCalls['record']['argument'], this.environment.nowMs());
        return (await this.#historyStore()).append(entries, this.#newEventId());
      }
      case 'recommend': {
        const options = argument as EngineCalls['recommend']['argument'];
        return this.#list(callId, options.scenario, options.limit, async (context, served) =>
          recommend(context, options, await userVector(served, options.user)),
        );
      }
      case 'similarItems': {
        const { itemId, options } = argument as EngineCalls['similarItems']['argument'];
        return this.#list(callId, options.scenario, options.limit, (context) => similarItems(context, itemId, options));
      }
      case 'listHistory': {
        const { limit } = argument as EngineCalls['listHistory']['argument'];
        return (await this.#historyStore())
          .entries()
          .toReversed()
          .slice(0, limit ?? undefined)
          .map(({ timeMs, event, itemId, quantity }) => ({ timeMs, event, itemId, quantity }));
      }
      case 'forget':
        return (await this.#historyStore()).forget(argument as EngineCalls['forget']['argument']);
      case 'clearHistory':
        await (await this.#historyStore()).forget('all');
        return null;
      default:
        throw new RecommenderError('input/invalid', `The worker has no call ${show(name)}. Page and worker must be of one version.`, {
          name,
        });
    }
  }

  async #list(callId: number, scenario = 'default', limit: number | undefined, rank: Rank): Promise<RecommendationList> {
    const [loader, history] = await Promise.all([this.#loading ?? Promise.reject(neverOpened()), this.#historyStore()]);
    const first = await loader.first;
    const answer = (served: ServedModel): Promise<RecommendationList> => {
      if (this.#aborted.has(callId)) throw new RecommenderError('call/aborted', 'The call was cancelled before it began.', {});
      return this.#rank(served, history, scenario, rank);
    };
    const served = loader.served ?? first;
    if (!served.isPartial) {
      return answer(served).catch(async (error: unknown) => {
        if (!isRecommenderError(error) || error.code !== 'backend/failed') throw error;
        return answer(await loader.stepDown(served, error)); // The same call, on the next backend.
      });
    }
    // What the first part cannot answer (an item of the tail, a rare filter) waits for the whole.
    const list = await answer(served).catch(() => null);
    return list && list.items.length >= (limit ?? DEFAULT_LIMIT) ? list : answer(await loader.complete);
  }

  async #rank(served: ServedModel, history: HistoryStore, scenario: string, rank: Rank): Promise<RecommendationList> {
    const { clockMs, nowMs, randomId, rooms } = this.environment;
    const startMs = clockMs();
    const { model, backend, unavailable, isPartial } = served;
    const language = this.#config!.language;
    if (model.sequence && !this.#sessions) {
      const [room, stored] = await Promise.all([rooms.sequence(), this.#storedSession!]);
      const { modelUrl, history: options } = this.#config!;
      const database = options.mode === 'persistent' ? this.#database : null;
      this.#sessions ??= room.createStore({ database, modelUrl, nowMs, stored });
    }
    const entries = history.entries();
    const current = this.#sessions?.query(model, entries, nowMs());
    const session = current && served.sequence ? { current, loaded: served.sequence } : null;
    const context: PipelineContext = { model, loaded: backend.loaded, unavailable, history: entries, language, session };
    const { strategy, items } = await rank(context, served);
    return {
      recommId: randomId(),
      scenario,
      strategy,
      modelRevision: model.manifest.revision,
      isPartial,
      backend: backend.backend.name,
      tookMs: clockMs() - startMs,
      items,
    };
  }

  #startLoading(config: EngineConfig, database: Database | null, notify: (notice: EngineNotice) => void): ModelLoader {
    const { fetch, nowMs, clockMs, backends, rooms, whenIdle } = this.environment;
    return new ModelLoader({
      modelUrl: config.modelUrl,
      requested: config.backend,
      database,
      fetch,
      nowMs,
      clockMs,
      backends,
      rooms,
      whenIdle,
      onProgress: (progress) => notify({ kind: 'progress', progress }),
    });
  }

  /** Sorts by time, then by the order of recording here; the random end tells tabs apart. */
  #newEventId(): string {
    const { nowMs, randomId } = this.environment;
    return `${nowMs().toString(36).padStart(9, '0')}${(this.#eventCount++).toString(36).padStart(4, '0')}-${randomId().slice(0, 12)}`;
  }

  #historyStore(): Promise<HistoryStore> {
    return this.#history ?? Promise.reject(neverOpened());
  }
}

function neverOpened(): RecommenderError {
  return new RecommenderError('input/invalid', 'The worker was called before it was opened.', {});
}

type Rank = (context: PipelineContext, served: ServedModel) => Promise<RankedList>;

async function userVector({ store, model }: ServedModel, user: UserSource | undefined): Promise<Float32Array | null> {
  if (!user) return null;
  if ('vector' in user) return Float32Array.from(user.vector);
  return readUserVector(model.manifest, (entry) => store.read(entry), user.id);
}
