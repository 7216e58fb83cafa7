import { RecommenderError, show } from '../errors.js';
import { suggestion } from '../ranking/nearestName.js';
import type { ShelfRules, StrategyName } from '../strategyTypes.js';
import { STRATEGIES } from '../strategyTypes.js';
import type { Filter, ItemId } from '../types.js';

/** A list as it is asked of the worker. */
export interface ListRequest {
  /** Null: the best that is known of the shopper. */
  readonly strategy: StrategyName | null;
  readonly itemIds: readonly ItemId[];
  /** Narrows strategies of the whole shop. */
  readonly category?: string | null;
  readonly options: ListRequestOptions;
}

export interface ListRequestOptions extends Omit<ShelfRules, 'where'> {
  readonly limit?: number;
  readonly filter?: Filter;
  readonly exclude?: readonly ItemId[];
  readonly excludeSeen?: boolean;
  readonly scenario?: string;
}

/** Throws `input/invalid` on a strategy there is none of, and on shares outside 0 .. 1. */
export function checkRequest({ strategy, options }: ListRequest): void {
  const { fallback = [], novelty, rotationRate, calibration } = options;
  if (!Array.isArray(fallback)) throw invalid(`fallback is ${show(fallback)}. Use a list of strategies: ${STRATEGIES.join(', ')}.`);
  for (const name of strategy === null ? fallback : [strategy, ...fallback]) {
    if (!STRATEGIES.includes(name))
      throw invalid(`There is no strategy ${show(name)}.${suggestion(String(name), STRATEGIES)} Strategies: ${STRATEGIES.join(', ')}.`);
  }
  for (const [name, value] of Object.entries({ novelty, rotationRate, calibration })) {
    if (value !== undefined && !(typeof value === 'number' && value >= 0 && value <= 1))
      throw invalid(`${name} is ${show(value)}. Use a number from 0 to 1.`);
  }
}

function invalid(message: string): RecommenderError {
  return new RecommenderError('input/invalid', message, {});
}
