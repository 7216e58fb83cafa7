import type { Manifest } from '../src/core/artifact/manifest.js';
import { readingOrder } from '../src/core/artifact/manifest.js';
import type { Transaction } from './database.js';
import type { ModelStore } from './modelStore.js';

/**
 * Makes a revision the active one, in one transaction: `before` is the one to go back to, files of neither are dropped. When some file
 * of this one is not on the device, what was active stays, for that can be had whole. Failing is no error: the cache is a convenience.
 */
export async function activate({ options, manifest, manifestBytes }: ModelStore, before: ModelStore | null): Promise<void> {
  const { database, modelUrl, nowMs } = options;
  await database
    ?.run(['models', 'files'], 'readwrite', async (transaction) => {
      const [models, files] = [transaction.objectStore('models'), transaction.objectStore('files')];
      const stored = new Set(await files.getAllKeys());
      if (before && !isWhole(manifest, stored)) return;
      // Another tab may have dropped files of the one before.
      const previous = before && isWhole(before.manifest, stored) ? before.manifestBytes : null;
      await models.put({ modelUrl, manifest: manifestBytes, previous, savedAtMs: nowMs() });
      await dropUnused(transaction, []);
    })
    .catch(() => {}); // Full or closed: the next start asks the network.
}

/** Drops files that neither this revision nor a saved one names: what is left of updates that never ended. */
export async function makeRoom({ options, manifestBytes }: ModelStore): Promise<void> {
  await options.database?.run(['models', 'files'], 'readwrite', (transaction) => dropUnused(transaction, [manifestBytes])).catch(() => {});
}

async function dropUnused(transaction: Transaction, manifests: readonly Uint8Array[]): Promise<void> {
  const saved = await transaction.objectStore('models').getAll();
  const named = [...manifests, ...saved.flatMap(({ manifest, previous }) => [manifest, previous])];
  const used = new Set(named.flatMap((bytes) => (bytes ? filesOf(bytes).map((file) => file.sha256) : [])));
  const files = transaction.objectStore('files');
  for (const key of await files.getAllKeys()) if (!used.has(key)) await files.delete(key);
}

/** Of a manifest that was checked before it was saved. */
function filesOf(manifest: Uint8Array): Manifest['files'] {
  return (JSON.parse(new TextDecoder().decode(manifest)) as Manifest).files;
}

/** Whether all that a page loads at its start is on the device. */
function isWhole(manifest: Manifest, stored: ReadonlySet<string>): boolean {
  const needed = new Set(readingOrder(manifest));
  return manifest.files.every(({ path, sha256 }) => !needed.has(path) || stored.has(sha256));
}
