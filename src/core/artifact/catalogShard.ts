import type { CatalogItem, FieldValue } from '../types.js';
import { Checker, parseJson } from './checks.js';
import type { CatalogField } from './manifest.js';

/** A column of one shard: one value per row, null where the item has none. */
export type Column = readonly (FieldValue | null)[];

export interface CatalogColumns {
  readonly itemIds: readonly string[];
  /** One count per row; absent: not known, taken as 0. */
  readonly popularity?: readonly number[];
  readonly columns: ReadonlyMap<string, Column>;
}

/** Names that never become fields, because plain objects treat them specially. */
const FORBIDDEN_FIELDS = new Set(['__proto__', 'constructor', 'prototype', 'itemId']);

/** Derives the fields and their types from items. A field whose values disagree in type becomes text. */
export function inferFields(items: readonly CatalogItem[]): CatalogField[] {
  const types = new Map<string, CatalogField['type']>();
  for (const item of items) {
    for (const [name, value] of Object.entries(item)) {
      if (FORBIDDEN_FIELDS.has(name) || value === undefined) continue;
      const type = fieldType(value);
      const known = types.get(name);
      types.set(name, known === undefined || known === type ? type : 'string');
    }
  }
  return [...types].map(([name, type]) => ({ name, type }));
}

/** Writes one shard as JSON, column by column; a column that repeats itself is stored as a dictionary and codes. */
export function writeCatalogShard(
  items: readonly CatalogItem[],
  popularity: Float32Array,
  fields: readonly CatalogField[],
): Uint8Array<ArrayBuffer> {
  const columns: Record<string, unknown> = {};
  for (const { name, type } of fields) {
    const values = items.map((item) => toType(item[name], type));
    if (values.every((value) => value === null)) continue;
    columns[name] = type === 'string' ? encodeText(values as (string | null)[]) : values;
  }
  return new TextEncoder().encode(
    JSON.stringify({ itemIds: items.map((item) => item.itemId), popularity: Array.from(popularity, roundCount), columns }),
  );
}

/** Reads a shard that {@link writeCatalogShard} wrote. Throws `artifact/bad-catalog`. */
export function readCatalogShard(bytes: Uint8Array, fields: readonly CatalogField[], rowCount: number, file: string): CatalogColumns {
  const root = new Checker(file, parseJson(file, bytes, 'artifact/bad-catalog'), '', 'artifact/bad-catalog');
  const itemIds = readValues(root.get('itemIds'), rowCount, (value) => typeof value === 'string' && value !== '', 'an item id') as string[];
  const popularity = readValues(root.get('popularity'), rowCount, Number.isFinite, 'a finite number') as number[];
  const columns = new Map<string, Column>();
  const stored = root.get('columns');
  for (const { name, type } of fields) {
    const column = stored.get(name);
    if (column.isNull() || FORBIDDEN_FIELDS.has(name)) continue;
    const isEncoded = type === 'string' && !Array.isArray(column.value);
    const values = isEncoded ? new Checker(file, decodeText(column), column.path, 'artifact/bad-catalog') : column;
    columns.set(
      name,
      readValues(values, rowCount, (value) => value === null || isOfType(value, type), `of type ${type}, or null`) as Column,
    );
  }
  return { itemIds, popularity, columns };
}

/** The list itself, checked value by value: a large catalogue leaves no other trace in memory. */
function readValues(list: Checker, rowCount: number, isGood: (value: unknown) => boolean, expected: string): unknown[] {
  const values = list.value;
  if (!Array.isArray(values) || values.length !== rowCount) return list.fail(`a list of ${rowCount} values, as the manifest says`);
  for (let row = 0; row < rowCount; row++) {
    if (!isGood(values[row])) new Checker(list.file, values[row], `${list.path}[${row}]`, list.code).fail(expected);
  }
  return values;
}

function isOfType(value: unknown, type: CatalogField['type']): boolean {
  if (type === 'strings') return Array.isArray(value) && value.every((one) => typeof one === 'string');
  return typeof value === type;
}

/** Six digits say all that a weighted count means, and keep the JSON short. */
function roundCount(count: number): number {
  return Number(count.toPrecision(6));
}

function fieldType(value: unknown): CatalogField['type'] {
  if (typeof value === 'number') return 'number';
  if (typeof value === 'boolean') return 'boolean';
  return Array.isArray(value) ? 'strings' : 'string';
}

function toType(value: FieldValue | undefined, type: CatalogField['type']): FieldValue | null {
  if (value === undefined) return null;
  if (type === 'number' && !Number.isFinite(value)) return null;
  if (type === 'string' && typeof value !== 'string') return Array.isArray(value) ? value.join(', ') : String(value);
  return value;
}

function encodeText(values: readonly (string | null)[]): unknown {
  const codes = new Map<string, number>();
  for (const value of values) if (value !== null && !codes.has(value)) codes.set(value, codes.size);
  if (codes.size * 2 > values.length) return values;
  return { values: [...codes.keys()], codes: values.map((value) => (value === null ? -1 : codes.get(value)!)) };
}

function decodeText(column: Checker): (string | null)[] {
  const values = column.get('values').value;
  const codes = column.get('codes').value;
  if (!Array.isArray(values)) return column.get('values').fail('a list of texts');
  if (!Array.isArray(codes)) return column.get('codes').fail('a list of positions in values');
  return codes.map((code: unknown, row) => {
    const isGood = Number.isInteger(code) && (code as number) >= -1 && (code as number) < values.length;
    if (!isGood)
      new Checker(column.file, code, `${column.path}.codes[${row}]`, column.code).fail(`a whole number from -1 to ${values.length - 1}`);
    return code === -1 ? null : (values[code as number] as string);
  });
}
