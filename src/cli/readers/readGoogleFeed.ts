import { badInput } from '../cliIo.js';
import type { CatalogRow, CatalogRows } from './catalogRows.js';
import { collectIds, filled } from './catalogRows.js';
import { openBytes, unreadable } from './openText.js';
import { plainText } from './plainText.js';

/** Fields kept under their own names; shipping, tax and advertising fields say nothing to a shopper. */
const KEPT = ['gtin', 'mpn', 'color', 'size', 'material', 'pattern', 'gender', 'age_group', 'condition'];

/**
 * Streams a Google Merchant feed in XML: RSS 2.0 (`<item>`) or Atom (`<entry>`), field names with or without the prefix g:.
 * Throws `cli/bad-input` naming the line when it is no well-formed XML.
 */
export async function readGoogleXml(path: string): Promise<CatalogRow[]> {
  const { default: sax } = await import('sax');
  const parser = sax.createStream(true, { trim: true });
  const rows: CatalogRow[] = [];
  let fields: Record<string, string> | null = null;
  // Depth below the item: 1 for its fields; what is nested deeper (g:shipping) is passed over.
  let depth = 0;
  let name = '';
  let text = '';
  parser.on('opentag', (tag) => {
    const local = localName(tag.name);
    if (fields === null) {
      if (local === 'item' || local === 'entry') {
        fields = {};
        depth = 0;
      }
      return;
    }
    if (++depth !== 1) return;
    name = local;
    text = '';
    const href = tag.attributes['href'];
    if (local === 'link' && typeof href === 'string') fields['link'] ??= href;
  });
  const onText = (part: string): void => {
    if (depth === 1) text += part;
  };
  parser.on('text', onText);
  parser.on('cdata', onText);
  parser.on('closetag', (tag) => {
    if (fields === null) return;
    if (depth === 0) {
      const local = localName(tag);
      if (local === 'item' || local === 'entry') {
        rows.push(fields);
        fields = null;
      }
      return;
    }
    // Of several pictures or product types the first stands.
    if (depth-- === 1 && text.trim() !== '') fields[name] ??= text.trim();
  });
  const bytes = await openBytes(path);
  try {
    await new Promise<void>((resolve, reject) => {
      parser.on('end', resolve);
      parser.on('error', (cause) => reject(brokenXml(path, cause)));
      bytes.on('error', (cause) => reject(unreadable(path, cause)));
      bytes.pipe(parser);
    });
  } finally {
    bytes.destroy();
  }
  if (rows.length === 0)
    throw badInput(`${path} is XML, but holds neither <item> nor <entry>. A Google Merchant feed is RSS 2.0 or Atom.`, { path });
  return rows;
}

/** Turns a feed's rows, from XML or TSV, into ours: a sale price stands for the price, the product type (else Google's category) for the category. */
export function googleProducts(rows: readonly CatalogRow[], idColumn: string | undefined): CatalogRows {
  const plain = rows.map((row) =>
    Object.fromEntries(Object.entries(row).map(([name, value]) => [localName(name).replaceAll(' ', '_'), value])),
  );
  const idName = idColumn === undefined ? 'id' : localName(idColumn).replaceAll(' ', '_');
  const items = plain.map((row) => {
    const text = (name: string): string => String(row[name] ?? '').trim();
    return filled({
      itemId: text(idName),
      groupId: text('item_group_id'),
      title: plainText(text('title')),
      description: plainText(text('description')),
      brand: text('brand'),
      category: text('product_type') || text('google_product_category'),
      price: text('sale_price') || text('price'),
      url: text('link'),
      image: text('image_link'),
      inStock: text('availability'),
      ...Object.fromEntries(KEPT.map((name) => [name, text(name)])),
    });
  });
  return { rows: items, idName, idColumns: collectIds(plain, ['id', 'item_group_id', 'gtin', 'mpn']), notes: [] };
}

/** "g:id" -> "id"; case does not matter in the wild. */
function localName(name: string): string {
  return name.slice(name.lastIndexOf(':') + 1).toLowerCase();
}

function brokenXml(path: string, cause: unknown): Error {
  const [what = '', line = ''] = String((cause as Error).message).split('\n');
  return badInput(
    `${path} is not well-formed XML: ${what.trim()}${/^Line: (\d+)/.test(line) ? ` near line ${Number(line.slice(6)) + 1}` : ''}. A bare & must be written &amp;, and every tag be closed; export the feed again.`,
    { path },
    cause,
  );
}
