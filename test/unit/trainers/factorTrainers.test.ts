import { describe, expect, it } from 'vitest';
import { createItemMatrix, setRow } from '../../../src/core/kernels/itemMatrix.js';
import { foldInNonNegative } from '../../../src/core/models/foldIn.js';
import { trainBpr } from '../../../src/cli/trainers/bpr.js';
import { invertPositiveDefinite } from '../../../src/cli/trainers/invertPositiveDefinite.js';
import { nmfObjective, trainNmf } from '../../../src/cli/trainers/nmf.js';
import { gram } from '../../../src/cli/trainers/outerProducts.js';
import type { SparseRows } from '../../../src/cli/trainers/sparseRows.js';
import { toSparseRows } from '../../../src/cli/trainers/toSparseRows.js';
import { truncatedSvd } from '../../../src/cli/trainers/truncatedSvd.js';
import { createRandom } from '../../fixtures/random.js';
import { randomEvents } from './randomEvents.js';

const rows = toSparseRows(randomEvents(60, 25, 12, 3), true);

function dense({ rowCount, columnCount, offsets, columns, values }: SparseRows): Float64Array[] {
  return Array.from({ length: rowCount }, (_, row) => {
    const out = new Float64Array(columnCount);
    for (let at = offsets[row]!; at < offsets[row + 1]!; at++) out[columns[at]!] = values[at]!;
    return out;
  });
}

describe('truncatedSvd', () => {
  it('finds singular vectors: A’A v = σ² v, of length 1, at right angles, largest first', async () => {
    const a = dense(rows);
    const d = 6;
    const { columns, singularValues } = await truncatedSvd(rows, { factors: d, seed: 1 });
    const vector = (j: number): Float64Array => Float64Array.from({ length: 25 }, (_, i) => columns[i * d + j]!);
    for (let j = 0; j < d; j++) {
      const v = vector(j);
      const av = a.map((row) => row.reduce((sum, value, i) => sum + value * v[i]!, 0));
      for (let i = 0; i < 25; i++) {
        const back = a.reduce((sum, row, u) => sum + row[i]! * av[u]!, 0);
        expect(Math.abs(back - singularValues[j]! ** 2 * v[i]!)).toBeLessThan(1e-4 * singularValues[0]! ** 2);
      }
      for (let k = 0; k <= j; k++) {
        const product = vector(k).reduce((sum, value, i) => sum + value * v[i]!, 0);
        expect(product).toBeCloseTo(k === j ? 1 : 0, 5);
      }
      if (j > 0) expect(singularValues[j]!).toBeLessThanOrEqual(singularValues[j - 1]!);
    }
    // The rest of the energy is no larger than the smallest value found, 19 times over.
    const energy = rows.values.reduce((sum, value) => sum + value ** 2, 0);
    expect(energy - singularValues.reduce((sum, value) => sum + value ** 2, 0)).toBeLessThan(19 * singularValues[d - 1]! ** 2 + 1e-3);
  });

  it('leaves factors beyond the rank zero, and the same seed gives the same bytes', async () => {
    const one = {
      rowCount: 1,
      columnCount: 3,
      offsets: Uint32Array.of(0, 2),
      columns: Uint32Array.of(0, 2),
      values: Float32Array.of(3, 4),
    };
    const { columns, singularValues } = await truncatedSvd(one, { factors: 2, seed: 1 });
    expect(singularValues[0]).toBeCloseTo(5, 10);
    expect([...columns].map((value) => Number(value.toFixed(5)))).toEqual([0.6, 0, 0, 0, 0.8, 0]);
    expect((await truncatedSvd(rows, { factors: 4, seed: 2 })).columns).toEqual(
      (await truncatedSvd(rows, { factors: 4, seed: 2 })).columns,
    );
  });
});

describe('trainNmf', () => {
  it('states its objective as the sum over all pairs does', async () => {
    const factors = await trainNmf(rows, { factors: 4, epochs: 2, regularization: 0.3, seed: 1 });
    let sum = 0;
    dense(rows).forEach((row, u) =>
      row.forEach((value, i) => {
        let score = 0;
        for (let j = 0; j < 4; j++) score += factors.users[u * 4 + j]! * factors.items[i * 4 + j]!;
        sum += (value - score) ** 2;
      }),
    );
    for (const value of [...factors.users, ...factors.items]) sum += 0.3 * value ** 2;
    expect(nmfObjective(rows, factors, 4, 0.3)).toBeCloseTo(sum / 2, 3);
  });

  it('never rises, never goes below zero, and its users are what the page folds in', async () => {
    const options = { factors: 4, regularization: 0.3, seed: 1 };
    let last = Infinity;
    for (const epochs of [1, 2, 4, 8, 200]) {
      const factors = await trainNmf(rows, { ...options, epochs });
      const value = nmfObjective(rows, factors, 4, 0.3);
      expect(value).toBeLessThanOrEqual(last + 1e-6);
      last = value;
      expect(Math.min(...factors.users, ...factors.items)).toBeGreaterThanOrEqual(0);
      if (epochs < 200) continue;
      const matrix = createItemMatrix({ itemCount: 25, dimensions: 4, hasBiases: false, hasExactRows: true, wasmScratchBytes: null });
      for (let i = 0; i < 25; i++) setRow(matrix, i, factors.items.subarray(i * 4, i * 4 + 4));
      for (let u = 0; u < 60; u++) {
        const own = Array.from(rows.columns.subarray(rows.offsets[u], rows.offsets[u + 1]), (itemIndex, at) => ({
          itemIndex,
          weight: rows.values[rows.offsets[u]! + at]!,
        }));
        if (own.length === 0) continue;
        const { vector } = foldInNonNegative(matrix, Float32Array.from(gram(factors.items, 4)), 0.3, own);
        vector.forEach((one, j) => expect(Math.abs(one - factors.users[u * 4 + j]!)).toBeLessThan(0.02));
      }
    }
  });
});

describe('trainBpr', () => {
  it('ranks what a user met above what the user did not, and is the same for the same seed', async () => {
    const options = { factors: 8, epochs: 200, learningRate: 0.05, regularization: 0.002, seed: 4 };
    const { users, items } = await trainBpr(rows, options);
    let right = 0;
    let pairs = 0;
    dense(rows).forEach((row, u) => {
      const score = (i: number): number => {
        let sum = 0;
        for (let j = 0; j < 8; j++) sum += users[u * 8 + j]! * items[i * 8 + j]!;
        return sum;
      };
      row.forEach((met, i) => {
        if (met === 0) return;
        row.forEach((other, j) => {
          if (other > 0) return;
          pairs++;
          if (score(i) > score(j)) right++;
        });
      });
    });
    expect(right / pairs).toBeGreaterThan(0.9);
    expect((await trainBpr(rows, options)).items).toEqual(items);
    // Nobody met them: their rows stay zero.
    const met = new Set(rows.columns);
    for (let i = 0; i < 25; i++) expect(items.subarray(i * 8, i * 8 + 8).every((value) => value === 0)).toBe(!met.has(i));
  });

  it('takes one step as the paper writes it', async () => {
    // Two users, two items, each met one: every step is (u, own, other).
    const two = { rowCount: 1, columnCount: 2, offsets: Uint32Array.of(0, 1), columns: Uint32Array.of(0), values: Float32Array.of(1) };
    const options = { factors: 3, learningRate: 0.1, regularization: 0.01, seed: 9 };
    const start = await trainBpr(two, { ...options, epochs: 0 });
    const one = await trainBpr(two, { ...options, epochs: 1 });
    const x = start.users;
    // Item 1 has no entry, so it is cleared at the end; it is redrawn here from what it did to x.
    const y = start.items.subarray(0, 3);
    const z = one.users.map((value, j) => {
      const gradient = (value - x[j]!) / 0.1 + 0.01 * x[j]!;
      return y[j]! - gradient * 2;
    });
    // σ(-x·(y - z)) is near one half for factors this small.
    const slope = 1 / (1 + Math.exp(x.reduce((sum, value, j) => sum + value * (y[j]! - z[j]!), 0)));
    one.items.subarray(0, 3).forEach((value, j) => expect(value).toBeCloseTo(y[j]! + 0.1 * (slope * x[j]! - 0.01 * y[j]!), 4));
  });
});

describe('invertPositiveDefinite', () => {
  it.each([1, 2, 5, 67])('gives the inverse of a %i x %i matrix', async (n) => {
    const random = createRandom(n);
    const x = Float64Array.from({ length: n * n }, () => random() - 0.5);
    const a = new Float64Array(n * n);
    for (let i = 0; i < n; i++)
      for (let j = 0; j < n; j++) {
        a[i * n + j] = i === j ? 0.5 : 0;
        for (let k = 0; k < n; k++) a[i * n + j]! += x[i * n + k]! * x[j * n + k]!;
      }
    const inverse = a.slice();
    await invertPositiveDefinite(inverse, n);
    for (let i = 0; i < n; i++)
      for (let j = 0; j < n; j++) {
        let sum = 0;
        for (let k = 0; k < n; k++) sum += a[i * n + k]! * inverse[k * n + j]!;
        expect(sum).toBeCloseTo(i === j ? 1 : 0, 9);
      }
  });

  it('refuses a matrix without an inverse', async () => {
    await expect(invertPositiveDefinite(Float64Array.of(1, 1, 1, 1), 2)).rejects.toMatchObject({ code: 'input/invalid' });
  });
});
