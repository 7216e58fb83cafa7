import type { HistoryStore } from './historyStore.js';
import { isAhead, readRows } from './historyRows.js';
import type { Mended, Saved } from './historyWriter.js';
import { HistoryWriter } from './historyWriter.js';
import { isMirrorThere } from './mirrorFolder.js';
import type { HistoryMark, Selector } from './storedEntry.js';
import { matcher } from './storedEntry.js';
import type { TabChannel } from './tabChannel.js';
import { isTabMessage } from './tabMessages.js';

/** When a shopper clears the site's data, the database goes first and the files a moment later. */
const CLEARING_MS = 2_000;
const RECOVERY_WAITS_MS = [0, 100, 400, 1_500];

/** Keeps a history level with what is on disk: writes what is new, tells the other tabs, and follows what they and the browser do. */
export class HistoryKeeper {
  /** Null when nothing is to be kept. */
  readonly #writer: HistoryWriter | null;
  #writing: Promise<void> = Promise.resolve();
  #isWriting = false;
  #refreshing: Promise<void> | null = null;

  constructor(
    readonly store: HistoryStore,
    readonly channel: TabChannel,
  ) {
    const { database, options } = store;
    this.#writer =
      database &&
      new HistoryWriter({
        database,
        models: options.models!,
        randomId: options.randomId,
        bounds: () => store.bounds(),
        waitForClearing: () => this.#waitForClearing(),
      });
  }

  /** Writes what is not on disk, all of it in one go, until nothing is left or the disk refuses. */
  write(): Promise<void> {
    if (!this.#isWriting) this.#writing = this.#writeAll();
    return this.#writing;
  }

  /** Another tab said something. */
  hear(message: unknown): void {
    if (!isTabMessage(message)) return;
    const { store } = this;
    if (message.kind === 'order') return store.options.onOrder(message.order);
    if (message.profile !== store.options.profile) return;
    if (message.kind === 'forget') this.#forgetHere(message.selector);
    else if (!store.database) return;
    else if (message.after && isSame(message.before, store.mark)) {
      store.apply({ add: message.added });
      store.apply({ remove: { ids: message.removedIds } });
      store.mark = message.after;
    } else return void this.refresh().then(store.options.onChange);
    store.options.onChange();
  }

  /** Reads the database anew; once at a time, and once more if it moved on meanwhile. */
  refresh(): Promise<void> {
    return (this.#refreshing ??= this.#readDatabase().finally(() => (this.#refreshing = null)));
  }

  /** Holds database and mirror against each other, where there is anything in them, and mends whichever lost something. */
  async check(): Promise<void> {
    const { database, isClosed, mark } = this.store;
    if (!database || isClosed || !(mark || (await isMirrorThere(database.name)))) return;
    const mended = await this.#writer!.check().catch(() => null);
    if (!mended || isAhead(this.store.mark, mended.mark)) return;
    this.#adopt(mended);
    if (mended.restored > 0) this.store.options.onChange();
  }

  /** The browser took the database away and may not be done with it. */
  async recover(): Promise<void> {
    this.store.mark &&= { ...this.store.mark, sequence: 0 }; // Whatever is there now counts, if it is less too.
    for (const waitMs of RECOVERY_WAITS_MS) {
      await new Promise((resolve) => setTimeout(resolve, waitMs));
      await this.refresh();
      if (this.store.failedAtMs === null || this.store.isClosed) return;
    }
  }

  async #writeAll(): Promise<void> {
    const { store } = this;
    this.#isWriting = true;
    try {
      if (store.unwritten.size === 0 && store.failedAtMs !== null) await this.refresh();
      while (store.unwritten.size > 0) {
        const underWay = [...store.unwritten];
        const saved = await this.#writer!.save(underWay.map(([change]) => change));
        store.failedAtMs = null;
        for (const [change] of underWay) store.unwritten.delete(change);
        this.#level(saved);
        for (const [, settle] of underWay) settle(saved.storage);
      }
    } catch {
      store.noteFailure();
    } finally {
      this.#isWriting = false;
    }
  }

  /** Notes where the database stands after a write of this tab, and tells the others. */
  #level({ commit, mended }: Saved): void {
    const { store } = this;
    if (mended) this.#adopt(mended);
    const isLevel = isSame(commit.before, store.mark);
    store.mark = commit.after;
    store.hasSeenMark ||= commit.after !== null;
    store.apply({ add: commit.added });
    store.apply({ remove: { ids: commit.removedIds } });
    this.channel.post({ kind: 'saved', profile: store.options.profile, ...commit });
    if (!isLevel) void this.refresh(); // Another tab wrote in between.
  }

  /** Another tab forgets. What of it this tab is still writing would come after, so it is removed once more. */
  #forgetHere(selector: Selector): void {
    const { store } = this;
    store.apply({ remove: selector });
    const isRemoved = matcher(selector);
    const ids = [...store.unwritten.keys()].flatMap((change) => ('add' in change ? change.add.filter(isRemoved).map(({ id }) => id) : []));
    if (ids.length > 0) void store.save({ remove: { ids } });
  }

  async #readDatabase(): Promise<void> {
    const { store } = this;
    const { database } = store;
    if (!database) return;
    try {
      let rows = await readRows(database);
      // This tab's own write may have passed the reading by.
      if (isAhead(store.mark, rows.mark)) rows = await readRows(database);
      const wasEmptied = !rows.mark && store.mark !== null;
      store.adopt(rows);
      if (store.unwritten.size === 0) store.failedAtMs = null;
      if (wasEmptied) {
        store.options.onChange();
        await this.#waitForClearing();
      }
      if (!rows.mark && (await isMirrorThere(database.name))) await this.check();
    } catch {
      store.noteFailure();
    }
  }

  /** A database that is emptied under an open page was most likely cleared: a mirror counts only if it outlives that. */
  async #waitForClearing(): Promise<void> {
    if (this.store.hasSeenMark) await new Promise((resolve) => setTimeout(resolve, CLEARING_MS));
  }

  #adopt(mended: Mended): void {
    this.store.adopt(mended);
    this.store.restored += mended.restored;
  }
}

function isSame(a: HistoryMark | null, b: HistoryMark | null): boolean {
  return a?.generation === b?.generation && a?.sequence === b?.sequence;
}
