import type { CatalogRow, CatalogRows } from './catalogRows.js';
import { collectIds, ColumnFinder, filled } from './catalogRows.js';
import { plainText } from './plainText.js';

/**
 * Reads the rows of Shopify's product CSV, with the headers of either time ("Handle", "Body (HTML)", "Variant SKU" or "URL handle",
 * "Description", "SKU"). Each variant is an item; rows of one handle share what only the first of them says. The id is the SKU, or
 * the handle where a product has none; `idColumn` names another column ("Handle": one item per product). Rows that only add a picture
 * are passed over. Drafts and archived products stay, out of stock. Costs and other columns not named here are not kept.
 */
export function shopifyProducts(rows: readonly CatalogRow[], idColumn: string | undefined): CatalogRows {
  const names = Object.keys(rows[0] ?? {});
  const find = new ColumnFinder(names);
  const handleName = find.name('handle', 'urlhandle');
  const skuName = find.name('variantsku', 'sku');
  const products = new Map<string, CatalogRow>();
  let handle = '';
  let hiddenCount = 0;
  const items: CatalogRow[] = [];
  for (const row of rows) {
    handle = find.text(row, 'handle', 'urlhandle') || handle;
    const first = products.get(handle) ?? row;
    products.set(handle, first);
    const own = (...spellings: string[]): string => find.text(row, ...spellings);
    const shared = (...spellings: string[]): string => own(...spellings) || find.text(first, ...spellings);
    const isPicture = row !== first && own('variantsku', 'sku', 'variantprice', 'price', 'option1value') === '';
    if (isPicture) continue;
    const isHidden = /^(draft|archived)$/i.test(shared('status')) || /^false$/i.test(shared('published', 'publishedononlinestore'));
    if (isHidden) hiddenCount++;
    const options: Record<string, string> = {};
    for (const number of [1, 2, 3]) {
      const name = shared(`option${number}name`);
      const value = own(`option${number}value`);
      // "Title: Default Title" stands where a product has no variants.
      if (name !== '' && value !== '' && value !== 'Default Title') options[name.toLowerCase()] = value;
    }
    items.push(
      filled({
        ...options,
        itemId:
          idColumn === undefined
            ? own('variantsku', 'sku') || handle
            : String(row[idColumn] ?? '').trim() || (idColumn === handleName ? handle : ''),
        groupId: handle,
        title: shared('title'),
        description: plainText(shared('bodyhtml', 'description')),
        brand: shared('vendor'),
        category: shared('type') || shared('productcategory'),
        tags: shared('tags')
          .split(',')
          .map((tag) => tag.trim())
          .filter((tag) => tag !== ''),
        price: own('variantprice', 'price'),
        url: handle === '' ? '' : `/products/${handle}`,
        image: own('variantimage', 'variantimageurl') || shared('imagesrc', 'productimageurl'),
        inStock: isHidden
          ? false
          : isInStock(
              own('variantinventorytracker', 'inventorytracker'),
              own('variantinventoryqty', 'inventoryquantity'),
              own('variantinventorypolicy', 'continuesellingwhenoutofstock'),
            ),
      }),
    );
  }
  return {
    rows: items.map((item) =>
      (item['tags'] as string[]).length > 0 ? item : Object.fromEntries(Object.entries(item).filter(([name]) => name !== 'tags')),
    ),
    idName: idColumn ?? skuName ?? handleName ?? 'Handle',
    idColumns: collectIds(rows, [handleName, skuName, find.name('variantbarcode', 'barcode')]),
    notes: hiddenCount > 0 ? [`${hiddenCount} draft, archived or unpublished variants are kept as out of stock`] : [],
  };
}

/** Untracked stock never runs out; nor does what is sold beyond it. */
function isInStock(tracker: string, quantity: string, policy: string): boolean | undefined {
  if (/^(continue|true)$/i.test(policy)) return true;
  if (quantity === '') return tracker === '' ? true : undefined;
  return tracker === '' ? true : Number(quantity) > 0;
}
