import { badInput } from '../cliIo.js';
import type { OnRead } from './openText.js';
import { openBytes, unreadable } from './openText.js';

/** A quote that is never closed would swallow the rest of the file; no honest line is longer. */
const MAX_LINE_CHARACTERS = 2_000_000;

/** Picks the delimiter that splits a header line into most columns. */
export function guessDelimiter(headerLine: string): string {
  const counts = [',', '\t', ';', '|'].map((delimiter) => ({ delimiter, count: headerLine.split(delimiter).length }));
  return counts.reduce((best, next) => (next.count > best.count ? next : best)).delimiter;
}

/**
 * Streams the records of a CSV or TSV file, the header as the first one. Quotes follow RFC 4180; a TSV may also hold bare
 * quotes. Throws `cli/bad-input` naming the line when the quoting is broken.
 */
export async function* readTable(path: string, delimiter: string, onRead?: OnRead): AsyncGenerator<string[]> {
  const { parse } = await import('csv-parse');
  const bytes = await openBytes(path, onRead);
  const parser = parse({
    delimiter,
    bom: true,
    relax_column_count: true,
    relax_quotes: delimiter === '\t',
    skip_empty_lines: true,
    max_record_size: MAX_LINE_CHARACTERS,
  });
  bytes.on('error', (error) => parser.destroy(error));
  bytes.pipe(parser);
  try {
    for await (const record of parser) yield record as string[];
  } catch (cause) {
    throw brokenTable(path, cause) ?? unreadable(path, cause);
  } finally {
    bytes.destroy();
  }
}

function brokenTable(path: string, cause: unknown): Error | null {
  const { code, lines } = cause as { code?: string; lines?: number };
  if (!code?.startsWith('CSV_') && !code?.startsWith('INVALID_')) return null;
  const what =
    code === 'CSV_QUOTE_NOT_CLOSED' || code === 'CSV_MAX_RECORD_SIZE'
      ? 'a quote is opened and never closed'
      : 'a quote stands where none may stand';
  return badInput(
    `${path}: the quoting is broken at line ${lines ?? '?'}: ${what}. Double quotes inside a field must be doubled ("") and the field quoted.`,
    { path, line: lines, code },
    cause,
  );
}
