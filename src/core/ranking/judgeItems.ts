/**
 * Filters that are functions. A function cannot cross to the worker, and asking the page item by item would take a message each. So
 * the worker asks in rounds: it sends the next best candidates with the fields the page named, the page judges them all in one
 * answer, and the worker goes on until its list is full or no candidate is left (see fillList.ts). In words of the wire:
 *
 *   worker -> page   judge(items: CatalogItem[])           by a port that came with the call and is closed with it
 *   page -> worker   Verdicts: one byte per item, and what went wrong
 *
 * The worker keeps verdicts by (function, catalogue version) only while the call lasts: a function may depend on anything.
 */
import { show } from '../errors.js';
import type { CatalogItem, ItemId } from '../types.js';
import type { FilterFunction } from './itemFilter.js';

export interface JudgeProblem {
  readonly itemId: ItemId;
  readonly message: string;
}

export interface Verdicts {
  /** u8, one per item: 1 where the function said yes. */
  readonly accepted: Uint8Array;
  /** Items for which the function failed; they are not accepted. The first few, to be read. */
  readonly problems: readonly JudgeProblem[];
  readonly problemCount: number;
}

const MAX_PROBLEMS = 5;

/** Asks the shop's function about each item. An item for which it throws, or returns a promise, is not accepted and is reported. */
export function judgeItems(accepts: FilterFunction, items: readonly CatalogItem[]): Verdicts {
  const accepted = new Uint8Array(items.length);
  const problems: JudgeProblem[] = [];
  let problemCount = 0;
  const report = (itemId: ItemId, message: string): void => {
    problemCount++;
    if (problems.length < MAX_PROBLEMS) problems.push({ itemId, message });
  };
  items.forEach((item, at) => {
    try {
      const verdict: unknown = accepts(item);
      // A promise is truthy: an async function would let everything through.
      if (typeof (verdict as { then?: unknown } | null)?.then === 'function')
        report(item.itemId, 'The filter function returned a promise. It must answer at once with true or false.');
      else accepted[at] = verdict ? 1 : 0;
    } catch (error) {
      report(item.itemId, error instanceof Error ? `${error.name}: ${error.message}` : `It threw ${show(error)}.`);
    }
  });
  return { accepted, problems, problemCount };
}
