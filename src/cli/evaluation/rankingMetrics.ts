/** Means over the cases of a test with one relevant item each. */
export interface RankingMetrics {
  /** Share of cases whose item is among the first 20. */
  readonly hitRateAt20: number;
  /** Mean of 1 / log2(rank + 1) where the rank is at most 10, 0 beyond (Järvelin & Kekäläinen 2002, one relevant item). */
  readonly ndcgAt10: number;
}

/** Averages ranks (1 = best; Infinity = not found). */
export function rankingMetrics(ranks: readonly number[]): RankingMetrics {
  let hits = 0;
  let gain = 0;
  for (const rank of ranks) {
    if (rank <= 20) hits++;
    if (rank <= 10) gain += 1 / Math.log2(rank + 1);
  }
  const count = Math.max(1, ranks.length);
  return { hitRateAt20: hits / count, ndcgAt10: gain / count };
}
