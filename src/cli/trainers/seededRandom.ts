export { drawSample, seededRandom } from '../../core/seededRandom.js';

/** Fills `out` with normal numbers of mean 0 (Box & Muller 1958). */
export function fillNormal(out: Float32Array, deviation: number, random: () => number): void {
  for (let i = 0; i < out.length; i++) {
    const radius = Math.sqrt(-2 * Math.log(1 - random()));
    out[i] = deviation * radius * Math.cos(2 * Math.PI * random());
  }
}
