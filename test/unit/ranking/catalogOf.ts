import { inferFields } from '../../../src/core/artifact/catalogShard.js';
import { Catalog } from '../../../src/core/catalog.js';
import type { CatalogItem } from '../../../src/core/types.js';

/** A catalogue of these items; their fields are inferred. */
export function catalogOf(items: readonly CatalogItem[]): Catalog {
  const fields = inferFields(items);
  const columns = new Map(fields.map(({ name }) => [name, items.map((item) => item[name] ?? null)]));
  return Catalog.fromShards([{ itemIds: items.map(({ itemId }) => itemId), columns }], fields);
}
