import type { CatalogItem, FieldValue } from '../types.js';
import { Checker, parseJson } from './checks.js';
import type { TemplateSources } from './columnCoding.js';
import { decodeColumn, encodeColumn } from './columnCoding.js';
import type { CatalogField } from './manifest.js';

/** A column of one shard: one value per row, null where the item has none. */
export type Column = readonly (FieldValue | null)[];

export interface CatalogColumns {
  readonly itemIds: readonly string[];
  /** One count per row; absent: not known, taken as 0. */
  readonly popularity?: readonly number[];
  readonly columns: ReadonlyMap<string, Column>;
  /** Addresses that were left out; see {@link isSafeUrl}. */
  readonly unsafeUrls?: number;
}

/** Names that never become fields, because plain objects treat them specially. */
const FORBIDDEN_FIELDS = new Set(['__proto__', 'constructor', 'prototype', 'itemId']);

/** Fields that hold addresses: `url`, `imageUrl`, `image_link`, `images`, ... */
export const URL_FIELD = /(url|uri|href|link|image|img|src|thumbnail|photo|picture)s?$/i;

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

/** Writes one shard as JSON, column by column, each in the shortest way of columnCoding.ts. */
export function writeCatalogShard(
  items: readonly CatalogItem[],
  popularity: Float32Array,
  fields: readonly CatalogField[],
): Uint8Array<ArrayBuffer> {
  const columns: Record<string, unknown> = {};
  const itemIds = items.map((item) => item.itemId);
  const sources = { itemIds, titles: items.map(({ title }) => (typeof title === 'string' ? title : null)) };
  for (const { name, type } of fields) {
    const values = items.map((item) => toType(item[name], type));
    if (values.every((value) => value === null)) continue;
    columns[name] = encodeColumn(values, name === 'title' ? null : sources);
  }
  return new TextEncoder().encode(
    JSON.stringify({ itemIds: encodeColumn(itemIds, null), popularity: Array.from(popularity, roundCount), columns }),
  );
}

/** Reads a shard that {@link writeCatalogShard} wrote. Throws `artifact/bad-catalog`. */
export function readCatalogShard(bytes: Uint8Array, fields: readonly CatalogField[], rowCount: number, file: string): CatalogColumns {
  const root = new Checker(file, parseJson(file, bytes, 'artifact/bad-catalog'), '', 'artifact/bad-catalog');
  const decode = (column: Checker, sources: TemplateSources | null): Checker =>
    new Checker(file, decodeColumn(column, rowCount, sources), column.path, column.code);
  const itemIds = readValues(
    decode(root.get('itemIds'), null),
    rowCount,
    (value) => typeof value === 'string' && value !== '',
    'an item id',
  ) as string[];
  const popularity = readValues(root.get('popularity'), rowCount, Number.isFinite, 'a finite number') as number[];
  const columns = new Map<string, Column>();
  let unsafeUrls = 0;
  const stored = root.get('columns');
  const title = stored.get('title');
  const titles = (title.isNull() ? [] : decode(title, null).value) as (string | null)[];
  for (const { name, type } of fields) {
    const column = stored.get(name);
    if (column.isNull() || FORBIDDEN_FIELDS.has(name)) continue;
    const values = readValues(
      decode(column, name === 'title' ? null : { itemIds, titles }),
      rowCount,
      (value) => value === null || isOfType(value, type),
      `of type ${type}, or null`,
    ) as (FieldValue | null)[];
    if (URL_FIELD.test(name)) unsafeUrls += dropUnsafeUrls(values);
    columns.set(name, values);
  }
  return { itemIds, popularity, columns, unsafeUrls };
}

/**
 * Whether a shop may put it into `href` or `src`: http, https, or relative. `javascript:`, `data:` and the like are not. Read as browsers
 * do (https://url.spec.whatwg.org/#concept-basic-url-parser): spaces and control characters before it do not count, nor tabs and line ends anywhere.
 */
export function isSafeUrl(url: string): boolean {
  const scheme = /^[a-z][a-z0-9+.-]*(?=:)/i.exec(url.replace(/^[\0- ]+|[\t\n\r]/g, ''))?.[0].toLowerCase();
  return scheme === undefined || scheme === 'http' || scheme === 'https';
}

/** Leaves out what is no safe address; returns how many there were. */
function dropUnsafeUrls(values: (FieldValue | null)[]): number {
  let dropped = 0;
  values.forEach((value, row) => {
    const urls = typeof value === 'string' ? [value] : Array.isArray(value) ? (value as readonly string[]) : [];
    if (urls.every(isSafeUrl)) return;
    values[row] = null;
    dropped++;
  });
  return dropped;
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

/** The type of a field with such a value. */
export function fieldType(value: unknown): CatalogField['type'] {
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
