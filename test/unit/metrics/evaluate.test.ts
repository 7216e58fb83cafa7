import { describe, expect, it, vi } from 'vitest';
import { createBaselines } from '../../../src/core/metrics/baselines.js';
import { means, percentileInterval, resampledMeans, sumByGroup } from '../../../src/core/metrics/bootstrap.js';
import type { EvaluateOptions } from '../../../src/core/metrics/evaluate.js';
import { evaluate } from '../../../src/core/metrics/evaluate.js';
import type { EvaluationCase } from '../../../src/core/metrics/eventTable.js';
import { toCase } from '../../../src/core/metrics/eventTable.js';
import { ItemNeighbors } from '../../../src/core/metrics/itemNeighbors.js';
import { ListStatistics } from '../../../src/core/metrics/listStatistics.js';
import type { Scorer } from '../../../src/core/metrics/scorer.js';
import { headItems, summarizeEvaluation } from '../../../src/core/metrics/summarizeEvaluation.js';
import { table } from './eventTables.js';

// Users 0-2 met {0, 1}, user 3 {0, 2}, user 4 {3}.
const TRAIN = table(
  [
    [
      [0, 0],
      [1, 1],
    ],
    [
      [0, 0],
      [1, 1],
    ],
    [
      [1, 0],
      [0, 1],
    ],
    [
      [0, 0],
      [2, 1],
    ],
    [[3, 0]],
  ],
  5,
);
const question = (history: number[], targets: number[], group = 0): EvaluationCase =>
  toCase(table([history.map((item, at) => [item, at] as const)]), group, 0, history.length, targets);
const everyItem = new Uint8Array(5).fill(1);

describe('ItemNeighbors', () => {
  it('is the cosine of binary user vectors, best first', () => {
    const { items, similarities } = new ItemNeighbors(TRAIN).of(0);
    expect([...items]).toEqual([1, 2]);
    expect(similarities[0]).toBeCloseTo(3 / Math.sqrt(4 * 3), 6);
    expect(similarities[1]).toBeCloseTo(1 / Math.sqrt(4 * 1), 6);
    expect([...new ItemNeighbors(TRAIN).of(3).items]).toEqual([]);
  });
});

describe('createBaselines', () => {
  const rank = async (name: string, history: number[], excludeSeen: boolean, isCandidate = everyItem): Promise<number[]> => {
    const scorer = createBaselines({ train: TRAIN, isCandidate, hasRepeats: true }).find((baseline) => baseline.name === name)!;
    return [...(await scorer.rank([question(history, [4])], { k: 3, excludeSeen }))[0]!];
  };

  it('ranks by users, ties by lower row, seen items left out on request, only items of the folder', async () => {
    expect(await rank('popularity', [], true)).toEqual([0, 1, 2]);
    expect(await rank('popularity', [0, 2], true)).toEqual([1, 3, 4]);
    expect(await rank('popularity', [0, 2], false)).toEqual([0, 1, 2]);
    expect(await rank('popularity', [], false, Uint8Array.of(0, 1, 1, 1, 0))).toEqual([1, 2, 3]);
  });

  it('sums similarities over the newest items, each older one .8 of the next, and fills up with popular items', async () => {
    // From 2 (newest): 0 at 1/2. From 1: 0 at .8 * 3/sqrt(12). Item 0 is all there is; the rest is filled.
    expect(await rank('item-knn', [1, 2], true)).toEqual([0, 3, 4]);
    expect(await rank('item-knn', [0], true)).toEqual([1, 2, 3]);
    expect(await rank('last-item', [3, 0], true)).toEqual([1, 2, 4]);
    expect(await rank('last-item', [0, 3], true)).toEqual([1, 2, 4]);
  });

  it('repeats what the shopper met most often, then newest', async () => {
    expect(await rank('own-items', [3, 2, 3, 4], false)).toEqual([3, 4, 2]);
  });
});

describe('resampledMeans', () => {
  const rows = Float32Array.from([1, 10, 0, 20, 1, 30, NaN, NaN]);

  it('averages by case, draws whole groups, and is equal for equal seeds', () => {
    const sums = sumByGroup(rows, 2, Uint32Array.of(0, 0, 1, 2), 3);
    expect([...sums.counts]).toEqual([2, 1, 0]);
    expect([...means(sums)]).toEqual([2 / 3, 20]);
    const first = resampledMeans(sums, 200, 7);
    expect(first).toEqual(resampledMeans(sums, 200, 7));
    // Groups {0, 1}: both of one kind or one of each.
    expect(new Set(Array.from({ length: 200 }, (_, i) => first[2 * i + 1]!))).toEqual(new Set([15, 20, 30]));
  });

  it('covers the true mean about as often as it says', () => {
    let covered = 0;
    for (let trial = 0; trial < 100; trial++) {
      const values = Float32Array.from({ length: 60 }, (_, i) => ((trial * 7919 + i * 104_729) % 1000) / 1000);
      const sums = sumByGroup(values, 1, Uint32Array.from(values.keys()), 60);
      const { low, high } = percentileInterval(means(sums)[0]!, resampledMeans(sums, 200, trial));
      if (low <= 0.4995 && 0.4995 <= high) covered++;
    }
    expect(covered).toBeGreaterThan(85);
  });
});

describe('ListStatistics', () => {
  it('measures coverage, novelty, popularity lift and diversity', () => {
    const statistics = new ListStatistics(
      {
        userCounts: Uint32Array.of(4, 2, 1, 0),
        userCount: 8,
        candidateCount: 4,
        categories: ['a', 'a', 'b', null],
        similarity: (a, b) => (a + b === 1 ? 0.5 : 0),
      },
      [2],
    );
    statistics.add(Uint32Array.of(0, 1), Uint32Array.of(1), true);
    statistics.add(Uint32Array.of(0, 2), Uint32Array.of(2), true);
    expect(statistics.figures()).toEqual({
      'coverage@2': 3 / 4,
      // log2 of 8/4, 8/2, 8/4, 8/1.
      'novelty@2': (1 + 2 + 1 + 3) / 4,
      // (4 + 2 + 4 + 1) / 4 over (2 + 1) / 2.
      'popularityLift@2': 11 / 4 / 1.5 - 1,
      'factorDiversity@2': (0.5 + 1) / 2,
      'categoryDiversity@2': 1 / 2,
    });
  });
});

describe('evaluate', () => {
  const fixed = (name: string, kind: Scorer['kind'], lists: number[][]): Scorer => ({
    name,
    kind,
    rank: async () => lists.map((list) => Uint32Array.from(list)),
  });
  const cases = [question([], [0], 0), question([1, 2, 3], [1], 1), question([1, 2, 3], [0, 4], 2)];
  const options: EvaluateOptions = {
    cutoffs: [1, 2],
    excludeSeen: true,
    facts: { userCounts: Uint32Array.of(9, 5, 3, 2, 1), userCount: 9, candidateCount: 5, categories: null, similarity: null },
    isHead: Uint8Array.of(1, 0, 0, 0, 0),
  };
  const model = fixed('als', 'model', [
    [0, 1],
    [0, 1],
    [4, 2],
  ]);
  const other = fixed('popularity', 'baseline', [
    [0, 1],
    [0, 2],
    [0, 2],
  ]);
  const summarize = async () =>
    summarizeEvaluation(cases, await evaluate(cases, [model, other], options), {
      cutoffs: [1, 2],
      resamples: 50,
      seed: 1,
      pairs: [['als', 'popularity']],
    });

  it('averages over cases, by segment too', async () => {
    const { results, segments, groups } = await summarize();
    expect(groups).toBe(3);
    expect(results['als']!['hr@1']!.value).toBeCloseTo(2 / 3, 6);
    expect(results['als']!['recall@2']!.value).toBeCloseTo((1 + 1 + 0.5) / 3, 6);
    expect(results['als']!['mrr@2']!.value).toBeCloseTo((1 + 0.5 + 1) / 3, 6);
    const { low, value, high } = results['als']!['recall@2']!;
    expect(low <= value && value <= high).toBe(true);
    expect(segments['new']!.cases).toBe(1);
    expect(segments['returning']!.results['als']!['recall@2']!.value).toBeCloseTo(0.75, 6);
    // Answers in the head: 0 (case 1), 0 (case 3, not found). In the tail: 1, and 4.
    expect(segments['head']).toMatchObject({ cases: 2 });
    expect(segments['head']!.results['als']!['recall@2']!.value).toBeCloseTo(0.5, 6);
    expect(segments['tail']!.results['als']!['recall@2']!.value).toBe(1);
  });

  it('compares models on the same cases', async () => {
    const { metrics } = (await summarize()).comparisons[0]!;
    expect(metrics['recall@2']).toMatchObject({ wins: 1 / 3, losses: 0 });
    expect(metrics['recall@2']!.difference.value).toBeCloseTo(1 / 3, 6);
    expect(metrics['recall@2']!.difference.low).toBeGreaterThanOrEqual(0);
  });

  it('tells its progress and stops when told', async () => {
    const onProgress = vi.fn();
    await evaluate(cases, [model, other], { ...options, onProgress });
    expect(onProgress.mock.calls).toEqual([
      [0, 'als'],
      [0.5, 'popularity'],
    ]);
    await expect(evaluate(cases, [model], { ...options, signal: AbortSignal.abort() })).rejects.toMatchObject({ code: 'call/aborted' });
  });
});

describe('headItems', () => {
  it('takes the most popular fifth of the items anyone met', () => {
    expect([...headItems(Uint32Array.of(1, 0, 9, 1, 1, 1))]).toEqual([0, 0, 1, 0, 0, 0]);
  });
});
