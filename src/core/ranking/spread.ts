import type { WeighedOptions } from './chooseGreedily.js';
import { chooseGreedily } from './chooseGreedily.js';
import type { Similarity } from './similarity.js';

/**
 * Chooses by greedy max-sum diversification (Borodin, Lee & Ye 2012): the first is the most relevant, each next maximises
 * (1 - weight) relevance - weight (2 / limit) sum of cosines to those chosen. The sum grows along the list, so that its head stays
 * what the model ranks best and its tail brings the variety; that costs the fewest hits.
 */
export function chooseBySpread(relevance: Float64Array, similarity: Similarity, options: WeighedOptions): number[] {
  const { weight, limit } = options;
  const cosines = new Float64Array(relevance.length);
  let hasFirst = false;
  return chooseGreedily(
    options,
    (at) => (hasFirst ? (1 - weight) * relevance[at]! - ((2 * weight) / limit) * cosines[at]! : relevance[at]!),
    (chosen, isOut) => {
      hasFirst = true;
      for (let at = 0; at < cosines.length; at++) if (isOut[at] === 0) cosines[at]! += similarity.cosine(chosen, at);
    },
  );
}
