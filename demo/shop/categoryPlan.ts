import type { Brand } from './brands.js';
import type { ColourShelf } from './colours.js';
import type { Random } from './random.js';
import type { SpecValue } from './shopItem.js';

/** What a plan decides about one product. */
export interface ItemDraft {
  /** Flat spec fields; `kind` names the sort of product where a category has several. */
  readonly specs: Readonly<Record<string, SpecValue>>;
  /** Multiplies the category's base price. */
  readonly priceFactor: number;
  readonly tags: readonly string[];
  /** Replaces the category's noun in the title. */
  readonly noun?: readonly [en: string, zh: string];
  /** One short clause each, put into the description. */
  readonly pitch: readonly [en: string, zh: string];
  readonly ecosystem?: string;
  /** Stands in the model name where a number tells more than a counter ("27", "50 mm f/1.8"). */
  readonly suffix?: string;
}

/** How the products of a category are made up. */
export interface CategoryPlan {
  readonly code: string;
  readonly name: string;
  readonly nameZh: string;
  readonly noun: readonly [en: string, zh: string];
  /** Relative number of products. */
  readonly share: number;
  /** US dollars of a middle product of a middle brand. */
  readonly basePrice: number;
  readonly colours: ColourShelf;
  /** Names of model lines. */
  readonly series: readonly string[];
  draft(random: Random, brand: Brand): ItemDraft;
}

/** Draws a step of a ladder of sizes; premium brands stand higher on it. */
export function step<T>(random: Random, tier: number, ladder: readonly T[]): { value: T; height: number } {
  const middle = (ladder.length - 1) * (0.22 + 0.28 * tier);
  const index = Math.max(0, Math.min(ladder.length - 1, Math.round(middle + random.normal() * ladder.length * 0.24)));
  return { value: ladder[index] as T, height: ladder.length > 1 ? index / (ladder.length - 1) : 0 };
}
