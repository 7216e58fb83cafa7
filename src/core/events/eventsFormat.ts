import { badInput } from './inputErrors.js';
import { EVENT_COLUMNS, normalizeColumn } from './columnNames.js';
import { detectOrdersFormat } from './ordersFormat.js';
import { guessDelimiter } from './eventsFile.js';

/** `table` is CSV or TSV with a header; the last three are plain text without one; those between are exports of known systems. */
export const EVENTS_FORMATS = [
  'table',
  'jsonl',
  'ga4',
  'shopify-orders',
  'woocommerce-orders',
  'recbole',
  'sequences',
  'user-items',
  'prefix-target',
] as const;
export type EventsFormat = (typeof EVENTS_FORMATS)[number];

export interface DetectedFormat {
  readonly format: EventsFormat;
  /** Why, and how to choose another, in words for the person. Empty where there is no doubt. */
  readonly note: string;
}

const SAMPLE_LINES = 2_000;

/** Tells the format of an events file by its first lines. Throws `input/bad-file` on an empty file. */
export function detectEventsFormat(path: string, head: string): DetectedFormat {
  const lines = head
    .split('\n')
    .map((line) => line.replace(/\r$/, ''))
    .filter((line) => line.trim() !== '');
  // The last line of a sample may be cut.
  const sample = lines.slice(0, Math.max(1, Math.min(SAMPLE_LINES, lines.length - 1)));
  const first = sample[0];
  if (first === undefined) throw badInput(`${path} is empty. It must hold one event a line, or one sequence of item ids a line.`, { path });
  if (/^\s*\{/.test(first)) return { format: isGa4(first) ? 'ga4' : 'jsonl', note: '' };
  if (/^\s*\[/.test(first))
    throw badInput(
      `${path} is a JSON array. Events are read one object a line (JSONL), so that large files can be streamed: jq -c '.[]' events.json > events.jsonl`,
      { path },
    );
  if (isPrefixTarget(sample))
    return { format: 'prefix-target', note: '"prefix TAB target" lines; another format can be set with --format' };
  const isPlain = sample.every((line) => !/[,;|\t]/.test(line.trim()));
  if (!isPlain || looksLikeHeader(first)) return { format: tableFormat(first), note: '' };
  const firstIds = sample.map((line) => line.trim().split(/\s+/)[0]!);
  const isUserFirst = sample.length > 1 && new Set(firstIds).size === firstIds.length;
  return isUserFirst
    ? {
        format: 'user-items',
        note: 'no two lines begin alike, so the first id of a line is taken for the user; if it is an item, say --format sequences',
      }
    : {
        format: 'sequences',
        note: 'lines begin with the same ids again, so every id is taken for an item; if the first is a user, say --format user-items',
      };
}

/** Google Analytics 4 in BigQuery: these names stand together nowhere else. */
function isGa4(text: string): boolean {
  return text.includes('event_timestamp') && text.includes('event_name') && text.includes('user_pseudo_id');
}

function tableFormat(headerLine: string): EventsFormat {
  if (isGa4(headerLine)) return 'ga4';
  if (/:token\b/.test(headerLine)) return 'recbole';
  return detectOrdersFormat(splitHeader(headerLine)) ?? 'table';
}

/** The names of a header line, without their quotes. */
export function splitHeader(line: string): string[] {
  return line.split(guessDelimiter(line)).map((name) => name.trim().replace(/^"(.*)"$/, '$1'));
}

function isPrefixTarget(sample: readonly string[]): boolean {
  const isPair = sample.every((line) => line.trim().split('\t').length === 2 && !/[,;|]/.test(line));
  return isPair && sample.some((line) => line.split('\t')[0]!.trim().includes(' ')) && !looksLikeHeader(sample[0]!);
}

function looksLikeHeader(line: string): boolean {
  const names = line.split(guessDelimiter(line)).map(normalizeColumn);
  const roles = [EVENT_COLUMNS.user, EVENT_COLUMNS.item] as readonly (readonly string[])[];
  return roles.every((aliases) => names.some((name) => aliases.includes(name)));
}
