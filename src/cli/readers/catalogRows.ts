import { normalizeColumn } from '../../core/events/columnNames.js';

/** One product as a source gives it: column or field name -> value. */
export type CatalogRow = Readonly<Record<string, unknown>>;

/** What a reader of a known source hands on: rows under our own field names. */
export interface CatalogRows {
  readonly rows: readonly CatalogRow[];
  /** The source's name of the id, for messages. */
  readonly idName: string;
  /** Columns whose values might be what the events call an item: name -> values. */
  readonly idColumns: ReadonlyMap<string, ReadonlySet<string>>;
  /** What a person should know. */
  readonly notes: readonly string[];
}

/** Finds columns by their spelling, whatever case, spaces and signs stand in a header. */
export class ColumnFinder {
  readonly #names: ReadonlyMap<string, string>;

  constructor(names: readonly string[]) {
    this.#names = new Map(names.toReversed().map((name) => [normalizeColumn(name), name]));
  }

  /** The text of the first of these columns that is there and not blank. */
  text(row: CatalogRow, ...spellings: readonly string[]): string {
    for (const spelling of spellings) {
      const name = this.#names.get(spelling);
      const value = name === undefined ? undefined : row[name];
      if (typeof value === 'string' && value.trim() !== '') return value.trim();
      if (typeof value === 'number') return String(value);
    }
    return '';
  }

  /** The name of the first of these columns that is there. */
  name(...spellings: readonly string[]): string | undefined {
    for (const spelling of spellings) if (this.#names.has(spelling)) return this.#names.get(spelling);
    return undefined;
  }
}

/** Values of the named columns, blanks left out; a column without any is left out. */
export function collectIds(rows: readonly CatalogRow[], names: readonly (string | undefined)[]): Map<string, Set<string>> {
  const columns = new Map<string, Set<string>>();
  for (const name of names) {
    if (name === undefined) continue;
    const values = new Set(rows.map((row) => String(row[name] ?? '').trim()));
    values.delete('');
    if (values.size > 0) columns.set(name, values);
  }
  return columns;
}

/** Leaves out blank fields, so that they are absent and not empty. */
export function filled(fields: Readonly<Record<string, unknown>>): CatalogRow {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== '' && value !== undefined));
}
