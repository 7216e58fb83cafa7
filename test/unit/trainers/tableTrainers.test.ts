import { describe, expect, it } from 'vitest';
import { fitFactorMap, placeColdItems } from '../../../src/cli/trainers/coldItems.js';
import { makeContent } from '../../../src/cli/trainers/contentVectors.js';
import { makePrototypes, PROTOTYPE_DEFAULTS } from '../../../src/cli/trainers/prototypes.js';
import { measureTrends } from '../../../src/cli/trainers/trends.js';
import { userSequences } from '../../../src/cli/trainers/userSequences.js';
import { mapToFactors } from '../../../src/core/models/contentTerms.js';
import { createRandom, randomVector } from '../../fixtures/random.js';
import { plainEvents, randomEvents } from './randomEvents.js';

const DAY_MS = 86_400_000;

describe('measureTrends', () => {
  it('gives the figures of its definition, summed event by event', () => {
    const events = randomEvents(60, 20, 12, 5);
    const { entry, trends, recentRates, recentCounts } = measureTrends(events, { halfLifeDays: 7, priorEvents: 4, latestMs: Infinity })!;
    const all = plainEvents(events).flat();
    const nowMs = Math.max(...all.map(({ timeMs }) => timeMs));
    expect(entry).toEqual({ asOf: new Date(nowMs).toISOString(), halfLifeDays: 7, priorEvents: 4, windowDays: 14 });
    const fading = (own: typeof all, halfLife: number): number =>
      own.reduce((sum, { timeMs }) => sum + 0.5 ** ((nowMs - timeMs) / DAY_MS / halfLife), 0);
    const pace = fading(all, 7) / fading(all, 28);
    for (let item = 0; item < 20; item++) {
      const own = all.filter((event) => event.item === item);
      expect(trends[item]).toBeCloseTo((fading(own, 7) + 4 * pace) / (fading(own, 28) + 4) / pace, 5);
      expect(recentRates[item]).toBeCloseTo((fading(own, 7) * Math.LN2) / 7, 5);
      expect(recentCounts[item]).toBe(own.filter(({ timeMs }) => nowMs - timeMs <= 14 * DAY_MS).length);
    }
  });

  it('is above 1 for an item that rises, below 1 for one that fades, and leaves out clocks that run ahead', () => {
    const days = [0, 1, 2, 3, 20, 21, 22, 23, 500];
    const events = {
      userCount: 1,
      itemCount: 3,
      offsets: Uint32Array.of(0, 9),
      items: Uint32Array.of(0, 0, 0, 0, 1, 1, 1, 1, 2),
      timesMs: Float64Array.from(days, (day) => day * DAY_MS),
      kinds: new Uint8Array(9).fill(2),
    };
    const { trends, recentCounts } = measureTrends(events, { halfLifeDays: 5, priorEvents: 1, latestMs: 100 * DAY_MS })!;
    expect(trends[0]).toBeLessThan(1);
    expect(trends[1]).toBeGreaterThan(1);
    expect(trends[2]).toBeCloseTo(1, 6);
    expect([...recentCounts]).toEqual([0, 4, 0]);
  });
});

describe('makePrototypes', () => {
  const random = createRandom(8);
  const factors = randomVector(random, 40 * 5);
  const model = { factors, dimensions: 5 };
  const options = { ...PROTOTYPE_DEFAULTS, targetUsers: 60, seed: 1 };
  const sequences = userSequences(randomEvents(700, 40, 12, 9), null);

  it('puts every user with two items in one group of at least 50, and names only what 5 of them met', () => {
    const { table, userCounts } = makePrototypes(sequences, model, options)!;
    const users = Array.from({ length: 700 }, (_, user) => sequences.offsets[user + 1]! - sequences.offsets[user]!);
    expect(userCounts.reduce((sum, count) => sum + count, 0)).toBe(users.filter((count) => count >= 2).length);
    expect(userCounts.length).toBeGreaterThan(3);
    expect(Math.min(...userCounts)).toBeGreaterThanOrEqual(50);
    expect(Math.min(...table.counts)).toBeGreaterThanOrEqual(5);
    for (let p = 0; p < userCounts.length; p++)
      for (let at = table.offsets[p]!; at < table.offsets[p + 1]!; at++)
        expect(table.values[at]).toBeCloseTo(table.counts[at]! / userCounts[p]!, 6);
    // What all groups say of an item is at most what its users say.
    const perItem = new Float64Array(40);
    table.columns.forEach((item, at) => (perItem[item]! += table.counts[at]!));
    for (let item = 0; item < 40; item++) expect(perItem[item]).toBeLessThanOrEqual(sequences.items.filter((one) => one === item).length);
    expect(makePrototypes(sequences, model, options)).toEqual(makePrototypes(sequences, model, options));
  });

  it('keeps groups at 50 where the users are of two kinds, one of them rare', () => {
    // 10 of 130 users like what lies apart.
    const offsets = Uint32Array.from({ length: 131 }, (_, user) => 2 * user);
    const items = Uint32Array.from({ length: 260 }, (_, at) => (at < 20 ? 2 + (at % 2) : at % 2));
    const apart = { factors: Float32Array.of(1, 0, 1, 0.1, 0, 1, 0.1, 1), dimensions: 2 };
    const { userCounts } = makePrototypes({ userCount: 130, itemCount: 4, offsets, items }, apart, options)!;
    expect([...userCounts].sort()).toEqual([50, 80]);
  });

  it('gives none for fewer than 50 users, and no user contributes more than 50 items', () => {
    const few = userSequences(randomEvents(40, 40, 12, 9), null);
    expect(makePrototypes(few, model, options)).toBeNull();
    const greedy = { userCount: 60, itemCount: 80, offsets: Uint32Array.from({ length: 61 }, (_, u) => 80 * u) };
    const items = Uint32Array.from({ length: 60 * 80 }, (_, at) => at % 80);
    const { table } = makePrototypes({ ...greedy, items }, { factors: randomVector(random, 160), dimensions: 2 }, options)!;
    expect([...table.columns].sort((a, b) => a - b)).toEqual(Array.from({ length: 50 }, (_, i) => 30 + i));
  });
});

describe('content', () => {
  const items = Array.from({ length: 40 }, (_, i) => ({
    itemId: `i${i}`,
    title: i % 2 ? `Camera lens ${i}` : `蓝牙耳机 ${i}`,
    category: i % 2 ? 'Cameras' : 'Audio',
  }));

  it('places items of one kind together and others apart, in either script', async () => {
    const { rows, entry, terms } = (await makeContent(items, ['title', 'category'], { dimensions: 4, maxTerms: 100, seed: 1 }))!;
    const cosine = (a: number, b: number): number => {
      const [x, y] = [a, b].map((item) => rows.subarray(item * entry.dimensions, (item + 1) * entry.dimensions)) as [
        Float32Array,
        Float32Array,
      ];
      return x.reduce((sum, value, j) => sum + value * y[j]!, 0) / Math.hypot(...x) / Math.hypot(...y);
    };
    expect(terms).toEqual(expect.arrayContaining(['camera', 'len', '蓝牙', '耳机', 'category=audio']));
    expect(cosine(1, 3)).toBeGreaterThan(0.9);
    expect(cosine(0, 2)).toBeGreaterThan(0.9);
    expect(Math.abs(cosine(0, 1))).toBeLessThan(0.1);
  });

  it('keeps the products of TF-IDF rows when no dimension is dropped', async () => {
    const made = (await makeContent(items, ['title', 'category'], { dimensions: 100, maxTerms: 100, seed: 1 }))!;
    const width = made.entry.dimensions;
    // Rows of length 1 stay so: V has orthonormal columns over the span of the rows.
    for (let item = 0; item < 40; item++) expect(Math.hypot(...made.rows.subarray(item * width, (item + 1) * width))).toBeCloseTo(1, 3);
  });

  it('is none where no term stands in two items', async () => {
    expect(
      await makeContent(
        [
          { itemId: 'a', title: 'one' },
          { itemId: 'b', title: 'two' },
        ],
        ['title'],
        { dimensions: 4, maxTerms: 9, seed: 1 },
      ),
    ).toBeNull();
  });
});

describe('cold items', () => {
  const random = createRandom(3);
  const [count, c, d] = [60, 3, 4];
  const content = randomVector(random, count * c);
  const truth = randomVector(random, (c + 1) * d);
  const support = Uint32Array.from({ length: count }, (_, item) => (item % 6 === 0 ? 0 : item));
  const unit = (item: number): Float32Array => {
    const row = content.slice(item * c, (item + 1) * c);
    return row.map((value) => value / Math.hypot(...row));
  };
  const factors = new Float32Array(count * d);
  for (let item = 0; item < count; item++) if (support[item]! > 0) factors.set(mapToFactors(truth, unit(item)), item * d);
  const input = { content, contentDimensions: c, factors, dimensions: d, support, regularization: 1e-9 };

  it('finds the map that made the factors, and gives it to items nobody met, no longer than the median of the others', () => {
    const map = fitFactorMap(input)!;
    map.forEach((value, at) => expect(value).toBeCloseTo(truth[at]!, 4));
    const placed = factors.slice();
    const isCold = placeColdItems(map, { ...input, factors: placed });
    const norms = Array.from({ length: count }, (_, item) => Math.hypot(...placed.subarray(item * d, (item + 1) * d)));
    const known = norms.filter((_, item) => support[item]! > 0).sort((a, b) => a - b);
    for (let item = 0; item < count; item++) {
      expect(isCold[item]).toBe(support[item] === 0 ? 1 : 0);
      if (support[item]! > 0) continue;
      const free = mapToFactors(truth, unit(item));
      const scale = Math.min(1, known[known.length >> 1]! / Math.hypot(...free));
      free.forEach((value, j) => expect(placed[item * d + j]).toBeCloseTo(value * scale, 3));
    }
    expect(placed.filter((_, at) => support[Math.floor(at / d)]! > 0)).toEqual(factors.filter((_, at) => support[Math.floor(at / d)]! > 0));
  });

  it('zeroes the gradient of its ridge objective', () => {
    const noisy = { ...input, factors: randomVector(random, count * d), regularization: 0.7 };
    const map = fitFactorMap(noisy)!;
    for (let i = 0; i <= c; i++) {
      for (let j = 0; j < d; j++) {
        let gradient = i < c ? 0.7 * map[i * d + j]! : 0;
        for (let item = 0; item < count; item++) {
          if (support[item] === 0) continue;
          const trust = support[item]! / (support[item]! + 10);
          const residual = mapToFactors(map, unit(item))[j]! - noisy.factors[item * d + j]!;
          gradient += trust * residual * (i < c ? unit(item)[i]! : 1);
        }
        expect(Math.abs(gradient)).toBeLessThan(1e-3);
      }
    }
  });
});
