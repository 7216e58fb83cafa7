import { URL_FIELD, fieldType, isSafeUrl } from '../artifact/catalogShard.js';
import type { CatalogField } from '../artifact/manifest.js';
import type { LoadedModel, ScratchBytes } from '../artifact/readModelFolder.js';
import { RecommenderError, show } from '../errors.js';
import { createItemMatrix, setRow } from '../kernels/itemMatrix.js';
import type { ItemMatrix } from '../kernels/topK.js';
import { FactorModel } from '../models/factorModel.js';
import type { CatalogIndex } from '../ranking/catalogIndex.js';
import type { RowMask } from '../ranking/rowMask.js';
import type { CatalogChange, ItemUpdate } from '../strategyTypes.js';
import type { CatalogItem, FieldValue, ItemId } from '../types.js';

const FORBIDDEN = new Set(['__proto__', 'constructor', 'prototype']);

/**
 * Changes catalogue values in place: the next list of any kind sees them. Checks all values before it changes one. Throws
 * `input/invalid` on a value of another type than its field's.
 */
export function updateItems(updates: readonly ItemUpdate[], model: LoadedModel, index: CatalogIndex, unavailable: RowMask): CatalogChange {
  const { catalog } = model;
  const ignored: ItemId[] = [];
  const changes: { row: number; field: CatalogField; value: FieldValue | null }[] = [];
  for (const update of checkItems(updates, 'updateItems')) {
    const row = catalog.indexOf(update.itemId);
    if (row === undefined) {
      ignored.push(update.itemId);
      continue;
    }
    for (const [name, value] of Object.entries(update)) {
      if (name === 'itemId' || value === undefined) continue;
      const field = fieldOf(catalog.fields, update.itemId, name, value);
      if (field) changes.push({ row, field, value });
    }
  }
  for (const { row, field, value } of changes) catalog.setValue(row, field, value);
  index.invalidate(changes.map(({ field }) => field.name));
  for (const row of new Set(changes.map((change) => change.row))) {
    const isOut = catalog.value(row, 'inStock') === false || catalog.value(row, 'price') === 0;
    if (isOut) unavailable.words[row >> 5]! |= 1 << (row & 31);
    else unavailable.words[row >> 5]! &= ~(1 << (row & 31));
  }
  return { items: updates.length - ignored.length, ignored };
}

/** Puts items behind the catalogue's rows; resolves ids that are there already to `ignored`. Throws as {@link updateItems}. */
export function appendItems(
  items: readonly CatalogItem[],
  { catalog }: LoadedModel,
  index: CatalogIndex,
): CatalogChange & { readonly added: CatalogItem[] } {
  const own = new Set<ItemId>();
  const added = checkItems(items, 'addItems').filter(({ itemId }) => {
    if (catalog.indexOf(itemId) !== undefined || own.has(itemId)) return false;
    own.add(itemId);
    return true;
  });
  const fields = added.map((item) =>
    Object.entries(item).flatMap(([name, value]) => {
      if (name === 'itemId' || value === undefined) return [];
      const field = fieldOf(catalog.fields, item.itemId, name, value);
      return field ? [{ field, value }] : [];
    }),
  );
  const start = catalog.itemCount;
  catalog.append({ itemIds: added.map(({ itemId }) => itemId), columns: new Map() });
  fields.forEach((values, at) => {
    for (const { field, value } of values) catalog.setValue(start + at, field, value);
  });
  index.invalidate();
  return { added, items: added.length, ignored: items.map(({ itemId }) => itemId).filter((itemId) => !own.has(itemId)) };
}

/** Copies a matrix with room for more rows; `vectors` are the new ones by row, others stay zero. */
export function growMatrix(
  matrix: ItemMatrix,
  itemCount: number,
  vectors: ReadonlyMap<number, Float32Array>,
  scratchBytes: ScratchBytes | null,
): ItemMatrix {
  const { dimensions, rows, scales, cosineScales, biases, exactRows } = matrix;
  const grown = createItemMatrix({
    itemCount,
    dimensions,
    hasBiases: biases !== null,
    hasExactRows: exactRows !== null,
    wasmScratchBytes: scratchBytes && matrix.memory ? scratchBytes(itemCount, dimensions) : null,
  });
  grown.rows.set(rows);
  grown.scales.set(scales);
  grown.cosineScales.set(cosineScales);
  if (biases) grown.biases!.set(biases);
  if (exactRows) grown.exactRows!.set(exactRows);
  for (const [row, vector] of vectors) setRow(grown, row, vector);
  return grown;
}

/** A model with room for the items that were added; the catalogue, and all that is read, stays the same. */
export function growModel(model: LoadedModel, vectors: ReadonlyMap<number, Float32Array>, scratchBytes: ScratchBytes | null): LoadedModel {
  const { manifest, catalog, factors, sequence } = model;
  const { itemCount } = catalog;
  const isShared = sequence?.matrix === factors.matrix;
  const matrix = growMatrix(factors.matrix, itemCount, isShared ? new Map() : vectors, scratchBytes);
  return {
    manifest: { ...manifest, itemCount },
    catalog,
    factors: new FactorModel(factors.entry, matrix, factors.gram),
    sequence: sequence && { ...sequence, matrix: isShared ? matrix : growMatrix(sequence.matrix, itemCount, new Map(), scratchBytes) },
    availableRows: itemCount,
  };
}

function checkItems<Item extends { readonly itemId: ItemId }>(items: readonly Item[], call: string): readonly Item[] {
  if (!Array.isArray(items)) throw invalid(`${call} needs a list such as [{itemId: "A1", price: 20}], not ${show(items)}.`);
  for (const item of items) {
    if (typeof item?.itemId !== 'string' || item.itemId === '')
      throw invalid(`${call} was given ${show(item)}. Every item needs its itemId, a text.`);
  }
  return items;
}

/** The field of a value, a new one where the catalogue has none; null for a null of a field that is not there. */
function fieldOf(fields: readonly CatalogField[], itemId: ItemId, name: string, value: unknown): CatalogField | null {
  const known = fields.find((field) => field.name === name);
  if (FORBIDDEN.has(name)) throw invalid(`The item ${show(itemId)} has the field ${show(name)}, which no item may have.`);
  if (value === null) return known ?? null;
  const isList = Array.isArray(value) && value.every((one) => typeof one === 'string');
  const isScalar = typeof value === 'string' || typeof value === 'boolean' || (typeof value === 'number' && Number.isFinite(value));
  const type = isList || isScalar ? fieldType(value) : null;
  if (type === null || (known && known.type !== type))
    throw invalid(
      `The item ${show(itemId)} has ${name} ${show(value)}. Use ${known ? `a value of type ${known.type}, as the catalogue has` : 'a text, a finite number, true or false, or a list of texts'}, or null.`,
    );
  if (URL_FIELD.test(name) && !([value].flat() as string[]).every((one) => isSafeUrl(String(one))))
    throw invalid(`The item ${show(itemId)} has ${name} ${show(value)}. Addresses begin with http://, https://, or are relative.`);
  return known ?? { name, type };
}

function invalid(message: string): RecommenderError {
  return new RecommenderError('input/invalid', message, {});
}
