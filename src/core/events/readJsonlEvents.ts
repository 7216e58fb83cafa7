import { badInput, throwIfAborted } from './inputErrors.js';
import type { InteractionLog } from './interactionLog.js';
import { parseEventName } from './eventWeights.js';
import { oneLine } from '../plainWords.js';
import type { EventColumn } from './columnNames.js';
import { EVENT_COLUMNS, normalizeColumn } from './columnNames.js';
import type { EventRecord } from './eventRecord.js';
import { addRecord } from './eventRecord.js';
import type { EventsFile, OnRead } from './eventsFile.js';

type JsonObject = Readonly<Record<string, unknown>>;

/** Where an event keeps its list of products: GA4 (flat, or under `ecommerce`), BigQuery export, Segment. */
const ITEM_LISTS = ['items', 'products'];
const NESTED = ['ecommerce', 'properties'];

/**
 * Streams JSONL events: one object a line with the product in the object itself, or a list of products in it.
 * Returns which field served as what. Throws `input/bad-file` naming the line on broken JSON, and the fields seen when none fit.
 */
export async function readJsonlEvents(
  file: EventsFile,
  log: InteractionLog,
  overrides: ReadonlyMap<string, string>,
  signal: AbortSignal,
  onRead?: OnRead,
): Promise<ReadonlyMap<string, string>> {
  const fields = new FieldMatcher(overrides);
  const seen = new Set<string>();
  let lineNumber = 0;
  let unusable = 0;
  for await (const line of file.lines(onRead)) {
    lineNumber++;
    if (line.trim() === '') continue;
    if (++log.lineCount % 65_536 === 0) throwIfAborted(signal);
    const event = parseLine(file.name, line, lineNumber);
    const records = [...toRecords(event, fields)];
    if (records.length === 0) {
      if (seen.size < 40) for (const key of Object.keys(event)) seen.add(key);
      const kind = parseEventName(String(fields.get(event, 'event') ?? ''));
      if (kind === undefined) unusable++;
      log.drop('events without a product');
    }
    for (const record of records) addRecord(log, record);
  }
  if (log.eventCount === 0 && unusable > 0) {
    throw badInput(
      `${file.name}: no object holds an item. Fields seen: ${[...seen].map((name) => oneLine(name, 40)).join(', ')}. Names known for item: ${EVENT_COLUMNS.item.join(', ')}, or a list under items; for user: ${EVENT_COLUMNS.user.join(', ')}. Name them with --columns user=...,item=...`,
      { path: file.name, seen: [...seen] },
    );
  }
  return fields.used;
}

function* toRecords(event: JsonObject, fields: FieldMatcher): Generator<EventRecord> {
  const nested = NESTED.map((key) => event[key]).filter(isObject);
  const at = (role: EventColumn): unknown => {
    for (const object of [event, ...nested]) {
      const value = fields.get(object, role);
      if (value !== undefined && value !== null) return value;
    }
    return undefined;
  };
  const name = at('event');
  // Only an orders export marks cancellations in its numbers; a purchase event's transaction may be called anything.
  const shared = { user: at('user') ?? '', time: at('time'), event: name, order: name === undefined ? at('order') : undefined };
  const list = [event, ...nested].flatMap((object) => ITEM_LISTS.map((key) => object[key])).find(Array.isArray) as unknown[] | undefined;
  if (!list) {
    const item = at('item');
    if (item !== undefined && !isObject(item)) yield { ...shared, item, quantity: at('quantity'), title: at('title') };
    return;
  }
  for (const item of list) {
    if (!isObject(item)) yield { ...shared, item };
    else
      yield {
        ...shared,
        item: fields.get(item, 'item') ?? item['id'],
        quantity: fields.get(item, 'quantity'),
        title: fields.get(item, 'title'),
      };
  }
}

/** Finds a role's field in objects whose keys may differ from line to line; spellings are worked out once. */
class FieldMatcher {
  readonly used = new Map<string, string>();
  readonly #normalized = new Map<string, string>();

  constructor(readonly overrides: ReadonlyMap<string, string>) {}

  get(object: JsonObject, role: EventColumn): unknown {
    const chosen = this.overrides.get(role);
    if (chosen !== undefined && object[chosen] !== undefined) return this.#use(object, role, chosen);
    if (chosen !== undefined) return undefined;
    let best: string | null = null;
    let bestRank = Infinity;
    for (const key of Object.keys(object)) {
      const rank = (EVENT_COLUMNS[role] as readonly string[]).indexOf(this.#spell(key));
      const value = object[key];
      if (rank >= 0 && rank < bestRank && value !== null && value !== '' && typeof value !== 'object') [best, bestRank] = [key, rank];
    }
    return best === null ? undefined : this.#use(object, role, best);
  }

  #use(object: JsonObject, role: string, key: string): unknown {
    if (!this.used.has(role)) this.used.set(role, key);
    return object[key];
  }

  #spell(key: string): string {
    let spelled = this.#normalized.get(key);
    if (spelled === undefined) this.#normalized.set(key, (spelled = normalizeColumn(key)));
    return spelled;
  }
}

function parseLine(path: string, line: string, lineNumber: number): JsonObject {
  let value: unknown;
  try {
    value = JSON.parse(line);
  } catch (cause) {
    throw badInput(
      `${path}: line ${lineNumber} is not JSON (it begins with ${JSON.stringify(oneLine(line, 40))}). JSONL needs one whole object a line.`,
      { path, line: lineNumber },
      cause,
    );
  }
  if (!isObject(value))
    throw badInput(`${path}: line ${lineNumber} is no JSON object. JSONL needs one event object a line.`, { path, line: lineNumber });
  return value;
}

function isObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
