import { describe, expect, it } from 'vitest';
import type { NeighborTable } from '../../../src/core/artifact/tables/neighborTable.js';
import type { NeighborTableEntry } from '../../../src/core/artifact/tables/tableEntries.js';
import { createItemMatrix, setRow } from '../../../src/core/kernels/itemMatrix.js';
import { contentFields, itemTerms, placeByContent, termWeight, textTerms } from '../../../src/core/models/contentTerms.js';
import { NeighborModel } from '../../../src/core/models/neighborModel.js';
import { PrototypeModel } from '../../../src/core/models/prototypeModel.js';
import { RowMask } from '../../../src/core/ranking/rowMask.js';
import { createRandom } from '../../fixtures/random.js';
import { randomSparse } from '../../fixtures/smallTables.js';

const ITEMS = 50;
const table = randomSparse(ITEMS, ITEMS, 12, 21, false);
const entry: NeighborTableEntry = {
  name: 'knn',
  kind: 'cosine',
  algorithm: 'test',
  maxNeighbors: 12,
  historyItems: 4,
  decay: 0.5,
  eventWeights: { view_item: 1 },
  baskets: null,
  shards: [],
};

function valueOf(source: typeof table, row: number, column: number): number {
  for (let at = source.offsets[row]!; at < source.offsets[row + 1]!; at++) if (source.columns[at] === column) return source.values[at]!;
  return 0;
}

function drawHistory(random: () => number): { itemIndex: number; weight: number }[] {
  const items = new Set(Array.from({ length: 7 }, () => Math.floor(random() * ITEMS)));
  return [...items].map((itemIndex) => ({ itemIndex, weight: 1 + Math.floor(random() * 5) }));
}

describe('NeighborModel', () => {
  it('ranks as the sum over the newest items does, and its shares sum to the score', () => {
    const random = createRandom(2);
    const weighted: NeighborTable = { ...table, entry, itemBaskets: null };
    for (const [model, isWeighted] of [
      [new NeighborModel(weighted), true],
      [new NeighborModel({ ...weighted, entry: { ...entry, eventWeights: null, historyItems: 0 } }), false],
    ] as const) {
      for (let round = 0; round < 20; round++) {
        const history = drawHistory(random);
        const mask = new RowMask(ITEMS);
        for (const { itemIndex } of history) mask.exclude(itemIndex);
        const heard = isWeighted ? history.slice(0, 4) : history;
        const expected = Array.from({ length: ITEMS }, (_, row) => ({
          row,
          score: heard.reduce(
            (sum, { itemIndex, weight }, place) => sum + (isWeighted ? weight : 1) * 0.5 ** place * valueOf(table, itemIndex, row),
            0,
          ),
          isNamed: heard.some(({ itemIndex }) =>
            table.columns.subarray(table.offsets[itemIndex], table.offsets[itemIndex + 1]).includes(row),
          ),
        }))
          .filter(({ row, isNamed }) => isNamed && !mask.has(row))
          .sort((a, b) => b.score - a.score || a.row - b.row)
          .slice(0, 10);
        const { indexes, scores } = model.rank(history, 10, mask);
        expect([...indexes]).toEqual(expected.map(({ row }) => row));
        scores.forEach((score, at) => {
          expect(score).toBeCloseTo(expected[at]!.score, 5);
          expect(model.explain(history, indexes[at]!).reduce((sum, share) => sum + share, 0)).toBeCloseTo(score, 5);
        });
      }
    }
  });
});

describe('PrototypeModel', () => {
  it('finds the nearest prototypes by cosine and ranks what they met', () => {
    const random = createRandom(4);
    const rows = randomSparse(30, ITEMS, 12, 5, false);
    const values = rows.values.map((value) => Math.abs(value) + 0.01);
    const prototypes = { ...rows, values, userCounts: new Uint32Array(30).fill(50), entry: null! };
    const model = new PrototypeModel(prototypes);
    for (let round = 0; round < 20; round++) {
      const history = drawHistory(random);
      const dense = Array.from({ length: 30 }, (_, p) => Array.from({ length: ITEMS }, (_, row) => valueOf({ ...rows, values }, p, row)));
      const similarity = dense.map(
        (own) => history.reduce((sum, { itemIndex }) => sum + own[itemIndex]!, 0) / Math.sqrt(history.length) / Math.hypot(...own),
      );
      const near = [...similarity.keys()]
        .filter((p) => similarity[p]! > 0)
        .sort((a, b) => similarity[b]! - similarity[a]! || a - b)
        .slice(0, 5);
      expect(model.nearest(history, 5).map(({ prototype }) => prototype)).toEqual(near);
      const all = [...similarity.keys()].filter((p) => similarity[p]! > 0).sort((a, b) => similarity[b]! - similarity[a]! || a - b);
      const scores = Array.from({ length: ITEMS }, (_, row) =>
        all.slice(0, 20).reduce((sum, p) => sum + similarity[p]! * dense[p]![row]!, 0),
      );
      const best = model.rank(history, 5, null);
      best.indexes.forEach((row, at) => {
        expect(best.scores[at]).toBeCloseTo(scores[row]!, 5);
        expect(best.scores[at]).toBeCloseTo([...scores].sort((a, b) => b - a)[at]!, 5);
      });
    }
  });
});

describe('contentTerms', () => {
  it('cuts words and pairs of Chinese characters', () => {
    expect(textTerms('Wireless Cameras, 4K—USB-C')).toEqual(['wireless', 'camera', '4k', 'usb']);
    expect(textTerms('无线耳机 X5 茶')).toEqual(['无线', '线耳', '耳机', 'x5', '茶']);
    expect(textTerms('ＨＤＭＩ')).toEqual(['hdmi']);
    expect(textTerms('')).toEqual([]);
  });

  it('reads texts word by word, attributes whole, and leaves out what says nothing', () => {
    const fields = [
      { name: 'title', type: 'string' },
      { name: 'colour', type: 'string' },
      { name: 'tags', type: 'strings' },
      { name: 'url', type: 'string' },
      { name: 'price', type: 'number' },
    ];
    expect(contentFields(fields)).toEqual(['title', 'colour', 'tags']);
    const item = { itemId: 'a', title: 'Black camera', colour: 'Black', tags: ['new', 'sale'], brand: 'Aro' };
    expect([...itemTerms(item, ['title', 'colour', 'tags', 'brand'])]).toEqual([
      ['black', 2],
      ['camera', 2],
      ['colour=black', 1],
      ['tags=new', 1],
      ['tags=sale', 1],
      ['brand=aro', 1],
      ['aro', 1],
    ]);
  });

  it('places a text at the weighted sum of its terms, of length 1, and says null where it knows none', () => {
    const matrix = createItemMatrix({ itemCount: 2, dimensions: 2, hasBiases: true, hasExactRows: true, wasmScratchBytes: null });
    setRow(matrix, 0, [1, 0]);
    setRow(matrix, 1, [0, 1]);
    const terms = {
      rowOf: new Map([
        ['camera', 0],
        ['lens', 1],
      ]),
      idf: Float32Array.of(1, 2),
      matrix,
    };
    const placed = placeByContent(
      terms,
      new Map([
        ['camera', 3],
        ['lens', 1],
        ['unknown', 9],
      ]),
    )!;
    const [x, y] = [termWeight(3, 1), termWeight(1, 2)];
    expect(placed[0]).toBeCloseTo(x / Math.hypot(x, y), 6);
    expect(placed[1]).toBeCloseTo(y / Math.hypot(x, y), 6);
    expect(placeByContent(terms, new Map([['toString', 1]]))).toBeNull();
  });
});
