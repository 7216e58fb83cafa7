import type { IDBPDatabase, IDBPTransaction, StoreNames } from 'idb';
import { openDB } from 'idb';
import { DeadlineError, within } from './deadline.js';
import type { Schema } from './migrations.js';
import { MIGRATIONS, migrate } from './migrations.js';

/** The guest's history and the models; a profile's history is in a database, and a mirror, named after it. */
const NAME = 'shelfmate';
/** Some browsers leave an open request, or the first transaction after it, unsettled for ever. */
const OPEN_DEADLINE_MS = 3_000;
const TRANSACTION_DEADLINE_MS = 3_000;
/** After an opening that hung, or two transactions that did, the next is tried no sooner: calls in between fail at once. */
const REOPEN_AFTER_MS = 10_000;

type Store = StoreNames<Schema>;
export type Transaction<Mode extends IDBTransactionMode = 'readwrite'> = IDBPTransaction<Schema, Store[], Mode>;

/**
 * The device's database. Every transaction has a deadline. A connection that is lost (the browser closed it, data were
 * cleared, another tab upgrades) is opened again by the next transaction, and one that fails is run once more on a
 * new connection: what is written here must bear being written twice.
 */
export class Database {
  /** Called when the browser closed the connection by itself: data cleared, disk gone. */
  onLost: () => void = () => {};
  /** Without consent nothing is stored: every transaction fails, and no connection is opened. One that is open stands aside when the data are deleted. */
  isBarred = (): boolean => false;
  #connecting: Promise<IDBPDatabase<Schema>> | null = null;
  #failed: { readonly error: unknown; readonly atMs: number } | null = null;
  #isClosed = false;

  constructor(
    readonly name: string = NAME,
    readonly nowMs: () => number = () => Date.now(),
  ) {}

  /**
   * Runs `work` in one transaction and resolves to what it gave, once it is complete: with a `readwrite` one, on disk
   * (strict durability: what was acknowledged survives a crash). Rejects with what the transaction was aborted for,
   * such as a QuotaExceededError, which only shows there.
   */
  async run<T, Mode extends 'readonly' | 'readwrite'>(
    stores: readonly Store[],
    mode: Mode,
    work: (transaction: Transaction<Mode>) => Promise<T>,
  ): Promise<T> {
    const connecting = this.#connect();
    try {
      return await transact(await connecting, stores, mode, work);
    } catch (error) {
      if (this.#isClosed || this.#failed || isFull(error)) throw error;
      this.#drop(connecting);
    }
    const reconnecting = this.#connect();
    try {
      return await transact(await reconnecting, stores, mode, work);
    } catch (error) {
      if (error instanceof DeadlineError && !this.#failed) {
        this.#failed = { error, atMs: this.nowMs() };
        this.#drop(reconnecting);
      }
      throw error;
    }
  }

  get<Name extends Store>(store: Name, key: Schema[Name]['key']): Promise<Schema[Name]['value'] | undefined> {
    return this.run([store], 'readonly', (transaction) => transaction.objectStore(store).get(key));
  }

  getAll<Name extends Store>(store: Name): Promise<Schema[Name]['value'][]> {
    return this.run([store], 'readonly', (transaction) => transaction.objectStore(store).getAll());
  }

  getAllKeys<Name extends Store>(store: Name): Promise<Schema[Name]['key'][]> {
    return this.run([store], 'readonly', (transaction) => transaction.objectStore(store).getAllKeys());
  }

  count(store: Store): Promise<number> {
    return this.run([store], 'readonly', (transaction) => transaction.objectStore(store).count());
  }

  put<Name extends Store>(store: Name, value: Schema[Name]['value']): Promise<unknown> {
    return this.run([store], 'readwrite', (transaction) => transaction.objectStore(store).put(value));
  }

  delete<Name extends Store>(store: Name, key: Schema[Name]['key']): Promise<void> {
    return this.run([store], 'readwrite', (transaction) => transaction.objectStore(store).delete(key));
  }

  /** Makes room: the cached models and states go; they can be fetched and made again, the history cannot. */
  async dropModels(): Promise<void> {
    const stores = ['files', 'models', 'sessions'] as const;
    await this.run(stores, 'readwrite', (transaction) => Promise.all(stores.map((store) => transaction.objectStore(store).clear())));
  }

  /** Gives the connection back until the next transaction opens one: a page in the back/forward cache holds none. */
  release(): void {
    if (this.#connecting) this.#drop(this.#connecting);
  }

  close(): void {
    this.#isClosed = true;
    this.release();
  }

  #connect(): Promise<IDBPDatabase<Schema>> {
    if (this.#isClosed || this.isBarred()) return Promise.reject(new DOMException('The database is closed.', 'InvalidStateError'));
    if (this.#failed && this.nowMs() - this.#failed.atMs < REOPEN_AFTER_MS) return Promise.reject(this.#failed.error);
    if (this.#connecting) return this.#connecting;
    const drop = (): void => this.#drop(connecting);
    const opening = openDB<Schema>(this.name, MIGRATIONS.length, {
      upgrade: (database, oldVersion, newVersion, transaction) =>
        // Upgrading is untyped: the stores of older versions are in no schema.
        migrate(database as unknown as IDBPDatabase, oldVersion, newVersion!, transaction as never),
      // A newer version of the library in another tab wants to upgrade, or somebody to delete: stand aside.
      blocking: (_current, _blocked, event) => {
        (event.target as IDBDatabase).close();
        drop();
      },
      terminated: () => {
        drop();
        this.onLost();
      },
    });
    const connecting: Promise<IDBPDatabase<Schema>> = within(opening, OPEN_DEADLINE_MS);
    connecting.then(
      () => {
        this.#failed = null;
      },
      (error: unknown) => {
        if (error instanceof DeadlineError) this.#failed = { error, atMs: this.nowMs() };
        drop();
        opening.then((late) => late.close()).catch(() => {});
      },
    );
    return (this.#connecting = connecting);
  }

  #drop(connecting: Promise<IDBPDatabase<Schema>>): void {
    if (this.#connecting === connecting) this.#connecting = null;
    connecting.then((connection) => connection.close()).catch(() => {});
  }
}

/** Opens the device's database, or resolves to null where there is none to be had (no IndexedDB, broken, hanging). */
export async function openDatabase(profile = ''): Promise<Database | null> {
  if (typeof indexedDB === 'undefined') return null;
  return new Database(profile ? `${NAME}-${encodeURIComponent(profile)}` : NAME);
}

/** Whether a write failed because the device, or this origin's share of it, is full. */
export function isFull(error: unknown): boolean {
  return error instanceof DOMException && error.name === 'QuotaExceededError';
}

async function transact<T, Mode extends 'readonly' | 'readwrite'>(
  connection: IDBPDatabase<Schema>,
  stores: readonly Store[],
  mode: Mode,
  work: (transaction: Transaction<Mode>) => Promise<T>,
): Promise<T> {
  const transaction = connection.transaction([...stores], mode, { durability: 'strict' });
  const { done } = transaction;
  done.catch(() => {});
  try {
    const answered = work(transaction);
    return await within(
      answered.then(async (result) => {
        await done;
        return result;
      }),
      TRANSACTION_DEADLINE_MS,
    );
  } catch (error) {
    const reason = transaction.error;
    try {
      transaction.abort();
    } catch {
      // It was over already.
    }
    throw reason ?? error;
  }
}
