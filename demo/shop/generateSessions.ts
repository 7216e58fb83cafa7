import { BRANDS } from './brands.js';
import { createRandom, type Random } from './random.js';
import { createShelves, type Shelf } from './shelves.js';
import type { SessionEvent, ShopItem } from './shopItem.js';
import { COMPLEMENTS, PERSONAS } from './tastes.js';

export interface SessionOptions {
  readonly items: readonly ShopItem[];
  readonly seed: number;
  readonly shopperCount?: number;
  /** How many days before `untilMs` the log reaches back. */
  readonly days?: number;
  /** The log ends here. Fixed, so that a seed always gives the same bytes. */
  readonly untilMs?: number;
  /** Share of views that follow the crowd and not the shopper's taste. */
  readonly noise?: number;
}

const DAY_MS = 86_400_000;

interface Shopper {
  readonly userId: string;
  readonly interests: Map<string, number>;
  readonly brands: ReadonlyMap<string, number>;
  readonly ecosystems: ReadonlySet<string>;
  readonly tier: number;
  readonly colour: string;
  /** Item weights per shelf, worked out when first needed. */
  readonly weights: Map<string, Float64Array>;
}

function createShopper(number: number, random: Random): Shopper {
  const persona = PERSONAS[random.weighted(PERSONAS.map((entry) => entry.share))];
  const interests = new Map<string, number>();
  for (const [code, weight] of Object.entries(persona?.interests ?? {})) interests.set(code, weight * Math.exp(0.7 * random.normal()));
  const side = Object.keys(random.pick(PERSONAS).interests);
  if (random.chance(0.3)) interests.set(random.pick(side), 1);
  const tier = Math.max(0, Math.min(2, 1 + 0.75 * random.normal()));
  const brands = new Map<string, number>();
  for (const brand of BRANDS) brands.set(brand.name, 1.15 * random.normal() - 0.9 * Math.abs(brand.tier - tier));
  const ecosystems = new Set([
    random.pick(['Orbit', 'Meadow', 'Prism']),
    random.pick(['LV mount', 'QX mount', 'FM mount']),
    random.pick(['Pulsebox', 'Kuboid', 'Vexel']),
  ]);
  const colours = ['Graphite', 'White', 'Midnight', 'Sky', 'Sage', 'Coral', 'Black', 'Lavender'];
  return {
    userId: `shopper-${String(number).padStart(5, '0')}`,
    interests,
    brands,
    ecosystems,
    tier,
    colour: random.pick(colours),
    weights: new Map(),
  };
}

function weightsOf(shopper: Shopper, code: string, shelf: Shelf): Float64Array {
  let weights = shopper.weights.get(code);
  if (weights) return weights;
  weights = Float64Array.from(shelf.items, (item, index) => {
    const closed = item.ecosystem !== 'Open';
    const fits = closed ? (shopper.ecosystems.has(item.ecosystem) ? 1.1 : -1.4) : 0;
    const brand = shopper.brands.get(item.brand) ?? 0;
    return (shelf.popularity[index] ?? 0) * Math.exp(1.25 * brand + fits + (item.colour === shopper.colour ? 0.35 : 0));
  });
  shopper.weights.set(code, weights);
  return weights;
}

/** Draws the next product of a session: to the shopper's taste, near the one before it. */
function nextItem(shopper: Shopper, code: string, shelf: Shelf, before: ShopItem | undefined, random: Random): ShopItem | undefined {
  const weights = weightsOf(shopper, code, shelf);
  if (!before || !code.startsWith(before.itemId.slice(0, 3))) return shelf.items[random.weighted(weights)];
  const near = weights.map((weight, index) => {
    const item = shelf.items[index];
    if (!item || item === before) return 0;
    const price = Math.abs(Math.log(item.price / before.price));
    return weight * Math.exp(-1.1 * price) * (item.brand === before.brand ? 1.8 : 1) * (item['kind'] === before['kind'] ? 2 : 1);
  });
  return shelf.items[random.weighted(near)];
}

/** Simulates the shop's log: coherent sessions, complements after a purchase, a long tail and some noise. Sorted by time. */
export function generateSessions(options: SessionOptions): SessionEvent[] {
  const { items, seed, shopperCount = 8000, days = 92, untilMs = Date.UTC(2026, 5, 1), noise = 0.08 } = options;
  const root = createRandom(seed).fork('sessions');
  const shelves = createShelves(items, root.fork('popularity'));
  const events: SessionEvent[] = [];

  for (let number = 1; number <= shopperCount; number++) {
    const random = root.fork(`shopper ${number}`);
    const shopper = createShopper(number, random);
    const codes = [...shopper.interests.keys()];
    const sessionCount = 1 + Math.min(13, Math.floor(-Math.log(1 - random.next()) * 3.4));
    const starts = Array.from({ length: sessionCount }, () => untilMs - Math.floor(random.next() * days * DAY_MS)).sort((a, b) => a - b);

    starts.forEach((start, index) => {
      let timeMs = start;
      const sessionId = `${shopper.userId}-${index + 1}`;
      const log = (event: SessionEvent['event'], item: ShopItem): void => {
        if (timeMs >= untilMs) return;
        events.push({ userId: shopper.userId, sessionId, event, itemId: item.itemId, timestampMs: timeMs });
        timeMs += 8000 + Math.floor(-Math.log(1 - random.next()) * 45_000);
      };
      const code = codes[random.weighted(codes.map((entry) => shopper.interests.get(entry) ?? 0))] ?? '';
      const shelf = shelves.byCode.get(code);
      if (!shelf) return;
      let seen: ShopItem | undefined;
      const length = 2 + Math.min(9, Math.floor(-Math.log(1 - random.next()) * 3.2));
      for (let i = 0; i < length; i++) {
        const stray = random.chance(noise);
        const item: ShopItem | undefined = stray
          ? shelves.all.items[random.weighted(shelves.all.popularity)]
          : nextItem(shopper, code, shelf, seen, random);
        if (!item) continue;
        log('view_item', item);
        if (!stray) seen = item;
      }
      if (!seen || !seen.inStock || !random.chance(0.42)) return;
      log('add_to_cart', seen);
      const basket = [seen];
      for (const complement of COMPLEMENTS) {
        if (complement.from !== code || !random.chance(complement.probability)) continue;
        const main = seen;
        const there = shelves.matching(complement, main.ecosystem);
        if (!there) continue;
        const weights = weightsOf(shopper, there.name, there);
        for (let i = 1 + random.below(2); i > 0; i--) {
          const extra = there.items[random.weighted(weights)];
          if (!extra || basket.includes(extra)) continue;
          log('view_item', extra);
          if (i > 1 || !random.chance(0.55)) continue;
          log('add_to_cart', extra);
          basket.push(extra);
        }
      }
      if (random.chance(0.6)) for (const item of basket) log('purchase', item);
    });
  }
  return events.sort((a, b) => a.timestampMs - b.timestampMs || (a.userId < b.userId ? -1 : a.userId > b.userId ? 1 : 0));
}
