import { basketEvidence } from '../artifact/tables/neighborTable.js';
import { cartItems } from '../ranking/exclusions.js';
import type { Candidates, Contribution } from './candidates.js';
import { addTo, scoredCandidates } from './candidates.js';
import type { Ask, Shop } from './shop.js';
import { NotHere, knownRows } from './shop.js';

/**
 * Ranks what is bought with the named items, else with the cart: the mean of the table's values over the items of the basket, so that
 * what goes with several of them comes before what goes with one.
 */
export async function boughtTogether(shop: Shop, { itemIds }: Ask): Promise<Candidates | NotHere> {
  const table = await shop.tables.baskets();
  if (!table) return new NotHere('the folder has no table of what is bought together');
  const basket = knownRows(shop, itemIds.length > 0 ? itemIds : [...cartItems(shop.history)]);
  if (basket.length === 0) return new NotHere('no item was named, and the cart is empty');
  const { catalog } = shop.context.model;
  const { offsets, columns, values } = table;
  const scores = new Map<number, number>();
  const contributions = new Map<number, Contribution[]>();
  for (const row of basket) {
    for (let at = offsets[row]!; at < offsets[row + 1]!; at++) {
      const other = columns[at]!;
      const contribution = values[at]! / basket.length;
      const evidence = basketEvidence(table, row, at);
      addTo(scores, other, contribution);
      const own = contributions.get(other) ?? [];
      contributions.set(other, own);
      own.push({
        cause: {
          kind: 'boughtTogether',
          itemId: catalog.itemId(row),
          title: catalog.title(row),
          count: evidence?.count ?? null,
          lift: evidence?.lift ?? null,
        },
        contribution,
      });
    }
  }
  return scoredCandidates('boughtTogether', scores, (row) => contributions.get(row) ?? []);
}
