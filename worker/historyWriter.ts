import type { Database } from './database.js';
import { isFull } from './database.js';
import { within } from './deadline.js';
import { HISTORY_LOCK } from './historyLock.js';
import type { Bounds, Commit, HistoryRows } from './historyRows.js';
import { commit, isAhead, readRows, restore } from './historyRows.js';
import type { Mirror } from './mirror.js';
import { openMirror } from './mirror.js';
import { declareVoid, isMirrorThere } from './mirrorFolder.js';
import type { Change, HistoryMark } from './storedEntry.js';
import { withLock } from './webLock.js';

const LOCK_DEADLINE_MS = 2_000;
const MIRROR_DEADLINE_MS = 3_000;
const MAX_FAILURES = 4;

export interface Saved {
  readonly storage: 'stored' | 'mirrored';
  readonly commit: Commit;
  /** What the database held when it was found emptied or cut and was mended, before this write; else null. */
  readonly mended: Mended | null;
}

export type Mended = HistoryRows & { readonly restored: number };

export interface HistoryWriterOptions {
  readonly database: Database;
  /** Gives way when the device is full. */
  readonly models: Database;
  readonly bounds: () => Bounds;
  readonly randomId: () => string;
  /** Waits, once this page has seen the database with something in it, for what may be clearing the site's data. */
  readonly waitForClearing: () => Promise<void>;
}

/**
 * Writes the history: first to IndexedDB, in one strict transaction, then to the mirror. Both count the writes: a mirror that
 * stands where the write began takes it as one more record, any other gets a fresh snapshot, and a database that stands
 * behind the mirror is mended from it first. So it does not matter who wrote last, or where it broke off.
 */
export class HistoryWriter {
  #mirror: Promise<Mirror | null> | null = null;
  /** In a row: a mirror that does not work is not asked for ever. */
  #failures = 0;

  constructor(readonly options: HistoryWriterOptions) {}

  /**
   * Writes changes in their order. Rejects when the database does not take them, or when something was to be removed and the
   * mirror could be neither written nor declared void: it must not bring back what was forgotten.
   */
  save(changes: readonly Change[]): Promise<Saved> {
    return withLock(HISTORY_LOCK, LOCK_DEADLINE_MS, async (isLocked) => {
      let mirror = isLocked ? await this.#openMirror() : undefined;
      const mirrorMark = mirror && (await this.#use(mirror, mirror.mark()));
      if (mirrorMark === undefined && mirror) mirror = undefined;
      // With the mirror at hand, or known not to be, a database that lost something is mended before it is written to.
      const isSound = (mark: HistoryMark | null): boolean => mirror === undefined || (mark !== null && !isAhead(mirrorMark ?? null, mark));
      let mended: Mended | null = null;
      let done = await this.#commit(changes, isSound);
      if (!done) {
        await this.options.waitForClearing();
        mended = await this.#mend(mirror ?? null).catch(() => null);
        if (!mended) mirror = undefined;
        done = (await this.#commit(changes, () => true))!;
      }
      const removes = changes.some((change) => 'remove' in change);
      const isMirrored = mirror ? await this.#use(mirror, this.#copy(mirror, done, removes)) : false;
      if (!isMirrored && removes && (await isMirrorThere(this.options.database.name)))
        await declareVoid(this.options.database.name, this.options.randomId());
      return { storage: isMirrored ? 'mirrored' : 'stored', commit: done, mended };
    });
  }

  /** Holds the database against the mirror and mends whichever lost something; null when the lock was not to be had. */
  check(): Promise<Mended | null> {
    return withLock(HISTORY_LOCK, LOCK_DEADLINE_MS, async (isLocked) => {
      const mirror = isLocked ? await this.#openMirror() : undefined;
      if (mirror === undefined) return null;
      const mended = await this.#mend(mirror);
      if (mirror) {
        const mirrorMark = await this.#use(mirror, mirror.mark());
        if (mirrorMark?.sequence !== mended.mark!.sequence) await this.#use(mirror, this.#copyAll(mirror));
      }
      return mended;
    });
  }

  async #mend(mirror: Mirror | null): Promise<Mended> {
    const { database, randomId } = this.options;
    const state = mirror && (await within(mirror.read(), MIRROR_DEADLINE_MS));
    return restore(database, state && { mark: state, entries: state.entries }, randomId());
  }

  /** Makes room where there is none: the cached models go first, then the older half of the history. */
  async #commit(changes: readonly Change[], mayStand: (mark: HistoryMark | null) => boolean): Promise<Commit | null> {
    const { database, models, bounds } = this.options;
    const attempt = (limits: Bounds): Promise<Commit | null> => commit(database, changes, limits, mayStand);
    try {
      return await attempt(bounds());
    } catch (error) {
      if (!isFull(error)) throw error;
    }
    await models.dropModels();
    try {
      return await attempt(bounds());
    } catch (error) {
      if (!isFull(error)) throw error;
    }
    const half = Math.max(1, Math.floor((await database.count('entries')) / 2));
    return attempt({ ...bounds(), maxEntries: half });
  }

  /** Brings the mirror to where the commit ended. What was removed must be gone from it: that takes a snapshot. */
  async #copy(mirror: Mirror, { before, after, added, removedIds }: Commit, removes: boolean): Promise<boolean> {
    if (!removes && before && after && (await mirror.append(before, { ...after, added, removedIds }))) return true;
    return this.#copyAll(mirror);
  }

  async #copyAll(mirror: Mirror): Promise<boolean> {
    const { mark, entries } = await readRows(this.options.database);
    if (!mark) return false;
    await mirror.rewrite(mark, entries);
    return true;
  }

  /** Null where there can be none, undefined when it is not to be had just now: its files hang. */
  async #openMirror(): Promise<Mirror | null | undefined> {
    if (this.#failures >= MAX_FAILURES) return undefined;
    this.#mirror ??= openMirror(this.options.database.name);
    try {
      return await within(this.#mirror, MIRROR_DEADLINE_MS);
    } catch {
      this.#fail();
      return undefined;
    }
  }

  /** Undefined when the mirror failed or took too long; the next use begins with a new one. */
  async #use<T>(mirror: Mirror, work: Promise<T>): Promise<T | undefined> {
    try {
      const result = await within(work, MIRROR_DEADLINE_MS);
      this.#failures = 0;
      return result;
    } catch {
      mirror.abandon();
      this.#fail();
      return undefined;
    }
  }

  #fail(): void {
    this.#mirror = null;
    this.#failures++;
  }
}
