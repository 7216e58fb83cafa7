import type { LoadedModel } from '../../core/artifact/readModelFolder.js';
import type { Catalog } from '../../core/catalog.js';
import { readRow } from '../../core/kernels/itemMatrix.js';
import type { LoadedMatrix } from '../../core/kernels/topK.js';
import { topK } from '../../core/kernels/topK.js';
import { RowMask } from '../../core/ranking/rowMask.js';
import { seededRandom } from '../../core/seededRandom.js';
import type { HistoryEntry } from '../../core/types.js';
import { deriveUserState } from '../../core/userState.js';
import { drawSample } from '../trainers/seededRandom.js';
import { fastestBackend } from './evaluateModel.js';

/** How alike the lists of two folders are: the mean share of items that stand in both first 20, 0 to 1. */
export interface ListOverlap {
  readonly commonItems: number;
  readonly queryCount: number;
  /** Shopper -> item, for histories of three random items. Null: no item in common. */
  readonly userOverlap: number | null;
  /** Item -> item. */
  readonly itemOverlap: number | null;
}

export const OVERLAP_TOP = 20;
const QUERIES = 200;
const HISTORY_ITEMS = 3;

/** Asks both folders the same questions about the items they share; other items are left out of the lists. */
export async function compareLists(a: LoadedModel, b: LoadedModel, seed: number): Promise<ListOverlap> {
  const ids = (a.catalog.column('itemId') as readonly string[]).filter((id) => b.catalog.indexOf(id) !== undefined);
  if (ids.length < 2) return { commonItems: ids.length, queryCount: 0, userOverlap: null, itemOverlap: null };
  const random = seededRandom(seed);
  const queries = Array.from(drawSample(ids.length, QUERIES, random), (at) => ids[at]!);
  const histories = queries.map((first) => [
    first,
    ...Array.from({ length: HISTORY_ITEMS - 1 }, () => ids[Math.floor(random() * ids.length)]!),
  ]);
  const sides = await Promise.all([a, b].map((model) => openSide(model, new Set(ids))));
  const mean = async (questions: readonly (readonly string[])[], ask: (side: Side, ids: readonly string[]) => Promise<string[] | null>) => {
    let sum = 0;
    let count = 0;
    for (const question of questions) {
      const [left, right] = [await ask(sides[0]!, question), await ask(sides[1]!, question)];
      if (!left || !right) continue;
      const known = new Set(left);
      sum += right.filter((id) => known.has(id)).length / Math.max(1, left.length);
      count++;
    }
    return count > 0 ? sum / count : null;
  };
  const overlap = {
    commonItems: ids.length,
    queryCount: queries.length,
    userOverlap: await mean(histories, forShopper),
    itemOverlap: await mean(
      queries.map((id) => [id]),
      forItem,
    ),
  };
  for (const { loaded } of sides) loaded.dispose();
  return overlap;
}

interface Side {
  readonly model: LoadedModel;
  readonly loaded: LoadedMatrix;
  /** Rows that are not in both folders. */
  readonly foreign: RowMask;
}

async function openSide(model: LoadedModel, common: ReadonlySet<string>): Promise<Side> {
  const foreign = new RowMask(model.catalog.itemCount);
  for (let row = 0; row < model.catalog.itemCount; row++) if (!common.has(model.catalog.itemId(row))) foreign.exclude(row);
  return { model, loaded: await fastestBackend().load(model.factors.matrix), foreign };
}

async function forShopper({ model, loaded, foreign }: Side, ids: readonly string[]): Promise<string[] | null> {
  const { factors, catalog } = model;
  const event = Object.entries(factors.entry.eventWeights).find(([, weight]) => weight > 0)?.[0] ?? 'view_item';
  const history = ids.map((itemId, at) => ({ timeMs: at, event: event as HistoryEntry['event'], itemId, quantity: 1 }));
  const state = deriveUserState(factors, history, catalog);
  if (!state) return null;
  return best(catalog, loaded, model, state.vector, factors.entry.userRule, without(foreign, catalog, ids));
}

/** A zero row (an item never met in training) is like nothing: any list is as good. */
async function forItem({ model, loaded, foreign }: Side, ids: readonly string[]): Promise<string[] | null> {
  const { factors, catalog } = model;
  const query = readRow(factors.matrix, catalog.indexOf(ids[0]!)!, new Float32Array(factors.matrix.dimensions));
  if (query.every((value) => value === 0)) return null;
  return best(catalog, loaded, model, query, factors.entry.itemRule, without(foreign, catalog, ids));
}

function without(mask: RowMask, catalog: Catalog, ids: readonly string[]): RowMask {
  const copy = mask.copy();
  for (const id of ids) copy.exclude(catalog.indexOf(id)!);
  return copy;
}

async function best(
  catalog: Catalog,
  loaded: LoadedMatrix,
  { factors }: LoadedModel,
  query: Float32Array,
  rule: 'dot' | 'cosine',
  mask: RowMask,
): Promise<string[]> {
  const { indexes } = await topK(loaded, factors.matrix, { query, rule, k: OVERLAP_TOP, excluded: mask.words });
  return Array.from(indexes, (row) => catalog.itemId(row));
}
