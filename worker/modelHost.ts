import { EMPTY_STATUS } from '../src/core/emptyStatus.js';
import type { PublicKey } from '../src/core/artifact/signature.js';
import type { ModelChange } from '../src/core/protocol.js';
import type { ModelUpdate, RecommenderStatus } from '../src/core/types.js';
import type { DeliveryRecord } from './deliveryRecord.js';
import type { ModelDelivery } from './modelDelivery.js';
import type { ModelLoaderOptions } from './modelLoader.js';
import { ModelLoader } from './modelLoader.js';
import { ModelStore, fetchManifest } from './modelStore.js';

export interface ModelHostOptions extends ModelLoaderOptions {
  readonly update?: 'auto' | 'manual';
  readonly publicKey?: PublicKey | undefined;
  readonly randomId: () => string;
  /** Whether this page has changed items, which another revision would not know: an update then waits for the next page. */
  readonly holds: () => boolean;
  /** Another revision serves. */
  readonly onChange: () => void;
}

export type ManifestBytes = Uint8Array<ArrayBuffer>;

/** A revision on this device that could not serve, and why. */
export interface ModelFailure {
  readonly manifest: ManifestBytes;
  readonly error: unknown;
}

/**
 * Serves a model: the active revision on this device at once, else the one before it, else what the server has. Every change from one
 * revision to another is made by the room `delivery.js`: see modelDelivery.ts.
 */
export class ModelHost {
  /** Settles when a whole model serves. */
  readonly complete: Promise<void>;
  /** What serves; null before there is one to ask. */
  loader: ModelLoader | null = null;
  /** The manifest to go back to. */
  previous: ManifestBytes | null = null;
  /** Null: nothing was decided yet. */
  record: DeliveryRecord | null = null;
  /** Work under way on what serves. */
  readonly underWay = new Set<Promise<unknown>>();
  /** Lists that failed in a row. */
  failures = 0;
  isClosed = false;
  #delivery: ModelDelivery | null = null;
  /** What this device keeps of the model. Never rejects. */
  readonly #saved;

  constructor(readonly options: ModelHostOptions) {
    const { database, modelUrl } = options;
    this.#saved = Promise.all([database?.get('models', modelUrl), database?.get('deliveries', modelUrl)]).catch(() => []);
    this.complete = this.#start();
    this.complete
      .then(options.whenIdle)
      .then((): unknown => options.update === 'auto' && this.change({ kind: 'update' }))
      .catch(() => {}); // Who asks sees why; an update is tried again by the next page.
  }

  status(): Partial<RecommenderStatus> {
    const status = this.loader?.status;
    return { ...status, delivery: { ...EMPTY_STATUS.delivery, ...this.record?.shown, active: status?.modelRevision ?? null } };
  }

  /** Runs `work` on what serves. When that fails, for reasons of its own, on what serves next. */
  async serve<T>(work: (loader: ModelLoader) => Promise<T>): Promise<T> {
    await this.#saved; // The start waited for it first, and has begun on a loader.
    for (;;) {
      const loader = this.loader!;
      const result = work(loader);
      this.underWay.add(result);
      try {
        await result;
        this.failures = 0;
        return result;
      } catch (error) {
        await this.complete;
        if (this.loader === loader && !(this.previous && (await this.#recover(loader, error)))) throw error;
      } finally {
        this.underWay.delete(result);
      }
    }
  }

  /** Updates, rolls back or pins, when it is its turn. `eventId` names the call: one that comes again changes nothing again. */
  async change(change: ModelChange, eventId = ''): Promise<ModelUpdate> {
    return (await this.#openDelivery()).change(change, eventId);
  }

  async close(): Promise<void> {
    this.isClosed = true;
    await this.loader?.close();
  }

  async #start(): Promise<void> {
    const [saved, record] = await this.#saved;
    this.record = record ?? null;
    const { manifest = null, previous = null } = (saved ?? {}) as { readonly [name: string]: ManifestBytes | null };
    let failure: ModelFailure | null = null;
    for (const bytes of new Set([manifest, previous, null])) {
      try {
        await this.#load(bytes);
        if (bytes && !failure) this.previous = previous;
        // It serves already: only `ready` waits until that is kept.
        else
          await this.#openDelivery()
            .then((delivery) => delivery.began(bytes, failure))
            .catch(() => {});
        return;
      } catch (error) {
        if (!bytes) throw error;
        failure ??= { manifest: bytes, error };
      }
    }
  }

  /** `saved` null: the server is asked. */
  async #load(saved: ManifestBytes | null): Promise<void> {
    const { options } = this;
    const open = async (): Promise<ModelStore> => {
      const manifest = saved ?? (await fetchManifest(options));
      if (options.publicKey) await (await options.rooms.delivery()).verify(manifest, options.publicKey);
      return new ModelStore(options, manifest);
    };
    void this.loader?.close();
    this.loader = new ModelLoader(options, open());
    await this.loader.complete;
  }

  /** Resolves to whether it is worth asking again. */
  #recover(loader: ModelLoader, error: unknown): Promise<boolean> {
    return this.#openDelivery()
      .then((delivery) => delivery.recover(loader, error))
      .catch(() => false);
  }

  async #openDelivery(): Promise<ModelDelivery> {
    const room = await this.options.rooms.delivery();
    return (this.#delivery ??= room.open(this, { ModelLoader, ModelStore, fetchManifest }));
  }
}
