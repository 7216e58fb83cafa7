import { seededRandom } from '../seededRandom.js';

/** A mean over cases, and the interval in which 95 % of the means of resampled users lie. */
export interface Estimate {
  readonly value: number;
  readonly low: number;
  readonly high: number;
}

/** Sums of figures by group of cases that belong together. */
export interface GroupedSums {
  readonly groupCount: number;
  readonly columnCount: number;
  /** f64, groups x columns. */
  readonly sums: Float64Array;
  /** f64, one per group: its cases. */
  readonly counts: Float64Array;
}

/** Adds up the rows of a table (f32, cases x columns) by group; rows with a NaN in the first column are left out. */
export function sumByGroup(rows: Float32Array, columnCount: number, groups: Uint32Array, groupCount: number): GroupedSums {
  const sums = new Float64Array(groupCount * columnCount);
  const counts = new Float64Array(groupCount);
  for (let row = 0; row < groups.length; row++) {
    if (Number.isNaN(rows[row * columnCount]!)) continue;
    const group = groups[row]!;
    counts[group]!++;
    for (let c = 0; c < columnCount; c++) sums[group * columnCount + c]! += rows[row * columnCount + c]!;
  }
  return { groupCount, columnCount, sums, counts };
}

/** The mean of each column over all cases; NaN without cases. */
export function means({ groupCount, columnCount, sums, counts }: GroupedSums): Float64Array {
  const totals = new Float64Array(columnCount);
  for (let at = 0; at < groupCount * columnCount; at++) totals[at % columnCount]! += sums[at]!;
  const count = counts.reduce((sum, part) => sum + part, 0);
  return totals.map((total) => total / count);
}

/**
 * Draws whole groups with replacement and returns the means of each resample (f64, resamples x columns): the cluster bootstrap
 * (Davison & Hinkley 1997, section 3.8). Groups without cases are not drawn. Deterministic by seed: tables with the same groups get
 * the same draws, so that differences of their columns are paired.
 */
export function resampledMeans({ columnCount, sums, counts }: GroupedSums, resamples: number, seed: number): Float64Array {
  const random = seededRandom(seed);
  const groups = Uint32Array.from(counts.keys()).filter((group) => counts[group]! > 0);
  const out = new Float64Array(resamples * columnCount);
  const times = new Uint16Array(groups.length);
  for (let sample = 0; sample < resamples; sample++) {
    times.fill(0);
    for (let draw = 0; draw < groups.length; draw++) times[Math.floor(random() * groups.length)]!++;
    const row = out.subarray(sample * columnCount, (sample + 1) * columnCount);
    let count = 0;
    groups.forEach((group, at) => {
      const weight = times[at]!;
      if (weight === 0) return;
      count += weight * counts[group]!;
      const start = group * columnCount;
      for (let c = 0; c < columnCount; c++) row[c]! += weight * sums[start + c]!;
    });
    for (let c = 0; c < columnCount; c++) row[c]! /= count;
  }
  return out;
}

/** The 95 % percentile interval of resampled values around `value`. With no resample the interval is the value. */
export function percentileInterval(value: number, resampled: Float64Array): Estimate {
  if (resampled.length === 0 || Number.isNaN(value)) return { value, low: value, high: value };
  const sorted = resampled.slice().sort();
  const at = (share: number): number => sorted[Math.min(sorted.length - 1, Math.max(0, Math.round(share * (sorted.length - 1))))]!;
  return { value, low: at(0.025), high: at(0.975) };
}
