/**
 * The largest level that two planes of 7 bits hold (level = (high - 64) * 128 + low, as the relaxed SIMD kernel takes it), and two of
 * int8 (high * 256 + low, WebGPU). A rounding of 1/16382 of the largest value is far below that of the int8 rows.
 */
const MAX_LEVEL = 8_191;

/**
 * Quantises a query to 14 bits in int16: symmetric, step = max|v| / level, rounding half up.
 * `out` (int16, `stride` long) receives the levels, zeros behind them. Returns the step, 0 for a zero query.
 *
 * The top level is chosen so that the dot product with any int8 row fits an int32: level * 127 * stride < 2^31.
 * Every backend that quantises the query does so here, and so computes the same integers.
 */
export function quantizeQuery(query: Float32Array, out: Int16Array): number {
  const topLevel = Math.min(MAX_LEVEL, Math.floor((2 ** 31 - 1) / (127 * out.length)));
  let largest = 0;
  for (let j = 0; j < query.length; j++) largest = Math.max(largest, Math.abs(query[j]!));
  out.fill(0);
  if (largest === 0) return 0;
  // Divided first: the ratio stays exact enough for the smallest denormals, where the step would round to 0.
  for (let j = 0; j < query.length; j++) out[j] = Math.round((query[j]! / largest) * topLevel);
  return largest / topLevel;
}
