import { readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { badInput } from '../cliIo.js';
import type { CatalogRow, CatalogRows } from './catalogRows.js';
import { collectIds, filled } from './catalogRows.js';
import { fileSize, readText } from './openText.js';
import { plainText } from './plainText.js';

type JsonObject = Readonly<Record<string, unknown>>;

const SCRIPT = /<script\b[^>]*type\s*=\s*["']?application\/ld\+json["']?[^>]*>([\s\S]*?)<\/script>/gi;
const MAX_DEPTH = 20;

/**
 * Reads schema.org products: a JSON-LD file, an HTML page, or all pages of a folder and its folders
 * (`script[type="application/ld+json"]`). Arrays, `@graph`, lists of items and the variants of a ProductGroup are walked. The id is
 * `sku`, else `productID`, `mpn` or a GTIN; `idColumn` names another property. Pages whose JSON is broken are passed over and counted.
 * Throws `cli/bad-input` when no product is found.
 */
export async function readJsonLd(path: string, idColumn: string | undefined): Promise<CatalogRows> {
  const files = isFolder(path) ? listPages(path) : [path];
  const products: JsonObject[] = [];
  const broken: string[] = [];
  for (const file of files) {
    const text = await readText(file);
    for (const block of /^\s*</.test(text) ? [...text.matchAll(SCRIPT)].map((match) => match[1]!) : [text]) {
      try {
        collectProducts(JSON.parse(block), null, products, 0);
      } catch {
        broken.push(file);
      }
    }
  }
  if (products.length === 0) {
    throw badInput(
      broken.length > 0
        ? `${path}: the JSON-LD of ${broken.length} blocks is broken (first in ${broken[0]}), and no product is left. Check that page with a structured data validator.`
        : `${path} holds no schema.org Product in JSON-LD (${files.length} files read). Pages need <script type="application/ld+json"> with "@type": "Product".`,
      { path, files: files.length },
    );
  }
  return {
    rows: products.map((product) => toRow(product, idColumn)),
    idName: idColumn ?? 'sku',
    idColumns: collectIds(products, ['sku', 'productID', 'mpn', 'gtin13', 'gtin', 'url', '@id']),
    notes: [
      ...(isFolder(path) ? [`${files.length} pages read`] : []),
      ...(broken.length > 0 ? [`${broken.length} blocks of broken JSON passed over, first in ${broken[0]}`] : []),
    ],
  };
}

export function isFolder(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isDirectory() ?? false;
}

function listPages(folder: string): string[] {
  const files = readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((name) => /\.(html?|json|jsonld)$/i.test(name))
    .sort()
    .map((name) => join(folder, name))
    .filter((name) => !isFolder(name) && fileSize(name) > 0);
  if (files.length === 0)
    throw badInput(`${folder} holds no .html, .json or .jsonld file. Name the folder of the shop's pages.`, { path: folder });
  return files;
}

function collectProducts(value: unknown, group: JsonObject | null, products: JsonObject[], depth: number): void {
  if (depth > MAX_DEPTH || typeof value !== 'object' || value === null) return;
  if (Array.isArray(value)) {
    for (const part of value) collectProducts(part, group, products, depth + 1);
    return;
  }
  const object = value as JsonObject;
  const types = [object['@type']].flat().map((type) => String(type).replace(/^.*[/:#]/, ''));
  if (types.includes('ProductGroup')) {
    const before = products.length;
    for (const variant of [object['hasVariant']].flat()) collectProducts(variant, object, products, depth + 1);
    // A group whose variants stand elsewhere, or have none of their own, is a product itself.
    if (products.length === before) products.push(object);
    return;
  }
  if (types.some((type) => ['Product', 'IndividualProduct', 'ProductModel', 'Book'].includes(type))) {
    products.push(group ? { ...group, ...object, productGroupID: group['productGroupID'] } : object);
    return;
  }
  for (const key of ['@graph', 'mainEntity', 'itemListElement', 'item', 'hasPart', 'hasOfferCatalog'])
    collectProducts(object[key], group, products, depth + 1);
}

function toRow(product: JsonObject, idColumn: string | undefined): CatalogRow {
  const offer = ([product['offers']].flat()[0] ?? {}) as JsonObject;
  const price = ([offer['priceSpecification']].flat()[0] ?? {}) as JsonObject;
  const ids = idColumn === undefined ? ['sku', 'productID', 'mpn', 'gtin13', 'gtin'] : [idColumn];
  return filled({
    itemId: ids.map((name) => textOf(product[name]) || textOf(offer[name])).find((id) => id !== '') ?? '',
    groupId: textOf(product['productGroupID']) || textOf((product['isVariantOf'] as JsonObject | undefined)?.['productGroupID']),
    title: plainText(textOf(product['name'])),
    description: plainText(textOf(product['description'])),
    brand: textOf(product['brand']),
    category: textOf(product['category']),
    price: offer['price'] ?? offer['lowPrice'] ?? price['price'] ?? '',
    currency: textOf(offer['priceCurrency']) || textOf(price['priceCurrency']),
    url: textOf(product['url']) || textOf(offer['url']),
    image: textOf(product['image']),
    inStock: textOf(offer['availability']),
    color: textOf(product['color']),
    size: textOf(product['size']),
    material: textOf(product['material']),
    gtin: textOf(product['gtin13']) || textOf(product['gtin']),
  });
}

/** A text, a number, the first of a list, or an object's name, url or @value. */
function textOf(value: unknown): string {
  if (typeof value === 'string') return value.trim();
  if (typeof value === 'number') return String(value);
  if (Array.isArray(value)) return textOf(value[0]);
  if (typeof value !== 'object' || value === null) return '';
  const { name, url, contentUrl, '@value': inner } = value as JsonObject;
  return textOf(name) || textOf(inner) || textOf(contentUrl) || textOf(url);
}
