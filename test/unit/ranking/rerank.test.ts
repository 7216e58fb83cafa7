import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { calibrate, mixDivergence } from '../../../src/core/ranking/calibration.js';
import { preferNovel } from '../../../src/core/ranking/novelty.js';
import { sortPool } from '../../../src/core/ranking/pool.js';
import type { Impression } from '../../../src/core/ranking/rotation.js';
import { ignoredCount, rotate, rotationPoolSize } from '../../../src/core/ranking/rotation.js';

const DAY_MS = 86_400_000;
const NOW_MS = 1000 * DAY_MS;
const pool = sortPool(Array.from({ length: 30 }, (_, row) => ({ row, score: 30 - row })));
const shown = (itemId: number, shownCount: number, daysAgo = 0, clicked = false): Impression => ({
  itemId: String(itemId),
  shownCount,
  lastShownMs: NOW_MS - daysAgo * DAY_MS,
  clicked,
});
const rotated = (impressions: Impression[], rotationRate: number, limit = 5): number[] =>
  [...rotate(pool, (row) => impressions.find(({ itemId }) => itemId === String(row)), { rotationRate, limit, nowMs: NOW_MS }).rows].slice(
    0,
    limit,
  );

describe('rotate', () => {
  it('gives the next list once all of the first was ignored, and the one after once both were', () => {
    const ignored = (counts: number[]) =>
      counts.flatMap((count, list) => Array.from({ length: 5 }, (_, at) => shown(5 * list + at, count)));
    expect(rotated(ignored([0]), 1)).toEqual([0, 1, 2, 3, 4]);
    expect(rotated(ignored([1]), 1)).toEqual([5, 6, 7, 8, 9]);
    expect(rotated(ignored([2, 1]), 1)).toEqual([10, 11, 12, 13, 14]);
  });

  it('changes nothing at rate 0, for clicked items, and long after', () => {
    const plain = [0, 1, 2, 3, 4];
    expect(rotated([shown(0, 3)], 0)).toEqual(plain);
    expect(rotated([shown(0, 3, 0, true)], 1)).toEqual(plain);
    expect(rotated([shown(0, 1, 60)], 1)).toEqual(plain);
  });

  it('moves one ignored item back by 2 x rate x ignored x limit places, behind what was not ignored', () => {
    expect(rotated([shown(0, 1)], 0.25, 6)).toEqual([1, 2, 3, 0, 4, 5]);
    expect(rotated([shown(0, 1)], 0.5, 5)).toEqual([1, 2, 3, 4, 5]);
    expect(rotated([shown(0, 2)], 0.25, 5)).toEqual([1, 2, 3, 4, 5]);
  });

  it('counts a showing half after three days, and a clock set back as now', () => {
    expect(ignoredCount(shown(0, 4, 3), NOW_MS)).toBeCloseTo(2);
    expect(ignoredCount(shown(0, 4, 3), NOW_MS, 6)).toBeCloseTo(4 / Math.SQRT2);
    expect(ignoredCount(shown(0, 4, -9), NOW_MS)).toBe(4);
  });

  it('loses no item and keeps the scores with their items', () => {
    const all = rotate(pool, (row) => shown(row, row % 3), { rotationRate: 0.7, limit: 5, nowMs: NOW_MS });
    expect([...all.rows].sort((a, b) => a - b)).toEqual([...pool.rows]);
    all.rows.forEach((row, at) => expect(all.scores[at]).toBe(30 - row));
  });

  it('asks for as many candidates as can be needed', () => {
    expect(rotationPoolSize(10, 0.5, [])).toBe(10);
    expect(rotationPoolSize(10, 0.5, [1, 3])).toBe(40);
    expect(rotationPoolSize(10, 1, [99])).toBe(50);
  });
});

describe('preferNovel', () => {
  const popularity = (row: number): number => (row % 2 === 0 ? 1000 : 3);

  it('keeps the order at 0, gives the least known first at 1, and mixes between', () => {
    expect(preferNovel(pool, popularity, 0)).toBe(pool);
    expect([...preferNovel(pool, popularity, 1).rows].slice(0, 3)).toEqual([1, 3, 5]);
    const mixed = [...preferNovel(pool, popularity, 0.3).rows].slice(0, 10);
    const isOdd = (row: number) => row % 2 === 1;
    expect(mixed.filter(isOdd).length).toBeGreaterThan(5);
    expect(mixed.filter(isOdd).length).toBeLessThan(10);
  });

  it('keeps the order where all are known alike', () => {
    expect([...preferNovel(pool, () => 7, 0.9).rows]).toEqual([...pool.rows]);
  });
});

describe('calibrate', () => {
  const wanted = new Map([
    ['a', 7],
    ['b', 3],
  ]);
  const byTens = (row: number): string[] => [row < 20 ? 'a' : row < 28 ? 'b' : 'c'];

  it('gives a list in the proportions of the shopper', () => {
    const list = calibrate({ wanted, categoriesOf: byTens, calibration: 0.99 })(pool, 10, null);
    const of = (category: string) => list.filter((at) => byTens(pool.rows[at]!)[0] === category).length;
    expect([of('a'), of('b'), of('c')]).toEqual([7, 3, 0]);
  });

  it('keeps the plain order at 0 and without a history', () => {
    const plain = Array.from({ length: 10 }, (_, at) => at);
    expect(calibrate({ wanted, categoriesOf: byTens, calibration: 0 })(pool, 10, null)).toEqual(plain);
    expect(calibrate({ wanted: new Map(), categoriesOf: byTens, calibration: 0.9 })(pool, 10, null)).toEqual(plain);
  });

  it('takes at each step what the definition takes, and is within 1 - 1/e of the best set', () => {
    fc.assert(
      fc.property(
        fc.array(fc.record({ score: fc.integer({ min: 0, max: 8 }), own: fc.subarray(['a', 'b', 'c']) }), { minLength: 4, maxLength: 9 }),
        fc.record({ a: fc.integer({ min: 0, max: 5 }), b: fc.integer({ min: 1, max: 5 }) }),
        fc.constantFrom(0.2, 0.5, 0.9),
        (items, weights, calibration) => {
          const target = new Map(Object.entries(weights));
          const small = sortPool(items.map(({ score }, row) => ({ row, score })));
          const best = small.scores[0]!;
          const spread = best - small.scores.at(-1)!;
          const objective = (set: readonly number[]): number => {
            const mix = new Map<string, number>();
            for (const at of set) {
              const { own } = items[small.rows[at]!]!;
              for (const category of own) mix.set(category, (mix.get(category) ?? 0) + 1 / own.length);
            }
            const relevant = set.reduce((sum, at) => sum + (spread > 0 ? 1 - (best - small.scores[at]!) / spread : 1), 0);
            return (1 - calibration) * relevant - calibration * mixDivergence(target, mix);
          };
          const list = calibrate({ wanted: target, categoriesOf: (row) => items[row]!.own, calibration })(small, 3, null);
          list.forEach((taken, count) => {
            const before = list.slice(0, count);
            for (let at = 0; at < items.length; at++)
              if (!before.includes(at)) expect(objective([...before, taken])).toBeGreaterThanOrEqual(objective([...before, at]) - 1e-9);
          });
          let most = -Infinity;
          for (let a = 0; a < items.length; a++)
            for (let b = 0; b < a; b++) for (let c = 0; c < b; c++) most = Math.max(most, objective([a, b, c]));
          const empty = objective([]);
          expect(objective(list) - empty).toBeGreaterThanOrEqual((1 - 1 / Math.E) * (most - empty) - 1e-9);
        },
      ),
      { numRuns: 200, seed: 4 },
    );
  });
});

describe('mixDivergence', () => {
  it('is 0 for the same proportions, grows as they part, and stays finite', () => {
    const half = new Map([['a', 1], ['b', 1]]); // prettier-ignore
    expect(mixDivergence(half, new Map([['a', 5], ['b', 5]]))).toBeCloseTo(0); // prettier-ignore
    expect(mixDivergence(half, new Map([['a', 3], ['b', 1]]))).toBeCloseTo(0.5 * Math.log(0.5 / (0.99 * 0.75 + 0.005)) + 0.5 * Math.log(0.5 / (0.99 * 0.25 + 0.005))); // prettier-ignore
    expect(mixDivergence(half, new Map())).toBeCloseTo(Math.log(100));
  });
});
