import { describe, expect, it } from 'vitest';
import type { FoldIn } from '../../../src/core/artifact/manifest.js';
import { readRow } from '../../../src/core/kernels/itemMatrix.js';
import { solvePositiveDefinite } from '../../../src/core/kernels/linearSolve.js';
import type { FactorModel } from '../../../src/core/models/factorModel.js';
import { randomVector, createRandom } from '../../fixtures/random.js';
import { IMPLICIT_FOLD_IN, readFolder, smallFolder } from '../../fixtures/smallModel.js';

const ITEMS = [
  { itemIndex: 3, weight: 1 },
  { itemIndex: 17, weight: 5 },
  { itemIndex: 60, weight: 3 },
];

async function modelWith(foldIn: FoldIn, factors?: Float32Array): Promise<FactorModel> {
  return (await readFolder((await smallFolder({ foldIn, ...(factors && { factors }) })).files)).factors;
}

/** Solves A x = b by Gaussian elimination with pivoting: nothing in common with the code under test. */
function gaussSolve(a: number[][], b: number[]): number[] {
  const n = b.length;
  const rows = a.map((row, i) => [...row, b[i]!]);
  for (let i = 0; i < n; i++) {
    const pivot = rows.slice(i).reduce((best, row, k) => (Math.abs(row[i]!) > Math.abs(rows[best]![i]!) ? i + k : best), i);
    [rows[i], rows[pivot]] = [rows[pivot]!, rows[i]!];
    for (let k = i + 1; k < n; k++) {
      const factor = rows[k]![i]! / rows[i]![i]!;
      for (let j = i; j <= n; j++) rows[k]![j]! -= factor * rows[i]![j]!;
    }
  }
  const x = Array.from({ length: n }, () => 0);
  for (let i = n - 1; i >= 0; i--) {
    let sum = rows[i]![n]!;
    for (let j = i + 1; j < n; j++) sum -= rows[i]![j]! * x[j]!;
    x[i] = sum / rows[i]![i]!;
  }
  return x;
}

function allRows(model: FactorModel): number[][] {
  return Array.from({ length: model.matrix.itemCount }, (_, i) => [...readRow(model.matrix, i, new Float32Array(model.matrix.dimensions))]);
}

describe('fold-in', () => {
  it.each([
    ['implicit (c = alpha r)', IMPLICIT_FOLD_IN],
    ['Spark (c = 1 + alpha r, lambda n)', { ...IMPLICIT_FOLD_IN, matrixOffset: 0, targetOffset: 1, regularizationExponent: 1 }],
    [
      'iALS with frequency-scaled regularization',
      {
        ...IMPLICIT_FOLD_IN,
        gramScale: 0.3,
        matrixOffset: 0,
        matrixSlope: 1,
        targetSlope: 1,
        regularizationExponent: 0.7,
        regularizationOffset: 30,
      },
    ],
  ] as const)('equals a dense solve of the normal equations: %s', async (_, foldIn) => {
    const model = await modelWith(foldIn);
    const rows = allRows(model);
    const d = model.matrix.dimensions;
    const lambda = foldIn.regularization * (ITEMS.length + foldIn.regularizationOffset) ** foldIn.regularizationExponent;
    const a = Array.from({ length: d }, (_, i) =>
      Array.from({ length: d }, (_, j) => {
        const gram = rows.reduce((sum, row) => sum + row[i]! * row[j]!, 0);
        const own = ITEMS.reduce(
          (sum, item) =>
            sum + (foldIn.matrixOffset + foldIn.matrixSlope * item.weight) * rows[item.itemIndex]![i]! * rows[item.itemIndex]![j]!,
          0,
        );
        return foldIn.gramScale * gram + own + (i === j ? lambda : 0);
      }),
    );
    const b = Array.from({ length: d }, (_, j) =>
      ITEMS.reduce((sum, item) => sum + (foldIn.targetOffset + foldIn.targetSlope * item.weight) * rows[item.itemIndex]![j]!, 0),
    );
    const expected = gaussSolve(a, b);
    model.foldIn(ITEMS).vector.forEach((value, j) => expect(value).toBeCloseTo(expected[j]!, 5));
  });

  it.each<[string, FoldIn]>([
    ['als', IMPLICIT_FOLD_IN],
    ['project', { kind: 'project' }],
    ['mean', { kind: 'mean' }],
  ])('splits the score into one share per event that sum to it: %s', async (_, foldIn) => {
    const model = await modelWith(foldIn);
    const { vector, explain } = model.foldIn(ITEMS);
    for (const row of allRows(model).map((values) => Float32Array.from(values))) {
      const score = row.reduce((sum, value, j) => sum + value * vector[j]!, 0);
      const shares = explain!(row);
      expect(shares).toHaveLength(ITEMS.length);
      expect(shares.reduce((sum, share) => sum + share, 0)).toBeCloseTo(score, 5);
    }
  });

  it('stays non-negative for NMF and satisfies the optimality conditions', async () => {
    const random = createRandom(5);
    const model = await modelWith({ kind: 'non-negative', regularization: 0.01 }, randomVector(random, 1600).map(Math.abs));
    const { vector } = model.foldIn(ITEMS);
    const rows = allRows(model);
    const d = model.matrix.dimensions;
    expect(Math.min(...vector)).toBeGreaterThanOrEqual(0);
    expect(Math.max(...vector)).toBeGreaterThan(0);
    for (let j = 0; j < d; j++) {
      let gradient = 0.01 * vector[j]!;
      for (let k = 0; k < d; k++) gradient += rows.reduce((sum, row) => sum + row[j]! * row[k]!, 0) * vector[k]!;
      gradient -= ITEMS.reduce((sum, item) => sum + item.weight * rows[item.itemIndex]![j]!, 0);
      // Zero where x > 0, not below zero where x = 0 (Karush-Kuhn-Tucker).
      if (vector[j]! > 0) expect(Math.abs(gradient)).toBeLessThan(1e-3);
      else expect(gradient).toBeGreaterThan(-1e-3);
    }
  });

  it('takes the weighted mean where no fold-in exists', async () => {
    const model = await modelWith({ kind: 'mean' });
    const rows = allRows(model);
    model.foldIn(ITEMS).vector.forEach((value, j) => {
      expect(value).toBeCloseTo((rows[3]![j]! + 5 * rows[17]![j]! + 3 * rows[60]![j]!) / 9, 5);
    });
  });
});

describe('positive definite solve', () => {
  it.each([1, 2, 7, 64, 130])('agrees with Gaussian elimination for n = %i', (n) => {
    const random = createRandom(n);
    const half = Array.from({ length: n }, () => [...randomVector(random, n)]);
    const a = half.map((row, i) => half.map((other, j) => row.reduce((sum, value, k) => sum + value * other[k]!, i === j ? 1 : 0)));
    const b = [...randomVector(random, n)];
    const solution = Float64Array.from(b);
    expect(solvePositiveDefinite(Float64Array.from(a.flat()), solution, n)).toBe(true);
    gaussSolve(a, b).forEach((value, i) => expect(solution[i]).toBeCloseTo(value, 8));
  });

  it('says so when the matrix is not positive definite', () => {
    expect(solvePositiveDefinite(Float64Array.from([1, 2, 2, 1]), new Float64Array(2), 2)).toBe(false);
    expect(solvePositiveDefinite(Float64Array.from([NaN]), new Float64Array(1), 1)).toBe(false);
  });
});
