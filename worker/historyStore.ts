import { RecommenderError } from '../src/core/errors.js';
import type { ForgetSelector, HistoryEntry, HistoryOptions, RecordResult } from '../src/core/types.js';
import type { Database } from './database.js';
import type { Bounds, HistoryRows } from './historyRows.js';
import { isAhead, readRows } from './historyRows.js';
import type { Mended, Saved } from './historyWriter.js';
import type { HistoryWriter } from './historyWriter.js';
import type { HistoryRoom } from './history.js';
import { isMirrorThere } from './mirrorFolder.js';
import type { PrivacyOrder } from '../src/core/privacy/privacyRequests.js';
import type { OpenRoom } from './rooms.js';
import type { Change, HistoryMark, Selector, StoredEntry } from './storedEntry.js';
import { applyChange, matcher } from './storedEntry.js';
import type { TabMessage } from './tabMessages.js';
import { TabChannel } from './tabMessages.js';

const DAY_MS = 86_400_000;
/** After a failed write, events are kept in memory so long before the disk is tried again. */
const RETRY_AFTER_MS = 10_000;
/** When a shopper clears the site's data, the database goes first and the files a moment later. */
const CLEARING_MS = 2_000;
const RECOVERY_WAITS_MS = [0, 100, 400, 1_500];

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

interface Pending {
  readonly change: Change;
  readonly settle: (storage: RecordResult['storage']) => void;
}

/**
 * The shopper's history on this device. Reads come from memory, which a change reaches at once; then it goes to IndexedDB and
 * the mirror, and other tabs are told. Whatever cannot be written is kept in memory and tried again.
 */
export class HistoryStore {
  /** Entries that the mirror brought back in this tab, after the database was found emptied or cut. */
  restored = 0;
  /** Oldest first. */
  #entries: StoredEntry[] = [];
  /** Where the database stood when `#entries` was last level with it. */
  #mark: HistoryMark | null = null;
  readonly #database: Database | null;
  #hasSeenMark = false;
  /** Loaded ahead of the first write. */
  #writer: Promise<HistoryWriter> | null = null;
  readonly #channel: TabChannel;
  /** Changes that wait for their turn, that are being written, and that failed to be. */
  #waiting: Pending[] = [];
  #underWay: readonly Pending[] = [];
  #unsaved: Change[] = [];
  #pumping: Promise<void> | null = null;
  #refreshing: Promise<void> | null = null;
  #failedAtMs: number | null = null;
  #retryTimer: ReturnType<typeof setTimeout> | undefined;
  #isClosed = false;

  private constructor(readonly options: HistoryStoreOptions) {
    const database = options.mode === 'persistent' ? options.database : null;
    this.#database = database;
    this.#channel = new TabChannel((message) => this.#hear(message));
    if (database) {
      database.onLost = () => {
        this.#mark &&= { ...this.#mark, sequence: 0 }; // Whatever is there now counts, if it is less too.
        void this.#recover();
      };
    }
  }

  static async open(options: HistoryStoreOptions): Promise<HistoryStore> {
    const store = new HistoryStore(options);
    store.#openWriter()?.catch(() => {});
    await store.#refresh();
    void options.whenIdle().then(() => store.#check());
    return store;
  }

  /** `memory` also while the disk does not take what is written. */
  get mode(): 'persistent' | 'memory' | 'off' {
    if (this.options.mode === 'off') return 'off';
    return this.#database && this.#failedAtMs === null ? 'persistent' : 'memory';
  }

  /** Oldest first; entries past their age are left out. An entry stays the same object until it is gone. */
  entries(): readonly StoredEntry[] {
    const { oldestMs } = this.#bounds();
    return this.#entries.filter((entry) => entry.timeMs >= oldestMs);
  }

  /** Adds an event's entries. `eventId` rises with time; the same event may come twice and counts once. */
  async append(entries: readonly HistoryEntry[], eventId: string): Promise<RecordResult> {
    return this.take(entries.map((entry, line) => ({ ...entry, id: `${eventId}-${String(line).padStart(3, '0')}` })));
  }

  /** Adds entries that have their names already: what is known stays as it is. */
  async take(add: readonly StoredEntry[]): Promise<RecordResult> {
    if (this.options.mode === 'off' || add.length === 0) return { storage: 'memory', entries: 0 };
    this.#apply({ add });
    const isResting = this.#failedAtMs !== null && this.options.nowMs() - this.#failedAtMs < RETRY_AFTER_MS;
    if (this.#database && isResting) this.#keepUnsaved([{ add }]);
    const storage = this.#database && !isResting ? await this.#save({ add }) : 'memory';
    return { storage, entries: add.length };
  }

  /** Removes the matching entries here, on disk, in the mirror and in other tabs; resolves to how many this tab knew. */
  async forget(selector: ForgetSelector): Promise<number> {
    const count = this.#entries.length;
    this.#apply({ remove: selector });
    const removed = count - this.#entries.length;
    this.#channel.post({ kind: 'forget', profile: this.options.profile, selector });
    if (this.#database && (await this.#save({ remove: selector })) === 'memory') {
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
    this.#database?.release();
  }

  /** Catches up with what happened while the page was away. */
  async resume(): Promise<void> {
    this.#channel.open();
    await this.#refresh();
    this.options.onChange();
  }

  /** Waits for the writes under way, unless what is not on disk yet shall never be. Afterwards nothing of it is in memory. */
  async close(isDiscarded = false): Promise<void> {
    this.#isClosed = true;
    clearTimeout(this.#retryTimer);
    if (isDiscarded) this.#database?.close();
    await this.#pumping;
    this.#channel.close();
    this.#database?.close();
    this.#entries = [];
  }

  /** Null when nothing is written. After a failure the next call loads it again. */
  #openWriter(): Promise<HistoryWriter> | null {
    const database = this.#database;
    if (!database || this.#writer) return this.#writer;
    const { models, randomId, openRoom } = this.options;
    const options = {
      database,
      models: models!,
      randomId,
      bounds: () => this.#bounds(),
      waitForClearing: () => this.#waitForClearing(),
    };
    this.#writer = openRoom().then(({ createWriter }) => createWriter(options));
    this.#writer.catch(() => (this.#writer = null));
    return this.#writer;
  }

  /** A database that is emptied under an open page was most likely cleared: a mirror counts only if it outlives that. */
  async #waitForClearing(): Promise<void> {
    if (this.#hasSeenMark) await new Promise((resolve) => setTimeout(resolve, CLEARING_MS));
  }

  #bounds(): Bounds {
    const { maxEntries, maxAgeDays, nowMs } = this.options;
    return { maxEntries, oldestMs: nowMs() - maxAgeDays * DAY_MS };
  }

  #apply(change: Change): void {
    this.#entries = applyChange(this.#entries, change).slice(-this.options.maxEntries);
  }

  #save(change: Change): Promise<RecordResult['storage']> {
    return new Promise((settle) => {
      this.#waiting.push({ change, settle });
      this.#startWriting();
    });
  }

  #startWriting(): void {
    this.#pumping ??= this.#writeAll().finally(() => (this.#pumping = null));
  }

  /** Writes what waits, all of it in one go, until nothing does. */
  async #writeAll(): Promise<void> {
    while (this.#waiting.length > 0 || this.#isRetryDue()) {
      this.#underWay = this.#waiting;
      this.#waiting = [];
      const changes = [...this.#unsaved, ...this.#underWay.map(({ change }) => change)];
      let storage: RecordResult['storage'] = 'memory';
      try {
        const saved = await (await this.#openWriter()!).save(changes);
        storage = saved.storage;
        this.#unsaved = [];
        this.#failedAtMs = null;
        this.#level(saved);
      } catch {
        this.#unsaved = [];
        this.#keepUnsaved(changes);
        this.#noteFailure();
      }
      const settled = this.#underWay;
      this.#underWay = [];
      for (const { settle } of settled) settle(storage);
    }
  }

  #isRetryDue(): boolean {
    return this.#unsaved.length > 0 && this.#failedAtMs !== null && this.options.nowMs() - this.#failedAtMs >= RETRY_AFTER_MS;
  }

  /** Bounded as the history is: the oldest changes give way. */
  #keepUnsaved(changes: readonly Change[]): void {
    this.#unsaved = [...this.#unsaved, ...changes].slice(-this.options.maxEntries);
  }

  /** Notes where the database stands after a write of this tab, and tells the others. */
  #level({ commit, mended }: Saved): void {
    if (mended) this.#adopt(mended);
    const isLevel = isSame(commit.before, this.#mark);
    this.#mark = commit.after;
    this.#hasSeenMark ||= commit.after !== null;
    this.#apply({ add: commit.added });
    this.#apply({ remove: { ids: commit.removedIds } });
    this.#channel.post({ kind: 'saved', profile: this.options.profile, ...commit });
    if (!isLevel) void this.#refresh(); // Another tab wrote in between.
  }

  #hear(message: TabMessage): void {
    if (message.kind === 'order') return this.options.onOrder(message.order);
    if (message.profile !== this.options.profile) return;
    if (message.kind === 'forget') this.#forgetHere(message.selector);
    else if (!this.#database) return;
    else if (message.after && isSame(message.before, this.#mark)) {
      this.#apply({ add: message.added });
      this.#apply({ remove: { ids: message.removedIds } });
      this.#mark = message.after;
    } else return void this.#refresh().then(this.options.onChange);
    this.options.onChange();
  }

  /** Another tab forgets. What of it this tab is still writing would come after, so it is removed once more. */
  #forgetHere(selector: Selector): void {
    this.#apply({ remove: selector });
    const isRemoved = matcher(selector);
    const changes = [...this.#unsaved, ...[...this.#underWay, ...this.#waiting].map(({ change }) => change)];
    const ids = changes.flatMap((change) => ('add' in change ? change.add.filter(isRemoved).map(({ id }) => id) : []));
    if (ids.length > 0) void this.#save({ remove: { ids } });
  }

  /** Reads the database anew; once at a time, and once more if it moved on meanwhile. */
  #refresh(): Promise<void> {
    return (this.#refreshing ??= this.#readDatabase().finally(() => (this.#refreshing = null)));
  }

  async #readDatabase(): Promise<void> {
    if (!this.#database) return;
    try {
      let rows = await readRows(this.#database);
      // This tab's own write may have passed the reading by.
      if (isAhead(this.#mark, rows.mark)) rows = await readRows(this.#database);
      const wasEmptied = !rows.mark && this.#mark !== null;
      this.#adopt(rows);
      if (this.#unsaved.length === 0) this.#failedAtMs = null;
      if (wasEmptied) {
        this.options.onChange();
        await this.#waitForClearing();
      }
      if (!rows.mark && (await isMirrorThere(this.#database.name))) await this.#check();
    } catch {
      this.#noteFailure();
    }
  }

  /** What is kept in memory is written later; the disk is left alone until then. */
  #noteFailure(): void {
    this.#failedAtMs = this.options.nowMs();
    clearTimeout(this.#retryTimer);
    if (!this.#isClosed) this.#retryTimer = setTimeout(() => this.#retry(), RETRY_AFTER_MS);
  }

  #retry(): void {
    if (this.#unsaved.length > 0) this.#startWriting();
    else void this.#refresh();
  }

  /** The browser took the database away and may not be done with it. */
  async #recover(): Promise<void> {
    for (const waitMs of RECOVERY_WAITS_MS) {
      await new Promise((resolve) => setTimeout(resolve, waitMs));
      await this.#refresh();
      if (this.#failedAtMs === null || this.#isClosed) return;
    }
  }

  async #check(): Promise<void> {
    if (!this.#database || this.#isClosed || !(this.#mark || (await isMirrorThere(this.#database.name)))) return;
    const mended = await this.#openWriter()!
      .then((writer) => writer.check())
      .catch(() => null);
    if (!mended || isAhead(this.#mark, mended.mark)) return;
    this.#adopt(mended);
    if (mended.restored > 0) this.options.onChange();
  }

  /** Takes over what the database holds, and on top of it what is not there yet. */
  #adopt(rows: HistoryRows | Mended): void {
    const known = new Map(this.#entries.map((entry) => [entry.id, entry]));
    this.#entries = rows.entries.map((entry) => known.get(entry.id) ?? entry);
    this.#mark = rows.mark;
    this.#hasSeenMark ||= rows.mark !== null;
    if ('restored' in rows) this.restored += rows.restored;
    for (const change of this.#unsaved) this.#apply(change);
    for (const { change } of [...this.#underWay, ...this.#waiting]) this.#apply(change);
  }
}

function isSame(a: HistoryMark | null, b: HistoryMark | null): boolean {
  return a?.generation === b?.generation && a?.sequence === b?.sequence;
}
