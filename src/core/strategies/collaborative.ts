import type { Candidates, Contribution } from './candidates.js';
import { addTo, denseCandidates, scoredCandidates } from './candidates.js';
import type { Shop } from './shop.js';
import { NotHere, metItems } from './shop.js';

/** Item-based collaborative filtering: what the items of the history have as neighbours. See {@link NeighborModel}. */
export async function neighbors(shop: Shop): Promise<Candidates | NotHere> {
  const model = await shop.tables.neighbors('cosine', 'ease');
  if (!model) return new NotHere('the folder has no neighbour table');
  const { entry, offsets, columns, values } = model.table;
  const met = metItems(shop, entry.eventWeights);
  const byRow = new Map(met.map((item) => [item.itemIndex, item]));
  const scores = new Map<number, number>();
  const contributions = new Map<number, Contribution[]>();
  for (const { itemIndex, weight } of model.weigh(met)) {
    const { event, itemId } = byRow.get(itemIndex)!.entry;
    const cause = { kind: 'history', event, itemId, title: shop.context.model.catalog.title(itemIndex) } as const;
    for (let at = offsets[itemIndex]!; at < offsets[itemIndex + 1]!; at++) {
      const contribution = weight * values[at]!;
      addTo(scores, columns[at]!, contribution);
      const own = contributions.get(columns[at]!) ?? [];
      contributions.set(columns[at]!, own);
      own.push({ cause, contribution });
    }
  }
  if (scores.size === 0) return new NotHere('no item of the history has neighbours');
  return scoredCandidates('neighbors', scores, (row) => contributions.get(row) ?? []);
}

/**
 * User-based collaborative filtering over prototypes (see {@link PrototypeModel}): what the nearest groups of like-minded shoppers met.
 * The cosine runs over the items both met, so a score splits exactly into what each of them brings.
 */
export async function likeMinded(shop: Shop): Promise<Candidates | NotHere> {
  const model = await shop.tables.prototypes();
  if (!model) return new NotHere('the folder has no prototypes of like-minded shoppers');
  const { offsets, columns, values } = model.table;
  const { catalog } = shop.context.model;
  const met = metItems(shop, null);
  const near = model.nearest(met);
  if (near.length === 0) return new NotHere('no group of shoppers shares an item with this one');
  const own = new Set(met.map(({ itemIndex }) => itemIndex));
  // What the shopper shares with each group, as places of the table; looked up when the first item is explained.
  let shared: { readonly places: readonly number[]; readonly total: number }[] | null = null;
  const findShared = (): NonNullable<typeof shared> =>
    near.map(({ prototype }) => {
      const places: number[] = [];
      for (let at = offsets[prototype]!; at < offsets[prototype + 1]!; at++) if (own.has(columns[at]!)) places.push(at);
      return { places, total: places.reduce((sum, at) => sum + values[at]!, 0) };
    });
  return denseCandidates('likeMinded', model.scores(near).takeAll(), (row) => {
    const parts = new Map<number, number>();
    shared ??= findShared();
    shared.forEach(({ places, total }, group) => {
      const { prototype, similarity } = near[group]!;
      const [from, to] = [offsets[prototype]!, offsets[prototype + 1]!];
      const place = columns.subarray(from, to).indexOf(row);
      if (place < 0) return;
      const scale = (similarity * values[from + place]!) / total;
      for (const at of places) addTo(parts, columns[at]!, scale * values[at]!);
    });
    return [...parts].map(([item, contribution]) => ({
      cause: { kind: 'neighbours', score: contribution, itemId: catalog.itemId(item), title: catalog.title(item) },
      contribution,
    }));
  });
}
