import type { Random } from './random.js';
import type { ShopItem } from './shopItem.js';
import type { Complement } from './tastes.js';

/** Items that a shopper chooses among, and how popular each is with everybody. */
export interface Shelf {
  readonly name: string;
  readonly items: readonly ShopItem[];
  readonly popularity: Float64Array;
}

export interface Shelves {
  readonly all: Shelf;
  /** By category code. */
  readonly byCode: ReadonlyMap<string, Shelf>;
  /** The items that go with one of `ecosystem`; undefined where there are none. */
  matching(complement: Complement, ecosystem: string): Shelf | undefined;
}

/** Sorts the items onto shelves with a long-tailed popularity on each. */
export function createShelves(items: readonly ShopItem[], random: Random): Shelves {
  const popularity = new Map<string, number>();
  const byCode = new Map<string, Shelf>();
  for (const [code, group] of groupByCode(items)) {
    const ranked = group.map((item) => ({ item, luck: random.next() - (item.rating - 4) * 0.15 })).sort((a, b) => a.luck - b.luck);
    ranked.forEach(({ item }, rank) => popularity.set(item.itemId, (item.inStock ? 1 : 0.5) / (rank + 4) ** 0.85));
    byCode.set(code, shelfOf(code, group));
  }
  function shelfOf(name: string, members: readonly ShopItem[]): Shelf {
    return { name, items: members, popularity: Float64Array.from(members, (item) => popularity.get(item.itemId) ?? 0) };
  }
  const fitting = new Map<string, Shelf | undefined>();
  return {
    all: shelfOf('all', items),
    byCode,
    matching({ to, kind, sameEcosystem }, ecosystem) {
      const name = `${to}/${kind ?? ''}/${sameEcosystem ? ecosystem : ''}`;
      if (!fitting.has(name)) {
        const members = (byCode.get(to)?.items ?? []).filter(
          (item) => (!kind || item['kind'] === kind) && (!sameEcosystem || item.ecosystem === ecosystem),
        );
        fitting.set(name, members.length > 0 ? shelfOf(name, members) : undefined);
      }
      return fitting.get(name);
    },
  };
}

function groupByCode(items: readonly ShopItem[]): Map<string, ShopItem[]> {
  const groups = new Map<string, ShopItem[]>();
  for (const item of items) {
    const code = item.itemId.slice(0, 3);
    const group = groups.get(code);
    if (group) group.push(item);
    else groups.set(code, [item]);
  }
  return groups;
}
