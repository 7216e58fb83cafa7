import type { Catalog } from '../catalog.js';
import { RowMask } from '../ranking/rowMask.js';
import type { HistoryEntry } from '../types.js';
import { EVENT_NAMES } from '../types.js';
import type { EvaluationCase } from './eventTable.js';
import type { RowMap } from './scorer.js';

/** The events of a case as a page would keep them, oldest first; items that the folder does not know are left out. */
export function caseHistory({ items, kinds, timesMs }: EvaluationCase, rows: RowMap, catalog: Catalog): HistoryEntry[] {
  const history: HistoryEntry[] = [];
  items.forEach((item, at) => {
    const row = rows.toFolder[item]!;
    if (row >= 0) history.push({ timeMs: timesMs[at]!, event: EVENT_NAMES[kinds[at]!]!, itemId: catalog.itemId(row), quantity: 1 });
  });
  return history;
}

/** Leaves out the items of the case's history. */
export function seenRows({ items }: EvaluationCase, rows: RowMap, itemCount: number): RowMask {
  const mask = new RowMask(itemCount);
  for (const item of items) if (rows.toFolder[item]! >= 0) mask.exclude(rows.toFolder[item]!);
  return mask;
}

/** Fills a list up to k with the first rows, which are the popular items. */
export function fillUp(own: Uint32Array, itemCount: number, k: number, excluded: RowMask | null): Uint32Array {
  if (own.length >= k) return own;
  const list = [...own];
  const taken = new Set(own);
  for (let row = 0; row < itemCount && list.length < k; row++) if (!taken.has(row) && !excluded?.has(row)) list.push(row);
  return Uint32Array.from(list);
}

/** The first rows that `excluded` allows: the popular ones. */
export function firstRows(itemCount: number, k: number, excluded: RowMask | null): Uint32Array {
  return fillUp(new Uint32Array(), itemCount, k, excluded);
}
