/**
 * Counts that tell nothing about the one who is counted: k-ary randomised response (Warner 1965; Kairouz, Bonawitz & Ramage,
 * "Discrete Distribution Estimation under Local Privacy", ICML 2016, section 2.2), each device on its own.
 */
import { RecommenderError, show } from '../errors.js';

/** The names of a question's answers, in order: what a device says is one of them. */
export type Buckets = readonly string[];

interface Chances {
  /** Of telling the true bucket. */
  readonly isTold: number;
  /** Of telling a certain other one. */
  readonly isOther: number;
}

/**
 * Names a bucket in place of the true one: the true one with probability e^epsilon / (e^epsilon + k - 1), else any other. Whatever is
 * told, no true bucket is more than e^epsilon times as likely as another. `random` gives numbers in [0, 1).
 */
export function randomiseBucket(trueBucket: number, bucketCount: number, epsilon: number, random: () => number): number {
  if (!Number.isInteger(trueBucket) || trueBucket < 0 || trueBucket >= bucketCount)
    throw new RecommenderError('input/invalid', `There is no bucket ${show(trueBucket)} of ${bucketCount}.`, {});
  if (random() < chances(bucketCount, epsilon).isTold) return trueBucket;
  const other = Math.floor(random() * (bucketCount - 1));
  return other < trueBucket ? other : other + 1;
}

/** Estimates how many devices truly were in each bucket, from how many told each: unbiased, so it may be below 0. */
export function estimateCounts(told: readonly number[], epsilon: number): number[] {
  const { isTold, isOther } = chances(told.length, epsilon);
  const total = told.reduce((sum, count) => sum + count, 0);
  return told.map((count) => (count - total * isOther) / (isTold - isOther));
}

/** The standard deviation of one estimate when `total` devices told and few are in that bucket: what the shop must see past. */
export function estimateDeviation(bucketCount: number, total: number, epsilon: number): number {
  const { isTold, isOther } = chances(bucketCount, epsilon);
  return Math.sqrt(total * isOther * (1 - isOther)) / (isTold - isOther);
}

/** Where a number falls: the first bucket whose upper bound is above it. */
export function bucketOf(value: number, upperBounds: readonly number[]): number {
  const at = upperBounds.findIndex((bound) => value < bound);
  return at < 0 ? upperBounds.length : at;
}

function chances(bucketCount: number, epsilon: number): Chances {
  if (!(bucketCount >= 2) || !(epsilon > 0) || !Number.isFinite(epsilon)) {
    throw new RecommenderError(
      'input/invalid',
      `Randomised response needs two buckets and an epsilon above 0, not ${bucketCount}, ${show(epsilon)}.`,
      {},
    );
  }
  const weight = Math.exp(epsilon);
  return { isTold: weight / (weight + bucketCount - 1), isOther: 1 / (weight + bucketCount - 1) };
}
