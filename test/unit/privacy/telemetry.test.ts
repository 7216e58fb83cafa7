import { describe, expect, it } from 'vitest';
import { EMPTY_STATUS } from '../../../src/core/emptyStatus.js';
import { bucketOf, estimateCounts, estimateDeviation, randomiseBucket } from '../../../src/core/privacy/telemetry.js';
import { seededRandom } from '../../../src/core/seededRandom.js';
import { TELEMETRY_BUCKETS, toReport } from '../../../src/telemetry.js';

describe('randomised response', () => {
  it('estimates the true counts without bias', () => {
    const random = seededRandom(7);
    const truth = [6_000, 2_500, 1_000, 450, 50];
    const rounds = 40;
    for (const epsilon of [0.5, 1, 3]) {
      const sums = truth.map(() => 0);
      for (let round = 0; round < rounds; round++) {
        const told = truth.map(() => 0);
        truth.forEach((count, bucket) => {
          for (let device = 0; device < count; device++) told[randomiseBucket(bucket, truth.length, epsilon, random)]!++;
        });
        estimateCounts(told, epsilon).forEach((estimate, bucket) => (sums[bucket]! += estimate / rounds));
      }
      // Four standard errors of the mean; the deviation of a full bucket is larger than that of an empty one, by at most this factor.
      const weight = Math.exp(epsilon);
      const bound = (4 * Math.max(1, Math.sqrt(weight)) * estimateDeviation(truth.length, 10_000, epsilon)) / Math.sqrt(rounds);
      truth.forEach((count, bucket) => expect(Math.abs(sums[bucket]! - count), `epsilon ${epsilon}, bucket ${bucket}`).toBeLessThan(bound));
    }
  });

  it('is exactly inverted by the estimator, in expectation', () => {
    for (const epsilon of [0.1, 1, 4]) {
      const truth = [70, 20, 10];
      const weight = Math.exp(epsilon);
      const expected = truth.map((count) => (count * weight + (100 - count)) / (weight + 2));
      estimateCounts(expected, epsilon).forEach((estimate, bucket) => expect(estimate).toBeCloseTo(truth[bucket]!, 6));
    }
  });

  it('makes no true bucket more than e^epsilon times as likely as another', () => {
    const random = seededRandom(11);
    const epsilon = 1;
    const draws = 60_000;
    const shares = [0, 1, 2].map((trueBucket) => {
      const told = [0, 0, 0];
      for (let draw = 0; draw < draws; draw++) told[randomiseBucket(trueBucket, 3, epsilon, random)]!++;
      return told.map((count) => count / draws);
    });
    for (const told of [0, 1, 2])
      for (const one of [0, 1, 2])
        for (const other of [0, 1, 2]) expect(shares[one]![told]! / shares[other]![told]!).toBeLessThan(Math.exp(epsilon) * 1.05);
  });

  it('refuses what is no bucket and no epsilon', () => {
    for (const [bucket, count, epsilon] of [
      [3, 3, 1],
      [-1, 3, 1],
      [0.5, 3, 1],
      [0, 1, 1],
      [0, 3, 0],
      [0, 3, Infinity],
      [0, 3, NaN],
    ] as const)
      expect(() => randomiseBucket(bucket, count, epsilon, () => 0.5), `${bucket} of ${count}, ${epsilon}`).toThrow(/bucket/);
  });
});

describe('a telemetry report', () => {
  it('is bucket numbers and the epsilon, nothing else', () => {
    const status = {
      ...EMPTY_STATUS,
      state: 'ready',
      backend: 'wasm',
      adapter: 'CANARY',
      modelRevision: 'CANARY',
      history: { mode: 'persistent', entries: 7, restored: 1 },
    } as const;
    const report = toReport(status, { epsilon: 2, random: () => 0 });
    expect(report).toEqual({
      version: 1,
      epsilon: 2,
      totalEpsilon: 2 * Object.keys(TELEMETRY_BUCKETS).length,
      buckets: { outcome: 0, backend: 0, firstList: 0, storage: 0 },
    });
  });

  it('knows every backend, time and failure', () => {
    const told = (status: Partial<typeof EMPTY_STATUS>) => toReport({ ...EMPTY_STATUS, ...status }, { random: () => 0 }).buckets;
    expect(told({ state: 'error' })).toEqual({ outcome: 1, backend: 4, firstList: 4, storage: 1 });
    expect(told({ state: 'ready', backend: 'cpu', loadMs: { manifest: 1, firstList: 299, files: 2, total: 400 } })).toMatchObject({
      backend: 3,
      firstList: 1,
    });
    expect([0, 100, 299, 300, 5_000].map((value) => bucketOf(value, [100, 300]))).toEqual([0, 1, 1, 2, 2]);
  });
});
