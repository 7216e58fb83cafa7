import { readRow } from '../kernels/itemMatrix.js';
import { calibrate } from '../ranking/calibration.js';
import { diversify, diversityPoolSize } from '../ranking/diversify.js';
import { preferNovel } from '../ranking/novelty.js';
import type { Pool, Select } from '../ranking/pool.js';
import { selectBest, sortPool } from '../ranking/pool.js';
import type { Impression } from '../ranking/rotation.js';
import { ignoredCount, rotate, rotationPoolSize } from '../ranking/rotation.js';
import type { HistoryEntry, ItemId } from '../types.js';
import type { ListRequestOptions } from './listRequest.js';
import { addTo } from './candidates.js';
import type { Shop } from './shop.js';
import { metItems } from './shop.js';

export interface Selection {
  /** Absent: the best. */
  readonly select?: Select;
  readonly poolSize: number;
}

/** How a list is chosen from its candidates: less known first, ignored ones back, then unlike each other or in the shopper's mix. */
export function chooseSelection(shop: Shop, options: ListRequestOptions, limit: number): Selection {
  const { diversity = 0, diversifyBy = 'spread', novelty = 0, rotationRate = 0, calibration = 0 } = options;
  const { factors, catalog } = shop.context.model;
  const spread = diversify({
    diversity,
    rerank: diversifyBy,
    dimensions: factors.matrix.dimensions,
    readVector: (row, out) => void readRow(factors.matrix, row, out),
  });
  const categoriesOf = (row: number): readonly string[] => [catalog.value(row, 'category') ?? []].flat() as string[];
  const mix = calibrate({ calibration, categoriesOf, wanted: calibration > 0 ? categoryMix(shop, categoriesOf) : new Map() });
  const impressions = rotationRate > 0 ? impressionsOf(shop.context.history) : new Map<ItemId, Impression>();
  const { nowMs } = shop;
  const poolSize = Math.max(
    limit,
    diversity > 0 ? diversityPoolSize(limit) : 0,
    calibration > 0 || novelty > 0 ? diversityPoolSize(limit) : 0,
    rotationPoolSize(
      limit,
      rotationRate,
      Array.from(impressions.values(), (one) => ignoredCount(one, nowMs)),
    ),
  );
  if (poolSize === limit && diversity === 0) return { poolSize };
  return {
    poolSize,
    select: (pool, count, room) => {
      let ordered: Pool = preferNovel(pool, (row) => catalog.popularity(row), novelty);
      if (rotationRate > 0) ordered = rotate(ordered, (row) => impressions.get(catalog.itemId(row)), { rotationRate, limit, nowMs });
      const chosen = chooseRows(ordered, pool, count, room, diversity > 0 ? spread : null, calibration > 0 ? mix : null);
      const placeOf = new Map(Array.from(pool.rows, (row, at) => [row, at]));
      return chosen.map((row) => placeOf.get(row)!);
    },
  };
}

/** Runs the choices after one another; each but the last leaves the next one something to choose. */
function chooseRows(
  ordered: Pool,
  pool: Pool,
  count: number,
  room: Parameters<Select>[2],
  spread: Select | null,
  mix: Select | null,
): number[] {
  const choices = [spread, mix].filter((choice) => choice !== null);
  if (choices.length === 0) return selectBest(ordered, count, room).map((at) => ordered.rows[at]!);
  const scoreOf = new Map(Array.from(pool.rows, (row, at) => [row, pool.scores[at]!]));
  const sorted = (rows: readonly number[]): Pool => sortPool(rows.map((row) => ({ row, score: scoreOf.get(row)! })));
  // A reordered pool gives its head; the head grows with the pool, so that caps find what they need further down.
  const head = ordered === pool ? ordered.rows.length : Math.max(diversityPoolSize(count), Math.ceil(ordered.rows.length / 2));
  let rows: number[] = Array.from(ordered.rows.subarray(0, head));
  choices.forEach((choose, at) => {
    const from = sorted(rows);
    const wanted = at === choices.length - 1 ? count : 2 * count;
    rows = choose(from, wanted, room).map((place) => from.rows[place]!);
  });
  return rows;
}

/** What the shopper chooses, by category. */
function categoryMix(shop: Shop, categoriesOf: (row: number) => readonly string[]): Map<string, number> {
  const mix = new Map<string, number>();
  for (const { itemIndex, weight } of metItems(shop, shop.context.model.factors.entry.eventWeights)) {
    const categories = categoriesOf(itemIndex);
    for (const category of categories) addTo(mix, category, weight / categories.length);
  }
  return mix;
}

/** What was shown, counted since the shopper last did something with the item. `history` oldest first. */
export function impressionsOf(history: readonly HistoryEntry[]): Map<ItemId, Impression> {
  const impressions = new Map<ItemId, Impression>();
  for (const { event, itemId, timeMs, quantity } of history) {
    const known = impressions.get(itemId);
    if (event === 'view_item_list') {
      const shownCount = quantity + (known && !known.clicked ? known.shownCount : 0);
      impressions.set(itemId, { itemId, shownCount, lastShownMs: timeMs, clicked: false });
    } else if (known) impressions.set(itemId, { ...known, clicked: true });
  }
  return impressions;
}
