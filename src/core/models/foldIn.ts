import type { FoldIn } from '../artifact/manifest.js';
import { RecommenderError } from '../errors.js';
import { readRow } from '../kernels/itemMatrix.js';
import { solvePositiveDefinite, solveWithFactor } from '../kernels/linearSolve.js';
import type { ItemMatrix } from '../kernels/topK.js';

export interface HistoryWeight {
  readonly itemIndex: number;
  readonly weight: number;
}

export interface FoldedUser {
  /** f32, d. */
  readonly vector: Float32Array;
  /** Splits q · row into one share per item of the history; null when the fold-in is not linear. */
  readonly explain: ((row: Float32Array) => Float64Array) | null;
}

/**
 * Solves the user's least-squares problem in closed form with frozen item factors
 * (Hu, Koren & Volinsky 2008, equation 4, in the general form of manifest.ts).
 * The shares are those of section 5 there: t(r_j) y_i' A^-1 y_j.
 */
export function foldInAls(
  matrix: ItemMatrix,
  gram: Float32Array,
  foldIn: Extract<FoldIn, { kind: 'als' }>,
  items: readonly HistoryWeight[],
): FoldedUser {
  const d = matrix.dimensions;
  const rows = readRows(matrix, items);
  const a = Float64Array.from(gram, (value) => value * foldIn.gramScale);
  const b = new Float64Array(d);
  const lambda = foldIn.regularization * (items.length + foldIn.regularizationOffset) ** foldIn.regularizationExponent;
  for (let j = 0; j < d; j++) a[j * d + j]! += lambda;
  const biasShare = matrix.biases ? (foldIn.targetBias ?? 0) : 0;
  const targets = items.map(
    ({ itemIndex, weight }) =>
      foldIn.targetOffset + (foldIn.targetSlope - (biasShare === 0 ? 0 : biasShare * matrix.biases![itemIndex]!)) * weight,
  );
  items.forEach((item, i) => {
    const row = rows[i]!;
    addOuterProduct(a, row, foldIn.matrixOffset + foldIn.matrixSlope * item.weight);
    for (let j = 0; j < d; j++) b[j]! += targets[i]! * row[j]!;
  });
  if (foldIn.isNonNegative) return { vector: Float32Array.from(solveNonNegative(a, b, d)), explain: null };
  if (!solvePositiveDefinite(a, b, d)) {
    throw new RecommenderError(
      'artifact/bad-tensor',
      `The model's fold-in has no solution: gram matrix plus regularization ${lambda} is not positive definite. Pack the model with a regularization above 0.`,
      { regularization: lambda },
    );
  }
  return {
    vector: Float32Array.from(b),
    explain: (target) => {
      const solved = Float64Array.from(target);
      solveWithFactor(a, solved, d);
      return Float64Array.from(items, (_, i) => targets[i]! * dot(solved, rows[i]!));
    },
  };
}

/** x = factor * Σ r y: projection on the factors (truncated SVD), or their weighted mean. */
export function foldInLinear(matrix: ItemMatrix, items: readonly HistoryWeight[], factor: number): FoldedUser {
  const rows = readRows(matrix, items);
  const vector = new Float64Array(matrix.dimensions);
  items.forEach((item, i) => {
    for (let j = 0; j < vector.length; j++) vector[j]! += factor * item.weight * rows[i]![j]!;
  });
  return {
    vector: Float32Array.from(vector),
    explain: (target) => Float64Array.from(items, (item, i) => factor * item.weight * dot(target, rows[i]!)),
  };
}

const MAX_SWEEPS = 1000;
const SWEEP_TOLERANCE = 1e-7;

/** Minimises |r - H x|^2 over x >= 0 with r = 0 for all other items: the W-step of NMF with frozen H. */
export function foldInNonNegative(
  matrix: ItemMatrix,
  gram: Float32Array,
  regularization: number,
  items: readonly HistoryWeight[],
): FoldedUser {
  const d = matrix.dimensions;
  const a = Float64Array.from(gram);
  for (let j = 0; j < d; j++) a[j * d + j]! += regularization;
  const b = new Float64Array(d);
  readRows(matrix, items).forEach((row, i) => {
    for (let j = 0; j < d; j++) b[j]! += items[i]!.weight * row[j]!;
  });
  return { vector: Float32Array.from(solveNonNegative(a, b, d)), explain: null };
}

/**
 * Minimises 1/2 x'A x - x'b over x >= 0 by cyclic coordinate descent (Cichocki & Phan 2009, algorithm 2).
 * A is symmetric, f64, d x d; only its lower triangle is read.
 */
function solveNonNegative(a: Float64Array, b: Float64Array, d: number): Float64Array {
  const x = new Float64Array(d);
  // residual = b - A x, kept up to date.
  const residual = b.slice();
  for (let sweep = 0; sweep < MAX_SWEEPS; sweep++) {
    let largestChange = 0;
    let largest = 0;
    for (let j = 0; j < d; j++) {
      const curvature = a[j * d + j]!;
      if (curvature <= 0) continue;
      const next = Math.max(0, x[j]! + residual[j]! / curvature);
      const change = next - x[j]!;
      if (change !== 0) {
        for (let k = 0; k < d; k++) residual[k]! -= change * a[k < j ? j * d + k : k * d + j]!;
        x[j] = next;
      }
      largestChange = Math.max(largestChange, Math.abs(change));
      largest = Math.max(largest, next);
    }
    if (largestChange <= SWEEP_TOLERANCE * largest) break;
  }
  return x;
}

function readRows(matrix: ItemMatrix, items: readonly HistoryWeight[]): Float32Array[] {
  return items.map((item) => readRow(matrix, item.itemIndex, new Float32Array(matrix.dimensions)));
}

function addOuterProduct(a: Float64Array, row: Float32Array, weight: number): void {
  const d = row.length;
  for (let i = 0; i < d; i++) {
    const scaled = weight * row[i]!;
    if (scaled === 0) continue;
    for (let j = 0; j <= i; j++) a[i * d + j]! += scaled * row[j]!;
  }
}

function dot(a: ArrayLike<number>, b: ArrayLike<number>): number {
  let sum = 0;
  for (let j = 0; j < a.length; j++) sum += a[j]! * b[j]!;
  return sum;
}
