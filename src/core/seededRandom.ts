/** Returns a generator of uniform numbers in [0, 1), equal for equal seeds (mulberry32; Tommy Ettinger 2017, public domain). */
export function seededRandom(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** Draws `count` of the numbers 0 .. size - 1, ascending, each at most once. */
export function drawSample(size: number, count: number, random: () => number): Uint32Array {
  const drawn = new Uint32Array(Math.min(size, count));
  // Selection sampling (Knuth, The Art of Computer Programming 2, section 3.4.2, algorithm S).
  for (let candidate = 0, kept = 0; kept < drawn.length; candidate++) {
    if ((size - candidate) * random() < drawn.length - kept) drawn[kept++] = candidate;
  }
  return drawn;
}
