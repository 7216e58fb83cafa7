import type { Database } from '../../worker/database.js';

/** Stands in for IndexedDB in Node: transactions that happen whole or not at all. `evict` takes single records away. */
export class MemoryDatabase {
  readonly stores = new Map<string, Map<string, Record<string, unknown>>>();
  readonly #keys: Readonly<Record<string, string>> = { files: 'sha256', models: 'modelUrl', deliveries: 'modelUrl', calibrations: 'key' };

  asDatabase(): Database {
    return this as unknown as Database;
  }

  async run<T>(names: readonly string[], _mode: string, work: (transaction: unknown) => Promise<T>): Promise<T> {
    const before = new Map(names.map((name) => [name, new Map(this.#store(name))]));
    try {
      return await work({ objectStore: (name: string) => this.#view(name) });
    } catch (error) {
      for (const [name, rows] of before) this.stores.set(name, rows);
      throw error;
    }
  }

  get = async (name: string, key: string): Promise<unknown> => this.#view(name).get(key);
  put = async (name: string, value: Record<string, unknown>): Promise<unknown> => this.#view(name).put(value);
  delete = async (name: string, key: string): Promise<void> => this.#view(name).delete(key);
  getAll = async (name: string): Promise<unknown[]> => this.#view(name).getAll();
  getAllKeys = async (name: string): Promise<string[]> => this.#view(name).getAllKeys();
  close = (): void => {};

  /** Takes one file away, as a browser short of room does. */
  evict(random: () => number): void {
    const keys = [...this.#store('files').keys()];
    if (keys.length > 0) this.#store('files').delete(keys[Math.floor(random() * keys.length)]!);
  }

  #store(name: string): Map<string, Record<string, unknown>> {
    let store = this.stores.get(name);
    if (!store) this.stores.set(name, (store = new Map()));
    return store;
  }

  #view(name: string) {
    return {
      // Copies, as IndexedDB makes them: what a caller does with its bytes changes nothing here.
      get: async (key: string): Promise<unknown> => structuredClone(this.#store(name).get(key)),
      put: async (value: Record<string, unknown>): Promise<unknown> =>
        this.#store(name).set(value[this.#keys[name]!] as string, structuredClone(value)),
      delete: async (key: string): Promise<void> => void this.#store(name).delete(key),
      getAll: async (): Promise<unknown[]> => [...this.#store(name).values()].map((value) => structuredClone(value)),
      getAllKeys: async (): Promise<string[]> => [...this.#store(name).keys()],
    };
  }
}
