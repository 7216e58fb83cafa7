import type { WeighedOptions } from './chooseGreedily.js';
import { chooseGreedily } from './chooseGreedily.js';
import type { Similarity } from './similarity.js';

/**
 * Chooses by maximal marginal relevance (Carbonell & Goldstein 1998): the first is the most relevant, each next maximises
 * (1 - weight) relevance - weight (highest cosine to one chosen). O(limit x pool x dimensions).
 */
export function chooseByMmr(relevance: Float64Array, similarity: Similarity, options: WeighedOptions): number[] {
  const { weight } = options;
  const nearest = new Float64Array(relevance.length).fill(-Infinity);
  let hasFirst = false;
  return chooseGreedily(
    options,
    (at) => (hasFirst ? (1 - weight) * relevance[at]! - weight * nearest[at]! : relevance[at]!),
    (chosen, isOut) => {
      hasFirst = true;
      for (let at = 0; at < nearest.length; at++) if (isOut[at] === 0) nearest[at] = Math.max(nearest[at]!, similarity.cosine(chosen, at));
    },
  );
}
