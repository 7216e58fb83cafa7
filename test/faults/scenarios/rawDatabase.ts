/** Looks at, and makes, the database without the library. */
import type { Page } from 'playwright';

/** Rows of a store; -1 when there is no such store or database. */
export function countRows(page: Page, store: string): Promise<number> {
  return page.evaluate(
    (name) =>
      new Promise<number>((resolve, reject) => {
        const opening = indexedDB.open('shelfmate');
        opening.addEventListener('upgradeneeded', () => opening.transaction!.abort()); // Not there: do not make it.
        opening.addEventListener('error', (event) => {
          event.preventDefault();
          resolve(-1);
        });
        opening.addEventListener('success', () => {
          const database = opening.result;
          const done = (count: number): void => {
            database.close();
            resolve(count);
          };
          if (!database.objectStoreNames.contains(name)) return done(-1);
          const counting = database.transaction(name).objectStore(name).count();
          counting.addEventListener('success', () => done(counting.result));
          counting.addEventListener('error', reject);
        });
      }),
    store,
  );
}

/** Makes the database of version 1, as the first release had it, with that many events `v0`, `v1`, ...; may keep it open. */
export function makeVersionOne(page: Page, events: number, staysOpen: boolean): Promise<void> {
  return page.evaluate(
    ([count, isKept]) =>
      new Promise<void>((resolve, reject) => {
        const opening = indexedDB.open('shelfmate', 1);
        opening.addEventListener('upgradeneeded', () => {
          const store = opening.result.createObjectStore('events', { autoIncrement: true });
          store.createIndex('timeMs', 'timeMs');
          store.createIndex('itemId', 'itemId');
          opening.result.createObjectStore('files', { keyPath: 'sha256' });
          opening.result.createObjectStore('models', { keyPath: 'modelUrl' });
          opening.result.createObjectStore('calibrations', { keyPath: 'key' });
          for (let n = 0; n < count; n++) store.add({ timeMs: Date.now() - count + n, event: 'view_item', itemId: `v${n}`, quantity: 1 });
        });
        opening.addEventListener('error', () => reject(opening.error));
        opening.addEventListener('success', () => {
          if (isKept) Object.assign(globalThis, { kept: opening.result });
          else opening.result.close();
          resolve();
        });
      }),
    [events, staysOpen] as const,
  );
}
