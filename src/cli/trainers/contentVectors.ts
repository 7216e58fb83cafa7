import type { ContentInput } from '../../core/artifact/tables/contentTable.js';
import { itemTerms, termWeight } from '../../core/models/contentTerms.js';
import type { CatalogItem } from '../../core/types.js';
import type { SparseRows } from './sparseRows.js';
import type { TrainerHooks } from './trainerHooks.js';
import { truncatedSvd } from './truncatedSvd.js';

export interface ContentOptions {
  readonly dimensions: number;
  /** The most common terms are kept. */
  readonly maxTerms: number;
  readonly seed: number;
}

/** A term of one item says nothing of likeness; one of more than this share of items says as little. */
const MIN_ITEMS = 2;
const MAX_SHARE = 0.5;

/**
 * Makes content vectors: TF-IDF rows of length 1, reduced by truncated SVD (latent semantic analysis; Deerwester et al. 1990), so item
 * i lies at x_i V and a new one is placed by the same sum of term rows. Null where no term stands in two items.
 */
export async function makeContent(
  items: readonly CatalogItem[],
  fields: readonly string[],
  { dimensions, maxTerms, seed }: ContentOptions,
  hooks: TrainerHooks = {},
): Promise<Omit<ContentInput, 'factorMap'> | null> {
  const counts = items.map((item) => itemTerms(item, fields));
  const documents = new Map<string, number>();
  for (const terms of counts) for (const term of terms.keys()) documents.set(term, (documents.get(term) ?? 0) + 1);
  const isUseful = (count: number): boolean => count >= MIN_ITEMS && count <= Math.max(MIN_ITEMS, MAX_SHARE * items.length);
  const chosen = [...documents]
    .filter(([, count]) => isUseful(count))
    .sort((a, b) => b[1] - a[1] || (a[0] < b[0] ? -1 : 1))
    .slice(0, maxTerms);
  if (chosen.length === 0) return null;
  const rowOf = new Map(chosen.map(([term], row) => [term, row]));
  const idf = Float32Array.from(chosen, ([, count]) => Math.log(items.length / count) + 1);
  const rows = toRows(counts, rowOf, idf);
  const width = Math.min(dimensions, chosen.length, items.length);
  const { columns: termRows } = await truncatedSvd(rows, { factors: width, seed }, hooks);
  const vectors = new Float32Array(items.length * width);
  for (let row = 0; row < rows.rowCount; row++) {
    for (let at = rows.offsets[row]!; at < rows.offsets[row + 1]!; at++) {
      const from = rows.columns[at]! * width;
      for (let j = 0; j < width; j++) vectors[row * width + j]! += rows.values[at]! * termRows[from + j]!;
    }
  }
  return {
    entry: { algorithm: 'tf-idf, truncated svd', dimensions: width, fields, coldItems: 0 },
    rows: vectors,
    terms: chosen.map(([term]) => term),
    idf,
    termRows,
  };
}

/** Items x terms, each row of length 1. */
function toRows(counts: readonly ReadonlyMap<string, number>[], rowOf: ReadonlyMap<string, number>, idf: Float32Array): SparseRows {
  const offsets = new Uint32Array(counts.length + 1);
  const columns: number[] = [];
  const values: number[] = [];
  counts.forEach((terms, row) => {
    const start = columns.length;
    let squares = 0;
    for (const [term, count] of terms) {
      const column = rowOf.get(term);
      if (column === undefined) continue;
      const weight = termWeight(count, idf[column]!);
      columns.push(column);
      values.push(weight);
      squares += weight ** 2;
    }
    for (let at = start; at < values.length; at++) values[at]! /= Math.sqrt(squares);
    offsets[row + 1] = columns.length;
  });
  return {
    rowCount: counts.length,
    columnCount: rowOf.size,
    offsets,
    columns: Uint32Array.from(columns),
    values: Float32Array.from(values),
  };
}
