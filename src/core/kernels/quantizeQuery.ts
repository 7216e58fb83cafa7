/** 127 * 256 + 127: the largest level whose two int8 planes (level = high * 256 + low) both fit. */
const MAX_LEVEL = 32_639;

/**
 * Quantises a query to int16: symmetric, step = max|v| / level, rounding half up.
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
