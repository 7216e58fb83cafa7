import { brandsOf } from './brands.js';
import { CATEGORIES } from './categories.js';
import type { CategoryPlan } from './categoryPlan.js';
import { colourNamed, coloursOf } from './colours.js';
import { createRandom, type Random } from './random.js';
import type { ShopItem } from './shopItem.js';

export interface ShopOptions {
  readonly seed: number;
  readonly itemCount?: number;
}

const TIER_FACTOR = [0.58, 1, 1.7] as const;
const TIER_WORDS = [
  ['Good value', '超值之选'],
  ['A well-rounded choice', '均衡之选'],
  ['Top of its class', '旗舰之选'],
] as const;

/** Prices end in .99, larger ones in 9.99. */
function shelfPrice(dollars: number): number {
  const rounded = dollars >= 100 ? Math.round(dollars / 10) * 10 : Math.max(6, Math.round(dollars));
  return Math.round(rounded * 100 - 1) / 100;
}

/** Shares out the number of items, so that the counts add up exactly. */
function countsPerCategory(itemCount: number): number[] {
  const total = CATEGORIES.reduce((sum, plan) => sum + plan.share, 0);
  let given = 0;
  let share = 0;
  return CATEGORIES.map((plan) => {
    share += plan.share;
    const upTo = Math.round((share / total) * itemCount);
    const count = upTo - given;
    given = upTo;
    return count;
  });
}

function generateItem(plan: CategoryPlan, number: number, random: Random, taken: Set<string>): ShopItem {
  const brand = random.pick(brandsOf(plan.code));
  const draft = plan.draft(random, brand);
  const noun = draft.noun ?? plan.noun;
  let model = '';
  for (let generation = 1; model === '' || taken.has(model); generation++) {
    const mark =
      generation > 2
        ? ` ${random.pick(['S', 'X', 'Plus', 'Pro', 'Neo', 'Max', 'Lite', 'SE'])}${generation > 5 ? ` ${generation - 3}` : ''}`
        : '';
    model = `${brand.name} ${random.pick(plan.series)} ${draft.suffix ?? String(2 + random.below(8))}${mark}`;
  }
  taken.add(model);
  const colour = colourNamed(random.pick(coloursOf(plan.colours)));
  const price = shelfPrice(plan.basePrice * TIER_FACTOR[brand.tier] * draft.priceFactor * Math.exp(0.1 * random.normal()));
  const itemId = `${plan.code}-${String(number).padStart(4, '0')}`;
  const [word, wordZh] = TIER_WORDS[brand.tier];
  return {
    itemId,
    title: `${model} ${noun[0]}`,
    titleZh: `${model} ${noun[1]}`,
    description: `${word} with ${draft.pitch[0]}. In ${colour.name.toLowerCase()}.`,
    descriptionZh: `${wordZh}：${draft.pitch[1]}。${colour.nameZh}款。`,
    brand: brand.name,
    category: plan.name,
    categoryZh: plan.nameZh,
    price,
    currency: 'USD',
    url: `#/item/${itemId}`,
    image: `shop/images/${itemId}.svg`,
    inStock: random.chance(0.95),
    rating: Math.round(Math.min(5, Math.max(2.6, 4.15 + brand.tier * 0.12 + random.normal() * 0.35)) * 10) / 10,
    ratingCount: Math.round(Math.exp(3.5 + random.normal() * 1.3)),
    tags: draft.tags,
    colour: colour.name,
    ecosystem: draft.ecosystem || brand.family || 'Open',
    ...draft.specs,
  };
}

/** Generates the shop's products. The same seed and count give the same products. */
export function generateShop({ seed, itemCount = 2000 }: ShopOptions): { items: ShopItem[] } {
  const counts = countsPerCategory(itemCount);
  const root = createRandom(seed);
  const taken = new Set<string>();
  const items = CATEGORIES.flatMap((plan, index) => {
    const random = root.fork(plan.code);
    return Array.from({ length: counts[index] ?? 0 }, (_, i) => generateItem(plan, i + 1, random, taken));
  });
  return { items };
}
