import { isZeroRow, readRow } from '../kernels/itemMatrix.js';
import { categoryPath } from '../ranking/categoryPath.js';
import type { Candidates, Contribution } from './candidates.js';
import { addTo, scoredCandidates } from './candidates.js';
import { scanned } from './personal.js';
import type { Ask, Shop } from './shop.js';
import { NotHere, knownRows } from './shop.js';
import { DATE_FIELDS } from './shopWide.js';

/** Ranks by likeness of texts and attributes to the first item named; without content vectors by the attributes they share. */
export async function lookingSimilar(shop: Shop, { itemIds }: Ask): Promise<Candidates | NotHere> {
  const [row] = knownRows(shop, itemIds);
  if (row === undefined) return new NotHere('no item was named');
  const content = await shop.content();
  if (!content || isZeroRow(content.matrix, row)) return byAttributes(shop, row);
  const { matrix, loaded } = content;
  const { catalog } = shop.context.model;
  const itemId = catalog.itemId(row);
  const title = catalog.title(row);
  return {
    strategy: 'lookingSimilar',
    ...scanned({ loaded, matrix, query: readRow(matrix, row, new Float32Array(matrix.dimensions)), rule: 'cosine' }),
    explain: (_, score) => [{ cause: { kind: 'looksSimilar', itemId, title, similarity: score }, contribution: score }],
  };
}

/** What a shared value says: a category much, other attributes as much as they are rare. */
const CATEGORY_WEIGHT = 2;
/** A value that most items have says nothing of likeness. */
const MOST_SHARED = 0.5;

function byAttributes({ context, index }: Shop, row: number): Candidates | NotHere {
  const { catalog } = context.model;
  const scores = new Map<number, number>();
  const reasons: { readonly field: string; readonly value: string; readonly has: (other: number) => boolean; readonly weight: number }[] =
    [];
  for (const { name, type } of catalog.fields) {
    if ((type !== 'string' && type !== 'strings') || LEFT_OUT.has(name)) continue;
    for (const value of [catalog.value(row, name) ?? []].flat() as string[]) {
      const isCategory = name === 'category' && categoryPath(value).length > 0;
      const rows = index.rows(index.parse({ [name]: isCategory ? { under: value } : { eq: value } }));
      const { size } = rows;
      if (size < 2 || (!isCategory && size > MOST_SHARED * catalog.itemCount)) continue;
      const weight = (isCategory ? CATEGORY_WEIGHT : 1) * Math.max(0.1, Math.log(catalog.itemCount / size) / Math.log(catalog.itemCount));
      reasons.push({ field: name, value, has: (other) => rows.has(other), weight });
      for (let other = 0; other < catalog.itemCount; other++) if (other !== row && rows.has(other)) addTo(scores, other, weight);
    }
  }
  if (reasons.length === 0) return new NotHere('the item shares no attribute with another, and the folder has no content table');
  const itemId = catalog.itemId(row);
  const title = catalog.title(row);
  return scoredCandidates('lookingSimilar', scores, (other): Contribution[] =>
    reasons
      .filter(({ has }) => has(other))
      .map(({ field, value, weight }) => ({ cause: { kind: 'attribute', field, value, itemId, title }, contribution: weight })),
  );
}

/** What says nothing of an item's kind. */
const LEFT_OUT = new Set(['itemId', 'title', 'description', 'url', 'image', 'currency', ...DATE_FIELDS]);
