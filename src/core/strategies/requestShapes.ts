import { RecommenderError, show } from '../errors.js';
import type { StrategyRequest } from './strategyRoom.js';

type Shape = Readonly<Record<string, unknown>>;

/** What each request must hold. What is inside is checked where it is read. */
const SHAPES: Readonly<Record<StrategyRequest['method'], (request: Shape) => boolean>> = {
  list: isList,
  page: ({ shelves, context }) => isListOf(isObject, shelves) && isObject(context),
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
  return (strategy === null || isText(strategy)) && isListOf(isText, itemIds) && isObject(options);
}

function isText(value: unknown): boolean {
  return typeof value === 'string';
}

function isObject(value: unknown): boolean {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function isListOf(isOne: (value: unknown) => boolean, value: unknown): boolean {
  return Array.isArray(value) && value.every(isOne);
}
