import type { CatalogRow, CatalogRows } from './catalogRows.js';
import { collectIds, ColumnFinder, filled } from './catalogRows.js';
import { plainText } from './plainText.js';

/**
 * Reads the rows of WooCommerce's product CSV. The id is the column ID (`idColumn` names another, such as SKU). Variations take from
 * their parent what they do not say themselves. Of "Clothing > Shirts, Sale" the first path is the category. A sale price stands for
 * the regular one. Unpublished products stay, out of stock; columns not named here are not kept.
 */
export function wooProducts(rows: readonly CatalogRow[], idColumn: string | undefined): CatalogRows {
  const names = Object.keys(rows[0] ?? {});
  const find = new ColumnFinder(names);
  const idName = find.name('id');
  const skuName = find.name('sku');
  const parents = new Map<string, CatalogRow>();
  for (const row of rows) {
    const sku = find.text(row, 'sku');
    if (sku !== '') parents.set(sku, row);
    parents.set(`id:${find.text(row, 'id')}`, row);
  }
  let hiddenCount = 0;
  const attributes = [...Array(20).keys()].filter((i) => find.name(`attribute${i + 1}name`) !== undefined).map((i) => i + 1);
  const items = rows.map((row) => {
    const parentKey = find.text(row, 'parent');
    const parent = parentKey === '' ? undefined : parents.get(parentKey);
    const own = (...spellings: string[]): string => find.text(row, ...spellings);
    const shared = (...spellings: string[]): string => own(...spellings) || (parent ? find.text(parent, ...spellings) : '');
    // 1: published, 0: private, -1: draft.
    const isHidden = ['0', '-1'].includes(own('published'));
    if (isHidden) hiddenCount++;
    const options: Record<string, string> = {};
    for (const number of attributes) {
      const name = own(`attribute${number}name`);
      const value = own(`attribute${number}values`);
      if (name !== '' && value !== '') options[name.toLowerCase()] = value;
    }
    const stock = own('stock');
    return filled({
      ...options,
      itemId: own(...(idColumn === undefined ? ['id'] : [])) || String(row[idColumn ?? ''] ?? '').trim(),
      sku: own('sku'),
      groupId: parent ? find.text(parent, 'id') : parentKey,
      title: shared('name'),
      description: plainText(shared('shortdescription') || shared('description')),
      brand: shared('brands', 'brand'),
      category: firstCategory(shared('categories')),
      price: own('saleprice') || own('regularprice') || shared('saleprice', 'regularprice'),
      url: shared('externalurl'),
      image: shared('images').split(',')[0]!.trim(),
      inStock: isHidden
        ? false
        : own('instock') === ''
          ? stock === ''
            ? undefined
            : Number(stock) > 0
          : /^(1|yes|true|backorder)$/i.test(own('instock')),
    });
  });
  return {
    rows: items,
    idName: idColumn ?? idName ?? 'ID',
    idColumns: collectIds(rows, [idName, skuName, find.name('gtinupceanorisbn'), find.name('name')]),
    notes: hiddenCount > 0 ? [`${hiddenCount} unpublished products are kept as out of stock`] : [],
  };
}

/** "Clothing > Shirts, Sale" -> "Clothing > Shirts". Commas inside a name are written "\,". */
function firstCategory(text: string): string {
  return text
    .split(/(?<!\\),/)[0]!
    .replaceAll('\\,', ',')
    .trim();
}
