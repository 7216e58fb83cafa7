import { describe, expect, it } from 'vitest';
import { solvePositiveDefinite } from '../../../src/core/kernels/linearSolve.js';
import { foldInAls } from '../../../src/core/models/foldIn.js';
import { fillMatrix } from '../../../src/core/artifact/rowShards.js';
import { gramMatrix } from '../../../src/core/artifact/writeModelFolder.js';
import type { AlsFactors, AlsOptions } from '../../../src/cli/trainers/als.js';
import { alsObjective, trainAls } from '../../../src/cli/trainers/als.js';
import { diagonalize } from '../../../src/cli/trainers/diagonalize.js';
import { drawSample, seededRandom } from '../../../src/cli/trainers/seededRandom.js';
import type { SparseRows } from '../../../src/cli/trainers/sparseRows.js';
import { transpose } from '../../../src/cli/trainers/sparseRows.js';

const OPTIONS: AlsOptions = { factors: 6, epochs: 8, regularization: 0.02, unobservedWeight: 0.1, nu: 1, seed: 5 };

describe('trainAls', () => {
  it('lowers the objective in every half-epoch', async () => {
    const interactions = randomRows(60, 40, 0.15, 1);
    const values: number[] = [];
    await trainAls(interactions, OPTIONS, { onHalfEpoch: (factors) => values.push(alsObjective(interactions, factors, 6, OPTIONS)) });
    expect(values).toHaveLength(2 * OPTIONS.epochs + 1);
    values.slice(1).forEach((value, i) => expect(value).toBeLessThanOrEqual(values[i]! * (1 + 1e-6)));
  });

  it.each([
    ['rows with fewer entries than factors', 0.08, 8],
    ['rows with more entries than factors', 0.6, 4],
  ])('solves %s as a dense solver does', async (_, density, factors) => {
    const interactions = randomRows(30, 25, density, 2);
    const options = { ...OPTIONS, factors, epochs: 2, nu: 0.7 };
    const trained = await trainAls(interactions, options);
    const expected = denseUsers(interactions, trained.items, options);
    expectClose(trained.users, expected);
  });

  it('computes the objective as the sum over all pairs', async () => {
    const interactions = randomRows(9, 7, 0.3, 3);
    const options = { ...OPTIONS, factors: 3, nu: 0.5 };
    const trained = await trainAls(interactions, options);
    expect(alsObjective(interactions, trained, 3, options)).toBeCloseTo(naiveObjective(interactions, trained, options), 5);
  });

  it('gives the same bits for the same seed and others for another', async () => {
    const interactions = randomRows(20, 15, 0.2, 4);
    const first = await trainAls(interactions, OPTIONS);
    const again = await trainAls(interactions, OPTIONS);
    const other = await trainAls(interactions, { ...OPTIONS, seed: 6 });
    expect(again.items).toEqual(first.items);
    expect(other.items).not.toEqual(first.items);
  });

  it('separates the two halves of a checkerboard', async () => {
    const lists = Array.from({ length: 10 }, (_, u) => Array.from({ length: 10 }, (_, i) => i).filter((i) => i % 2 === u % 2));
    const { users, items } = await trainAls(toRows(lists, 10), { ...OPTIONS, factors: 2 });
    for (let u = 0; u < 10; u++) {
      for (let i = 0; i < 10; i++) {
        const score = users[2 * u]! * items[2 * i]! + users[2 * u + 1]! * items[2 * i + 1]!;
        if (i % 2 === u % 2) expect(score).toBeGreaterThan(0.5);
        else expect(Math.abs(score)).toBeLessThan(0.1);
      }
    }
  });

  it("gives the user's row when the page folds the same items in", async () => {
    const interactions = randomRows(40, 30, 0.2, 8);
    const { factors, regularization, unobservedWeight, nu } = OPTIONS;
    const { users, items } = await trainAls(interactions, OPTIONS);
    const matrix = fillMatrix(
      { dimensions: factors, dtype: 'float32', factors: items, biases: null },
      Uint32Array.from({ length: 30 }, (_, i) => i),
    );
    const foldIn = {
      kind: 'als',
      gramScale: unobservedWeight,
      matrixOffset: 0,
      matrixSlope: 1,
      targetOffset: 0,
      targetSlope: 1,
      regularization,
      regularizationExponent: nu,
      regularizationOffset: unobservedWeight * 30,
    } as const;
    for (let u = 0; u < 40; u++) {
      const own = [...rowOf(interactions, u)].map(([itemIndex, weight]) => ({ itemIndex, weight }));
      if (own.length === 0) continue;
      expectClose(foldInAls(matrix, gramMatrix(matrix), foldIn, own).vector, users.subarray(u * factors, (u + 1) * factors));
    }
  });

  it('leaves rows without entries at zero', async () => {
    const { users, items } = await trainAls(toRows([[0, 1], [], [1]], 4), { ...OPTIONS, factors: 2 });
    expect([...users.subarray(2, 4)]).toEqual([0, 0]);
    expect([...items.subarray(4, 8)]).toEqual([0, 0, 0, 0]);
  });

  it('reports progress up to 1 and stops where a pause throws', async () => {
    const done: number[] = [];
    await trainAls(randomRows(20, 15, 0.2, 4), OPTIONS, { onProgress: (share) => done.push(share) });
    expect(done.at(-1)).toBe(1);
    const pause = () => Promise.reject(new Error('stop'));
    await expect(trainAls(randomRows(20, 15, 0.2, 4), OPTIONS, { pause })).rejects.toThrow('stop');
  });

  it.each([
    [{ regularization: 0 }, /regularization is 0/],
    [{ factors: 0 }, /factors is 0/],
    [{ unobservedWeight: -1 }, /unobservedWeight is -1/],
    [{ nu: NaN }, /nu is NaN/],
  ])('refuses %o', async (change, message) => {
    await expect(trainAls(randomRows(5, 5, 0.5, 1), { ...OPTIONS, ...change })).rejects.toThrow(message);
  });
});

describe('diagonalize', () => {
  it('gives vectors that rebuild the matrix', () => {
    const n = 7;
    const random = seededRandom(9);
    const matrix = new Float64Array(n * n);
    for (let i = 0; i < n; i++) for (let j = 0; j <= i; j++) matrix[i * n + j] = matrix[j * n + i] = random() - 0.5;
    const diagonal = matrix.slice();
    const vectors = diagonalize(diagonal, n);
    for (let i = 0; i < n; i++) {
      for (let j = 0; j < n; j++) {
        let sum = 0;
        for (let k = 0; k < n; k++) sum += vectors[k * n + i]! * diagonal[k * n + k]! * vectors[k * n + j]!;
        expect(sum).toBeCloseTo(matrix[i * n + j]!, 8);
      }
    }
  });
});

describe('transpose', () => {
  it('is undone by itself', () => {
    const rows = randomRows(9, 6, 0.4, 3);
    expect(transpose(transpose(rows))).toEqual(rows);
  });
});

describe('drawSample', () => {
  it('draws ascending numbers, each once, and all of them when asked for more', () => {
    const drawn = [...drawSample(100, 10, seededRandom(1))];
    expect(drawn).toHaveLength(10);
    expect(drawn).toEqual([...new Set(drawn)].sort((a, b) => a - b));
    expect([...drawSample(4, 9, seededRandom(1))]).toEqual([0, 1, 2, 3]);
  });
});

function toRows(lists: readonly (readonly number[])[], columnCount: number, weight: (at: number) => number = () => 1): SparseRows {
  const offsets = new Uint32Array(lists.length + 1);
  lists.forEach((list, row) => (offsets[row + 1] = offsets[row]! + list.length));
  const columns = Uint32Array.from(lists.flat());
  return { rowCount: lists.length, columnCount, offsets, columns, values: Float32Array.from(columns.keys(), weight) };
}

function randomRows(rowCount: number, columnCount: number, density: number, seed: number): SparseRows {
  const random = seededRandom(seed);
  const lists = Array.from({ length: rowCount }, () => Array.from({ length: columnCount }, (_, i) => i).filter(() => random() < density));
  return toRows(lists, columnCount, () => 1 + Math.floor(4 * random()));
}

function* rowOf({ offsets, columns, values }: SparseRows, row: number): Generator<[number, number]> {
  for (let at = offsets[row]!; at < offsets[row + 1]!; at++) yield [columns[at]!, values[at]!];
}

/** The textbook solution of every user row, one d x d system each. */
function denseUsers(
  interactions: SparseRows,
  items: Float32Array,
  { factors: d, regularization, unobservedWeight, nu }: AlsOptions,
): Float64Array {
  const { rowCount, columnCount, offsets } = interactions;
  const all = new Float64Array(rowCount * d);
  for (let u = 0; u < rowCount; u++) {
    const a = new Float64Array(d * d);
    const b = new Float64Array(d);
    const weights = new Map(rowOf(interactions, u));
    for (let i = 0; i < columnCount; i++) {
      const r = weights.get(i) ?? 0;
      for (let j = 0; j < d; j++) {
        b[j]! += r * items[i * d + j]!;
        for (let k = 0; k < d; k++) a[j * d + k]! += (unobservedWeight + r) * items[i * d + j]! * items[i * d + k]!;
      }
    }
    for (let j = 0; j < d; j++) a[j * d + j]! += regularization * (offsets[u + 1]! - offsets[u]! + unobservedWeight * columnCount) ** nu;
    expect(solvePositiveDefinite(a, b, d)).toBe(true);
    all.set(b, u * d);
  }
  return all;
}

function naiveObjective(
  interactions: SparseRows,
  { users, items }: AlsFactors,
  { factors: d, regularization, unobservedWeight, nu }: AlsOptions,
): number {
  const { rowCount, columnCount } = interactions;
  const entries = { users: new Map<number, number>(), items: new Map<number, number>() };
  let sum = 0;
  for (let u = 0; u < rowCount; u++) {
    const weights = new Map(rowOf(interactions, u));
    entries.users.set(u, weights.size);
    for (let i = 0; i < columnCount; i++) {
      let score = 0;
      for (let j = 0; j < d; j++) score += users[u * d + j]! * items[i * d + j]!;
      sum += unobservedWeight * score ** 2 + (weights.get(i) ?? 0) * (score - 1) ** 2;
      if (weights.has(i)) entries.items.set(i, (entries.items.get(i) ?? 0) + 1);
    }
  }
  const norm = (rows: Float32Array, row: number): number =>
    rows.subarray(row * d, (row + 1) * d).reduce((total, value) => total + value * value, 0);
  for (let u = 0; u < rowCount; u++)
    sum += regularization * (entries.users.get(u)! + unobservedWeight * columnCount) ** nu * norm(users, u);
  for (let i = 0; i < columnCount; i++)
    sum += regularization * ((entries.items.get(i) ?? 0) + unobservedWeight * rowCount) ** nu * norm(items, i);
  return sum;
}

/** Equal to the rounding of f32 factors. */
function expectClose(seen: ArrayLike<number>, expected: ArrayLike<number>): void {
  expect(seen.length).toBe(expected.length);
  for (let i = 0; i < seen.length; i++) expect(Math.abs(seen[i]! - expected[i]!)).toBeLessThan(2e-5);
}
