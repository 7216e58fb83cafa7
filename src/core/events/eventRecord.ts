import type { InteractionLog } from './interactionLog.js';
import { EVENT_WEIGHTS, parseEventName } from './eventWeights.js';
import { oneLine } from '../plainWords.js';
import { parseTime } from './parseTime.js';

/** One event as a reader met it. Undefined: the file has no such column; '' or null: it has, but this line is blank there. */
export interface EventRecord {
  readonly user: unknown;
  readonly item: unknown;
  readonly time?: unknown;
  readonly event?: unknown;
  readonly quantity?: unknown;
  readonly order?: unknown;
  readonly title?: unknown;
}

/** Names of event kinds are listed in the summary; a column full of free text must not become one. */
const MAX_UNKNOWN_KINDS = 20;

/** Puts a record into the log, or drops it with a reason a person understands. */
export function addRecord(log: InteractionLog, record: EventRecord): void {
  const item = idText(record.item);
  if (record.title !== undefined && item !== '') noteTitle(log, item, record.title);
  if (record.order !== undefined && /^c\d/i.test(idText(record.order))) return log.drop('cancelled orders (order number begins with C)');
  const quantity = record.quantity === undefined || record.quantity === null || record.quantity === '' ? 1 : Number(record.quantity);
  if (!(quantity > 0)) return log.drop('quantity of 0 or less (returns, corrections)');
  const user = idText(record.user);
  if (user === '') return log.drop('anonymous (no user id)');
  if (item === '') return log.drop('no item id');
  let timeMs: number | null = null;
  if (record.time !== undefined) {
    timeMs = parseTime(record.time);
    if (Number.isNaN(timeMs)) return log.drop('unreadable time');
  }
  if (record.event === undefined) return log.add(user, item, timeMs, 'view_item');
  log.hasEventNames = true;
  const event = parseEventName(String(record.event));
  if (!event) {
    const kind = `unknown event ${JSON.stringify(oneLine(String(record.event), 30))}`;
    return log.drop(log.dropped.has(kind) || log.dropped.size < MAX_UNKNOWN_KINDS ? kind : 'other unknown events');
  }
  if (event !== 'remove_from_cart' && !EVENT_WEIGHTS[event]) return log.drop(`${event} (says nothing about a single item)`);
  log.add(user, item, timeMs, event);
}

/** What programs write where a value is missing. */
const BLANK = /^\s*(nan|null|none|undefined|\\N|\(not set\))?\s*$/i;

/** An id as text: numbers as written, text trimmed; '' when there is none. */
export function idText(value: unknown): string {
  if (typeof value === 'string') return BLANK.test(value) ? '' : value.trim();
  return Number.isFinite(value) || typeof value === 'bigint' ? String(value) : '';
}

/** The first text stands: later lines of an orders export often carry corrections ("damaged?") instead. */
function noteTitle(log: InteractionLog, item: string, title: unknown): void {
  if (typeof title !== 'string' || title.trim() === '' || log.titles.has(item)) return;
  log.titles.set(item, title.trim());
}
