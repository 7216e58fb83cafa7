import type { Boost, Cap, Filter, RecommendOptions, StrategyName } from 'shelfmate';

export const STARTS = ['personal', 'popular', 'trending', 'newArrivals'] as const satisfies readonly StrategyName[];
export const LIMIT = 8;

/** What the shopper of the playground has set; null: no such rule. */
export interface RuleChoices {
  readonly start: (typeof STARTS)[number];
  readonly category: string | null;
  readonly priceMin: number | null;
  readonly priceMax: number | null;
  readonly brandCap: number | null;
  /** 0 to 1. */
  readonly diversity: number;
  readonly inStockOnly: boolean;
  readonly boostBrand: string | null;
  readonly boostFactor: number;
}

/** The options of `recommend` that these choices mean; rules that do nothing are not named. */
export function toOptions(choices: RuleChoices): RecommendOptions {
  const { start, category, priceMin, priceMax, brandCap, diversity, inStockOnly, boostBrand, boostFactor } = choices;
  const filter: Filter = {
    ...(category !== null && { category }),
    ...((priceMin !== null || priceMax !== null) && {
      price: { ...(priceMin !== null && { min: priceMin }), ...(priceMax !== null && { max: priceMax }) },
    }),
  };
  const boost: Boost[] = boostBrand === null ? [] : [{ filter: { brand: boostBrand }, factor: boostFactor }];
  const caps: Cap[] = brandCap === null ? [] : [{ field: 'brand', max: brandCap }];
  return {
    strategy: start,
    ...(start === 'personal' && { fallback: ['popular'] as const }),
    limit: LIMIT,
    ...(Object.keys(filter).length > 0 && { filter }),
    ...(caps.length > 0 && { caps }),
    ...(diversity > 0 && { diversity }),
    ...(!inStockOnly && { exclusions: { outOfStock: false } }),
    ...(boost.length > 0 && { boost }),
  };
}

/** The call as one would write it. */
export function callCode(options: RecommendOptions): string {
  return `const list = await recommender.recommend(${literal(options, 0)});`;
}

const LINE = 60;

function literal(value: unknown, depth: number): string {
  if (Array.isArray(value)) return `[${value.map((one) => literal(one, depth)).join(', ')}]`;
  if (typeof value === 'string') return `'${value.replace(/[\\']/g, '\\$&')}'`;
  if (typeof value !== 'object' || value === null) return String(value);
  const parts = Object.entries(value).map(([name, one]) => `${name}: ${literal(one, depth + 1)}`);
  const flat = `{ ${parts.join(', ')} }`;
  if (depth > 0 && flat.length <= LINE) return flat;
  const indent = '  '.repeat(depth + 1);
  return `{\n${parts.map((part) => `${indent}${part},\n`).join('')}${'  '.repeat(depth)}}`;
}
