/** The history's transactions: everything that reads or writes its rows in the database. */
import type { Database, Transaction } from './database.js';
import type { Change, HistoryMark, StoredEntry } from './storedEntry.js';
import { applyChange, byTime, matcher } from './storedEntry.js';

const STORES = ['entries', 'marks'] as const;
/** A session's state goes with the first of its entries that goes. */
const WRITTEN = [...STORES, 'sessions'] as const;

/** What the database holds at one moment. */
export interface HistoryRows {
  /** Null: it has just begun, or was emptied. */
  readonly mark: HistoryMark | null;
  /** Oldest first. */
  readonly entries: StoredEntry[];
}

export interface Bounds {
  readonly maxEntries: number;
  readonly oldestMs: number;
}

/** What a write did. `before` and `after` are null where the database has no mark yet. */
export interface Commit {
  readonly before: HistoryMark | null;
  readonly after: HistoryMark | null;
  readonly added: readonly StoredEntry[];
  /** Rows that were forgotten, or dropped for being too old or too many. */
  readonly removedIds: readonly string[];
}

export function readRows(database: Database): Promise<HistoryRows> {
  return database.run(STORES, 'readonly', rowsOf);
}

/**
 * Writes changes in their order and prunes, in one transaction. Writes nothing and resolves to null when the database is
 * not where `mayStand` allows.
 */
export function commit(
  database: Database,
  changes: readonly Change[],
  { maxEntries, oldestMs }: Bounds,
  mayStand: (mark: HistoryMark | null) => boolean,
): Promise<Commit | null> {
  return database.run(WRITTEN, 'readwrite', async (transaction) => {
    const entries = transaction.objectStore('entries');
    const marks = transaction.objectStore('marks');
    const before = (await marks.get('history')) ?? null;
    if (!mayStand(before)) return null;
    const added = new Map<string, StoredEntry>();
    const removedIds = new Set<string>();
    const remove = (id: string): void => {
      removedIds.add(id);
      added.delete(id);
    };
    for (const change of changes) {
      if ('add' in change) {
        for (const entry of change.add) {
          added.set(entry.id, entry);
          removedIds.delete(entry.id);
          await entries.put(entry);
        }
        continue;
      }
      const isRemoved = matcher(change.remove);
      for (let cursor = await entries.openCursor(); cursor; cursor = await cursor.continue()) {
        if (!isRemoved(cursor.value)) continue;
        remove(cursor.value.id);
        await cursor.delete();
      }
    }
    const byAge = entries.index('timeMs');
    let excess = (await entries.count()) - maxEntries;
    for (let cursor = await byAge.openCursor(); cursor; cursor = await cursor.continue(), excess--) {
      if (excess <= 0 && cursor.value.timeMs >= oldestMs) break;
      remove(cursor.value.id);
      await cursor.delete();
    }
    if (removedIds.size > 0 || changes.some((change) => 'remove' in change)) await transaction.objectStore('sessions').clear();
    const after = before && { ...before, sequence: before.sequence + 1 };
    if (after) await marks.put(after, 'history');
    return { before, after, added: [...added.values()], removedIds: [...removedIds] };
  });
}

/**
 * Holds the database against the mirror, and brings back what it lost: all of it when it has no mark (it was emptied, or
 * is new), what came last when it stands behind a mirror of its own generation. Resolves to the rows it then has, and
 * to how many of them came from the mirror.
 */
export function restore(
  database: Database,
  mirror: HistoryRows | null,
  newGeneration: string,
): Promise<HistoryRows & { readonly mark: HistoryMark; readonly restored: number }> {
  return database.run(WRITTEN, 'readwrite', async (transaction) => {
    const { mark, entries } = await rowsOf(transaction);
    const isBehind = mark !== null && isAhead(mirror?.mark ?? null, mark);
    if (mark !== null && !isBehind) return { mark, entries, restored: 0 };
    const rows = transaction.objectStore('entries');
    // Behind: the mirror knows what was forgotten since, so its word is the whole. Empty: rows written meanwhile are new.
    const kept = isBehind ? [] : entries;
    if (isBehind) await Promise.all([rows.clear(), transaction.objectStore('sessions').clear()]);
    const merged = applyChange(kept, { add: mirror?.entries ?? [] });
    for (const entry of merged) await rows.put(entry);
    const after = { generation: mirror?.mark?.generation ?? newGeneration, sequence: (mirror?.mark?.sequence ?? 0) + 1 };
    await transaction.objectStore('marks').put(after, 'history');
    const known = new Set(entries.map(({ id }) => id));
    return { mark: after, entries: merged, restored: merged.filter(({ id }) => !known.has(id)).length };
  });
}

/** Whether a mirror has seen writes that the database has not. */
export function isAhead(mirror: HistoryMark | null, mark: HistoryMark | null): boolean {
  return mirror !== null && mark !== null && mirror.generation === mark.generation && mirror.sequence > mark.sequence;
}

async function rowsOf(transaction: Transaction<'readonly' | 'readwrite'>): Promise<HistoryRows> {
  const [mark, entries] = await Promise.all([transaction.objectStore('marks').get('history'), transaction.objectStore('entries').getAll()]);
  return { mark: mark ?? null, entries: entries.sort(byTime) };
}
