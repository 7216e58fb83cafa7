import { RecommenderError, show } from '../errors.js';
import { suggestion } from '../ranking/nearestName.js';
import type { ShelfRequest } from '../strategyTypes.js';
import type { RecommendOptions } from '../types.js';
import type { StrategyRequest } from './strategyRoom.js';

type Shape = Readonly<Record<string, unknown>>;

const LIST_OPTIONS = [
  'limit',
  'scenario',
  'filter',
  'exclude',
  'excludeSeen',
  'probabilities',
  'fallback',
  'context',
  'exclusions',
  'consumables',
  'cart',
  'boost',
  'pin',
  'caps',
  'diversity',
  'diversifyBy',
  'novelty',
  'rotationRate',
  'calibration',
  'dateField',
] as const satisfies readonly (keyof RecommendOptions)[];
const SHELF_OPTIONS = [
  ...LIST_OPTIONS,
  'id',
  'strategy',
  'itemId',
  'items',
  'category',
  'minItems',
  'priority',
  'allowsRepeats',
  'headline',
] as const satisfies readonly (keyof ShelfRequest | keyof RecommendOptions)[];

/** What each request must hold. What is inside is checked where it is read. */
const SHAPES: Readonly<Record<StrategyRequest['method'], (request: Shape) => boolean>> = {
  list: isList,
  page: ({ shelves, context }) => isListOf((shelf) => isObject(shelf) && hasOnly(SHELF_OPTIONS, shelf), shelves) && isObject(context),
  explain: (request) => isText(request['itemId']) && isList(request),
  // These two say themselves what they need.
  updateItems: () => true,
  addItems: () => true,
  recordImpressions: ({ itemIds }) => Array.isArray(itemIds),
};

/** Throws `input/invalid` on a request that is none: it came through a port that takes anything. */
export function checkShape(request: StrategyRequest): void {
  const { method } = request;
  if (typeof method === 'string' && Object.hasOwn(SHAPES, method) && SHAPES[method]({ ...request })) return;
  throw new RecommenderError('input/invalid', `There is no list to make of ${show(request)}. Check the ids and options of the call.`, {});
}

function isList({ strategy, itemIds, options }: Shape): boolean {
  return (strategy === null || isText(strategy)) && isListOf(isText, itemIds) && isObject(options) && hasOnly(LIST_OPTIONS, options);
}

/** A mistyped option that did nothing would be looked for long. Throws `input/invalid`, naming it. */
function hasOnly(known: readonly string[], options: object): true {
  for (const [name, value] of Object.entries(options)) {
    if (value === undefined || known.includes(name)) continue;
    throw new RecommenderError(
      'input/invalid',
      `There is no option ${show(name)}.${suggestion(name, known)} Options: ${known.join(', ')}.`,
      {
        seen: show(name),
        known,
      },
    );
  }
  return true;
}

function isText(value: unknown): boolean {
  return typeof value === 'string';
}

function isObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function isListOf(isOne: (value: unknown) => boolean, value: unknown): boolean {
  return Array.isArray(value) && value.every(isOne);
}
