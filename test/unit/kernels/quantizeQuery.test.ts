import { expect, test } from 'vitest';
import { quantizeQuery } from '../../../src/core/kernels/quantizeQuery.js';

test.each([16, 64, 512, 2_048, 16_384])('no dot product with %i int8 values leaves int32', (stride) => {
  const levels = new Int16Array(stride);
  quantizeQuery(new Float32Array(stride).fill(-3), levels);
  const largest = levels.reduce((sum, level) => sum + Math.abs(level) * 127, 0);
  expect(largest).toBeLessThan(2 ** 31);
  expect(largest).toBeGreaterThan(2 ** 31 * (stride < 520 ? 0 : 0.9));
});

test('the levels times the step give the query back to half a step', () => {
  const query = Float32Array.of(0.5, -1, 0.123, 0, 1e-9);
  const levels = new Int16Array(16).fill(99);
  const step = quantizeQuery(query, levels);
  query.forEach((value, j) => expect(Math.abs(levels[j]! * step - value)).toBeLessThanOrEqual(step / 2 + 1e-12));
  expect(levels.subarray(5)).toEqual(new Int16Array(11));
});

test.each([1e-45, 1e-30, 1e30, 3.4e38])('a query of size %f keeps its direction', (size) => {
  const levels = new Int16Array(16);
  quantizeQuery(Float32Array.of(size, -size), levels);
  expect(levels[0]).toBe(8_191);
  expect(levels[1]).toBe(-8_191);
});

test('a zero query has step 0', () => {
  expect(quantizeQuery(new Float32Array(4), new Int16Array(16))).toBe(0);
});
