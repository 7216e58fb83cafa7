import { describe, expect, it } from 'vitest';
import { errorFromWire, errorToWire, RecommenderError } from '../../../src/core/errors.js';
import { toHistoryEntries } from '../../../src/core/historyEntries.js';
import type { ShopEvent } from '../../../src/core/types.js';

describe('events', () => {
  it('become one entry per product', () => {
    const entries = toHistoryEntries({ event: 'purchase', items: [{ item_id: 'a', quantity: '2' }, { item_id: 'b' }], timestampMs: 5 }, 10);
    expect(entries).toEqual([
      { timeMs: 5, event: 'purchase', itemId: 'a', quantity: 2 },
      { timeMs: 5, event: 'purchase', itemId: 'b', quantity: 1 },
    ]);
  });

  it('may carry their items as GA4 does, under ecommerce', () => {
    expect(toHistoryEntries({ event: 'view_item', ecommerce: { items: [{ item_id: 7 as unknown as string }] } }, 10)).toEqual([
      { timeMs: 10, event: 'view_item', itemId: '7', quantity: 1 },
    ]);
  });

  it('lose lines without id, past the 200th, and a time in the future', () => {
    const items = Array.from({ length: 300 }, (_, i) => ({ item_id: i === 0 ? '' : `x${i}` }));
    const entries = toHistoryEntries({ event: 'view_item_list', items, timestampMs: 99 }, 10);
    expect(entries).toHaveLength(199);
    expect(entries[0]!.timeMs).toBe(10);
  });

  it.each([
    [null, /needs an event such as/],
    [{ event: 'viewed' }, /"viewed".*view_item_list, select_item, view_item/],
    [{ event: 'view_item', timestampMs: NaN }, /timestampMs NaN/],
    [{ event: 'view_item', items: 'a' }, /items as a list/],
  ])('are refused when malformed: %j', (event, message) => {
    expect(() => toHistoryEntries(event as unknown as ShopEvent, 10)).toThrow(message);
  });
});

describe('errors', () => {
  it('keep code, details and cause across a thread', () => {
    const error = new RecommenderError('input/invalid', 'no', { seen: 1 }, new TypeError('inner'));
    const back = errorFromWire(structuredClone(errorToWire(error)));
    expect(back).toBeInstanceOf(RecommenderError);
    expect(back).toMatchObject({ code: 'input/invalid', message: 'no', details: { seen: 1 }, cause: 'TypeError: inner' });
  });

  it('become worker/failed when they had no type', () => {
    expect(errorToWire(new RangeError('boom'))).toMatchObject({
      code: 'worker/failed',
      message: 'The recommender failed unexpectedly: RangeError: boom',
    });
  });
});
