import type { CategoryPlan } from './categoryPlan.js';
import { keyboards, laptops, mice, monitors, routers, storage } from './plans/computing.js';
import { cases, chargers, phones, tablets, watches } from './plans/mobile.js';
import { cameras, consoles, drones, earbuds, headphones, lenses, speakers, televisions } from './plans/soundAndImage.js';

/** The shop's shelves, in the order in which the page shows them. */
export const CATEGORIES: readonly CategoryPlan[] = [
  laptops,
  phones,
  tablets,
  headphones,
  earbuds,
  speakers,
  cameras,
  lenses,
  monitors,
  keyboards,
  mice,
  televisions,
  watches,
  chargers,
  storage,
  routers,
  consoles,
  drones,
  cases,
];

/** Returns the Chinese name of a category, or the name itself where there is none. */
export function categoryLabel(name: string, language: 'en' | 'zh'): string {
  if (language === 'en') return name;
  return CATEGORIES.find((plan) => plan.name === name)?.nameZh ?? name;
}
