import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createItemMatrix, setRow } from '../../../src/core/kernels/itemMatrix.js';
import { rowScorer } from '../../../src/core/kernels/topK.js';
import { createCpuBackend } from '../../../src/core/kernels/topK.cpu.js';
import type { Boost } from '../../../src/core/ranking/boosts.js';
import { boostGroups, boostScore, compileBoosts, mergedSource } from '../../../src/core/ranking/boosts.js';
import { listSource, matrixSource } from '../../../src/core/ranking/candidateSource.js';
import { CapCounter } from '../../../src/core/ranking/caps.js';
import { CatalogIndex } from '../../../src/core/ranking/catalogIndex.js';
import { fillList } from '../../../src/core/ranking/fillList.js';
import { placePins } from '../../../src/core/ranking/pins.js';
import type { CatalogItem } from '../../../src/core/types.js';
import { createRandom, randomVector } from '../../fixtures/random.js';
import { catalogOf } from './catalogOf.js';

const aCase = fc.record({
  items: fc.array(
    fc.record({
      brand: fc.option(fc.constantFrom('A', 'B', 'C'), { nil: undefined }),
      tags: fc.option(fc.subarray(['x', 'y', 'z']), { nil: undefined }),
      score: fc.integer({ min: -6, max: 6 }),
      isWanted: fc.boolean(),
    }),
    { maxLength: 60 },
  ),
  limit: fc.integer({ min: 1, max: 12 }),
  boosts: fc.array(
    fc.record({
      filter: fc.constantFrom<Boost['filter']>({ brand: 'A' }, { tags: 'x' }, { brand: ['B', 'C'] }),
      factor: fc.constantFrom(0.5, 1, 2, 4),
      add: fc.integer({ min: -2, max: 3 }),
    }),
    { maxLength: 3 },
  ),
  caps: fc.subarray([
    { field: 'brand', max: 2 },
    { field: 'tags', max: 3 },
  ]),
  isJudged: fc.boolean(),
});

describe('fillList', () => {
  it('gives the list that looking at every row gives, whatever the boosts, caps and verdicts', async () => {
    await fc.assert(
      fc.asyncProperty(aCase, async ({ items, limit, boosts, caps, isJudged }) => {
        const all = [{ brand: 'A', tags: ['x'], score: -9, isWanted: false }, ...items];
        const catalog = catalogOf(all.map(({ brand, tags }, at) => ({ itemId: `i${at}`, ...(brand && { brand }), ...(tags && { tags }) })));
        const index = new CatalogIndex(catalog);
        const order = all.map((_, row) => row).sort((a, b) => all[b]!.score - all[a]!.score || a - b);
        const source = listSource(
          order,
          order.map((row) => all[row]!.score),
          () => false,
        );
        const judge = async (rows: Uint32Array) => Uint8Array.from(rows, (row) => (all[row]!.isWanted ? 1 : 0));
        const list = await fillList({
          source,
          limit,
          boosts: compileBoosts(boosts, index),
          room: new CapCounter(caps, index),
          ...(isJudged && { judge }),
        });

        const boosted = (row: number): number => {
          const { brand, tags, score } = all[row]!;
          const fits = boosts.filter(
            ({ filter }) => [filter['brand'] ?? []].flat().includes(brand!) || tags?.includes(filter['tags'] as string),
          );
          const factor = fits.reduce((product, fit) => product * fit.factor, 1);
          return boostScore(
            score,
            factor,
            fits.reduce((sum, fit) => sum + fit.add, 0),
          );
        };
        const held = new Map<string, number>();
        const expected: number[] = [];
        for (const row of all.map((_, at) => at).sort((a, b) => boosted(b) - boosted(a) || a - b)) {
          const { brand, tags = [], isWanted } = all[row]!;
          if ((isJudged && !isWanted) || expected.length === limit) continue;
          const keys = caps.flatMap(({ field }) => (field === 'tags' ? tags.map((tag) => `tag ${tag}`) : brand ? [`brand ${brand}`] : []));
          if (keys.some((key) => (held.get(key) ?? 0) >= (key.startsWith('tag') ? 3 : 2))) continue;
          for (const key of keys) held.set(key, (held.get(key) ?? 0) + 1);
          expected.push(row);
        }
        expect([...list.rows]).toEqual(expected);
        expect([...list.scores]).toEqual(expected.map(boosted));
        expect(list.rows.length === limit || list.isExhausted).toBe(true);

        const scores = all.map(({ score }) => score);
        const groups = boostGroups(boosts, index).map(({ rows, toScore }) => ({
          source: listSource(
            order,
            order.map((row) => scores[row]!),
            (row) => !rows.has(row),
          ),
          toScore,
        }));
        const merged = await fillList({
          source: mergedSource(groups),
          limit,
          room: new CapCounter(caps, index),
          ...(isJudged && { judge }),
        });
        expect([...merged.rows]).toEqual(expected);
        expect([...merged.scores]).toEqual(expected.map(boosted));
      }),
      { numRuns: 300, seed: 3 },
    );
  });

  it('finds the one item that a judge accepts among 20,000, in a few rounds', async () => {
    const rows = Array.from({ length: 20_000 }, (_, row) => row);
    const source = listSource(
      rows,
      rows.map((row) => -row),
      () => false,
    );
    let calls = 0;
    const judge = async (asked: Uint32Array) => {
      calls++;
      return asked.map((row) => (row === 19_000 ? 1 : 0)) as unknown as Uint8Array;
    };
    const list = await fillList({ source, limit: 1, judge });
    expect([...list.rows]).toEqual([19_000]);
    expect(calls).toBeLessThanOrEqual(16);
  });

  it('stops after the rounds it may take', async () => {
    const rows = Array.from({ length: 1000 }, (_, row) => row);
    const judge = async (asked: Uint32Array) => new Uint8Array(asked.length);
    const list = await fillList({ source: listSource(rows, rows, () => false), limit: 10, judge, maxRounds: 3 });
    expect(list).toMatchObject({ rounds: 3, examined: 40, isExhausted: false });
  });
});

describe('matrixSource', () => {
  it('gives every allowed row once, in the order of the exact scores, however the rounds are cut', async () => {
    const random = createRandom(5);
    const matrix = createItemMatrix({ itemCount: 700, dimensions: 8, hasBiases: false, hasExactRows: false, wasmScratchBytes: null });
    for (let row = 0; row < 700; row++) setRow(matrix, row, randomVector(random, 8));
    const loaded = await createCpuBackend().load(matrix);
    const query = randomVector(random, 8);
    const excluded = new Uint32Array(Math.ceil(700 / 32)).fill(0x1111_1111);
    const toScore = rowScorer(matrix, query, 'dot');
    const allowed = Array.from({ length: 700 }, (_, row) => row).filter((row) => row % 4 !== 0);
    const expected = allowed.sort((a, b) => toScore(b) - toScore(a) || a - b);
    for (const counts of [[10, 20, 40, 80, 160, 320, 640], [700], [3, 500, 500], [200, 200, 200, 200]]) {
      const source = matrixSource({ loaded, matrix, query, rule: 'dot', excluded: excluded.slice() });
      const found: number[] = [];
      for (const count of counts) found.push(...Array.from((await source.next(count)).rows));
      expect(found).toEqual(expected);
    }
  });
});

describe('compileBoosts', () => {
  it('lifts by a factor above 1 whatever the sign, and keeps the order of items boosted alike', () => {
    fc.assert(
      fc.property(
        fc.double({ min: -50, max: 50, noNaN: true }),
        fc.double({ min: -50, max: 50, noNaN: true }),
        fc.double({ min: 1, max: 9, noNaN: true }),
        (a, b, f) => {
          expect(boostScore(a, f)).toBeGreaterThanOrEqual(a);
          expect(boostScore(a, 1 / f)).toBeLessThanOrEqual(a);
          if (a >= b) expect(boostScore(a, f)).toBeGreaterThanOrEqual(boostScore(b, f));
        },
      ),
      { seed: 4 },
    );
  });

  it.each([{ factor: 0 }, { factor: -2 }, { factor: NaN }, { add: Infinity }])('refuses %j', (boost) => {
    const index = new CatalogIndex(catalogOf([{ itemId: 'a', brand: 'A' }]));
    expect(() => compileBoosts([{ filter: {}, ...boost }], index)).toThrow(/Boost 1 has factor .* A factor is a number above 0/);
  });
});

describe('CapCounter', () => {
  const index = new CatalogIndex(catalogOf([{ itemId: 'a', brand: 'A', price: 3 }] as CatalogItem[]));
  it.each([
    [{ field: 'brnad', max: 1 }, /"brnad".*Did you mean "brand"\? Fields: itemId, brand, price/],
    [{ field: 'brand', max: 0 }, /max 0\. Use a whole number from 1/],
  ])('refuses %j', (cap, message) => {
    expect(() => new CapCounter([cap], index)).toThrow(message);
  });
});

describe('placePins', () => {
  const place = (pins: { itemId: string; position: number }[], limit = 4, ranked = ['a', 'b', 'c', 'd', 'e']) =>
    placePins({
      ranked,
      pins,
      limit,
      idOf: (entry) => entry,
      entryOf: (itemId) => (itemId === 'unknown' || itemId === 'unavailable' ? { reason: itemId } : { entry: itemId }),
    });

  it('puts items at their places and moves the others down', () => {
    expect(place([{ itemId: 'x', position: 2 }]).entries).toEqual(['a', 'x', 'b', 'c']);
    expect(place([{ itemId: 'd', position: 1 }]).entries).toEqual(['d', 'a', 'b', 'c']);
    expect(
      place([
        { itemId: 'x', position: 4 },
        { itemId: 'y', position: 1 },
      ]).entries,
    ).toEqual(['y', 'a', 'b', 'x']);
  });

  it('moves the later of two pins for one place to the next free one, and counts an item once', () => {
    const pins = [
      { itemId: 'x', position: 1 },
      { itemId: 'y', position: 1 },
      { itemId: 'x', position: 3 },
    ];
    expect(place(pins).entries).toEqual(['x', 'y', 'a', 'b']);
  });

  it('ends a short list with the pins behind its end', () => {
    expect(place([{ itemId: 'x', position: 4 }], 5, ['a']).entries).toEqual(['a', 'x']);
  });

  it('says which pins it could not place', () => {
    const pins = ['unknown', 'unavailable', 'x'].map((itemId) => ({ itemId, position: 5 }));
    expect(place(pins).dropped.map(({ reason }) => reason)).toEqual(['unknown', 'unavailable', 'beyond the list']);
  });

  it.each([0, -1, 1.5, NaN])('refuses the position %s', (position) => {
    expect(() => place([{ itemId: 'x', position }])).toThrow(/Places count from 1/);
  });
});
