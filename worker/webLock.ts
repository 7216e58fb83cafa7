import { DeadlineError, within } from './deadline.js';

/**
 * Runs `work` while no other tab does (Web Locks). A tab that is frozen holding the lock must not stop the others: when it
 * is not to be had in time, or not at all, `work` runs with `isLocked` false and has to do without what the lock protects.
 */
export async function withLock<T>(name: string, deadlineMs: number, work: (isLocked: boolean) => Promise<T>): Promise<T> {
  if (typeof navigator === 'undefined' || !navigator.locks) return work(false);
  const waiting = new AbortController();
  let start!: () => void;
  const granted = new Promise<void>((resolve) => (start = resolve));
  let result = null as Promise<T> | null;
  const holding = navigator.locks.request(name, { signal: waiting.signal }, () => {
    start();
    result = work(true);
    return result.catch(() => {});
  });
  try {
    await within(Promise.race([granted, holding]), deadlineMs);
  } catch (error) {
    if (!(error instanceof DeadlineError) && !(error instanceof DOMException)) throw error;
    waiting.abort();
    // Granted in the very moment it was given up: then it is held.
    return result ?? work(false);
  }
  return result!;
}
