import { normalizeColumn } from '../../core/events/columnNames.js';
import { guessDelimiter } from '../../core/events/eventsFile.js';

/** `table` and `json` are anything with columns or fields we know; the others are exports of known systems. */
export const CATALOG_FORMATS = ['table', 'json', 'shopify-products', 'woocommerce-products', 'google-feed', 'json-ld'] as const;
export type CatalogFormat = (typeof CATALOG_FORMATS)[number];

/** Tells the format of a catalogue by its first characters. */
export function detectCatalogFormat(head: string): CatalogFormat {
  if (head.startsWith('<'))
    return /<(rss|feed|channel)\b/i.test(head.slice(0, 4_000)) && !/<html\b/i.test(head.slice(0, 4_000)) ? 'google-feed' : 'json-ld';
  if (/^[{[]/.test(head)) return /"@(context|graph|type)"\s*:/.test(head.slice(0, 4_000)) ? 'json-ld' : 'json';
  const line = head.split('\n', 1)[0]!;
  const raw = line.split(guessDelimiter(line)).map((name) => name.trim().replace(/^"(.*)"$/, '$1'));
  const names = new Set(raw.map(normalizeColumn));
  const hasAll = (...wanted: string[]): boolean => wanted.every((name) => names.has(name));
  if (hasAll('handle', 'title') && (names.has('variantprice') || names.has('variantsku') || names.has('bodyhtml')))
    return 'shopify-products';
  if (hasAll('title', 'urlhandle')) return 'shopify-products';
  if (hasAll('id', 'type', 'sku', 'name') && (names.has('regularprice') || names.has('categories'))) return 'woocommerce-products';
  const google = ['imagelink', 'availability', 'googleproductcategory', 'itemgroupid', 'producttype', 'condition'];
  return hasAll('id', 'title', 'link') && google.some((name) => names.has(name)) ? 'google-feed' : 'table';
}
