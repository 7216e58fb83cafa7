import type { ForgetSelector, HistoryEntry, HistoryOptions, RecordResult } from '../src/core/types.js';
import type { Database, WriteTransaction } from './database.js';

const DAY_MS = 86_400_000;
const CHANNEL = 'shelfmate-history';

/**
 * The shopper's history on this device. Reads come from memory, which a write changes
 * at once; it then goes to IndexedDB, and to other tabs by a broadcast. When a write fails the store goes on in memory: nothing that was kept is lost.
 */
export class HistoryStore {
  /** Oldest first. */
  #entries: HistoryEntry[] = [];
  #database: Database | null;
  readonly #channel: BroadcastChannel | null;

  private constructor(
    database: Database | null,
    readonly options: Required<HistoryOptions>,
    readonly nowMs: () => number,
    readonly onChange: () => void,
  ) {
    this.#database = options.mode === 'persistent' ? database : null;
    this.#channel = this.#database && typeof BroadcastChannel !== 'undefined' ? new BroadcastChannel(CHANNEL) : null;
    this.#channel?.addEventListener('message', () => void this.#reload().then(onChange));
  }

  /** `database` null, or a mode other than `persistent`: memory only. `onChange` is called for changes made in other tabs. */
  static async open(
    database: Database | null,
    options: Required<HistoryOptions>,
    nowMs: () => number,
    onChange: () => void,
  ): Promise<HistoryStore> {
    const store = new HistoryStore(database, options, nowMs, onChange);
    await store.#reload();
    return store;
  }

  get mode(): 'persistent' | 'memory' | 'off' {
    if (this.options.mode === 'off') return 'off';
    return this.#database ? 'persistent' : 'memory';
  }

  /** Oldest first; entries past their age are left out. */
  entries(): readonly HistoryEntry[] {
    const oldestMs = this.nowMs() - this.options.maxAgeDays * DAY_MS;
    return this.#entries.filter((entry) => entry.timeMs >= oldestMs);
  }

  async append(entries: readonly HistoryEntry[]): Promise<RecordResult> {
    if (this.options.mode === 'off' || entries.length === 0) return { storage: 'memory', entries: 0 };
    // Memory first: a list asked for right after reflects the event, without waiting for the disk.
    this.#entries = [...this.#entries, ...entries].sort((a, b) => a.timeMs - b.timeMs).slice(-this.options.maxEntries);
    const isStored = await this.#write(async (database) => {
      const transaction = writeTransaction(database);
      for (const entry of entries) void transaction.store.add(entry).catch(() => {});
      await this.#prune(transaction);
      await transaction.done;
    });
    return { storage: isStored ? 'stored' : 'memory', entries: entries.length };
  }

  /** Removes the matching entries; resolves to how many there were. */
  async forget(selector: ForgetSelector): Promise<number> {
    const matches = (entry: HistoryEntry): boolean =>
      'itemId' in selector ? entry.itemId === selector.itemId : entry.timeMs < selector.beforeMs;
    const before = this.#entries.length;
    this.#entries = this.#entries.filter((entry) => !matches(entry));
    const removed = before - this.#entries.length;
    await this.#write(async (database) => {
      const transaction = writeTransaction(database);
      for (let cursor = await transaction.store.openCursor(); cursor; cursor = await cursor.continue()) {
        if (matches(cursor.value)) await cursor.delete();
      }
      await transaction.done;
    });
    return removed;
  }

  async clear(): Promise<void> {
    this.#entries = [];
    await this.#write(async (database) => {
      const transaction = writeTransaction(database);
      await transaction.store.clear();
      await transaction.done;
    });
  }

  close(): void {
    this.#channel?.close();
  }

  async #reload(): Promise<void> {
    if (!this.#database) return;
    try {
      const stored = await this.#database.getAll('events');
      this.#entries = stored.sort((a, b) => a.timeMs - b.timeMs);
    } catch {
      this.#database = null;
    }
  }

  /** Runs a write; on failure the store goes on in memory and answers false. */
  async #write(work: (database: Database) => Promise<void>): Promise<boolean> {
    if (!this.#database) return false;
    try {
      await work(this.#database);
      this.#channel?.postMessage(null);
      return true;
    } catch {
      this.#database = null;
      return false;
    }
  }

  /** Drops what is too old, then the oldest beyond the limit. */
  async #prune({ store }: WriteTransaction): Promise<void> {
    const oldestMs = this.nowMs() - this.options.maxAgeDays * DAY_MS;
    const byTime = store.index('timeMs');
    for (let cursor = await byTime.openCursor(IDBKeyRange.upperBound(oldestMs, true)); cursor; cursor = await cursor.continue())
      await cursor.delete();
    let excess = (await store.count()) - this.options.maxEntries;
    for (let cursor = excess > 0 ? await byTime.openCursor() : null; cursor && excess > 0; excess--) {
      await cursor.delete();
      cursor = await cursor.continue();
    }
  }
}

/** Strict: the browser answers after the entry is on disk, so that what was acknowledged survives a crash. */
function writeTransaction(database: Database): WriteTransaction {
  return database.transaction('events', 'readwrite', { durability: 'strict' });
}
