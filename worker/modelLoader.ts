import { modelBytes } from '../src/core/artifact/manifest.js';
import type { LoadedModel } from '../src/core/artifact/readModelFolder.js';
import { allocateModel, readRows } from '../src/core/artifact/readModelFolder.js';
import { runSelfTests } from '../src/core/artifact/selfTest.js';
import type { Backend, LoadedMatrix } from '../src/core/kernels/topK.js';
import { wasmScratchBytes } from '../src/core/kernels/topK.wasm.js';
import type { OpenNetwork } from '../src/core/models/sequence/network.js';
import type { RowMask } from '../src/core/ranking/rowMask.js';
import { unavailableRows } from '../src/core/ranking/rowMask.js';
import type { BackendName, LoadProgress, RecommenderStatus } from '../src/core/types.js';
import { canGpuPay, canKernelPay, isGpu } from './backends/canPay.js';
import type { OpenBackend, OpenBackendOptions } from './backends/ladder.js';
import { describeAdapter, openBackend } from './backends/ladder.js';
import { tuningParts } from './backends/tuningParts.js';
import type { ModelStore, ModelStoreOptions } from './modelStore.js';
import { freeBytes } from './modelStore.js';
import type { Rooms } from './rooms.js';

/** A model that answers, in part or whole. */
export interface ServedModel {
  readonly store: ModelStore;
  readonly model: LoadedModel;
  readonly backend: OpenBackend;
  /** The sequence model's rows on that backend; null when the folder has no such model. */
  readonly sequence: LoadedMatrix | null;
  /** Rows that may not be recommended now. */
  readonly unavailable: RowMask;
  readonly isPartial: boolean;
}

export interface ModelLoaderOptions extends ModelStoreOptions {
  readonly requested: 'auto' | BackendName;
  readonly backends: OpenBackendOptions['load'];
  readonly rooms: Rooms;
  /** Resolves when the worker has had nothing to do for a while. */
  readonly whenIdle: () => Promise<void>;
  /** Milliseconds; only differences are used. */
  readonly clockMs: () => number;
  /** Told before and after work that may keep the worker silent for long. */
  readonly onBusy: (isBusy: boolean) => void;
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
  #isClosed = false;
  /** The processor backend, open since the first shard; it stays beside a GPU that was adopted, which reads its own copy. */
  #processor: OpenBackend | null = null;
  #gpuLosses = 0;
  #steppingDown: Promise<ServedModel> | null = null;
  /** The sequence model's own rows on each backend that they were loaded on. */
  readonly #sequencesOn = new Map<Backend, LoadedMatrix>();

  /** `opening`: its files, once the manifest is there. */
  constructor(
    readonly options: ModelLoaderOptions,
    opening: Promise<ModelStore>,
  ) {
    this.#startMs = options.clockMs();
    let serveFirst!: (served: ServedModel) => void;
    const part = new Promise<ServedModel>((resolve) => (serveFirst = resolve));
    this.complete = this.#load(opening, serveFirst);
    this.complete.then((served) => this.#considerFaster(served)).catch(() => {});
    this.first = Promise.race([part, this.complete]);
    // Each caller sees the failure; a model that nobody asks must not surface as unhandled.
    this.first.catch(() => {});
    this.complete.catch(() => {});
  }

  async #load(opening: Promise<ModelStore>, serveFirst: (served: ServedModel) => void): Promise<ServedModel> {
    const { requested } = this.options;
    const store = await opening;
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
    store.askAhead();
    const room = manifest.sequences.length > 0 ? await this.options.rooms.sequence() : null;
    const model = allocateModel(manifest, hasWasm ? wasmScratchBytes : null, room);
    let early: OpenBackend | null = null;
    for await (const availableRows of readRows(model, (file) => store.read(file), freeBytes, this.#openNetwork)) {
      this.#note({ availableItems: availableRows, fromCache: store.fromCache });
      if (availableRows === manifest.itemCount) continue;
      early ??= await this.#openEarly(model);
      if (!early) continue;
      const isFirst = this.served === null;
      const served = await this.#serve(store, model, early, true);
      if (isFirst) this.#noteTime('firstList');
      serveFirst(served);
    }
    this.#noteTime('files');
    this.#report('backend', store);

    const backend = await this.#openWhole(model, early);
    if (!isGpu(backend.backend.name)) this.#processor = backend;
    const served = await this.#serve(store, model, backend, false);
    await this.#testSequence(served);
    this.#noteTime('total');
    if (!early) this.#note({ loadMs: { ...this.status.loadMs!, firstList: this.status.loadMs!.total } });
    this.#report('ready', store);
    return served;
  }

  readonly #openNetwork: OpenNetwork = async (files, config) => (await this.options.rooms.network())(files, config);

  /** wasm, else cpu, unless another backend is asked for: a GPU takes the matrix whole. */
  async #openEarly(model: LoadedModel): Promise<OpenBackend | null> {
    return isGpu(this.options.requested) ? null : this.#openProcessor(model);
  }

  #openProcessor({ factors }: LoadedModel): Promise<OpenBackend> {
    const { backends } = this.options;
    const requested = isGpu(this.options.requested) ? 'auto' : this.options.requested;
    return openBackend({ requested, matrix: factors.matrix, load: { ...backends, webgpu: refuse, webgl: refuse } });
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
    return openBackend({ requested: this.options.requested, matrix, load: this.options.backends, accept });
  }

  /**
   * Takes a GPU that failed out of service and serves from the processor; resolves to what serves now. After a first loss the GPU
   * gets another try, after the second none (see considerFaster.ts). A processor that fails has nothing below it: its error stands.
   */
  stepDown(failed: ServedModel, error: unknown): Promise<ServedModel> {
    if (this.served !== failed && this.served) return Promise.resolve(this.served); // Another call has done it already.
    if (!isGpu(failed.backend.backend.name)) return Promise.reject(error);
    return (this.#steppingDown ??= this.#stepDown(failed, error).finally(() => (this.#steppingDown = null)));
  }

  async #stepDown({ model, store, backend: { backend } }: ServedModel, error: unknown): Promise<ServedModel> {
    this.#gpuLosses++;
    this.#sequencesOn.delete(backend);
    backend.close();
    const processor = (this.#processor ??= await this.#openProcessor(model));
    const reason = `${backend.name} was lost (${String(error)}); ${processor.reason}`;
    const served = await this.#serve(store, model, { ...processor, reason }, false);
    void this.#considerFaster(served).catch(() => {}); // The processor goes on serving.
    return served;
  }

  /** Serves from a larger model from now on, on the same backend. */
  async adopt(model: LoadedModel, loaded: LoadedMatrix): Promise<void> {
    const { store, backend } = this.served!;
    const grown = { ...backend, loaded };
    this.#processor = isGpu(backend.backend.name) ? null : grown;
    this.#sequencesOn.clear();
    await this.#serve(store, model, grown, false);
    this.#note({ itemCount: model.availableRows, availableItems: model.availableRows });
  }

  /** Releases what serves, once loading has ended. */
  async close(): Promise<void> {
    this.#isClosed = true;
    await this.complete.catch(() => {});
    for (const loaded of this.#sequencesOn.values()) loaded.dispose();
    for (const open of new Set([this.#processor, this.served?.backend])) {
      open?.loaded.dispose();
      open?.backend.close();
    }
  }

  /** Where it can pay, tries in a quiet moment what may serve better than what does. */
  async #considerFaster({ store, model, backend: { backend } }: ServedModel): Promise<void> {
    const { rooms, requested, whenIdle } = this.options;
    const { matrix } = model.factors;
    const canPay = (backend.name === 'wasm' && canKernelPay(matrix)) || (requested === 'auto' && canGpuPay(matrix));
    if (!canPay && this.#gpuLosses === 0) return;
    await whenIdle();
    const room = await rooms.tuning().catch(() => null); // Only a matter of speed.
    if (!room || this.#isOver(model)) return;
    await room.considerFaster({
      options: this.options,
      parts: tuningParts,
      relaxed: room.relaxed,
      gpuLosses: this.#gpuLosses,
      served: () => this.served!,
      isOver: (one) => this.#isOver(one),
      serve: (open) => {
        if (!isGpu(open.backend.name)) this.#processor = open;
        return this.#serve(store, model, open, false);
      },
    });
  }

  /** Whether nothing is left to do for a model: closed, or another serves. */
  #isOver(model: LoadedModel): boolean {
    return this.#isClosed || this.served?.model !== model;
  }

  async #serve(store: ModelStore, model: LoadedModel, backend: OpenBackend, isPartial: boolean): Promise<ServedModel> {
    const sequence = await this.#loadSequence(model, backend);
    const unavailable = unavailableRows(model.catalog, model.availableRows, model.manifest.itemCount);
    this.served = { store, model, backend, sequence, unavailable, isPartial };
    this.#note({
      backend: backend.backend.name,
      backendReason: backend.reason,
      attempts: backend.attempts,
      adapter: describeAdapter(backend),
      fromCache: store.fromCache,
    });
    return this.served;
  }

  /** Its own matrix is loaded once for each backend; a shared one is there already. */
  async #loadSequence({ factors, sequence }: LoadedModel, { backend, loaded }: OpenBackend): Promise<LoadedMatrix | null> {
    if (!sequence) return null;
    if (sequence.scored) return sequence.scored;
    if (sequence.matrix === factors.matrix) return loaded;
    const known = this.#sequencesOn.get(backend) ?? (await backend.load(sequence.matrix));
    this.#sequencesOn.set(backend, known);
    return known;
  }

  /** Runs the folder's known answers of the sequence model. */
  async #testSequence({ model, sequence }: ServedModel): Promise<void> {
    if (!sequence || !model.sequence?.model) return;
    const { entry, matrix, room, model: network } = model.sequence;
    await runSelfTests(sequence, matrix, room.selfTests(network, entry));
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
