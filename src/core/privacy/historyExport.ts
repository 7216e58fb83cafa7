/** The file that a shopper takes along: src/shelfmate-export.schema.json describes it to others. */
import { RecommenderError, show } from '../errors.js';
import type { HistoryEntry } from '../types.js';
import { HISTORY_EVENTS } from '../types.js';

/** One line of the history with the name that makes importing it twice importing it once. */
export interface ExportedEntry extends HistoryEntry {
  readonly id: string;
}

export interface HistoryExport {
  readonly format: 'shelfmate-export';
  readonly version: 1;
  readonly exportedAtMs: number;
  /** Empty: the guest's. */
  readonly profile: string;
  /** Oldest first. */
  readonly history: readonly ExportedEntry[];
}

/** What an import did. */
export interface ImportResult {
  readonly added: number;
  /** Known already, too old, or beyond the number that is kept. */
  readonly skipped: number;
}

export const MAX_EXPORTED_ENTRIES = 100_000;
const MAX_TEXT_LENGTH = 256;
/** Of a JSON text; arithmetic before parsing. */
const MAX_JSON_LENGTH = 64 * 2 ** 20;

/** Reads an export, as text or parsed. Throws `input/bad-file` that names the first thing that is wrong. */
export function readHistoryExport(given: unknown): HistoryExport {
  const value = typeof given === 'string' ? parse(given) : given;
  if (!isRecord(value)) throw bad('is no object', value);
  const { format, version, exportedAtMs, profile, history } = value;
  if (format !== 'shelfmate-export') throw bad('has no format "shelfmate-export"', format);
  if (version !== 1) throw bad('is of another version than 1', version);
  if (!isTime(exportedAtMs)) throw bad('has no time in exportedAtMs', exportedAtMs);
  if (typeof profile !== 'string' || profile.length > MAX_TEXT_LENGTH) throw bad('has no profile', profile);
  if (!Array.isArray(history)) throw bad('has no list in history', history);
  if (history.length > MAX_EXPORTED_ENTRIES) throw bad(`has more than ${MAX_EXPORTED_ENTRIES} entries`, history.length);
  return { format, version, exportedAtMs, profile, history: history.map(readEntry) };
}

/** Copies the known fields alone: whatever else stands in the file goes nowhere. */
function readEntry(entry: unknown, at: number): ExportedEntry {
  const where = `history[${at}]`;
  if (!isRecord(entry)) throw bad(`has no object at ${where}`, entry);
  const { id, timeMs, event, itemId, quantity } = entry;
  if (!isText(id)) throw bad(`has no id at ${where}`, id);
  if (!isText(itemId)) throw bad(`has no itemId at ${where}`, itemId);
  if (!isTime(timeMs)) throw bad(`has no time in timeMs at ${where}`, timeMs);
  if (!Number.isSafeInteger(quantity) || (quantity as number) < 1) throw bad(`has no quantity at ${where}`, quantity);
  const name = HISTORY_EVENTS.find((one) => one === event);
  if (!name) throw bad(`has an event at ${where} that there is not`, event);
  return { id, timeMs, event: name, itemId, quantity: quantity as number };
}

function parse(text: string): unknown {
  if (text.length > MAX_JSON_LENGTH) throw bad('is longer than any export', text.length);
  try {
    return JSON.parse(text) as unknown;
  } catch (cause) {
    throw bad('is no JSON', text, cause);
  }
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function isText(value: unknown): value is string {
  return typeof value === 'string' && value !== '' && value.length <= MAX_TEXT_LENGTH;
}

/** Milliseconds that a Date can hold. */
function isTime(value: unknown): value is number {
  return typeof value === 'number' && value >= 0 && value <= 8.64e15;
}

function bad(what: string, seen: unknown, cause?: unknown): RecommenderError {
  return new RecommenderError(
    'input/bad-file',
    `This file ${what} (${show(seen)}). Import a file that "Export" made, as it is.`,
    { seen: show(seen) },
    cause,
  );
}
