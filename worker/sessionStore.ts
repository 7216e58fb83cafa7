import type { LoadedModel } from '../src/core/artifact/readModelFolder.js';
import type { KeptSession, SessionQuery } from '../src/core/sessionTracker.js';
import { SessionTracker } from '../src/core/sessionTracker.js';
import type { Database } from './database.js';
import type { StoredEntry } from './storedEntry.js';

/** Stored with the history, by model address. */
export interface StoredSession extends KeptSession {
  readonly modelUrl: string;
  readonly savedAtMs: number;
}

export interface SessionStoreOptions {
  /** Null: nothing is stored. */
  readonly database: Database | null;
  readonly modelUrl: string;
  readonly nowMs: () => number;
  /** What was found at the start. */
  readonly stored: StoredSession | undefined;
}

/** Events often come in twos and threes; and a list goes first. */
const REST_MS = 200;
/** A state that is larger is replayed at each start. That is attention over some thousand events. */
const MAX_STATE_BYTES = 2 ** 20;
/** Of so many models on one origin; then they begin anew. */
const MAX_STATES = 8;

/**
 * Carries the session's state, and stores it with the history: a moment after a list that took in an event, one write at a time, never in the
 * way of a list. It is a convenience: whatever fails here is made good by replaying the session.
 */
export class SessionStore {
  readonly #tracker: SessionTracker;
  /** How far the tracker was when it was last stored. */
  #savedChanges = 0;
  #timer: ReturnType<typeof setTimeout> | null = null;
  /** One at a time. */
  #writing = Promise.resolve();

  constructor(readonly options: SessionStoreOptions) {
    this.#tracker = new SessionTracker(options.stored ?? null);
  }

  /** See {@link SessionTracker.query}. */
  query(model: LoadedModel, history: readonly StoredEntry[], nowMs: number): SessionQuery | null {
    const query = this.#tracker.query(model, history, nowMs);
    this.#schedule();
    return query;
  }

  /** Begins no further write until the next list. */
  suspend(): void {
    clearTimeout(this.#timer ?? undefined);
    this.#timer = null;
  }

  /** Waits for the write under way. */
  async close(): Promise<void> {
    this.suspend();
    await this.#writing;
  }

  #schedule(): void {
    if (!this.options.database || this.#timer !== null || this.#tracker.changes === this.#savedChanges) return;
    this.#timer = setTimeout(() => {
      this.#timer = null;
      this.#writing = this.#writing.then(() => this.#write());
    }, REST_MS);
  }

  async #write(): Promise<void> {
    const { database, modelUrl, nowMs } = this.options;
    const { changes, taken } = this.#tracker;
    const kept = this.#tracker.keep();
    if (!kept || kept.state.values.byteLength > MAX_STATE_BYTES) return;
    const ids = (taken as readonly StoredEntry[]).map(({ id }) => id);
    const isStored = await putSession(database!, { ...kept, modelUrl, savedAtMs: nowMs() }, ids).catch(() => false);
    if (isStored) this.#savedChanges = changes;
  }
}

/**
 * Stores a state unless one of the entries it was made of is not on disk: it is not there yet, or it was forgotten, here or in another tab.
 * The transaction that forgets drops all states, so none can outlive its entries. Resolves to whether it was stored.
 */
export function putSession(database: Database, session: StoredSession, entryIds: readonly string[]): Promise<boolean> {
  return database.run(['entries', 'sessions'], 'readwrite', async (transaction) => {
    const known = new Set(await transaction.objectStore('entries').getAllKeys());
    if (!entryIds.every((id) => known.has(id))) return false;
    const sessions = transaction.objectStore('sessions');
    const keys = await sessions.getAllKeys();
    if (keys.length >= MAX_STATES && !keys.includes(session.modelUrl)) await sessions.clear();
    await sessions.put(session);
    return true;
  });
}
