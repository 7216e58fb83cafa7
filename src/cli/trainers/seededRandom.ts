export { seededRandom } from '../../core/seededRandom.js';

/** Fills `out` with normal numbers of mean 0 (Box & Muller 1958). */
export function fillNormal(out: Float32Array, deviation: number, random: () => number): void {
  for (let i = 0; i < out.length; i++) {
    const radius = Math.sqrt(-2 * Math.log(1 - random()));
    out[i] = deviation * radius * Math.cos(2 * Math.PI * random());
  }
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
