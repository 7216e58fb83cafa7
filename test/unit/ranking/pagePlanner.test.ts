import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { ShelfCandidates } from '../../../src/core/ranking/pagePlanner.js';
import { planPage } from '../../../src/core/ranking/pagePlanner.js';

const plan = (shelves: ShelfCandidates<string>[]) => planPage(shelves, (item) => item);
const shelf = (id: string, candidates: string, more: Partial<ShelfCandidates<string>> = {}): ShelfCandidates<string> => ({
  id,
  candidates: [...candidates],
  limit: 3,
  ...more,
});

describe('planPage', () => {
  it('shows no product twice and fills shelves from further down', () => {
    expect(plan([shelf('personal', 'abcd'), shelf('popular', 'abcdef')]).shelves).toEqual([
      { id: 'personal', items: ['a', 'b', 'c'] },
      { id: 'popular', items: ['d', 'e', 'f'] },
    ]);
  });

  it('lets shelves of higher priority choose first, and keeps the order of the page', () => {
    const { shelves } = plan([shelf('top', 'abcdef'), shelf('cart', 'abc', { priority: 1 })]);
    expect(shelves).toEqual([
      { id: 'top', items: ['d', 'e', 'f'] },
      { id: 'cart', items: ['a', 'b', 'c'] },
    ]);
  });

  it('drops a shelf that is too short, says why, and gives its items to the others', () => {
    const { shelves, dropped } = plan([
      shelf('empty', ''),
      shelf('short', 'ax', { minItems: 3 }),
      shelf('full', 'abc'),
      shelf('robbed', 'abcd', { minItems: 2 }),
    ]);
    expect(shelves).toEqual([{ id: 'full', items: ['a', 'b', 'c'] }]);
    expect(dropped).toEqual([
      { id: 'empty', reason: 'no candidates', found: 0, needed: 1 },
      { id: 'short', reason: 'too few candidates', found: 2, needed: 3 },
      { id: 'robbed', reason: 'too few without repeats', found: 1, needed: 2 },
    ]);
  });

  it('lets "recently viewed" repeat others without taking from them', () => {
    const { shelves } = plan([shelf('recent', 'abb', { allowsRepeats: true, priority: 9 }), shelf('personal', 'abc')]);
    expect(shelves.map(({ items }) => items)).toEqual([
      ['a', 'b'],
      ['a', 'b', 'c'],
    ]);
  });

  it('never repeats, never exceeds a limit, and keeps the order of the candidates, for any page', () => {
    const aShelf = fc.record({
      candidates: fc.array(fc.constantFrom(...'abcdefghij'), { maxLength: 12 }),
      limit: fc.integer({ min: 1, max: 5 }),
      minItems: fc.integer({ min: 0, max: 4 }),
      priority: fc.integer({ min: 0, max: 2 }),
    });
    fc.assert(
      fc.property(fc.array(aShelf, { maxLength: 6 }), (drawn) => {
        const page = drawn.map((one, at) => ({ ...one, id: `s${at}` }));
        const { shelves, dropped } = plan(page);
        expect(shelves.length + dropped.length).toBe(page.length);
        const all = shelves.flatMap(({ items }) => items);
        expect(new Set(all).size).toBe(all.length);
        for (const { id, items } of shelves) {
          const { candidates, limit, minItems } = page.find((one) => one.id === id)!;
          expect(items.length).toBeGreaterThanOrEqual(Math.max(1, minItems));
          expect(items.length).toBeLessThanOrEqual(limit);
          const places = items.map((item) => candidates.indexOf(item));
          expect(places).toEqual([...places].sort((a, b) => a - b));
        }
      }),
      { seed: 1 },
    );
  });
});
