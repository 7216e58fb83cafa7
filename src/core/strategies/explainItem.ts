import { RecommenderError, show } from '../errors.js';
import { DEFAULT_LIMIT } from '../listLimits.js';
import type { Explanation } from '../strategyTypes.js';
import type { ItemId } from '../types.js';
import { reasonsOf } from './becauseOf.js';
import { listConditions, meetAll } from './conditions.js';
import type { ListRequest } from './listRequest.js';
import { checkRequest } from './listRequest.js';
import type { ListInput } from './makeList.js';
import { askOf, ladderOf } from './makeList.js';
import { RANKERS } from './rankers.js';
import { NotHere } from './shop.js';

/** Tells all reasons of an item by the first strategy of the list's ladder that scores it. Throws `input/unknown-item`. */
export async function explainItem(itemId: ItemId, request: ListRequest, { shop, texts, userVector }: ListInput): Promise<Explanation> {
  checkRequest(request);
  const { catalog } = shop.context.model;
  const row = catalog.indexOf(itemId);
  if (row === undefined) throw unknownItem(itemId, catalog.itemCount);
  const conditions = listConditions(shop, request);
  const allowed = meetAll(conditions, catalog.itemCount);
  const excludedBy = conditions.filter(({ rows }) => !rows.has(row)).map(({ condition }) => condition);
  const ladder = ladderOf(request);
  for (const name of ladder) {
    const ask = askOf(shop, request, name, userVector, request.options.limit ?? DEFAULT_LIMIT);
    const candidates = await RANKERS[name](shop, ask, allowed);
    const score = candidates instanceof NotHere ? null : candidates.scoreOf(row);
    if (candidates instanceof NotHere || score === null) continue;
    return { itemId, strategy: candidates.strategy, score, reasons: reasonsOf(candidates.explain(row, score), texts), excludedBy };
  }
  return { itemId, strategy: ladder[0]!, score: null, reasons: [], excludedBy };
}

export function unknownItem(itemId: ItemId, itemCount: number): RecommenderError {
  return new RecommenderError(
    'input/unknown-item',
    `The model does not know the item ${show(itemId)}. Ask for one of its ${itemCount} items, or add it with addItems.`,
    { itemId },
  );
}
