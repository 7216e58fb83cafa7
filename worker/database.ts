import type { DBSchema, IDBPDatabase, IDBPTransaction } from 'idb';
import { openDB } from 'idb';
import type { HistoryEntry } from '../src/core/types.js';
import type { Calibration } from './backends/calibrate.js';

interface Schema extends DBSchema {
  /** The shopper's history, one row per product of an event; keys rise with insertion. */
  events: { key: number; value: HistoryEntry; indexes: { timeMs: number; itemId: string } };
  /** Model files by their SHA-256: two revisions share what they have in common. */
  files: { key: string; value: { readonly sha256: string; readonly bytes: ArrayBuffer } };
  /** The last manifest that was loaded whole, by model address. */
  models: { key: string; value: { readonly modelUrl: string; readonly manifest: Uint8Array; readonly savedAtMs: number } };
  /** Which backend was the faster one here, by model. */
  calibrations: { key: string; value: Calibration };
}
export type Database = IDBPDatabase<Schema>;
export type WriteTransaction = IDBPTransaction<Schema, ['events'], 'readwrite'>;

const NAME = 'shelfmate';
const VERSION = 1;
/** Some browsers leave an open request unsettled for ever; then the page goes on in memory. */
const OPEN_DEADLINE_MS = 3_000;

/** Opens the device's database, or resolves to null where there is none to be had (private mode, blocked, broken). */
export async function openDatabase(): Promise<Database | null> {
  if (typeof indexedDB === 'undefined') return null;
  const opening = openDB<Schema>(NAME, VERSION, {
    upgrade(database, oldVersion) {
      if (oldVersion < 1) {
        const events = database.createObjectStore('events', { autoIncrement: true });
        events.createIndex('timeMs', 'timeMs');
        events.createIndex('itemId', 'itemId');
        database.createObjectStore('files', { keyPath: 'sha256' });
        database.createObjectStore('models', { keyPath: 'modelUrl' });
        database.createObjectStore('calibrations', { keyPath: 'key' });
      }
    },
    // A newer version of the library in another tab wants to upgrade: stand aside.
    blocking: (_current, _blocked, event) => (event.target as IDBDatabase).close(),
  });
  const deadline = new Promise<null>((resolve) => setTimeout(() => resolve(null), OPEN_DEADLINE_MS));
  const database = await Promise.race([opening, deadline]).catch(() => null);
  if (database === null) opening.then((late) => late.close()).catch(() => {});
  return database;
}
