import { RecommenderError } from '../src/core/errors.js';
import { within } from './deadline.js';
import { HISTORY_LOCK } from './historyLock.js';
import type { PrivacyOrder } from '../src/core/privacy/privacyRequests.js';
import { TabChannel } from './tabChannel.js';
import { withLock } from './webLock.js';

const PREFIX = 'shelfmate';
const LOCK_DEADLINE_MS = 2_000;
const DELETE_DEADLINE_MS = 3_000;
/** Mirrors, then databases. */
const WIPE_DEADLINE_MS = 8_000;
/** A tab that is being told may hold a file a moment longer. */
const RETRIES_MS = [0, 50, 200, 800];

/** `lib` names no async iteration of directories. */
type Root = FileSystemDirectoryHandle & { keys(): AsyncIterable<string> };

/**
 * Deletes whatever the library stores on this origin: the databases and mirrors of all profiles, and with them the cached models.
 * The other tabs are given the order under the lock of the history: they stop writing, and begin anew when the lock is free again
 * (`afterWipe`). Rejects with `storage/failed` when something is still there.
 */
export function wipe(order: PrivacyOrder): Promise<void> {
  return withLock(HISTORY_LOCK, LOCK_DEADLINE_MS, async () => {
    const channel = new TabChannel(() => {});
    channel.post({ kind: 'order', order });
    channel.close();
    // The mirrors first: a database found empty beside a mirror is mended from it.
    const results = await Promise.allSettled([deleteMirrors()]);
    results.push(...(await Promise.allSettled([deleteDatabases()])));
    const failed = results.find((result) => result.status === 'rejected');
    if (!failed) return;
    throw new RecommenderError(
      'storage/failed',
      'Everything was dropped from memory in all open tabs, but the browser did not delete all that is stored. Close other tabs of this shop and call again.',
      {},
      failed.reason,
    );
  });
}

/** Resolves when the tab that gave the order is done. */
export function afterWipe(): Promise<void> {
  return withLock(HISTORY_LOCK, WIPE_DEADLINE_MS, async () => {});
}

async function deleteDatabases(): Promise<void> {
  if (typeof indexedDB === 'undefined') return;
  // Firefox before 126 cannot list them: then the guest's is known by its name.
  const names = indexedDB.databases ? (await within(indexedDB.databases(), DELETE_DEADLINE_MS)).map(({ name }) => name) : [PREFIX];
  await Promise.all(names.map((name) => (isOurs(name) ? within(deleteDatabase(name), DELETE_DEADLINE_MS) : null)));
}

/** Connections of other tabs stand aside when they are asked to: being blocked is a wait, not a failure. */
function deleteDatabase(name: string): Promise<void> {
  return new Promise((resolve, reject) => {
    const request = indexedDB.deleteDatabase(name);
    request.addEventListener('success', () => resolve());
    request.addEventListener('error', () => reject(request.error ?? new Error(`${name} was not deleted.`)));
  });
}

async function deleteMirrors(): Promise<void> {
  const root = await navigator.storage?.getDirectory().then(
    (folder) => folder as Root,
    () => null, // Private mode: there is none.
  );
  if (!root) return;
  const names: string[] = [];
  for await (const name of root.keys()) if (isOurs(name)) names.push(name);
  for (const name of names) await remove(root, name);
}

async function remove(root: Root, name: string): Promise<void> {
  for (const [attempt, waitMs] of RETRIES_MS.entries()) {
    await new Promise((resolve) => setTimeout(resolve, waitMs));
    try {
      return await root.removeEntry(name, { recursive: true });
    } catch (error) {
      if ((error as DOMException).name === 'NotFoundError') return;
      if (attempt === RETRIES_MS.length - 1) throw error;
    }
  }
}

/** `shelfmate`, and `shelfmate-` with a profile's name. */
function isOurs(name: string | undefined): name is string {
  return name === PREFIX || (name?.startsWith(`${PREFIX}-`) ?? false);
}
