/** What the tabs of a shop tell each other. Any script of the origin can post to the channel: what comes in is checked. */
import type { HistoryMark, Selector, StoredEntry } from './storedEntry.js';
import { areStoredEntries } from './storedEntry.js';

/** An order is about more than one history; the room of privacy reads it. */
export type TabMessage = HistoryMessage | { readonly kind: 'order'; readonly order: unknown };

/** `profile`: whose history it is about. */
export type HistoryMessage = { readonly profile: string } &
  /** A write is on disk. Who stood at `before` may apply it; everybody else reads the database. */
  (
    | {
        readonly kind: 'saved';
        readonly before: HistoryMark | null;
        readonly after: HistoryMark | null;
        readonly added: readonly StoredEntry[];
        readonly removedIds: readonly string[];
      }
    /** Somebody forgets: drop it from memory at once, whatever the disk says. */
    | { readonly kind: 'forget'; readonly selector: Selector }
  );

export function isTabMessage(value: unknown): value is TabMessage {
  if (typeof value !== 'object' || value === null) return false;
  const message = value as Record<string, unknown>;
  if (message['kind'] === 'order') return true;
  if (message['kind'] === 'forget') return isSelector(message['selector']);
  return (
    message['kind'] === 'saved' &&
    isMark(message['before']) &&
    isMark(message['after']) &&
    areStoredEntries(message['added']) &&
    areIds(message['removedIds'])
  );
}

function isMark(value: unknown): boolean {
  if (value === null) return true;
  if (typeof value !== 'object') return false;
  const { generation, sequence } = value as Record<keyof HistoryMark, unknown>;
  return typeof generation === 'string' && Number.isSafeInteger(sequence);
}

function isSelector(value: unknown): boolean {
  if (value === 'all') return true;
  if (typeof value !== 'object' || value === null) return false;
  const { itemId, beforeMs, ids } = value as Record<string, unknown>;
  return typeof itemId === 'string' || typeof beforeMs === 'number' || areIds(ids);
}

function areIds(value: unknown): boolean {
  return Array.isArray(value) && value.every((id) => typeof id === 'string');
}
