import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createItemMatrix, setRow } from '../../../src/core/kernels/itemMatrix.js';
import { rowScorer } from '../../../src/core/kernels/topK.js';
import { createCpuBackend } from '../../../src/core/kernels/topK.cpu.js';
import type { Boost } from '../../../src/core/ranking/boosts.js';
import { boostGroups, boostScore, mergedSource } from '../../../src/core/ranking/boosts.js';
import type { CandidateSource } from '../../../src/core/ranking/candidateSource.js';
import { listSource, matrixSource, rankedSource } from '../../../src/core/ranking/candidateSource.js';
import { CapCounter } from '../../../src/core/ranking/caps.js';
import { CatalogIndex } from '../../../src/core/ranking/catalogIndex.js';
import { fillList } from '../../../src/core/ranking/fillList.js';
import { placePins } from '../../../src/core/ranking/pins.js';
import type { Room, Select } from '../../../src/core/ranking/pool.js';
import { selectBest, sortPool } from '../../../src/core/ranking/pool.js';
import { RowSet } from '../../../src/core/ranking/rowSet.js';
import type { CatalogItem } from '../../../src/core/types.js';
import { createRandom, randomVector } from '../../fixtures/random.js';
import { catalogOf } from './catalogOf.js';

const aCase = fc.record({
  items: fc.array(
    fc.record({
      brand: fc.option(fc.constantFrom('A', 'B', 'C'), { nil: undefined }),
      tags: fc.option(fc.subarray(['x', 'y', 'z']), { nil: undefined }),
      price: fc.option(fc.constantFrom(1, 2), { nil: undefined }),
      score: fc.integer({ min: -6, max: 6 }),
      isWanted: fc.boolean(),
      isAllowed: fc.boolean(),
    }),
    { maxLength: 60 },
  ),
  limit: fc.integer({ min: 1, max: 12 }),
  poolTimes: fc.integer({ min: 1, max: 4 }),
  boosts: fc.array(
    fc.record({
      filter: fc.constantFrom<Boost['filter']>({ brand: 'A' }, { tags: 'x' }, { brand: ['B', 'C'] }),
      factor: fc.constantFrom(0.5, 1, 2, 4),
      add: fc.integer({ min: -2, max: 30 }),
    }),
    { maxLength: 3 },
  ),
  caps: fc.subarray([
    { field: 'brand', max: 2 },
    { field: 'tags', max: 3 },
    { field: 'price', max: 4 },
  ]),
  begun: fc.integer({ min: 0, max: 2 }),
  isJudged: fc.boolean(),
  isFiltered: fc.boolean(),
  choice: fc.constantFrom('best', 'backwards', 'few'),
  share: fc.double({ min: 0, max: 1, noNaN: true }),
});
type Case = typeof aCase extends fc.Arbitrary<infer T> ? T : never;
type Item = Case['items'][number];

const CHOICES: Record<Case['choice'], Select> = {
  best: selectBest,
  /** From the pool's end: what no plain order gives. */
  backwards: (pool, limit, room) => {
    const size = pool.rows.length;
    const turned = { rows: pool.rows.toReversed(), scores: pool.scores.toReversed() };
    return selectBest(turned, limit, room).map((at) => size - 1 - at);
  },
  /** Leaves half of what it may take. */
  few: (pool, limit, room) => selectBest(pool, Math.ceil(limit / 2), room),
};

/** The definition, in full: every row boosted, sorted, and counted one by one. */
function plainList({ items, limit, poolTimes, boosts, caps, begun, isJudged, isFiltered, choice }: Case, all: readonly Item[]) {
  const keysOf = ({ brand, tags = [], price }: Item): string[] =>
    caps.flatMap(({ field }) =>
      field === 'tags'
        ? tags.map((tag) => `tags ${tag}`)
        : field === 'brand'
          ? brand
            ? [`brand ${brand}`]
            : []
          : price
            ? [`price ${price}`]
            : [],
    );
  const maxOf = (key: string): number => caps.find(({ field }) => key.startsWith(field))!.max;
  const roomOf = (times: number): Room => {
    const held = new Map<string, number>();
    const count = (row: number, by: number): void => keysOf(all[row]!).forEach((key) => held.set(key, (held.get(key) ?? 0) + by));
    const clear = (): void => {
      held.clear();
      for (let row = 0; row < begun && row < items.length; row++) count(row, times);
    };
    clear();
    return {
      allows: (row) => keysOf(all[row]!).every((key) => (held.get(key) ?? 0) < times * maxOf(key)),
      take: (row) => count(row, 1),
      clear,
      openRows: () => null,
    };
  };
  const boosted = (row: number): number => {
    const { brand, tags, score } = all[row]!;
    const fits = boosts.filter(({ filter }) => [filter['brand'] ?? []].flat().includes(brand!) || tags?.includes(filter['tags'] as string));
    const factor = fits.reduce((product, fit) => product * fit.factor, 1);
    const add = fits.reduce((sum, fit) => sum + fit.add, 0);
    return boostScore(score, factor, add);
  };
  const sorted = all
    .map((_, row) => row)
    .filter((row) => row >= begun && (!isFiltered || all[row]!.isAllowed) && (!isJudged || all[row]!.isWanted))
    .sort((a, b) => boosted(b) - boosted(a) || a - b);
  const greedily = (rows: readonly number[], count: number, room: Room): number[] =>
    rows.filter((row) => {
      if (count === 0 || !room.allows(row)) return false;
      room.take(row);
      count--;
      return true;
    });
  const pool = greedily(sorted, limit * poolTimes, roomOf(poolTimes));
  const room = roomOf(1);
  const chosen = CHOICES[choice](sortPool(pool.map((row) => ({ row, score: boosted(row) }))), limit, room).map((at) => pool[at]!);
  room.clear();
  for (const row of chosen) room.take(row);
  const left = sorted.filter((row) => !chosen.includes(row));
  const rows = caps.length > 0 ? [...chosen, ...greedily(left, limit - chosen.length, room)] : chosen;
  return { rows, scores: rows.map(boosted) };
}

describe('fillList', () => {
  it('gives the list that looking at every row gives, whatever the boosts, caps, verdicts and choice', async () => {
    await fc.assert(
      fc.asyncProperty(aCase, async (one) => {
        const { items, limit, poolTimes, boosts, caps, begun, isJudged, isFiltered, choice, share } = one;
        const filler: Item = { brand: 'A', tags: ['x'], price: 1, score: -9, isWanted: false, isAllowed: true };
        const all = [...items, filler];
        const fieldsOf = ({ brand, tags, price }: Item) => ({ ...(brand && { brand }), ...(tags && { tags }), ...(price && { price }) });
        const index = new CatalogIndex(catalogOf(all.map((item, at) => ({ itemId: `i${at}`, ...fieldsOf(item) }))));
        const held = items.slice(0, begun).map((_, row) => row);
        const allowed = new RowSet(all.length);
        all.forEach(({ isAllowed }, row) => {
          if (row >= begun && (!isFiltered || isAllowed)) allowed.add(row);
        });

        // One factor, so that the scores are those of the items: whole numbers up to 9, ties among them, stored exactly.
        const matrix = createItemMatrix({
          itemCount: all.length,
          dimensions: 1,
          hasBiases: false,
          hasExactRows: true,
          wasmScratchBytes: null,
        });
        all.forEach(({ score }, row) => setRow(matrix, row, Float32Array.of(score)));
        const loaded = await createCpuBackend().load(matrix);
        const order = all.map((_, row) => row).sort((a, b) => all[b]!.score - all[a]!.score || a - b);
        const sources: ((wanted: RowSet) => CandidateSource)[] = [
          (wanted) => matrixSource({ loaded, matrix, query: Float32Array.of(1), rule: 'dot', excluded: wanted.complement().words }),
          (wanted) => {
            const rows = order.filter((row) => wanted.has(row));
            return listSource(
              rows,
              rows.map((row) => all[row]!.score),
            );
          },
          (wanted) => rankedSource(wanted.toRows(), (row) => all[row]!.score),
        ];
        for (const sourceOf of sources) {
          const list = await fillList({
            source: mergedSource(
              boostGroups(boosts, index).map(({ rows, toScore }, at) => ({
                source: sourceOf(allowed.intersect(rows)),
                toScore,
                share: at === 0 ? share : 0,
              })),
              1,
            ),
            limit,
            poolSize: limit * poolTimes,
            ...(caps.length > 0 && {
              room: new CapCounter(caps, index).begin(held),
              poolRoom: new CapCounter(caps, index, poolTimes).begin(held),
            }),
            ...(isJudged && { judge: async (rows) => Uint8Array.from(rows, (row) => (all[row]!.isWanted ? 1 : 0)) }),
            select: CHOICES[choice],
          });
          const expected = plainList(one, all);
          expect([...list.rows]).toEqual(expected.rows);
          expect([...list.scores]).toEqual(expected.scores);
        }
      }),
      { numRuns: 500, seed: 3 },
    );
  });

  it('prefers what the pool had no room for, where it is better and the list has room, to what waits in the pool', async () => {
    const items: [name: string, tag: string | null, price: number | null][] = [
      ['a', 'x', null],
      ['b', 'y', null],
      ['c', 'u', null],
      ['d', 'v', null],
      // In the pool, which is full of prices 1 and 2 with them; in the list their tags are taken.
      ['e', 'x', 1],
      ['f', 'y', 1],
      ['g', 'u', 2],
      ['h', 'v', 2],
      // Seen with them, and in neither.
      ...Array.from({ length: 8 }, (): [string, string, null] => ['-', 'x', null]),
      // Not looked for while the pool is filled.
      ...['i', 'j', 'k', 'l'].map((name): [string, string, number] => [name, 'z', 1]),
      ['m', 'w', 2],
      // In the pool again.
      ...['n', 'o', 'p', 'q', 'r', 's', 't', 'u'].map((name): [string, null, null] => [name, null, null]),
    ];
    const catalog = catalogOf(
      items.map(([, tag, price], at) => ({ itemId: `${at}`, ...(tag && { tags: [tag] }), ...(price && { price }) })),
    );
    const index = new CatalogIndex(catalog);
    const rows = items.map((_, row) => row);
    const caps = [
      { field: 'tags', max: 1 },
      { field: 'price', max: 1 },
    ];
    const list = await fillList({
      source: listSource(
        rows,
        rows.map((row) => -row),
      ),
      limit: 8,
      poolSize: 16,
      room: new CapCounter(caps, index),
      poolRoom: new CapCounter(caps, index, 2),
      select: CHOICES.few,
    });
    expect(Array.from(list.rows, (row) => items[row]![0]).join('')).toBe('abcdimno');
  });

  it('fills a list of many brands though one brand holds all that stands first, in a few rounds', async () => {
    const size = 30_000;
    const index = new CatalogIndex(
      catalogOf(Array.from({ length: size }, (_, row) => ({ itemId: `i${row}`, brand: `${Math.floor(row / 3000)}` }))),
    );
    const rows = Array.from({ length: size }, (_, row) => row);
    const all = listSource(
      rows,
      rows.map((row) => -row),
    );
    let calls = 0;
    let given = 0;
    const source: CandidateSource = {
      next: async (count, open) => {
        const part = await all.next(count, open);
        calls++;
        given += part.rows.length;
        return part;
      },
    };
    const caps = [{ field: 'brand', max: 2 }];
    const list = await fillList({
      source,
      limit: 20,
      poolSize: 80,
      room: new CapCounter(caps, index),
      poolRoom: new CapCounter(caps, index, 4),
      select: CHOICES.backwards,
    });
    expect(list.rows).toHaveLength(20);
    expect(calls).toBeLessThanOrEqual(11);
    expect(given).toBeLessThan(500);
  });

  it('finds the one item that a judge accepts among 20,000, in a few rounds', async () => {
    const rows = Array.from({ length: 20_000 }, (_, row) => row);
    const source = listSource(
      rows,
      rows.map((row) => -row),
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
    for (const counts of [[10, 20, 40, 80, 160, 320, 640], [700], [3, 500, 500], [200, 200, 200, 200], [1, 1_700]]) {
      const source = matrixSource({ loaded, matrix, query, rule: 'dot', excluded: excluded.slice() });
      const found: number[] = [];
      for (const count of counts) found.push(...Array.from((await source.next(count)).rows));
      expect(found).toEqual(expected);
    }
  });
});

describe('boostGroups', () => {
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
    expect(() => boostGroups([{ filter: {}, ...boost }], index)).toThrow(/Boost 1 has factor .* A factor is a number above 0/);
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
