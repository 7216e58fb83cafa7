import { solvePositiveDefinite, solveWithFactor } from '../../core/kernels/linearSolve.js';
import { mapToFactors } from '../../core/models/contentTerms.js';

export interface RidgeInput {
  /** f32, items x contentDimensions. */
  readonly content: Float32Array;
  readonly contentDimensions: number;
  /** f32, items x dimensions. */
  readonly factors: Float32Array;
  readonly dimensions: number;
  /** u32: users of each item. Items nobody met teach nothing; those of few users teach less: support / (support + 10). */
  readonly support: Uint32Array;
  readonly regularization: number;
}

const HALF_TRUST = 10;

/**
 * Learns how factors follow from content: the M of (contentDimensions + 1) x dimensions that minimises
 * Σ_i t_i |[c_i, 1] M - y_i|² + lambda |M|², c_i of length 1, the offset (last row) free of lambda (Gantner et al. 2010, section 4.2).
 * Null where no item has both.
 */
export function fitFactorMap({
  content,
  contentDimensions: c,
  factors,
  dimensions: d,
  support,
  regularization,
}: RidgeInput): Float32Array | null {
  const width = c + 1;
  const a = new Float64Array(width * width);
  const b = new Float64Array(width * d);
  let count = 0;
  for (let item = 0; item < support.length; item++) {
    const row = unitContent(content, c, item);
    if (!row || support[item] === 0) continue;
    count++;
    const trust = support[item]! / (support[item]! + HALF_TRUST);
    for (let i = 0; i < width; i++) {
      const value = trust * (i === c ? 1 : row[i]!);
      for (let j = 0; j <= i; j++) a[i * width + j]! += value * (j === c ? 1 : row[j]!);
      for (let j = 0; j < d; j++) b[i * d + j]! += value * factors[item * d + j]!;
    }
  }
  if (count === 0) return null;
  for (let i = 0; i < c; i++) a[i * width + i]! += regularization;
  const column = new Float64Array(width);
  if (!solvePositiveDefinite(a, column, width)) return null;
  const map = new Float32Array(width * d);
  for (let j = 0; j < d; j++) {
    for (let i = 0; i < width; i++) column[i] = b[i * d + j]!;
    solveWithFactor(a, column, width);
    for (let i = 0; i < width; i++) map[i * d + j] = column[i]!;
  }
  return map;
}

/**
 * Gives items that nobody met the factors that their content suggests, no longer than the median of the known ones, so that they never
 * crowd those out. `factors` is changed. Returns 1 for each item that was given a row.
 */
export function placeColdItems(
  map: Float32Array,
  { content, contentDimensions: c, factors, dimensions: d, support }: RidgeInput,
): Uint8Array {
  const norms = Array.from(support.keys())
    .filter((item) => support[item]! > 0)
    .map((item) => Math.hypot(...factors.subarray(item * d, (item + 1) * d)))
    .sort((x, y) => x - y);
  const longest = norms[norms.length >> 1] ?? 0;
  const isCold = new Uint8Array(support.length);
  for (let item = 0; item < support.length; item++) {
    const row = support[item] === 0 ? unitContent(content, c, item) : null;
    if (!row) continue;
    const placed = mapToFactors(map, row);
    const norm = Math.hypot(...placed);
    const scale = norm > longest ? longest / norm : 1;
    factors.set(
      placed.map((value) => value * scale),
      item * d,
    );
    isCold[item] = 1;
  }
  return isCold;
}

function unitContent(content: Float32Array, c: number, item: number): Float32Array | null {
  const row = content.slice(item * c, (item + 1) * c);
  const norm = Math.hypot(...row);
  return norm === 0 ? null : row.map((value) => value / norm);
}
