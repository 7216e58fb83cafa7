import { badInput, throwIfAborted } from './inputErrors.js';
import type { InteractionLog } from './interactionLog.js';
import { oneLine } from '../plainWords.js';
import type { EventColumn } from './columnNames.js';
import { EVENT_COLUMNS, matchColumns } from './columnNames.js';
import { addRecord } from './eventRecord.js';
import type { EventsFormat } from './eventsFormat.js';
import { detectEventsFormat, splitHeader } from './eventsFormat.js';
import { readJsonlEvents } from './readJsonlEvents.js';
import { describePersonal } from './personalColumns.js';
import { readOrders } from './readOrders.js';
import type { EventsFile, OnRead } from './eventsFile.js';
import { guessDelimiter } from './eventsFile.js';

export interface ReadEventsOptions {
  /** Null: told by content. */
  readonly format: EventsFormat | null;
  /** Role -> column name, for tables and JSONL. */
  readonly columns: ReadonlyMap<string, string>;
  readonly onRead?: OnRead;
  readonly signal: AbortSignal;
}

/** How a file was understood, for the summary. */
export interface EventsSource {
  readonly format: EventsFormat;
  readonly note: string;
  /** Role -> column or field name; empty for plain formats. */
  readonly columns: ReadonlyMap<string, string>;
}

/** Streams an events file into `log`. Throws `input/bad-file` when it cannot be understood or holds no usable event. */
export async function readEvents(file: EventsFile, log: InteractionLog, options: ReadEventsOptions): Promise<EventsSource> {
  const { signal, columns, onRead } = options;
  const head = await file.head();
  const detected = detectEventsFormat(file.name, head);
  const format = options.format ?? detected.format;
  let matched: ReadonlyMap<string, string> = new Map();
  let note = options.format ? '' : detected.note;
  const isJson = /^\s*\{/.test(head);
  switch (format) {
    case 'jsonl':
    case 'ga4':
    case 'table':
    case 'recbole':
      matched =
        format === 'jsonl' || (format === 'ga4' && isJson)
          ? await readJsonlEvents(file, log, columns, signal, onRead)
          : await readEventsTable(file, head, log, columns, signal, onRead);
      if (!isJson) note = describePersonal(splitHeader(head.split('\n', 1)[0]!.trimEnd()), matched.get('user') ?? null);
      break;
    case 'shopify-orders':
    case 'woocommerce-orders': {
      const orders = await readOrders(file, format, guessDelimiter(head.split('\n', 1)[0]!), log, columns, signal, onRead);
      matched = orders.columns;
      note = orders.note;
      break;
    }
    default:
      await readPlainEvents(file, format, log, signal, onRead);
  }
  if (log.eventCount === 0) {
    const reasons = [...log.dropped].map(([reason, count]) => `${reason}: ${count}`).join('; ');
    throw badInput(
      `${file.name} holds no usable event${log.lineCount === 0 ? ': a header, and no line below it' : ` among ${log.lineCount} lines`}${reasons && ` (${reasons})`}. Check the file, or name its columns with --columns user=...,item=...,time=...`,
      {
        path: file.name,
        lines: log.lineCount,
      },
    );
  }
  return { format, note, columns: matched };
}

async function readEventsTable(
  file: EventsFile,
  head: string,
  log: InteractionLog,
  overrides: ReadonlyMap<string, string>,
  signal: AbortSignal,
  onRead?: OnRead,
): Promise<ReadonlyMap<string, string>> {
  const delimiter = guessDelimiter(head.split('\n', 1)[0]!);
  let matched: Map<EventColumn, string> | null = null;
  let at: Partial<Record<EventColumn, number>> = {};
  for await (const cells of file.records(delimiter, onRead)) {
    if (!matched) {
      matched = matchEventColumns(file.name, cells, overrides);
      at = Object.fromEntries([...matched].map(([role, name]) => [role, cells.indexOf(name)]));
      continue;
    }
    if (++log.lineCount % 65_536 === 0) throwIfAborted(signal);
    const cell = (role: EventColumn): string | undefined => (at[role] === undefined ? undefined : (cells[at[role]] ?? ''));
    addRecord(log, {
      user: cell('user'),
      item: cell('item'),
      time: cell('time'),
      event: cell('event'),
      quantity: cell('quantity'),
      order: cell('order'),
      title: cell('title'),
    });
  }
  return matched ?? new Map();
}

/** Matches the header, taking the order number for the user when there is no user. Throws `input/bad-file` with what is known. */
export function matchEventColumns(
  path: string,
  header: readonly string[],
  overrides: ReadonlyMap<string, string>,
): Map<EventColumn, string> {
  const names = header.map((name) => name.trim());
  const matched = matchColumns(names, EVENT_COLUMNS, overrides);
  const order = matched.get('order');
  if (!matched.has('user') && order !== undefined) {
    matched.set('user', order);
    matched.delete('order');
  }
  const missing = (['user', 'item'] as const).filter((role) => !matched.has(role));
  if (missing.length > 0) {
    const known = missing.map((role) => `${role}: ${EVENT_COLUMNS[role].join(', ')}`).join('; ');
    throw badInput(
      `${path} has no ${missing.join(' and no ')} column. Columns seen: ${names.map((name) => oneLine(name, 40)).join(', ') || '(none)'}. Names known for ${known} (case, spaces and underscores do not matter). Name them with --columns user=...,item=...,time=...`,
      { path, seen: names, missing },
    );
  }
  return new Map([...matched].map(([role, name]) => [role, header[names.indexOf(name)]!]));
}

async function readPlainEvents(
  file: EventsFile,
  format: 'sequences' | 'user-items' | 'prefix-target',
  log: InteractionLog,
  signal: AbortSignal,
  onRead?: OnRead,
): Promise<void> {
  for await (const line of file.lines(onRead)) {
    if (line.trim() === '') continue;
    if (++log.lineCount % 65_536 === 0) throwIfAborted(signal);
    const ids = line.trim().split(/[\s,]+/);
    const user = format === 'user-items' ? ids.shift()! : `line ${log.lineCount}`;
    if (ids.length === 0) log.drop('lines without an item');
    for (const item of ids) log.add(user, item, null, 'view_item');
  }
}
