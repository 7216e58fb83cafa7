import type { DBSchema, IDBPDatabase, IDBPTransaction } from 'idb';
import type { HistoryEntry } from '../src/core/types.js';
import type { Calibration } from './backends/calibrate.js';
import type { DeliveryRecord } from './deliveryRecord.js';
import type { StoredSession } from './sessionStore.js';
import type { HistoryMark, StoredEntry } from './storedEntry.js';

/** The stores as the newest version has them. */
export interface Schema extends DBSchema {
  /** The shopper's history, one row per product of an event. */
  entries: { key: string; value: StoredEntry; indexes: { timeMs: number } };
  /** Where the history stands. Missing: this database has just begun, or was emptied. */
  marks: { key: 'history'; value: HistoryMark };
  /** What the sequence model knows of the session under way, by model address. Goes with the entries it was made of. */
  sessions: { key: string; value: StoredSession };
  /** Model files by their SHA-256: two revisions share what they have in common. */
  files: { key: string; value: { readonly sha256: string; readonly bytes: ArrayBuffer } };
  /** The manifest of the active revision, and of the one before it, by model address. */
  models: {
    key: string;
    value: { readonly modelUrl: string; readonly manifest: Uint8Array; readonly previous?: Uint8Array | null; readonly savedAtMs: number };
  };
  /** What was decided about revisions, by model address: it outlives the files. */
  deliveries: { key: string; value: DeliveryRecord };
  /** Which backend was the faster one here, by model. */
  calibrations: { key: string; value: Calibration };
}

type Upgrade = IDBPTransaction<unknown, string[], 'versionchange'>;

/** Brings the database from one version to the next, inside the upgrade's transaction: all of it happens, or nothing. */
interface Migration {
  /** Makes the stores. Asks for nothing: a request that is never answered would end the transaction before the next step. */
  create(database: IDBPDatabase): void;
  /** Moves what older stores hold. */
  move?(database: IDBPDatabase, transaction: Upgrade): Promise<void>;
}

/**
 * Step `n` makes version `n + 1` of version `n`. Steps are only ever appended: a step that was released stays as it is,
 * for devices that still have the version before it.
 */
export const MIGRATIONS: readonly Migration[] = [
  {
    create(database) {
      const events = database.createObjectStore('events', { autoIncrement: true });
      events.createIndex('timeMs', 'timeMs');
      events.createIndex('itemId', 'itemId');
      database.createObjectStore('files', { keyPath: 'sha256' });
      database.createObjectStore('models', { keyPath: 'modelUrl' });
      database.createObjectStore('calibrations', { keyPath: 'key' });
    },
  },
  // Entries get names, so that a write can be repeated, mirrored and told to other tabs.
  {
    create(database) {
      database.createObjectStore('marks');
      database.createObjectStore('entries', { keyPath: 'id' }).createIndex('timeMs', 'timeMs');
    },
    async move(database, transaction) {
      for (let cursor = await transaction.objectStore('events').openCursor(); cursor; cursor = await cursor.continue()) {
        const id = `0-${String(cursor.key).padStart(12, '0')}`;
        await transaction.objectStore('entries').add({ ...(cursor.value as HistoryEntry), id });
      }
      database.deleteObjectStore('events');
    },
  },
  // A change of what a state holds: append a step that clears these.
  {
    create(database) {
      database.createObjectStore('sessions', { keyPath: 'modelUrl' });
    },
  },
  {
    create(database) {
      database.createObjectStore('deliveries', { keyPath: 'modelUrl' });
    },
  },
];

/** Runs the steps that `oldVersion` lacks, up to `newVersion`: all new stores first, then what goes into them. */
export async function migrate(database: IDBPDatabase, oldVersion: number, newVersion: number, transaction: Upgrade): Promise<void> {
  const steps = MIGRATIONS.slice(oldVersion, newVersion);
  for (const { create } of steps) create(database);
  for (const { move } of steps) await move?.(database, transaction);
}
