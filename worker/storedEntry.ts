import type { ForgetSelector, HistoryEntry, HistoryEvent } from '../src/core/types.js';
import { HISTORY_EVENTS } from '../src/core/types.js';

/** An entry with the name it has in every store and every tab: writing it twice is writing it once. */
export interface StoredEntry extends HistoryEntry {
  readonly id: string;
}

/** A line of the history whose item is the random id of this device, drawn for experiments: it is kept and erased with the history. */
export const DEVICE_EVENT = 'device';

/** What may be removed from the history. */
export type Selector = ForgetSelector | { readonly ids: readonly string[] };

/** One change of the history, the unit of writing. */
export type Change = { readonly add: readonly StoredEntry[] } | { readonly remove: Selector };

/** Where a copy of the history stands: which history it is, and how many changes it has seen. */
export interface HistoryMark {
  /** Names one life of the database; drawn anew when it begins empty. */
  readonly generation: string;
  /** Rises by one with every committed write. */
  readonly sequence: number;
}

export function matcher(selector: Selector): (entry: StoredEntry) => boolean {
  if (selector === 'all') return () => true;
  if ('itemId' in selector) {
    const { itemId, timeMs, event } = selector;
    return (entry) =>
      entry.itemId === itemId && (timeMs === undefined || entry.timeMs === timeMs) && (event === undefined || entry.event === event);
  }
  if ('beforeMs' in selector) return ({ timeMs }) => timeMs < selector.beforeMs;
  const ids = new Set(selector.ids);
  return ({ id }) => ids.has(id);
}

/** Applies a change to a list kept oldest first; entries that stay are the same objects as before. */
export function applyChange(entries: readonly StoredEntry[], change: Change): StoredEntry[] {
  if ('remove' in change) {
    const isRemoved = matcher(change.remove);
    return entries.filter((entry) => !isRemoved(entry));
  }
  const known = new Set(entries.map(({ id }) => id));
  return [...entries, ...change.add.filter(({ id }) => !known.has(id))].sort(byTime);
}

/** Oldest first; ids rise with the order of recording. */
export function byTime(a: StoredEntry, b: StoredEntry): number {
  return a.timeMs - b.timeMs || (a.id < b.id ? -1 : a.id > b.id ? 1 : 0);
}

/** Whether something read from a file or told by another tab is a list of entries. */
export function areStoredEntries(value: unknown): value is StoredEntry[] {
  return Array.isArray(value) && value.every(isStoredEntry);
}

function isStoredEntry(value: unknown): boolean {
  if (typeof value !== 'object' || value === null) return false;
  const { id, timeMs, event, itemId, quantity } = value as Record<keyof StoredEntry, unknown>;
  const isText = (text: unknown): boolean => typeof text === 'string' && text !== '' && text.length <= 256;
  return (
    isText(id) &&
    isText(itemId) &&
    Number.isFinite(timeMs) &&
    Number.isFinite(quantity) &&
    (event === DEVICE_EVENT || HISTORY_EVENTS.includes(event as HistoryEvent))
  );
}
