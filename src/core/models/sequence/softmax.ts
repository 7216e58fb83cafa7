/** Computes log(sum of exp(score)) over the scores, the largest taken out first so that no exponential overflows. -Infinity for none. */
export function logSumExp(scores: ArrayLike<number>): number {
  let largest = -Infinity;
  for (let i = 0; i < scores.length; i++) largest = Math.max(largest, scores[i]!);
  if (largest === -Infinity) return -Infinity;
  let sum = 0;
  for (let i = 0; i < scores.length; i++) sum += Math.exp(scores[i]! - largest);
  return largest + Math.log(sum);
}

/**
 * Turns scores into probabilities that add up to 1 over the given scores: exp(s - max) / sum, so that no exponential overflows.
 * Over all items of a model these are its probabilities; over a list they are shares within the list. Writes into `out`, which may
 * be `scores` itself.
 */
export function softmax(scores: ArrayLike<number>, out = new Float32Array(scores.length)): Float32Array {
  const total = logSumExp(scores);
  for (let i = 0; i < scores.length; i++) out[i] = Math.exp(scores[i]! - total);
  return out;
}
