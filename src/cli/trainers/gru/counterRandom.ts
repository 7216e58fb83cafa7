/**
 * Hashes a counter to a random 32-bit word (lowbias32; Christopher Wellons 2018, public domain). A random number is a function of
 * seed and place, so that nothing needs to be kept to go on from a checkpoint, and threads need not agree on an order.
 */
export function hashWord(counter: number): number {
  let x = counter | 0;
  x = Math.imul(x ^ (x >>> 16), 0x7feb352d);
  x = Math.imul(x ^ (x >>> 15), 0x846ca68b);
  return (x ^ (x >>> 16)) >>> 0;
}

/** The key of the random numbers of one training step for one purpose. */
export function stepKey(seed: number, step: number, purpose: number): number {
  return hashWord(hashWord(hashWord(seed) + purpose) ^ Math.imul(step + 1, 0x9e3779b9));
}
