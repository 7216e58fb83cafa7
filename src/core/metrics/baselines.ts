import type { EvaluationCase, EventTable } from './eventTable.js';
import { countUsersPerItem } from './eventTable.js';
import { ItemNeighbors } from './itemNeighbors.js';
import type { RankOptions, Scorer } from './scorer.js';

/** Of a history, item-kNN looks at the newest so many different items; each older one counts .8 of the one after it. */
const KNN_HISTORY = 10;
const KNN_DECAY = 0.8;

export interface BaselineInput {
  /** The training part. */
  readonly train: EventTable;
  /** Rows that may be recommended: 1 for each item of the folder under test, else 0. */
  readonly isCandidate: Uint8Array;
  /** Adds "own-items", which makes sense only where items may come again. */
  readonly hasRepeats: boolean;
}

/**
 * What any model must beat, learned from the training part alone: "popularity" (users per item), "item-knn" (cosine to the newest 10
 * items of the history, decay .8), "last-item" (most similar to the last one), and "own-items" (what the shopper met most often).
 * Whoever gives fewer than k items is filled up with popular ones.
 */
export function createBaselines({ train, isCandidate, hasRepeats }: BaselineInput): Scorer[] {
  const counts = countUsersPerItem(train);
  const popular = Uint32Array.from(isCandidate.keys())
    .filter((row) => isCandidate[row] === 1)
    .sort((a, b) => counts[b]! - counts[a]! || a - b);
  const neighbors = new ItemNeighbors(train);
  const scores = new Float64Array(train.itemCount);
  const baseline = (name: string, rankOwn: (question: EvaluationCase, options: RankOptions) => readonly number[]): Scorer => ({
    name,
    kind: 'baseline',
    rank: async (cases, options) =>
      cases.map((question) => fillUp(rankOwn(question, options), popular, options.k, options.excludeSeen ? new Set(question.items) : null)),
  });
  const similar = (question: EvaluationCase, historySize: number, { k, excludeSeen }: RankOptions): readonly number[] => {
    const touched: number[] = [];
    const history = newestItems(question.items, historySize);
    history.forEach((item, age) => {
      const { items, similarities } = neighbors.of(item);
      items.forEach((other, at) => {
        if (isCandidate[other] === 0) return;
        if (scores[other] === 0) touched.push(other);
        scores[other]! += KNN_DECAY ** age * similarities[at]!;
      });
    });
    const seen = excludeSeen ? new Set(question.items) : null;
    const best = bestOf(seen ? touched.filter((item) => !seen.has(item)) : touched, scores, k);
    for (const item of touched) scores[item] = 0;
    return best;
  };
  return [
    baseline('popularity', () => []),
    baseline('item-knn', (question, options) => similar(question, KNN_HISTORY, options)),
    baseline('last-item', (question, options) => similar(question, 1, options)),
    ...(hasRepeats ? [baseline('own-items', ({ items }, { k, excludeSeen }) => (excludeSeen ? [] : ownItems(items, isCandidate, k)))] : []),
  ];
}

/** Different items, newest first. */
function newestItems(items: Uint32Array, count: number): number[] {
  const newest = new Set<number>();
  for (let at = items.length - 1; at >= 0 && newest.size < count; at--) newest.add(items[at]!);
  return [...newest];
}

/** The k items of highest score, best first, ties by lower row. */
function bestOf(items: readonly number[], scores: Float64Array, k: number): number[] {
  const best: number[] = [];
  const isBetter = (a: number, b: number): boolean => scores[a]! > scores[b]! || (scores[a] === scores[b] && a < b);
  for (const item of items) {
    if (best.length === k && !isBetter(item, best[k - 1]!)) continue;
    let at = best.length === k ? k - 1 : best.length;
    for (; at > 0 && isBetter(item, best[at - 1]!); at--) best[at] = best[at - 1]!;
    best[at] = item;
  }
  return best;
}

/** The history's own items, most frequent first, then newest. */
function ownItems(items: Uint32Array, isCandidate: Uint8Array, k: number): number[] {
  const counts = new Map<number, number>();
  for (let at = items.length - 1; at >= 0; at--)
    if (isCandidate[items[at]!] === 1) counts.set(items[at]!, (counts.get(items[at]!) ?? 0) + 1);
  return [...counts]
    .sort((a, b) => b[1] - a[1])
    .slice(0, k)
    .map(([item]) => item);
}

function fillUp(own: readonly number[], popular: Uint32Array, k: number, seen: ReadonlySet<number> | null): Uint32Array {
  if (own.length >= k) return Uint32Array.from(own);
  const taken = new Set(own);
  const filled = [...own];
  for (let at = 0; at < popular.length && filled.length < k; at++) {
    const item = popular[at]!;
    if (!taken.has(item) && !seen?.has(item)) filled.push(item);
  }
  return Uint32Array.from(filled);
}
