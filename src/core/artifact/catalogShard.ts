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
  const ids = root.get('itemIds');
  const itemIds = ids.list().map((id) => id.text('an item id'));
  if (itemIds.length !== rowCount) ids.fail(`a list of ${rowCount} ids, as the manifest says; this one has ${itemIds.length}`);
  const popularity = root.get('popularity').numbers(`a list of ${rowCount} finite numbers`);
  if (popularity.length !== rowCount) root.get('popularity').fail(`a list of ${rowCount} numbers; this one has ${popularity.length}`);
  const columns = new Map<string, Column>();
  const stored = root.get('columns');
  for (const { name, type } of fields) {
    const column = stored.get(name);
    if (column.isNull() || FORBIDDEN_FIELDS.has(name)) continue;
    const values = type === 'string' && !Array.isArray(column.value) ? decodeText(column) : (column.value as (FieldValue | null)[]);
    if (!Array.isArray(values) || values.length !== rowCount) column.fail(`a list of ${rowCount} values`);
    values.forEach((value, row) => {
      if (value !== null && fieldType(value) !== type) {
        new Checker(file, value, `columns.${name}[${row}]`, 'artifact/bad-catalog').fail(`of type ${type}, or null`);
      }
    });
    columns.set(name, values);
  }
  return { itemIds, popularity, columns };
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
  const values = column
    .get('values')
    .list()
    .map((value) => value.value as string);
  return column
    .get('codes')
    .list()
    .map((code) => {
      const at = code.integer(-1, values.length - 1);
      return at < 0 ? null : values[at]!;
    });
}
