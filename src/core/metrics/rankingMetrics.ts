const METRICS = ['recall', 'hr', 'ndcg', 'mrr'] as const;

/** "recall@10", "hr@10", "ndcg@10", "mrr@10", then those of the next cutoff. */
export function metricNames(cutoffs: readonly number[]): string[] {
  return cutoffs.flatMap((k) => METRICS.map((metric) => `${metric}@${k}`));
}

/**
 * Measures one ranked list (best first) against its right answers, at each cutoff k (ascending), into out[at ..] in the order of
 * {@link metricNames}:
 *
 * - recall: right answers among the first k, divided by all right answers;
 * - hr (hit rate): 1 when any is among the first k;
 * - ndcg: Σ 1 / log2(rank + 1) over the hits among the first k, divided by what the best order of min(k, answers) hits would give
 *   (Järvelin & Kekäläinen 2002, binary gains);
 * - mrr: 1 / rank of the first hit, 0 beyond k (Voorhees 1999).
 */
export function writeListMetrics(
  ranked: ArrayLike<number>,
  targets: ReadonlySet<number>,
  cutoffs: readonly number[],
  out: Float32Array,
  at: number,
): void {
  let hits = 0;
  let gain = 0;
  let firstRank = 0;
  let rank = 0;
  let next = at;
  for (const k of cutoffs) {
    for (; rank < Math.min(k, ranked.length); rank++) {
      if (!targets.has(ranked[rank]!)) continue;
      hits++;
      gain += discount(rank);
      if (firstRank === 0) firstRank = rank + 1;
    }
    out[next++] = hits / targets.size;
    out[next++] = hits > 0 ? 1 : 0;
    out[next++] = gain / idealGain(Math.min(k, targets.size));
    out[next++] = firstRank > 0 ? 1 / firstRank : 0;
  }
}

/** Gain of a hit at a rank counted from 0. */
function discount(rank: number): number {
  return 1 / Math.log2(rank + 2);
}

function idealGain(count: number): number {
  let sum = 0;
  for (let rank = 0; rank < count; rank++) sum += discount(rank);
  return sum;
}
