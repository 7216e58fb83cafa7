import type { CatalogItem, FieldValue } from '../../core/types.js';
import { badInput } from '../cliIo.js';
import { oneLine } from '../terminal.js';
import type { CatalogFormat } from './catalogFormat.js';
import { detectCatalogFormat } from './catalogFormat.js';
import type { CatalogRow, CatalogRows } from './catalogRows.js';
import { collectIds, ColumnFinder } from './catalogRows.js';
import { readInStock, readPrice } from './catalogValues.js';
import { CATALOG_COLUMNS, matchColumns } from '../../core/events/columnNames.js';
import type { CatalogColumn } from '../../core/events/columnNames.js';
import { readText, peekText } from './openText.js';
import { isPersonalColumn } from '../../core/events/personalColumns.js';
import { googleProducts, readGoogleXml } from './readGoogleFeed.js';
import { isFolder, readJsonLd } from './readJsonLd.js';
import { guessDelimiter } from '../../core/events/eventsFile.js';
import { readTable } from './readTable.js';
import { shopifyProducts } from './shopifyProducts.js';
import { wooProducts } from './wooProducts.js';

export interface CatalogSource {
  readonly format: CatalogFormat;
  readonly items: readonly CatalogItem[];
  /** Role -> column name. */
  readonly columns: ReadonlyMap<string, string>;
  /** Rows left out because an earlier one has the same id, and rows without any. */
  readonly duplicateCount: number;
  readonly withoutIdCount: number;
  /** Other columns that may hold the ids the events use: name -> values. */
  readonly idColumns: ReadonlyMap<string, ReadonlySet<string>>;
  /** What a person should know. */
  readonly notes: readonly string[];
}

const RESERVED = new Set(['itemId', '__proto__', 'constructor', 'prototype']);

/**
 * Reads a catalogue: CSV or TSV with a header, JSONL, a JSON array, a JSON object that holds one, or the export of a system of
 * {@link CATALOG_FORMATS}. Understood columns become named fields, others are kept under their own names: numbers and yes/no where
 * every value of a column is one, text else. Columns that name persons are dropped. `format` null: told by content.
 * Throws `cli/bad-input`.
 */
export async function readCatalog(
  path: string,
  overrides: ReadonlyMap<string, string> = new Map(),
  chosen: CatalogFormat | null = null,
): Promise<CatalogSource> {
  const head = isFolder(path) ? '' : (await peekText(path)).trimStart();
  if (head === '' && !isFolder(path))
    throw badInput(`${path} is empty. A catalogue needs a header line with an id column, or JSON objects with an id.`, { path });
  const format = isFolder(path) ? 'json-ld' : (chosen ?? detectCatalogFormat(head));
  if (format === 'table' || format === 'json') {
    const rows = format === 'json' ? parseJsonRows(path, await readText(path)) : await readTableRows(path, head);
    return toSource(path, format, rows, overrides, null);
  }
  const known = await readKnown(path, head, format, overrides.get('itemId'));
  const others = new Map([...overrides].filter(([role]) => role !== 'itemId'));
  return toSource(path, format, known.rows, others, known);
}

async function readKnown(
  path: string,
  head: string,
  format: Exclude<CatalogFormat, 'table' | 'json'>,
  idColumn: string | undefined,
): Promise<CatalogRows> {
  switch (format) {
    case 'json-ld':
      return readJsonLd(path, idColumn);
    case 'google-feed':
      return googleProducts(head.startsWith('<') ? await readGoogleXml(path) : await readTableRows(path, head, idColumn), idColumn);
    case 'shopify-products':
      return shopifyProducts(await readTableRows(path, head, idColumn), idColumn);
    case 'woocommerce-products':
      return wooProducts(await readTableRows(path, head, idColumn), idColumn);
  }
}

function toSource(
  path: string,
  format: CatalogFormat,
  rows: readonly CatalogRow[],
  overrides: ReadonlyMap<string, string>,
  known: CatalogRows | null,
): CatalogSource {
  const names = [...new Set(rows.slice(0, 1_000).flatMap((row) => Object.keys(row)))];
  const columns = matchColumns(names, CATALOG_COLUMNS, overrides);
  const idColumn = columns.get('itemId');
  if (idColumn === undefined) {
    throw badInput(
      `${path} has no id column. Columns seen: ${names.map((name) => oneLine(name, 40)).join(', ') || '(none)'}. Names known: ${CATALOG_COLUMNS.itemId.join(', ')}. Name it with --catalog-columns itemId=...`,
      {
        path,
        seen: names,
      },
    );
  }
  const unused = names.filter((name) => ![...columns.values()].includes(name) && !RESERVED.has(name));
  const personal = unused.filter(isPersonalColumn);
  const others = unused.filter((name) => !isPersonalColumn(name));
  const isTyped = format !== 'table';
  const readers = new Map(others.map((name) => [name, isTyped ? keepValue : columnReader(rows, name)]));
  const items = new Map<string, CatalogItem>();
  let duplicateCount = 0;
  let withoutIdCount = 0;
  for (const row of rows) {
    const id = row[idColumn];
    const itemId = typeof id === 'string' ? id.trim() : typeof id === 'number' ? String(id) : '';
    if (itemId === '') withoutIdCount++;
    else if (items.has(itemId)) duplicateCount++;
    else items.set(itemId, toItem(itemId, row, columns, readers));
  }
  if (items.size === 0)
    throw badInput(
      `${path}: none of ${rows.length} rows has an id in column ${known?.idName ?? idColumn}. Name another with --catalog-columns itemId=...`,
      { path },
    );
  return {
    format,
    items: [...items.values()],
    columns: known ? new Map([...columns, ['itemId', known.idName]]) : columns,
    duplicateCount,
    withoutIdCount,
    idColumns:
      known?.idColumns ??
      collectIds(
        rows,
        ID_CANDIDATES.map((spelling) => new ColumnFinder(names).name(spelling)),
      ),
    notes: [
      ...(known?.notes ?? []),
      ...(personal.length > 0 ? [`personal columns dropped: ${personal.map((name) => oneLine(name, 30)).join(', ')}`] : []),
    ],
  };
}

/** Columns whose values a shop's events may use for items. */
const ID_CANDIDATES = ['id', 'sku', 'productid', 'itemid', 'variantid', 'handle', 'gtin', 'ean', 'mpn', 'asin', 'itemgroupid'];

type ReadValue = (value: unknown) => FieldValue | undefined;

function toItem(
  itemId: string,
  row: CatalogRow,
  columns: ReadonlyMap<CatalogColumn, string>,
  others: ReadonlyMap<string, ReadValue>,
): CatalogItem {
  const fields: Record<string, FieldValue> = {};
  for (const [role, name] of columns) {
    if (role === 'itemId') continue;
    if (role === 'price') {
      const price = readPrice(row[name]);
      if (price) fields['price'] = price.amount;
      if (price?.currency && !columns.has('currency')) fields['currency'] = price.currency;
    } else if (role === 'inStock') {
      const inStock = readInStock(row[name]);
      if (inStock !== undefined) fields['inStock'] = inStock;
    } else {
      const text = keepText(row[name]);
      if (text !== undefined) fields[role] = text;
    }
  }
  for (const [name, read] of others) {
    const value = read(row[name]);
    // A shop's own column may be called like one of ours that another column already fills.
    if (value !== undefined && !(name in fields)) fields[name] = value;
  }
  return { itemId, ...fields };
}

function keepText(value: unknown): string | undefined {
  if (typeof value === 'string') return value.trim() || undefined;
  if (typeof value === 'number' || typeof value === 'boolean') return String(value);
  // Several pictures: the first. Nested objects ({"name": "Acme"}): their name.
  if (Array.isArray(value)) return keepText(value[0]);
  return typeof value === 'object' && value !== null ? keepText((value as CatalogRow)['name'] ?? (value as CatalogRow)['url']) : undefined;
}

/** JSON knows its types: texts, numbers, yes/no and lists of texts are kept, anything nested is not. */
function keepValue(value: unknown): FieldValue | undefined {
  if (typeof value === 'string') return value.trim() || undefined;
  if (typeof value === 'boolean' || Number.isFinite(value)) return value as boolean | number;
  if (Array.isArray(value) && value.length > 0 && value.every((part) => typeof part === 'string')) return value as string[];
  return undefined;
}

/** Text has no types, so a whole column must agree. Codes with leading zeros or over 15 digits stay text. */
function columnReader(rows: readonly CatalogRow[], name: string): ReadValue {
  const texts = rows.map((row) => String(row[name] ?? '').trim()).filter((text) => text !== '');
  if (texts.length > 0 && texts.every((text) => /^-?(0|[1-9]\d{0,14})(\.\d{1,9})?$/.test(text)))
    return (value) => (value ? Number(value) : undefined);
  if (texts.length > 0 && texts.every((text) => /^(true|false)$/i.test(text)))
    return (value) => (value ? String(value).trim().toLowerCase() === 'true' : undefined);
  return keepText;
}

async function readTableRows(path: string, head: string, idColumn?: string): Promise<CatalogRow[]> {
  const rows: CatalogRow[] = [];
  let header: string[] | null = null;
  for await (const cells of readTable(path, guessDelimiter(head.split('\n', 1)[0]!))) {
    if (!header) header = cells.map((name) => name.trim());
    else rows.push(Object.fromEntries(header.map((name, i) => [name, cells[i] ?? ''])));
  }
  if (idColumn !== undefined && !header?.includes(idColumn))
    throw badInput(`--catalog-columns says itemId=${idColumn}, but ${path} has no such column. It has: ${header?.join(', ')}.`, { path });
  return rows;
}

function parseJsonRows(path: string, text: string): CatalogRow[] {
  const list = toList(parseJsonOrLines(path, text));
  if (list.length === 0)
    throw badInput(`${path} holds no products. A catalogue may be a JSON array of objects, or one object a line.`, { path });
  const bad = list.findIndex((row) => typeof row !== 'object' || row === null || Array.isArray(row));
  if (bad >= 0)
    throw badInput(
      `${path}: entry ${bad + 1} is ${oneLine(JSON.stringify(list[bad]) ?? '', 40)}, but every product must be an object with an id.`,
      { path, entry: bad },
    );
  return list as CatalogRow[];
}

function parseJsonOrLines(path: string, text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (whole) {
    if (!text.trimStart().startsWith('{'))
      throw badInput(
        `${path} is not valid JSON (${(whole as Error).message}). A catalogue may be a JSON array, or one object a line.`,
        { path },
        whole,
      );
  }
  return text.split('\n').flatMap((line, i) => {
    if (line.trim() === '') return [];
    try {
      return [JSON.parse(line) as unknown];
    } catch (cause) {
      throw badInput(
        `${path}: line ${i + 1} is not JSON (it begins with ${JSON.stringify(oneLine(line, 40))}). A catalogue may be a JSON array, or one whole object a line.`,
        { path, line: i + 1 },
        cause,
      );
    }
  });
}

/** An array as it is; an object that holds a list of objects ({"products": [...]}): that list; any other object: one product. */
function toList(value: unknown): unknown[] {
  if (Array.isArray(value)) return value;
  const isList = (part: unknown): part is unknown[] => Array.isArray(part) && typeof part[0] === 'object';
  return Object.values(value as object).find(isList) ?? [value];
}
