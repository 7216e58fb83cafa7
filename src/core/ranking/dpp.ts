import type { WeighedOptions } from './chooseGreedily.js';
import { chooseGreedily } from './chooseGreedily.js';
import type { Similarity } from './similarity.js';

/**
 * Chooses greedily the most probable set of a determinantal point process (Chen, Zhang & Zhou 2018, algorithm 1 and equation 11): each
 * next maximises (1 - weight) relevance + weight log d², d² being what it multiplies the determinant of the similarities by, kept by
 * one Cholesky row per choice. Similarities are 1 on the diagonal, else {@link dppSimilarity}. O(limit x pool x (limit + dimensions)).
 */
export function chooseByDpp(relevance: Float64Array, similarity: Similarity, options: WeighedOptions): number[] {
  const { weight } = options;
  const size = relevance.length;
  const volume = new Float64Array(size).fill(1);
  const choleskyRows: Float64Array[] = [];
  return chooseGreedily(
    options,
    (at) => (1 - weight) * relevance[at]! + weight * Math.log(volume[at]!),
    (chosen, isOut) => {
      const root = Math.sqrt(volume[chosen]!);
      const row = new Float64Array(size);
      for (let at = 0; at < size; at++) {
        if (isOut[at] === 1) continue;
        let sum = dppSimilarity(similarity.cosine(chosen, at));
        for (const earlier of choleskyRows) sum -= earlier[chosen]! * earlier[at]!;
        row[at] = sum / root;
        volume[at]! -= row[at]! * row[at]!;
      }
      choleskyRows.push(row);
    },
  );
}

/**
 * Half of (1 + cosine) / 2. Their section 5 takes (1 + cosine) / 2, for a cosine of -1 must count as unlike, which its square in the
 * determinant would not. The half leaves each item as much of its own: no determinant comes near 0, copies of one product included,
 * and a single near-copy does not outweigh all relevance. For the same variety it loses fewer hits.
 */
export function dppSimilarity(cosine: number): number {
  return (1 + cosine) / 4;
}
