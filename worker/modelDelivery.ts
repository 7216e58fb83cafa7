import type { Manifest } from '../src/core/artifact/manifest.js';
import type { SignatureCrypto } from '../src/core/artifact/signature.js';
import { verifySignature } from '../src/core/artifact/signature.js';
import { RecommenderError, asRecommenderError, isRecommenderError, show } from '../src/core/errors.js';
import type { ModelChange } from '../src/core/protocol.js';
import { hashToUnit } from '../src/core/ranking/experiments.js';
import type { ModelUpdate } from '../src/core/types.js';
import { activate, makeRoom } from './activate.js';
import type { DeliveryRecord } from './deliveryRecord.js';
import { emptyRecord } from './deliveryRecord.js';
import type { ManifestBytes, ModelFailure, ModelHost, ModelHostOptions } from './modelHost.js';
import type { ModelLoader } from './modelLoader.js';
import type { ModelStore, fetchManifest } from './modelStore.js';

/** What the worker has already, handed in so that no room carries it a second time. */
export interface DeliveryParts {
  readonly ModelLoader: typeof ModelLoader;
  readonly ModelStore: typeof ModelStore;
  readonly fetchManifest: typeof fetchManifest;
}

type Outcome = Pick<ModelUpdate, 'outcome' | 'reason'> & { readonly revision?: string };

/** A revision that fails so often in a row, whatever is asked, is given up for the one before. */
const MAX_FAILURES = 3;
const MAX_BAD = 20;

/**
 * Changes which revision of the model serves, one change after the other. Another one takes over between two lists, when it is whole, verified
 * and tested, and gives way again when it fails. Never rejects for the network's or the folder's sake: that is an outcome.
 */
export class ModelDelivery {
  #turn: Promise<unknown>;
  /** Names the change under way. */
  #callId = '';
  /** Whether the device has the record as it is here. */
  #isKept = true;
  /** What happens in the background shows in no progress bar. */
  readonly #quiet: ModelHostOptions;

  constructor(
    readonly host: ModelHost,
    readonly parts: DeliveryParts,
  ) {
    this.#quiet = { ...host.options, onProgress: () => {} };
    this.#turn = host.complete.catch(() => {});
  }

  /** `eventId`: as in {@link ModelHost.change}. */
  change(change: ModelChange, eventId: string): Promise<ModelUpdate> {
    return this.#next(async () => {
      const { lastCall, shown } = this.#record;
      if (eventId !== '' && lastCall === eventId && shown.lastUpdate) return shown.lastUpdate;
      this.#callId = eventId;
      return this.#change(change);
    });
  }

  /**
   * Follows a start that the active revision did not serve: there was none, or it failed. `saved` is what serves instead, null when it came
   * from the server. A revision that only could not be had whole stays the active one.
   */
  async began(saved: ManifestBytes | null, failure: ModelFailure | null): Promise<void> {
    const { store } = this.host.loader!.served!;
    const revision = failure && this.#revisionOf(failure.manifest);
    const isBad = failure !== null && isUnhealthy(failure.error) && revision !== store.manifest.revision;
    if (saved && !isBad) return this.#show({ previous: null });
    await activate(store, null);
    if (!isBad) return;
    const reason = messageOf(failure.error);
    if (revision) this.#markBad(revision, reason);
    await this.#note({ outcome: saved ? 'rolled-back' : 'updated', reason: `${revision} failed: ${reason}` });
  }

  /** Resolves to whether it is worth asking again, on what serves then. */
  async recover(loader: ModelLoader, error: unknown): Promise<boolean> {
    const { host } = this;
    if (!isUnhealthy(error)) return false;
    if (++host.failures < MAX_FAILURES) return true;
    await this.#next(async () => {
      if (host.loader !== loader) return;
      const { revision } = this.#active;
      this.#markBad(revision, messageOf(error));
      await this.#note(await this.#goBack(`${revision} failed: ${messageOf(error)}`, false));
    });
    return host.loader !== loader;
  }

  #next<T>(work: () => Promise<T>): Promise<T> {
    const result = this.#turn.then(async () => {
      await this.host.complete;
      if (this.host.isClosed) throw new RecommenderError('call/closed', 'The recommender was closed.', {});
      const { onBusy } = this.host.options;
      onBusy(true); // It decodes, and runs self-tests.
      try {
        await this.#readAgain();
        return await work();
      } finally {
        onBusy(false);
      }
    });
    this.#turn = result.catch(() => {});
    return result;
  }

  async #change({ kind, revision = null }: ModelChange): Promise<ModelUpdate> {
    const active = this.#active.revision;
    if (kind === 'update') return this.#note(await this.#update());
    if (kind === 'rollback') {
      const { previous } = this.host;
      if (previous) this.#forgive(this.#revisionOf(previous));
      const outcome = await this.#goBack('It was asked for', true);
      if (outcome.outcome === 'rolled-back') this.#markBad(active, 'It was rolled back.');
      return this.#note(outcome);
    }
    if (revision !== null && typeof revision !== 'string')
      throw new RecommenderError('input/invalid', `pin(${show(revision)}): name a revision, or null for none.`, {});
    this.#show({ pinned: revision });
    if (revision === null) return this.#note({ outcome: 'current', reason: 'Nothing is pinned any more; the next update counts again.' });
    // Whoever names a revision means it, also one that failed here.
    this.#forgive(revision);
    if (revision === active) return this.#note({ outcome: 'current', reason: 'It serves already, and is pinned now.' });
    const { previous } = this.host;
    const isPrevious = previous !== null && this.#revisionOf(previous) === revision;
    return this.#note(isPrevious ? await this.#goBack('It was pinned', true) : await this.#update());
  }

  async #update(): Promise<Outcome> {
    const { host } = this;
    const { publicKey } = host.options;
    const active = this.#active;
    let revision = '';
    try {
      const bytes = await this.parts.fetchManifest(this.#quiet);
      if (publicKey) await verifySignature(bytes, publicKey, crypto.subtle as unknown as SignatureCrypto);
      const store = this.#open(bytes);
      ({ revision } = store.manifest);
      const verdict = this.#judge(store.manifest);
      if (verdict) return { ...verdict, revision };
      await makeRoom(store);
      const before = host.loader!.served!.store;
      const loader = await this.#stage(store);
      await activate(store, before);
      if (host.options.holds()) {
        void loader.close();
        return { outcome: 'held', revision, reason: 'It serves from the next page on: this one has items of its own.' };
      }
      this.#use(loader, before);
      return { outcome: 'updated', revision, reason: `It replaces ${active.revision}.` };
    } catch (error) {
      if (!isRecommenderError(error)) throw error;
      const { code, message } = error;
      // What did not arrive as the manifest says may come whole the next time; what arrived so and fails will always fail.
      const isLost = /^(model|storage|worker)\//.test(code) || code === 'artifact/bad-checksum';
      if (!isLost && revision !== '') this.#markBad(revision, message);
      return { outcome: isLost ? 'failed' : 'refused', revision, reason: message };
    }
  }

  /** Why a manifest is not for this device; null when it is. */
  #judge({ revision, rollbackTo, rollout = 1 }: Manifest): Outcome | null {
    const active = this.#active.revision;
    const { bad, newest } = this.#record;
    const { pinned } = this.#record.shown;
    if (revision === active) return { outcome: 'current', reason: 'The server has what serves.' };
    if (pinned === revision) return null;
    if (pinned !== null) return { outcome: 'held', reason: `${pinned} is pinned.` };
    const failed = bad.find((one) => one.revision === revision);
    if (failed) return { outcome: 'refused', reason: `It is not used on this device any more: ${failed.reason}` };
    if (rollbackTo === revision) return null;
    const floor = newest > active ? newest : active;
    if (revision < floor)
      return { outcome: 'refused', reason: `It is older than ${floor}. To go back, publish it with shelfmate sign --rollback.` };
    if (rollout === 1) return null;
    const deviceId = this.#record.deviceId ?? this.host.options.randomId();
    this.#record = { ...this.#record, deviceId };
    if (hashToUnit(['rollout', revision, deviceId]) < rollout) return null;
    return { outcome: 'held', reason: `It is for ${100 * rollout} % of devices so far, and this one is not among them.` };
  }

  async #goBack(reason: string, keepsActive: boolean): Promise<Outcome> {
    const { host } = this;
    if (!host.previous) return { outcome: 'refused', reason: 'There is no revision before this one on the device.' };
    const revision = this.#revisionOf(host.previous);
    try {
      const store = this.#open(host.previous);
      const loader = await this.#stage(store);
      const kept = keepsActive ? host.loader!.served!.store : null;
      await activate(store, kept);
      this.#use(loader, kept);
    } catch (error) {
      return { outcome: 'failed', revision, reason: messageOf(error) };
    }
    return { outcome: 'rolled-back', revision, reason };
  }

  /** Loads a revision whole, beside the one that serves, and runs its self-tests. */
  async #stage(store: ModelStore): Promise<ModelLoader> {
    const loader = new this.parts.ModelLoader(this.#quiet, Promise.resolve(store));
    try {
      await loader.complete;
      return loader;
    } catch (error) {
      void loader.close();
      throw error;
    }
  }

  /** From the next list on, another revision serves; lists under way end on the one they began on. */
  #use(loader: ModelLoader, previous: ModelStore | null): void {
    const { host } = this;
    if (host.isClosed) return void loader.close();
    const before = host.loader!;
    void Promise.allSettled(host.underWay).then(() => before.close());
    host.loader = loader;
    host.previous = previous?.manifestBytes ?? null;
    host.options.onChange();
  }

  #open(manifest: ManifestBytes): ModelStore {
    return new this.parts.ModelStore(this.#quiet, manifest);
  }

  /** Empty where a manifest on this device cannot be read any more. */
  #revisionOf(manifest: ManifestBytes): string {
    try {
      return this.#open(manifest).manifest.revision;
    } catch {
      return '';
    }
  }

  #markBad(revision: string, reason: string): void {
    this.#forgive(revision);
    this.#record = { ...this.#record, bad: [...this.#record.bad, { revision, reason }].slice(-MAX_BAD) };
  }

  #forgive(revision: string): void {
    this.#record = { ...this.#record, bad: this.#record.bad.filter((one) => one.revision !== revision) };
  }

  /** Remembers what came of a change. */
  async #note(outcome: Outcome): Promise<ModelUpdate> {
    const { host } = this;
    const { nowMs } = host.options;
    const { revision } = this.#active;
    const { newest } = this.#record;
    const lastUpdate = { revision, ...outcome, timeMs: nowMs() };
    this.#record = { ...this.#record, newest: revision > newest ? revision : newest, lastCall: this.#callId };
    this.#show({ previous: host.previous && this.#revisionOf(host.previous), lastUpdate });
    const { database } = host.options;
    this.#isKept =
      database !== null &&
      (await database.put('deliveries', this.#record).then(
        () => true,
        () => false,
      ));
    return lastUpdate;
  }

  /** Another tab may have changed it, or erased it. What could not be kept counts as it is here. */
  async #readAgain(): Promise<void> {
    if (!this.#isKept) return;
    const { database, modelUrl } = this.host.options;
    try {
      if (database) this.host.record = (await database.get('deliveries', modelUrl)) ?? null;
    } catch {
      // Nothing may be kept now, for want of consent or room.
    }
  }

  #show(facts: Partial<DeliveryRecord['shown']>): void {
    this.#record = { ...this.#record, shown: { ...this.#record.shown, ...facts } };
  }

  get #record(): DeliveryRecord {
    const { record, options } = this.host;
    return record ?? emptyRecord(options.modelUrl);
  }

  set #record(record: DeliveryRecord) {
    this.host.record = record;
  }

  get #active(): Manifest {
    return this.host.loader!.served!.store.manifest;
  }
}

/** Whether the revision itself, or what runs it, is to blame: not the network, nor the key, nor who asked. */
function isUnhealthy(error: unknown): boolean {
  return isRecommenderError(error) && /^(artifact\/(?!bad-(checksum|signature)$)|backend\/)/.test(error.code);
}

function messageOf(error: unknown): string {
  return asRecommenderError(error, 'worker/failed', 'The model failed').message;
}
