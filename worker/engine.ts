import type { LoadedModel } from '../src/core/artifact/readModelFolder.js';
import { readModelFolder, readUserVector } from '../src/core/artifact/readModelFolder.js';
import { runSelfTests } from '../src/core/artifact/selfTest.js';
import { modelBytes } from '../src/core/artifact/manifest.js';
import { EMPTY_STATUS } from '../src/core/emptyStatus.js';
import { RecommenderError, asRecommenderError, show } from '../src/core/errors.js';
import { toHistoryEntries } from '../src/core/historyEntries.js';
import { wasmScratchBytes } from '../src/core/kernels/topK.wasm.js';
import type { PipelineContext, RankedList } from '../src/core/pipeline.js';
import { recommend, similarItems } from '../src/core/pipeline.js';
import type { CallName, EngineApi, EngineCalls, EngineConfig, EngineNotice } from '../src/core/protocol.js';
import { unsellableRows } from '../src/core/ranking/rowMask.js';
import type { RecommendationList, RecommenderStatus, UserSource } from '../src/core/types.js';
import type { OpenBackend } from './backends/ladder.js';
import { openBackend } from './backends/ladder.js';
import { backendLoaders } from './backends/chunks.js';
import type { Database } from './database.js';
import { openDatabase } from './database.js';
import { HistoryStore } from './historyStore.js';
import { ModelStore } from './modelStore.js';

/** What the engine takes from its surroundings, so that tests can hand in their own. */
export interface EngineEnvironment {
  readonly fetch: typeof fetch;
  /** Milliseconds since 1970. */
  readonly nowMs: () => number;
  /** Milliseconds since the worker began; only differences are used. */
  readonly clockMs: () => number;
  readonly randomId: () => string;
  readonly openDatabase: () => Promise<Database | null>;
}

export function browserEnvironment(): EngineEnvironment {
  return {
    fetch: (input, init) => fetch(input, init),
    nowMs: () => Date.now(),
    clockMs: () => performance.now(),
    randomId: () => Array.from(crypto.getRandomValues(new Uint8Array(12)), (byte) => byte.toString(16).padStart(2, '0')).join(''),
    openDatabase,
  };
}

interface Ready {
  readonly store: ModelStore;
  readonly model: LoadedModel;
  readonly backend: OpenBackend;
  readonly unsellable: PipelineContext['unsellable'];
}

/** Owns what is loaded; answers the page's calls in the order of the pipeline. */
export class Engine implements EngineApi {
  #config: EngineConfig | null = null;
  #history: Promise<HistoryStore> | null = null;
  #openHistory: HistoryStore | null = null;
  #ready: Promise<Ready> | null = null;
  #database: Database | null = null;
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
      this.#openHistory = await HistoryStore.open(opened, config.history, this.environment.nowMs, () => notify({ kind: 'history' }));
      return this.#openHistory;
    });
    this.#ready = this.#load(config, database, notify);
    try {
      await Promise.all([this.#ready, this.#history]);
    } catch (error) {
      const { code, message } = asRecommenderError(error, 'worker/failed', 'The model could not be loaded');
      this.#status = { ...this.#status, state: 'error', error: { code, message } };
      throw error;
    }
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
    const history = this.#openHistory;
    if (!history) return this.#status;
    return { ...this.#status, history: { mode: history.mode, entries: history.entries().length } };
  }

  async close(): Promise<void> {
    this.#status = { ...this.#status, state: 'closed' };
    this.#openHistory?.close();
    const ready = await this.#ready?.catch(() => null);
    ready?.backend.loaded.dispose();
    ready?.backend.backend.close();
    this.#database?.close();
  }

  async #answer(callId: number, name: CallName, argument: unknown): Promise<unknown> {
    switch (name) {
      case 'record': {
        const entries = toHistoryEntries(argument as EngineCalls['record']['argument'], this.environment.nowMs());
        return (await this.#historyStore()).append(entries);
      }
      case 'recommend': {
        const options = argument as EngineCalls['recommend']['argument'];
        return this.#list(callId, options.scenario, async (context, ready) =>
          recommend(context, options, await userVector(ready, options.user)),
        );
      }
      case 'similarItems': {
        const { itemId, options } = argument as EngineCalls['similarItems']['argument'];
        return this.#list(callId, options.scenario, (context) => similarItems(context, itemId, options));
      }
      case 'listHistory': {
        const { limit } = argument as EngineCalls['listHistory']['argument'];
        return (await this.#historyStore())
          .entries()
          .toReversed()
          .slice(0, limit ?? undefined);
      }
      case 'forget':
        return (await this.#historyStore()).forget(argument as EngineCalls['forget']['argument']);
      case 'clearHistory':
        await (await this.#historyStore()).clear();
        return null;
      default:
        throw new RecommenderError('input/invalid', `The worker has no call ${show(name)}. Page and worker must be of one version.`, {
          name,
        });
    }
  }

  async #list(
    callId: number,
    scenario = 'default',
    rank: (context: PipelineContext, ready: Ready) => Promise<RankedList>,
  ): Promise<RecommendationList> {
    const [ready, history] = await Promise.all([this.#readyModel(), this.#historyStore()]);
    if (this.#aborted.has(callId)) throw new RecommenderError('call/aborted', 'The call was cancelled before it began.', {});
    const startMs = this.environment.clockMs();
    const { model, backend, unsellable } = ready;
    const context: PipelineContext = {
      model,
      loaded: backend.loaded,
      unsellable,
      history: history.entries(),
      language: this.#config!.language,
    };
    const { strategy, items } = await rank(context, ready);
    return {
      recommId: this.environment.randomId(),
      scenario,
      strategy,
      modelRevision: model.manifest.revision,
      backend: backend.backend.name,
      tookMs: this.environment.clockMs() - startMs,
      items,
    };
  }

  async #load(config: EngineConfig, opening: Promise<Database | null>, notify: (notice: EngineNotice) => void): Promise<Ready> {
    const { clockMs, nowMs, fetch } = this.environment;
    const startMs = clockMs();
    const onProgress: ModelStore['options']['onProgress'] = (progress) => notify({ kind: 'progress', progress });
    const store = await ModelStore.open({ modelUrl: config.modelUrl, database: await opening, fetch, nowMs, onProgress });
    const manifestMs = clockMs();
    const hasWasm = typeof WebAssembly !== 'undefined' && config.backend !== 'cpu';
    const model = await readModelFolder(store.manifest, (entry) => store.read(entry), hasWasm ? wasmScratchBytes : null);
    const filesMs = clockMs();
    const totalBytes = modelBytes(store.manifest);
    onProgress({ phase: 'backend', file: '', loadedBytes: totalBytes, totalBytes, fromCache: store.fromCache });
    const { matrix, entry } = model.factors;
    const backend = await openBackend({
      requested: config.backend,
      matrix,
      load: backendLoaders,
      accept: (loaded) => runSelfTests(loaded, matrix, entry.selfTests),
    });
    const endMs = clockMs();
    this.#status = {
      ...this.#status,
      state: 'ready',
      backend: backend.backend.name,
      backendReason: backend.reason,
      attempts: backend.attempts,
      adapter: backend.backend.adapter,
      modelName: store.manifest.name,
      modelRevision: store.manifest.revision,
      itemCount: store.manifest.itemCount,
      dimensions: entry.dimensions,
      modelBytes: totalBytes,
      fromCache: store.fromCache,
      loadMs: { manifest: manifestMs - startMs, files: filesMs - manifestMs, backend: endMs - filesMs, total: endMs - startMs },
    };
    onProgress({ phase: 'ready', file: '', loadedBytes: totalBytes, totalBytes, fromCache: store.fromCache });
    await store.keep();
    return { store, model, backend, unsellable: unsellableRows(model.catalog) };
  }

  #historyStore(): Promise<HistoryStore> {
    if (!this.#history) throw new RecommenderError('input/invalid', 'The worker was called before it was opened.', {});
    return this.#history;
  }

  #readyModel(): Promise<Ready> {
    if (!this.#ready) throw new RecommenderError('input/invalid', 'The worker was called before it was opened.', {});
    return this.#ready;
  }
}

async function userVector({ store, model }: Ready, user: UserSource | undefined): Promise<Float32Array | null> {
  if (!user) return null;
  if ('vector' in user) return Float32Array.from(user.vector);
  return readUserVector(model.manifest, (entry) => store.read(entry), user.id);
}
