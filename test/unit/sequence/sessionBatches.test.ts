import { describe, expect, it } from 'vitest';
import { AliasTable } from '../../../src/cli/trainers/gru/aliasTable.js';
import type { ColumnArrays, NegativeSampling } from '../../../src/cli/trainers/gru/scoredColumns.js';
import { ScoredColumns } from '../../../src/cli/trainers/gru/scoredColumns.js';
import { ascending, SessionBatches } from '../../../src/cli/trainers/gru/sessionBatches.js';
import type { Sessions } from '../../../src/cli/trainers/gru/sessions.js';
import { checkSessions, predictionCount, splitByTime } from '../../../src/cli/trainers/gru/sessions.js';
import { toSessions } from './toSessions.js';

const LISTS = [[1, 2, 3], [4], [5, 6], [], [7, 8, 9, 10], [11, 12]];

describe('SessionBatches', () => {
  it('shows every pair of neighbours once, with the state of its own session', () => {
    const sessions = toSessions(LISTS);
    const batches = new SessionBatches(sessions, ascending(LISTS.length), 2);
    // The state of a row: the items it has taken in since its reset.
    const states: number[][] = [[], []];
    const moves = {
      reset: (row: number) => (states[row] = []),
      move: (from: number, to: number) => (states[to] = states[from]!),
    };
    const seen: number[][] = [];
    batches.start(moves);
    while (batches.live > 0) {
      for (let row = 0; row < batches.live; row++) {
        states[row]!.push(batches.inputs[row]!);
        seen.push([...states[row]!, batches.targets[row]!]);
      }
      batches.advance(moves);
    }
    expect(seen).toHaveLength(predictionCount(sessions));
    expect(seen.map(String).sort()).toEqual(['1,2', '1,2,3', '11,12', '5,6', '7,8', '7,8,9', '7,8,9,10'].sort());
  });

  it('takes the sessions in the given order', () => {
    const batches = new SessionBatches(toSessions(LISTS), Uint32Array.of(5, 4, 0), 2);
    batches.start({ reset: () => {}, move: () => {} });
    expect([...batches.inputs]).toEqual([11, 7]);
  });

  it('gets smaller at the end and moves the last row', () => {
    const moved: number[][] = [];
    const moves = { reset: () => {}, move: (from: number, to: number) => moved.push([from, to]) };
    const batches = new SessionBatches(
      toSessions([
        [1, 2],
        [3, 4, 5],
      ]),
      ascending(2),
      4,
    );
    batches.start(moves);
    expect(batches.live).toBe(2);
    batches.advance(moves);
    expect([batches.live, batches.inputs[0], batches.targets[0]]).toEqual([1, 4, 5]);
    expect(moved).toEqual([[1, 0]]);
  });
});

describe('sessions', () => {
  it('splits off the last sessions', () => {
    const { train, validation } = splitByTime(toSessions(LISTS), 1 / 3);
    expect([[...train.items], [...train.offsets]]).toEqual([
      [1, 2, 3, 4, 5, 6],
      [0, 3, 4, 6, 6],
    ]);
    expect([[...validation.items], [...validation.offsets]]).toEqual([
      [7, 8, 9, 10, 11, 12],
      [0, 4, 6],
    ]);
  });

  it.each<[string, Sessions, RegExp]>([
    ['an item that is none', toSessions([[0, 9]]), /Event 1 names item 9; there are 9 items/],
    ['offsets that fall', { items: Int32Array.of(1, 2), offsets: Uint32Array.of(0, 2, 1, 2) }, /fall at session 1/],
    ['offsets that end early', { items: Int32Array.of(1, 2), offsets: Uint32Array.of(0, 1) }, /run from 0 to 1; expected 0 to 2/],
  ])('refuses %s', (_, sessions, message) => {
    expect(() => checkSessions(sessions, 9)).toThrow(message);
  });
});

describe('AliasTable', () => {
  it('draws in proportion to the weights and never what weighs nothing', () => {
    const weights = [1, 0, 5, 2, 0.5, 1.5];
    const table = new AliasTable(weights);
    const counts = weights.map(() => 0);
    for (let n = 0; n < 100_000; n++) counts[table.draw(n)]!++;
    weights.forEach((weight, i) => expect(counts[i]! / 100_000).toBeCloseTo(weight / 10, 2));
    expect(counts[1]).toBe(0);
  });
});

describe('ScoredColumns', () => {
  const support = Uint32Array.of(1, 4, 9, 16, 0, 25);
  const choose = (sampling: Partial<NegativeSampling>, inputs: number[], targets: number[], key = 5) => {
    const out: ColumnArrays = {
      columnItems: new Int32Array(64),
      columnOffsets: new Float32Array(64),
      targetColumns: new Int32Array(4),
      targetOffsets: new Float32Array(4),
      inputColumns: new Int32Array(4),
    };
    const columns = new ScoredColumns(support, { loss: 'cross-entropy', negatives: 20, sampleAlpha: 0.5, logQ: 1, ...sampling }, 4);
    columns.choose(Int32Array.from(inputs), Int32Array.from(targets), targets.length, key, out);
    return { columns, out, items: [...out.columnItems.subarray(0, columns.columns)] };
  };

  it('gives each item one column and finds targets and inputs in them', () => {
    const { columns, out, items } = choose({ negatives: 0 }, [4, 3, 4], [1, 1, 5]);
    expect(items).toEqual([1, 5]);
    expect([0, 1, 2].map((row) => items[out.targetColumns[row]!])).toEqual([1, 1, 5]);
    expect([0, 1, 2].map((row) => out.columnItems[out.inputColumns[row]!])).toEqual([4, 3, 4]);
    expect([columns.columns, columns.touched]).toEqual([2, 4]);
  });

  it('draws items without events too, each at most one column', () => {
    const { items } = choose({ negatives: 400 }, [0], [1]);
    expect(items.toSorted()).toEqual([0, 1, 2, 3, 4, 5]);
  });

  it('adds the weights of repeated draws up', () => {
    const { out, items } = choose({ logQ: 0 }, [0], [2]);
    const weights = items.map((_, column) => Math.exp(out.columnOffsets[column]!));
    weights.forEach((weight) => expect(weight).toBeCloseTo(Math.round(weight), 4));
    expect(weights.reduce((sum, weight) => sum + weight, 0)).toBeCloseTo(21, 3);
  });

  it('takes popularity back by logQ', () => {
    const { out, items } = choose({ negatives: 0 }, [0, 0, 0], [1, 3, 3]);
    expect(items).toEqual([1, 3]);
    expect([...out.columnOffsets.subarray(0, 2)].map((offset) => Math.exp(offset))).toEqual([
      expect.closeTo(1 / 4, 5),
      expect.closeTo(2 / 16, 5),
    ]);
    expect(out.targetOffsets[1]).toBeCloseTo(-Math.log(16), 5);
    const extra = choose({ negatives: 40 }, [0], [5]);
    const column = extra.items.indexOf(2);
    const draws = Math.exp(extra.out.columnOffsets[column]!) * 3;
    expect(draws).toBeCloseTo(Math.round(draws), 3);
    const plain = choose({ negatives: 0, loss: 'bpr-max' }, [0], [1]);
    expect(plain.out.targetOffsets[0]).toBe(0);
  });
});
