import type { CatalogItem } from '../core/types.js';
import { badInput } from './cliIo.js';
import { exampleIds, guessMismatch } from '../core/events/idMismatch.js';
import type { CatalogFormat } from './readers/catalogFormat.js';
import { CATALOG_COLUMNS, parseColumnOverrides } from '../core/events/columnNames.js';
import { readCatalog } from './readers/readCatalog.js';
import { formatPercent } from './terminal.js';

export interface PackItemsOptions {
  readonly ids?: string;
  readonly catalog?: string;
  readonly catalogColumns?: string;
  readonly catalogFormat?: CatalogFormat;
  /** Least share of the ids that the catalogue must have. */
  readonly minCoverage: number;
}

/**
 * The catalogue's items of these ids in their order; an id alone where the catalogue lacks it.
 * Throws `cli/bad-input` with ten ids of either side when it has too few of them.
 */
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
  const missing = ids.filter((id) => !known.has(id));
  const coveredCount = ids.length - missing.length;
  const coverage = coveredCount / ids.length;
  if (coveredCount === 0 || coverage < options.minCoverage) {
    const [model, shop] = [exampleIds(missing), exampleIds(known.keys())];
    const hint = guessMismatch({ left: ids, right: new Set(known.keys()), alternatives: catalog.idColumns });
    throw badInput(
      `Only ${formatPercent(coverage)} of the model's ${ids.length} items are in ${options.catalog} (at least ${formatPercent(options.minCoverage)} are needed, --min-coverage). ` +
        `Ids of the model that the catalogue lacks: ${model.join(', ')}. Ids in the catalogue: ${shop.join(', ')}. ${hint ?? 'Name the right column with --catalog-columns itemId=..., or lower --min-coverage.'}`,
      { coverage, minCoverage: options.minCoverage, modelIds: model, catalogIds: shop },
    );
  }
  return { items, coveredCount };
}
