import { createRandom, hashText } from './random.js';
import { createShelves, type Shelf } from './shelves.js';
import type { SessionEvent, ShopItem } from './shopItem.js';
import { COMPLEMENTS, type Complement } from './tastes.js';

export interface OrderOptions {
  readonly items: readonly ShopItem[];
  readonly seed: number;
  readonly orderCount?: number;
  readonly days?: number;
  readonly untilMs?: number;
}

const DAY_MS = 86_400_000;
/** Most go home with the same few companions of a product. */
const COMPANIONS = [0.5, 0.3, 0.2];

/** Who came to the shop takes more along than who clicks. */
const EAGERNESS = 1.7;

/** What people take along at the counter, beside what the web shop's shoppers look for. */
const AT_THE_COUNTER: readonly Complement[] = [
  ...COMPLEMENTS,
  ...['HEA', 'EAR', 'SPK', 'WAT', 'CAS', 'MOU', 'NET', 'STO'].map((from) => ({ from, to: 'CHG', probability: 0.6 })),
  { from: 'TVS', to: 'NET', probability: 0.3 },
  { from: 'LEN', to: 'CAS', probability: 0.4, kind: 'camera' },
  { from: 'CHG', to: 'CHG', probability: 0.6 },
  { from: 'STO', to: 'STO', probability: 0.4 },
  { from: 'MOU', to: 'KEY', probability: 0.5 },
  { from: 'CAS', to: 'EAR', probability: 0.3 },
];

/**
 * Simulates the till of the shop's counter: orders of a product and what belongs to it, by people of whom nothing else is known. It is
 * where the counts of "often bought together" come from. Sorted by time.
 */
export function generateOrders(options: OrderOptions): SessionEvent[] {
  const { items, seed, orderCount = 10_000, days = 92, untilMs = Date.UTC(2026, 5, 1) } = options;
  const random = createRandom(seed).fork('orders');
  // The same favourites as those of the sessions.
  const shelves = createShelves(items, createRandom(seed).fork('sessions').fork('popularity'));
  const mainWeights = shelves.all.popularity.map((weight, at) => (items[at]?.inStock ? Math.sqrt(weight) : 0));
  const companions = new Map<string, readonly ShopItem[]>();

  function companionsOf(main: ShopItem, shelf: Shelf): readonly ShopItem[] {
    const key = `${main.itemId}/${shelf.name}`;
    let found = companions.get(key);
    if (!found) {
      // It depends on the product, not on what sells best.
      const fit = (item: ShopItem): number => hashText(`${main.itemId} ${item.itemId}`) * (item.brand === main.brand ? 1.2 : 1);
      found = shelf.items
        .filter((item) => item !== main && item.inStock)
        .sort((a, b) => fit(b) - fit(a) || (a.itemId < b.itemId ? -1 : 1))
        .slice(0, COMPANIONS.length);
      companions.set(key, found);
    }
    return found;
  }

  const orders = Array.from({ length: orderCount }, (_, at) => {
    const main = items[random.weighted(mainWeights)] as ShopItem;
    const basket = new Set([main]);
    for (const complement of AT_THE_COUNTER) {
      if (complement.from !== main.itemId.slice(0, 3) || !random.chance(Math.min(0.9, EAGERNESS * complement.probability))) continue;
      const shelf = shelves.matching(complement, main.ecosystem);
      const companion = shelf && companionsOf(main, shelf)[random.weighted(COMPANIONS)];
      if (companion) basket.add(companion);
    }
    const timestampMs = untilMs - 1 - Math.floor(random.next() * days * DAY_MS);
    const userId = `till-${String(at + 1).padStart(5, '0')}`;
    return [...basket].map((item) => ({ userId, sessionId: userId, event: 'purchase' as const, itemId: item.itemId, timestampMs }));
  });
  return orders.sort((a, b) => a[0]!.timestampMs - b[0]!.timestampMs || (a[0]!.userId < b[0]!.userId ? -1 : 1)).flat();
}
