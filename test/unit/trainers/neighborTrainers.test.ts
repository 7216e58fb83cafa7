import { describe, expect, it } from 'vitest';
import type { SparseTable } from '../../../src/core/artifact/tables/sparseShards.js';
import { toBaskets } from '../../../src/cli/trainers/baskets.js';
import { countTogether } from '../../../src/cli/trainers/coPurchase.js';
import { MAX_EASE_ITEMS, trainEase } from '../../../src/cli/trainers/ease.js';
import { trainKnn } from '../../../src/cli/trainers/knn.js';
import { toSparseRows } from '../../../src/cli/trainers/toSparseRows.js';
import { userSequences } from '../../../src/cli/trainers/userSequences.js';
import { plainEvents, randomEvents } from './randomEvents.js';

const ITEMS = 30;
const events = randomEvents(80, ITEMS, 14, 11);
/** Each user's different items in the order first met. */
const lists = plainEvents(events).map((own) => [...new Set(own.map(({ item }) => item))]);

function rowsOf({ offsets, columns, values, counts, rowCount }: SparseTable) {
  return Array.from({ length: rowCount }, (_, row) =>
    Array.from({ length: offsets[row + 1]! - offsets[row]! }, (_, at) => {
      const place = offsets[row]! + at;
      return { column: columns[place]!, value: values[place]!, count: counts?.[place] ?? 0 };
    }),
  );
}

/** The best of a dense row of scores, ties by lower column. */
function bestOf(scores: readonly (number | null)[], k: number) {
  return scores
    .flatMap((value, column) => (value === null ? [] : [{ column, value }]))
    .sort((a, b) => b.value - a.value || a.column - b.column)
    .slice(0, k);
}

function expectRows(table: SparseTable, scores: readonly (readonly (number | null)[])[], k: number): void {
  rowsOf(table).forEach((row, item) => {
    const expected = bestOf(scores[item]!, k);
    expect(row.map(({ column }) => column)).toEqual(expected.map(({ column }) => column));
    row.forEach(({ value }, at) => expect(value).toBeCloseTo(expected[at]!.value, 6));
  });
}

describe('trainKnn', () => {
  it.each([
    { neighbors: 8, shrinkage: 0, userDamping: 0, closeness: 1, backward: 1 },
    { neighbors: 50, shrinkage: 5, userDamping: 0.25, closeness: 0.9, backward: 0.6 },
  ])('gives the rows of the definition, computed pair by pair: %o', async (options) => {
    const weight = (list: readonly number[]): number => list.length ** -options.userDamping;
    const mass = (item: number): number => lists.reduce((sum, list) => sum + (list.includes(item) ? weight(list) : 0), 0);
    const scores = Array.from({ length: ITEMS }, (_, i) =>
      Array.from({ length: ITEMS }, (_, j) => {
        let sum = 0;
        let shared = 0;
        for (const list of lists) {
          const [a, b] = [list.indexOf(i), list.indexOf(j)];
          if (i === j || a < 0 || b < 0) continue;
          shared++;
          sum += weight(list) * options.closeness ** (Math.abs(a - b) - 1) * (b > a ? 1 : options.backward);
        }
        return shared === 0 ? null : (sum / Math.sqrt(mass(i) * mass(j))) * (shared / (shared + options.shrinkage));
      }),
    );
    expectRows(await trainKnn(userSequences(events, null), options), scores, options.neighbors);
  });

  it('refuses options that mean nothing', async () => {
    const options = { neighbors: 8, shrinkage: 0, userDamping: 0, closeness: 0, backward: 1 };
    await expect(trainKnn(userSequences(events, null), options)).rejects.toMatchObject({ code: 'input/invalid' });
  });
});

describe('trainEase', () => {
  it('gives the weights that minimise its objective with a zero diagonal', async () => {
    const lambda = 3;
    const rows = toSparseRows(events, false);
    const table = await trainEase(rows, { regularization: lambda, neighbors: ITEMS });
    const b = Array.from({ length: ITEMS }, () => new Float64Array(ITEMS));
    rowsOf(table).forEach((row, i) => row.forEach(({ column, value }) => (b[i]![column] = value)));
    const g = Array.from({ length: ITEMS }, (_, i) =>
      Float64Array.from({ length: ITEMS }, (_, j) => lists.filter((list) => list.includes(i) && list.includes(j)).length),
    );
    // Off the diagonal the gradient of |X - XB|² + lambda |B|² is zero: (G B)_ij + lambda B_ij = G_ij.
    for (let j = 0; j < ITEMS; j++) {
      for (let i = 0; i < ITEMS; i++) {
        if (i === j) expect(b[i]![j]).toBe(0);
        else {
          let sum = lambda * b[i]![j]!;
          for (let k = 0; k < ITEMS; k++) sum += g[i]![k]! * b[k]![j]!;
          expect(sum).toBeCloseTo(g[i]![j]!, 4);
        }
      }
    }
  });

  it('refuses a catalogue that is too large and says what it would take', async () => {
    const columnCount = MAX_EASE_ITEMS + 1;
    const rows = { rowCount: 0, columnCount, offsets: new Uint32Array(1), columns: new Uint32Array(), values: new Float32Array() };
    await expect(trainEase(rows, { regularization: 1, neighbors: 5 })).rejects.toThrow(/0\.5 GiB .*--model knn/);
  });
});

describe('countTogether', () => {
  it('counts pairs, items and baskets as a person would', async () => {
    const log = { hasTimes: true, hasEventNames: false, isOrders: false };
    const baskets = toBaskets(events, log);
    const visits: Set<number>[] = [];
    for (const own of plainEvents(events)) {
      own.forEach(({ item, timeMs }, at) => {
        if (at === 0 || timeMs - own[at - 1]!.timeMs > 30 * 60_000) visits.push(new Set());
        visits.at(-1)!.add(item);
      });
    }
    expect(baskets.source).toBe('visits');
    const { table, itemBaskets, basketCount } = await countTogether(baskets, { neighbors: 50, minCount: 2, shrinkage: 5 });
    expect(basketCount).toBe(visits.length);
    const together = (i: number, j: number): number => visits.filter((visit) => visit.has(i) && visit.has(j)).length;
    const scores = Array.from({ length: ITEMS }, (_, i) => {
      expect(itemBaskets[i]).toBe(together(i, i));
      return Array.from({ length: ITEMS }, (_, j) => {
        const count = together(i, j);
        return i === j || count < 2 ? null : ((count / Math.sqrt(together(i, i) * together(j, j))) * count) / (count + 5);
      });
    });
    expectRows(table, scores, 50);
    rowsOf(table).forEach((row, i) => row.forEach(({ column, count }) => expect(count).toBe(together(i, column))));
    expect(table.columns.length).toBeGreaterThan(50);
  });
});
