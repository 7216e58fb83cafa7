import { describe, expect, it } from 'vitest';
import { metricNames, writeListMetrics } from '../../../src/core/metrics/rankingMetrics.js';

function measure(ranked: number[], targets: number[], cutoffs = [1, 3]): Record<string, number> {
  const names = metricNames(cutoffs);
  const out = new Float32Array(names.length);
  writeListMetrics(ranked, new Set(targets), cutoffs, out, 0);
  return Object.fromEntries(names.map((name, i) => [name, out[i]!]));
}

describe('writeListMetrics', () => {
  it('measures one right answer at rank 2', () => {
    const at = measure([7, 5, 9], [5]);
    expect(at).toMatchObject({ 'recall@1': 0, 'hr@1': 0, 'ndcg@1': 0, 'mrr@1': 0, 'recall@3': 1, 'hr@3': 1, 'mrr@3': 0.5 });
    expect(at['ndcg@3']).toBeCloseTo(1 / Math.log2(3), 6);
  });

  it('measures several right answers: recall over all of them, NDCG against the best order of min(k, answers)', () => {
    // Ranks 1 and 3 of four answers; at most three of them fit.
    const at = measure([1, 8, 2], [1, 2, 3, 4]);
    const ideal = 1 + 1 / Math.log2(3) + 1 / 2;
    expect(at['recall@1']).toBeCloseTo(0.25, 6);
    expect(at['recall@3']).toBeCloseTo(0.5, 6);
    expect(at['ndcg@1']).toBe(1);
    expect(at['ndcg@3']).toBeCloseTo((1 + 1 / 2) / ideal, 6);
    expect(at['mrr@3']).toBe(1);
  });

  it('gives 0 where nothing is found, and 0 for MRR beyond k', () => {
    expect(Object.values(measure([1, 2], [9]))).toEqual(Array(8).fill(0));
    expect(measure([1, 2, 3], [3], [2])['mrr@2']).toBe(0);
  });

  it('copes with lists shorter than k', () => {
    expect(measure([4], [4], [3])).toMatchObject({ 'recall@3': 1, 'ndcg@3': 1, 'mrr@3': 1 });
  });
});
