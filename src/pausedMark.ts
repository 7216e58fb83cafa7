/** Kept at the shopper's own wish, so also without consent; all tabs read it at every event. */
const PAUSED_KEY = 'shelfmate-paused';

/** Whether the shopper paused recording on this device. A page without storage (sandboxed, blocked) cannot remember it. */
export function isPaused(): boolean {
  try {
    return PAUSED_KEY in localStorage;
  } catch {
    return false;
  }
}

/** Throws what the browser throws where there is no storage. */
export function markPaused(isPaused: boolean): void {
  if (isPaused) localStorage.setItem(PAUSED_KEY, '1');
  else localStorage.removeItem(PAUSED_KEY);
}
