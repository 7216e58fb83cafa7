import type { IDBPDatabase } from 'idb';
import { openDB } from 'idb';
import { beforeEach, describe, expect, it } from 'vitest';
import { DeadlineError, within } from '../../worker/deadline.js';
import { Database } from '../../worker/database.js';
import { commit, readRows, restore } from '../../worker/historyRows.js';
import { MIGRATIONS, migrate } from '../../worker/migrations.js';
import type { StoredEntry } from '../../worker/storedEntry.js';
import { clearStorage } from '../fixtures/clearStorage.js';

const entry = (n: number): StoredEntry => ({ id: `e${n}`, timeMs: 1_000 + n, event: 'view_item', itemId: `i${n}`, quantity: 1 });
const BOUNDS = { maxEntries: 100, oldestMs: 0 };
const anywhere = (): boolean => true;

beforeEach(clearStorage);

describe('migrations', () => {
  /** How each version kept an event. */
  const rowOf: Readonly<Record<number, (database: IDBPDatabase, n: number) => Promise<unknown>>> = {
    1: (database, n) => {
      const { id: _, ...event } = entry(n);
      return database.add('events', event);
    },
    2: (database, n) => database.add('entries', entry(n)),
    3: (database, n) => database.add('entries', entry(n)),
    4: (database, n) => database.add('entries', entry(n)),
  };

  it.each(MIGRATIONS.map((_, n) => n + 1))('bring version %i to the newest, with every event', async (version) => {
    const old = await openDB('shelfmate', version, {
      upgrade: (database, oldVersion, newVersion, transaction) =>
        migrate(database as unknown as IDBPDatabase, oldVersion, newVersion!, transaction as never),
    });
    for (let n = 0; n < 5; n++) await rowOf[version]!(old, n);
    old.close();
    const database = new Database();
    const { entries } = await readRows(database);
    expect(entries.map(({ itemId, timeMs }) => [itemId, timeMs])).toEqual([0, 1, 2, 3, 4].map((n) => [`i${n}`, 1_000 + n]));
    expect(new Set(entries.map(({ id }) => id)).size).toBe(5);
    database.close();
  });
});

describe('the database', () => {
  it('opens again after it was released, and after another tab upgraded or deleted it', async () => {
    const database = new Database();
    expect(await database.count('entries')).toBe(0);
    database.release();
    expect(await database.count('entries')).toBe(0);
    await clearStorage(); // Waits until every connection is closed.
    expect(await database.count('entries')).toBe(0);
    database.close();
    await expect(database.count('entries')).rejects.toThrow('closed');
  });

  it('rejects with what the transaction was aborted for', async () => {
    const database = new Database();
    const refused = database.run(['entries'], 'readwrite', async (transaction) => {
      await transaction.objectStore('entries').add(entry(1));
      await transaction.objectStore('entries').add(entry(1));
    });
    await expect(refused).rejects.toMatchObject({ name: 'ConstraintError' });
    expect(await database.count('entries')).toBe(0);
    database.close();
  });

  it('gives up a wait after its time, and settles as the work does before', async () => {
    await expect(within(new Promise(() => {}), 20)).rejects.toBeInstanceOf(DeadlineError);
    expect(await within(Promise.resolve(7), 20)).toBe(7);
  });
});

describe('the history rows', () => {
  it('take a write twice and have it once', async () => {
    const database = new Database();
    await restore(database, null, 'g');
    for (let time = 0; time < 2; time++) await commit(database, [{ add: [entry(1), entry(2)] }], BOUNDS, anywhere);
    expect((await readRows(database)).entries.map(({ id }) => id)).toEqual(['e1', 'e2']);
    database.close();
  });

  it('write nothing where the database does not stand as it must', async () => {
    const database = new Database();
    expect(await commit(database, [{ add: [entry(1)] }], BOUNDS, (mark) => mark !== null)).toBeNull();
    expect((await readRows(database)).entries).toEqual([]);
    database.close();
  });

  it('are brought back whole after the database was emptied, beside what came since', async () => {
    const database = new Database();
    await commit(database, [{ add: [entry(9)] }], BOUNDS, anywhere);
    const mirror = { mark: { generation: 'g', sequence: 7 }, entries: [entry(1), entry(2)] };
    expect(await restore(database, mirror, 'new')).toMatchObject({ restored: 2, mark: { generation: 'g', sequence: 8 } });
    expect((await readRows(database)).entries.map(({ id }) => id)).toEqual(['e1', 'e2', 'e9']);
    database.close();
  });

  it('follow a mirror that has seen more, also in what was forgotten, and no other', async () => {
    const database = new Database();
    await restore(database, { mark: { generation: 'g', sequence: 3 }, entries: [entry(1), entry(2)] }, 'new');
    const older = { mark: { generation: 'g', sequence: 3 }, entries: [entry(8)] };
    const stranger = { mark: { generation: 'h', sequence: 99 }, entries: [entry(8)] };
    for (const mirror of [older, stranger, null]) expect((await restore(database, mirror, 'new')).restored).toBe(0);
    const newer = { mark: { generation: 'g', sequence: 9 }, entries: [entry(2), entry(3)] };
    expect(await restore(database, newer, 'new')).toMatchObject({ restored: 1, mark: { generation: 'g', sequence: 10 } });
    expect((await readRows(database)).entries.map(({ id }) => id)).toEqual(['e2', 'e3']);
    database.close();
  });
});
