import { isZeroRow, readRow } from '../kernels/itemMatrix.js';
import { inverseNorm } from '../kernels/topK.js';
import { placeByContent, textTerms } from '../models/contentTerms.js';
import { isUnder } from '../ranking/categoryPath.js';
import type { Candidates, Cause, Contribution } from './candidates.js';
import { scanned } from './personal.js';
import type { Ask, Shop } from './shop.js';
import { NotHere, knownRows } from './shop.js';

/** One thing on the page with its direction, of length 1. */
interface Topic {
  readonly cause: Cause;
  readonly unit: Float32Array;
}

/** Ranks by likeness to what the page is about: its item, the search that led there, its category, each in equal parts. */
export async function content(shop: Shop, ask: Ask): Promise<Candidates | NotHere> {
  const found = await shop.content();
  if (!found) return new NotHere('the folder has no content table');
  const { matrix, loaded } = found;
  const topics = [...itemTopics(shop, ask, matrix), ...(await searchTopics(shop, ask)), ...categoryTopics(shop, ask, matrix)];
  if (topics.length === 0) return new NotHere('the page names no item, category or search that is known');
  const query = new Float32Array(matrix.dimensions);
  for (const { unit } of topics) for (let j = 0; j < query.length; j++) query[j]! += unit[j]!;
  const queryScale = inverseNorm(query);
  const vector = new Float32Array(matrix.dimensions);
  return {
    strategy: 'content',
    ...scanned({ loaded, matrix, query, rule: 'cosine' }),
    // The cosine is linear in the query's parts.
    explain: (row): Contribution[] => {
      const scale = inverseNorm(readRow(matrix, row, vector));
      return topics.map(({ cause, unit }) => {
        const similarity = dot(unit, vector) * scale;
        return { cause: cause.kind === 'looksSimilar' ? { ...cause, similarity } : cause, contribution: similarity * queryScale };
      });
    },
  };
}

type Matrix = Parameters<typeof readRow>[0];

function itemTopics(shop: Shop, { itemIds }: Ask, matrix: Matrix): Topic[] {
  const { catalog } = shop.context.model;
  return knownRows(shop, itemIds)
    .filter((row) => !isZeroRow(matrix, row))
    .map((row) => {
      const cause: Cause = { kind: 'looksSimilar', itemId: catalog.itemId(row), title: catalog.title(row), similarity: 0 };
      return { cause, unit: toUnit(readRow(matrix, row, new Float32Array(matrix.dimensions))) };
    });
}

async function searchTopics({ tables }: Shop, { searchTerm }: Ask): Promise<Topic[]> {
  const terms = searchTerm === null ? null : await tables.contentTerms();
  if (!terms) return [];
  const unit = placeByContent(terms, new Map(textTerms(searchTerm!).map((term) => [term, 1])));
  return unit ? [{ cause: { kind: 'search', query: searchTerm! }, unit }] : [];
}

/** A category lies where its items do on average. */
function categoryTopics({ context }: Shop, { category, itemIds }: Ask, matrix: Matrix): Topic[] {
  const column = context.model.catalog.column('category');
  if (category === null || itemIds.length > 0 || !column) return [];
  const isIn = isUnder(category);
  const sum = new Float32Array(matrix.dimensions);
  const vector = new Float32Array(matrix.dimensions);
  for (let row = 0; row < matrix.itemCount; row++) {
    const own = [column[row] ?? []].flat() as string[];
    if (!own.some(isIn)) continue;
    const scale = inverseNorm(readRow(matrix, row, vector));
    for (let j = 0; j < sum.length; j++) sum[j]! += scale * vector[j]!;
  }
  if (sum.every((value) => value === 0)) return [];
  const cause: Cause = { kind: 'attribute', field: 'category', value: category, itemId: '', title: category };
  return [{ cause, unit: toUnit(sum) }];
}

function toUnit(vector: Float32Array): Float32Array {
  const scale = inverseNorm(vector);
  return vector.map((value) => value * scale);
}

function dot(a: Float32Array, b: Float32Array): number {
  let sum = 0;
  for (let j = 0; j < a.length; j++) sum += a[j]! * b[j]!;
  return sum;
}
