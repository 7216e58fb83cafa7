import type { CatalogItem } from '../core/types.js';
import { badInput } from './cliIo.js';
import type { CatalogFormat } from './readers/catalogFormat.js';
import { CATALOG_COLUMNS, parseColumnOverrides } from '../core/events/columnNames.js';
import { readCatalog } from './readers/readCatalog.js';

export interface PackItemsOptions {
  readonly ids?: string;
  readonly catalog?: string;
  readonly catalogColumns?: string;
  readonly catalogFormat?: CatalogFormat;
}

/** The catalogue's items of these ids in their order; an id alone where the catalogue lacks it. Throws `cli/bad-input` when it has none of them. */
export async function packItems(
  ids: readonly string[],
  options: PackItemsOptions,
): Promise<{ items: CatalogItem[]; coveredCount: number | null }> {
  if (options.catalog === undefined) return { items: ids.map((itemId) => ({ itemId })), coveredCount: null };
  const catalog = await readCatalog(
    options.catalog,
    parseColumnOverrides(options.catalogColumns, Object.keys(CATALOG_COLUMNS)),
    options.catalogFormat,
  );
  const known = new Map(catalog.items.map((item) => [item.itemId, item]));
  const items = ids.map((itemId) => known.get(itemId) ?? { itemId });
  const coveredCount = ids.reduce((sum, id) => sum + (known.has(id) ? 1 : 0), 0);
  if (coveredCount === 0) {
    throw badInput(
      `None of the ${ids.length} ids of ${options.ids} is in ${options.catalog}. Ids of the model: ${ids.slice(0, 10).join(', ')}. Ids of the catalogue: ${catalog.items
        .slice(0, 10)
        .map((item) => item.itemId)
        .join(', ')}. Name the right column with --catalog-columns itemId=...`,
    );
  }
  return { items, coveredCount };
}
