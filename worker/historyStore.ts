import { RecommenderError } from '../src/core/errors.js';
import type { PrivacyOrder } from '../src/core/privacy/privacyRequests.js';
import type { ForgetSelector, HistoryEntry, HistoryOptions, RecordResult } from '../src/core/types.js';
import type { Database } from './database.js';
import type { HistoryRoom } from './history.js';
import type { HistoryKeeper } from './historyKeeper.js';
import type { HistoryRows } from './historyRows.js';
import { readRows } from './historyRows.js';
import { isMirrorThere } from './mirrorFolder.js';
import type { OpenRoom } from './rooms.js';
import type { Change, HistoryMark, StoredEntry } from './storedEntry.js';
import { applyChange } from './storedEntry.js';
import { TabChannel } from './tabChannel.js';

const DAY_MS = 86_400_000;
/** After a failed write, events are kept in memory so long before the disk is tried again. */
const RETRY_AFTER_MS = 10_000;

export interface HistoryStoreOptions extends Required<HistoryOptions> {
  /** Null, or a mode other than `persistent`: memory only. */
  readonly database: Database | null;
  /** Where the models are, which give way when the device is full. */
  readonly models: Database | null;
  /** Whose history it is; empty: the guest's. */
  readonly profile: string;
  readonly nowMs: () => number;
  readonly randomId: () => string;
  readonly openRoom: OpenRoom<HistoryRoom>;
  /** Resolves when the worker has had nothing to do for a while. */
  readonly whenIdle: () => Promise<void>;
  /** Called for changes that this tab did not ask for: made in another tab, or brought back from the mirror. */
  readonly onChange: () => void;
  /** Called when another tab was told something that is about more than this history. */
  readonly onOrder: (order: unknown) => void;
}

/**
 * The shopper's history on this device, in memory. Reads come from here, and a change reaches it at once; the keeper, in a room of
 * its own, brings it to IndexedDB and the mirror and follows the other tabs. What it could not write stays here and is tried again.
 */
export class HistoryStore {
  /** Entries that the mirror brought back in this tab, after the database was found emptied or cut. */
  restored = 0;
  /** Where the database stood when the entries were last level with it. */
  mark: HistoryMark | null = null;
  /** Whether this page ever found the database with something in it. */
  hasSeenMark = false;
  /** When the disk last refused; null while it works. */
  failedAtMs: number | null = null;
  isClosed = false;
  /** Changes that are not on disk, in their order, and whom to tell. Telling twice does nothing. */
  readonly unwritten = new Map<Change, (storage: RecordResult['storage']) => void>();
  /** Null when nothing is to be kept. */
  readonly database: Database | null;
  readonly #channel: TabChannel;
  /** Oldest first. */
  #entries: StoredEntry[] = [];
  #keeper: Promise<HistoryKeeper> | null = null;
  #writing: Promise<void> | null = null;
  #retryTimer: ReturnType<typeof setTimeout> | undefined;

  private constructor(readonly options: HistoryStoreOptions) {
    const database = options.mode === 'persistent' ? options.database : null;
    this.database = database;
    this.#channel = new TabChannel((message) => this.#ask((keeper) => keeper.hear(message)));
    if (database) database.onLost = () => this.#ask((keeper) => keeper.recover());
  }

  static async open(options: HistoryStoreOptions): Promise<HistoryStore> {
    const store = new HistoryStore(options);
    await store.#begin();
    return store;
  }

  /** `memory` also while the disk does not take what is written. */
  get mode(): 'persistent' | 'memory' | 'off' {
    if (this.options.mode === 'off') return 'off';
    return this.database && this.failedAtMs === null ? 'persistent' : 'memory';
  }

  /** Oldest first; entries past their age are left out. An entry stays the same object until it is gone. */
  entries(): readonly StoredEntry[] {
    const { oldestMs } = this.bounds();
    return this.#entries.filter((entry) => entry.timeMs >= oldestMs);
  }

  /** What is kept: no more, and nothing older. */
  bounds(): { readonly maxEntries: number; readonly oldestMs: number } {
    const { maxEntries, maxAgeDays, nowMs } = this.options;
    return { maxEntries, oldestMs: nowMs() - maxAgeDays * DAY_MS };
  }

  /** Adds an event's entries. `eventId` rises with time; the same event may come twice and counts once. */
  async append(entries: readonly HistoryEntry[], eventId: string): Promise<RecordResult> {
    return this.take(entries.map((entry, line) => ({ ...entry, id: `${eventId}-${String(line).padStart(3, '0')}` })));
  }

  /** Adds entries that have their names already: what is known stays as it is. */
  async take(add: readonly StoredEntry[]): Promise<RecordResult> {
    if (this.options.mode === 'off' || add.length === 0) return { storage: 'memory', entries: 0 };
    this.apply({ add });
    return { storage: await this.save({ add }), entries: add.length };
  }

  /** Whether an event of this id is there. */
  has(eventId: string): boolean {
    return this.#entries.some(({ id }) => id.startsWith(eventId));
  }

  /** Removes the matching entries here, on disk, in the mirror and in other tabs; resolves to how many this tab knew. */
  async forget(selector: ForgetSelector): Promise<number> {
    const count = this.#entries.length;
    this.apply({ remove: selector });
    const removed = count - this.#entries.length;
    this.#channel.post({ kind: 'forget', profile: this.options.profile, selector });
    if (this.database && (await this.save({ remove: selector })) === 'memory') {
      throw new RecommenderError(
        'storage/failed',
        'Forgotten in all open tabs, but the device may hold it still: this is tried again while the page is open.',
        {},
      );
    }
    return removed;
  }

  /** Tells the other tabs what is about more than this history. */
  pass(order: PrivacyOrder): void {
    this.#channel.post({ kind: 'order', order });
  }

  /** Lets go of what would keep the page out of the back/forward cache. */
  suspend(): void {
    this.#channel.close();
    this.database?.release();
  }

  /** Catches up with what happened while the page was away. */
  async resume(): Promise<void> {
    this.#channel.open();
    await (await this.#openKeeper()).refresh();
    this.options.onChange();
  }

  /** Waits for the writes under way, unless what is not on disk yet shall never be. Afterwards nothing of it is in memory. */
  async close(isDiscarded = false): Promise<void> {
    this.isClosed = true;
    clearTimeout(this.#retryTimer);
    if (isDiscarded) this.database?.close();
    await this.#writing;
    this.#channel.close();
    this.database?.close();
    this.#entries = [];
  }

  apply(change: Change): void {
    this.#entries = applyChange(this.#entries, change).slice(-this.options.maxEntries);
  }

  /** Takes over what the database holds, and on top of it what is not there yet. */
  adopt({ entries, mark }: HistoryRows): void {
    const known = new Map(this.#entries.map((entry) => [entry.id, entry]));
    this.#entries = entries.map((entry) => known.get(entry.id) ?? entry);
    this.mark = mark;
    this.hasSeenMark ||= mark !== null;
    for (const change of this.unwritten.keys()) this.apply(change);
  }

  /** Resolves to where the change is kept; it stays in memory, to be written later, where the disk or the room fails. */
  save(change: Change): Promise<RecordResult['storage']> {
    if (!this.database) return Promise.resolve('memory');
    return new Promise((settle) => {
      this.unwritten.set(change, settle);
      this.#write('remove' in change);
    });
  }

  /** Leaves the disk alone for a while. What is not on it waits in memory, bounded as the history is: the oldest changes give way. */
  noteFailure(): void {
    this.failedAtMs = this.options.nowMs();
    for (const [change, settle] of this.unwritten) {
      settle('memory');
      if (this.unwritten.size > this.options.maxEntries) this.unwritten.delete(change);
    }
    clearTimeout(this.#retryTimer);
    if (!this.isClosed) this.#retryTimer = setTimeout(() => this.#write(true), RETRY_AFTER_MS);
  }

  async #begin(): Promise<void> {
    const { database } = this;
    if (!database) return;
    // Loaded ahead of the first write.
    this.#openKeeper().catch(() => {});
    try {
      this.adopt(await readRows(database));
      if (!this.mark && (await isMirrorThere(database.name))) await (await this.#openKeeper()).check();
    } catch {
      this.noteFailure();
    }
    void this.options.whenIdle().then(() => this.#ask((keeper) => keeper.check()));
  }

  /** `isUrgent`: whether or not the disk has just refused. */
  #write(isUrgent: boolean): void {
    const isResting = this.failedAtMs !== null && this.options.nowMs() - this.failedAtMs < RETRY_AFTER_MS;
    if (isResting && !isUrgent) for (const settle of this.unwritten.values()) settle('memory');
    else this.#writing = this.#openKeeper().then((keeper) => keeper.write()).catch(() => this.noteFailure()); // prettier-ignore
  }

  /** After a failure the next call loads it again. */
  #openKeeper(): Promise<HistoryKeeper> {
    if (this.#keeper) return this.#keeper;
    this.#keeper = this.options.openRoom().then((room) => room.createKeeper(this, this.#channel));
    this.#keeper.catch(() => (this.#keeper = null));
    return this.#keeper;
  }

  #ask(order: (keeper: HistoryKeeper) => unknown): void {
    if (!this.isClosed) this.#openKeeper().then(order).catch(() => {}); // prettier-ignore
  }
}
