import type { LoadedModel } from '../src/core/artifact/readModelFolder.js';
import type { Consent } from '../src/core/privacy/consent.js';
import { modeUnder } from '../src/core/privacy/consent.js';
import type { EngineConfig, EngineNotice } from '../src/core/protocol.js';
import type { RecommenderStatus } from '../src/core/types.js';
import type { Database } from './database.js';
import type { EngineEnvironment } from './engineEnvironment.js';
import { HistoryStore } from './historyStore.js';
import type { PrivacyGround } from './privacy.js';
import type { SessionStore, StoredSession } from './sessionStore.js';

export interface ShopperOptions {
  readonly environment: EngineEnvironment;
  readonly config: EngineConfig;
  /** Where the models are; null where there is nowhere to keep them. */
  readonly models: Promise<Database | null>;
  readonly notify: (notice: EngineNotice) => void;
  /** The history changed without this page's doing. */
  readonly onChange: () => void;
  /** Another tab was told something for all tabs. */
  readonly onOrder: (order: unknown) => void;
  /** It is another shopper now, or nobody any more. */
  readonly onForget: () => void;
}

/** Whom the page serves: consent and profile, the history that these allow, and what was derived from it in memory. */
export class Shopper implements PrivacyGround {
  consent: Consent;
  profile: string;
  readonly notify: (notice: EngineNotice) => void;
  /** Of a worker that was lost on this page: the next one that is needed. */
  #deviceId: string | null;
  #history: Promise<HistoryStore>;
  /** The one that is open now: consent and profile replace it. */
  #open: HistoryStore | null = null;
  /** The state of the session as the last page left it. */
  #storedSession: Promise<StoredSession | undefined> | undefined;
  #sessions: SessionStore | null = null;

  constructor(readonly options: ShopperOptions) {
    const { consent = 'granted', profile = '', deviceId = null } = options.config;
    this.consent = consent;
    this.profile = profile;
    this.notify = options.notify;
    this.#deviceId = deviceId;
    this.#history = options.models.then((models) => {
      if (models) models.isBarred = () => this.consent !== 'granted';
      return this.serve();
    });
    this.#history.catch(() => {}); // Whoever asks for it hears of it.
  }

  /** Calls wait for it while another one takes its place. */
  history(): Promise<HistoryStore> {
    return this.#history;
  }

  /** Null until a history is open. */
  status(): RecommenderStatus['history'] | null {
    const open = this.#open;
    return open && { mode: open.mode, entries: open.entries().length, restored: open.restored };
  }

  /** Opens the history that profile and consent allow, and answers from it. */
  async serve(): Promise<HistoryStore> {
    const { environment, config, models, onChange, onOrder } = this.options;
    const mode = modeUnder(config.history.mode, this.consent);
    const database = mode === 'persistent' ? await environment.openDatabase(this.profile) : null;
    this.#storedSession = database?.get('sessions', config.modelUrl).catch(() => undefined);
    this.#open = await HistoryStore.open({
      ...environment,
      ...config.history,
      mode,
      profile: this.profile,
      openRoom: environment.rooms.history,
      database,
      models: await models,
      onChange: () => {
        this.#deviceId = null;
        this.notify({ kind: 'history' });
        onChange();
      },
      onOrder,
    });
    return this.#open;
  }

  waitFor(history: Promise<HistoryStore>): void {
    this.#open = null;
    this.#history = history;
  }

  async forgetShopper(): Promise<void> {
    this.#deviceId = null;
    await this.#sessions?.close();
    this.#sessions = null;
    this.options.onForget();
  }

  async clearHistory(): Promise<void> {
    this.#deviceId = null;
    await (await this.#history).forget('all');
  }

  /** The history, and the state of the session for a model that has one. */
  async look(model: LoadedModel): Promise<{ history: HistoryStore; current: ReturnType<SessionStore['query']> | null }> {
    const { environment, config } = this.options;
    const { nowMs, rooms } = environment;
    const history = await this.#history;
    let sessions = this.#sessions;
    if (model.sequence && !sessions) {
      const [room, stored] = await Promise.all([rooms.sequence(), this.#storedSession]);
      const { modelUrl } = config;
      sessions = this.#sessions ?? room.createStore({ database: history.options.database, modelUrl, nowMs, stored });
      // Meanwhile another shopper's history may have taken this one's place.
      if (history === this.#open) this.#sessions = sessions;
    }
    return { history, current: sessions?.query(model, history.entries(), nowMs()) ?? null };
  }

  /** The page keeps it, so that a worker that takes over there goes on under the same id. */
  drawDeviceId(): string {
    const deviceId = this.#deviceId ?? this.options.environment.randomId();
    this.#deviceId = null;
    this.notify({ kind: 'device', deviceId });
    return deviceId;
  }

  /** The page goes into the back/forward cache: open connections would keep it out, or have it thrown out later. */
  suspend(): void {
    this.#open?.suspend();
    this.#sessions?.suspend();
  }

  /** The page came back out of it. */
  async resume(): Promise<void> {
    await this.#open?.resume();
  }

  async close(): Promise<void> {
    await this.#open?.close();
    await this.#sessions?.close();
  }
}
