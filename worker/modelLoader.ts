import { modelBytes } from '../src/core/artifact/manifest.js';
import type { LoadedModel } from '../src/core/artifact/readModelFolder.js';
import { allocateModel, readRows } from '../src/core/artifact/readModelFolder.js';
import { runSelfTests } from '../src/core/artifact/selfTest.js';
import { wasmScratchBytes } from '../src/core/kernels/topK.wasm.js';
import type { RowMask } from '../src/core/ranking/rowMask.js';
import { unavailableRows } from '../src/core/ranking/rowMask.js';
import type { BackendName, LoadProgress, RecommenderStatus } from '../src/core/types.js';
import { backendLoaders } from './backends/chunks.js';
import type { OpenBackend } from './backends/ladder.js';
import { openBackend } from './backends/ladder.js';
import type { ModelStoreOptions } from './modelStore.js';
import { ModelStore } from './modelStore.js';

/** A model that answers, in part or whole. */
export interface ServedModel {
  readonly store: ModelStore;
  readonly model: LoadedModel;
  readonly backend: OpenBackend;
  /** Rows that may not be recommended now. */
  readonly unavailable: RowMask;
  readonly isPartial: boolean;
}

export interface ModelLoaderOptions extends ModelStoreOptions {
  readonly requested: 'auto' | BackendName;
  /** Milliseconds; only differences are used. */
  readonly clockMs: () => number;
}

type LoadStatus = Pick<
  RecommenderStatus,
  | 'backend'
  | 'backendReason'
  | 'attempts'
  | 'adapter'
  | 'modelName'
  | 'modelRevision'
  | 'itemCount'
  | 'availableItems'
  | 'dimensions'
  | 'modelBytes'
  | 'fromCache'
  | 'loadMs'
>;

/**
 * Loads a model so that it answers as early as it can: rows come in order of popularity, and from the first shard on
 * the processor backends serve what is there. With all rows in place the folder's own self-tests run, and the
 * ladder is walked in full where that is still due.
 */
export class ModelLoader {
  /** What serves now; null before the first shard. */
  served: ServedModel | null = null;
  status: Partial<LoadStatus> = {};
  /** Settles with the first part that can answer. */
  readonly first: Promise<ServedModel>;
  /** Settles with the whole model. */
  readonly complete: Promise<ServedModel>;
  readonly #startMs: number;

  constructor(readonly options: ModelLoaderOptions) {
    this.#startMs = options.clockMs();
    let serveFirst!: (served: ServedModel) => void;
    const part = new Promise<ServedModel>((resolve) => (serveFirst = resolve));
    this.complete = this.#load(serveFirst);
    this.first = Promise.race([part, this.complete]);
    // Each caller sees the failure; a model that nobody asks must not surface as unhandled.
    this.first.catch(() => {});
    this.complete.catch(() => {});
  }

  async #load(serveFirst: (served: ServedModel) => void): Promise<ServedModel> {
    const { requested } = this.options;
    const store = await ModelStore.open(this.options);
    const { manifest } = store;
    const entry = manifest.models[0]!;
    this.#note({
      modelName: manifest.name,
      modelRevision: manifest.revision,
      itemCount: manifest.itemCount,
      dimensions: entry.dimensions,
      modelBytes: modelBytes(manifest),
    });
    this.#noteTime('manifest');

    const hasWasm = typeof WebAssembly !== 'undefined' && requested !== 'cpu';
    const model = allocateModel(manifest, hasWasm ? wasmScratchBytes : null);
    let early: OpenBackend | null = null;
    for await (const availableRows of readRows(model, (file) => store.read(file))) {
      this.#note({ availableItems: availableRows, fromCache: store.fromCache });
      if (availableRows === manifest.itemCount) continue;
      early ??= await this.#openEarly(model);
      if (!early) continue;
      const isFirst = this.served === null;
      const served = this.#serve(store, model, early, true);
      if (isFirst) this.#noteTime('firstList');
      serveFirst(served);
    }
    this.#noteTime('files');
    this.#report('backend', store);

    const backend = await this.#openWhole(model, early);
    const served = this.#serve(store, model, backend, false);
    this.#noteTime('total');
    if (!early) this.#note({ loadMs: { ...this.status.loadMs!, firstList: this.status.loadMs!.total } });
    this.#report('ready', store);
    await store.keep();
    return served;
  }

  /** wasm, else cpu, unless another backend is asked for: a GPU takes the matrix whole. */
  async #openEarly(model: LoadedModel): Promise<OpenBackend | null> {
    const { requested } = this.options;
    if (requested === 'webgpu' || requested === 'webgl') return null;
    const processorOnly = { ...backendLoaders, webgpu: refuse, webgl: refuse };
    return openBackend({ requested, matrix: model.factors.matrix, load: processorOnly });
  }

  async #openWhole({ factors }: LoadedModel, early: OpenBackend | null): Promise<OpenBackend> {
    const { matrix, entry } = factors;
    const accept = (loaded: OpenBackend['loaded']): Promise<void> => runSelfTests(loaded, matrix, entry.selfTests);
    if (early) {
      try {
        await accept(early.loaded);
        return early;
      } catch {
        early.loaded.dispose();
        early.backend.close();
      }
    }
    return openBackend({ requested: this.options.requested, matrix, load: backendLoaders, accept });
  }

  #serve(store: ModelStore, model: LoadedModel, backend: OpenBackend, isPartial: boolean): ServedModel {
    const unavailable = unavailableRows(model.catalog, model.availableRows, model.manifest.itemCount);
    this.served = { store, model, backend, unavailable, isPartial };
    this.#note({
      backend: backend.backend.name,
      backendReason: backend.reason,
      attempts: backend.attempts,
      adapter: backend.backend.adapter,
      fromCache: store.fromCache,
    });
    return this.served;
  }

  #note(facts: Partial<LoadStatus>): void {
    this.status = { ...this.status, ...facts };
  }

  #noteTime(step: keyof LoadStatus['loadMs']): void {
    const none = { manifest: 0, firstList: 0, files: 0, total: 0 };
    this.#note({ loadMs: { ...none, ...this.status.loadMs, [step]: this.options.clockMs() - this.#startMs } });
  }

  #report(phase: LoadProgress['phase'], { totalBytes, fromCache }: ModelStore): void {
    this.options.onProgress({ phase, file: '', loadedBytes: totalBytes, totalBytes, fromCache });
  }
}

function refuse(): never {
  throw new Error('A GPU takes the model once it is whole.');
}
