import { isZeroRow, readRow } from '../kernels/itemMatrix.js';
import type { Candidates } from './candidates.js';
import { scanned } from './personal.js';
import type { Ask, Shop } from './shop.js';
import { NotHere, knownRows } from './shop.js';

/** Ranks by likeness of factors to the first item named: what the same shoppers chose. */
export async function similar(shop: Shop, ask: Ask): Promise<Candidates | NotHere> {
  const { model, loaded } = shop.context;
  const { matrix, entry } = model.factors;
  const [row] = knownRows(shop, ask.itemIds);
  if (row === undefined) return new NotHere('no item was named');
  if (isZeroRow(matrix, row)) return new NotHere('the model never met the item');
  const query = readRow(matrix, row, new Float32Array(matrix.dimensions));
  const itemId = model.catalog.itemId(row);
  const title = model.catalog.title(row);
  return {
    strategy: 'similar',
    ...scanned({ loaded, matrix, query, rule: entry.itemRule }),
    explain: (_, score) => [{ cause: { kind: 'similar', itemId, title, similarity: score }, contribution: score }],
  };
}
