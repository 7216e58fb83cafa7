/** Told the share of the file read, 0 to 1. */
export type OnRead = (done: number) => void;

/**
 * A file of events as a shell hands it out: on a disk, dropped on a page, behind an address. Each call reads it from the beginning,
 * unpacked where it is gzip. All throw `input/bad-file` when it is missing, cut or no text.
 */
export interface EventsFile {
  /** As the person knows it. */
  readonly name: string;
  /** The first 65,536 characters, without a byte order mark. */
  head(): Promise<string>;
  /** Lines without their ends; blank lines too. */
  lines(onRead?: OnRead): AsyncIterable<string>;
  /** Records of a CSV or TSV file, the header as the first one; quotes follow RFC 4180, a TSV may also hold bare quotes. */
  records(delimiter: string, onRead?: OnRead): AsyncIterable<string[]>;
}

/** Picks the delimiter that splits a header line into most columns. */
export function guessDelimiter(headerLine: string): string {
  const counts = [',', '\t', ';', '|'].map((delimiter) => ({ delimiter, count: headerLine.split(delimiter).length }));
  return counts.reduce((best, next) => (next.count > best.count ? next : best)).delimiter;
}

/** A quote that is never closed would swallow the rest of the file; no honest line is longer. */
export const MAX_LINE_CHARACTERS = 2_000_000;

/** How csv-parse reads a table, wherever it runs. Quotes follow RFC 4180; a TSV may also hold bare quotes. */
export function tableOptions(delimiter: string) {
  return {
    delimiter,
    bom: true,
    relax_column_count: true,
    relax_quotes: delimiter === '\t',
    skip_empty_lines: true,
    max_record_size: MAX_LINE_CHARACTERS,
  };
}

/** The sentence for quoting that csv-parse could not read; null when its error is about something else. */
export function describeBrokenTable(name: string, cause: unknown): { message: string; line: number | undefined; code: string } | null {
  const { code, lines, records, empty_lines } = cause as { code?: string; lines?: number; records?: number; empty_lines?: number };
  if (!code?.startsWith('CSV_') && !code?.startsWith('INVALID_')) return null;
  const isOpen = code === 'CSV_QUOTE_NOT_CLOSED' || code === 'CSV_MAX_RECORD_SIZE';
  // The parser notices an open quote at the end of the file: the record after the last whole one holds it.
  const line = isOpen && records !== undefined ? records + (empty_lines ?? 0) + 1 : lines;
  const where = isOpen
    ? `at line ${line ?? '?'} or not far below: a quote is opened and never closed`
    : `at line ${line ?? '?'}: a quote stands where none may stand`;
  const message = `${name}: the quoting is broken ${where}. Double quotes inside a field must be doubled ("") and the field quoted.`;
  return { message, line, code };
}
