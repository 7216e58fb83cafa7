import { RecommenderError } from '../errors.js';
import type { EvaluationCase } from './eventTable.js';
import type { ItemFacts } from './listStatistics.js';
import { ListStatistics } from './listStatistics.js';
import { metricNames, writeListMetrics } from './rankingMetrics.js';
import type { Scorer } from './scorer.js';

export interface EvaluateOptions {
  /** List lengths k, ascending. */
  readonly cutoffs: readonly number[];
  readonly excludeSeen: boolean;
  readonly facts: ItemFacts;
  /** 1 for the popular items ("head"), 0 for the rest ("tail"); one per row of the test. */
  readonly isHead: Uint8Array;
  /** Told the share done, 0 to 1, and the model in hand. */
  readonly onProgress?: (done: number, name: string) => void;
  /** Awaited between blocks: gives other work its turn. */
  readonly pause?: () => Promise<void>;
  /** Aborts with `call/aborted`. */
  readonly signal?: AbortSignal;
  /** Milliseconds of any clock; absent: no times are taken. */
  readonly now?: () => number;
}

/** What one model came to, case by case: f32, cases x {@link metricNames}. */
export interface ModelScores {
  readonly name: string;
  readonly kind: Scorer['kind'];
  readonly all: Float32Array;
  /** Right answers in the head only, or in the tail only; NaN for cases that have none there. */
  readonly head: Float32Array;
  readonly tail: Float32Array;
  readonly lists: Readonly<Record<string, number | null>>;
  /** Time spent ranking, milliseconds. */
  readonly rankMs: number;
}

/** Cases ranked together: the kernels read the rows once for many queries. */
const BLOCK_CASES = 128;

/**
 * Lets every scorer rank all items for every case and measures the lists. Pure: it runs in a worker as on the command line.
 * Throws `call/aborted` when the signal says so.
 */
export async function evaluate(
  cases: readonly EvaluationCase[],
  scorers: readonly Scorer[],
  options: EvaluateOptions,
): Promise<ModelScores[]> {
  const results: ModelScores[] = [];
  for (const [number, scorer] of scorers.entries()) {
    const onBlock = async (done: number): Promise<void> => {
      options.onProgress?.((number + done) / scorers.length, scorer.name);
      await options.pause?.();
      if (options.signal?.aborted) throw new RecommenderError('call/aborted', 'The evaluation was stopped.');
    };
    results.push(await evaluateOne(cases, scorer, options, onBlock));
  }
  return results;
}

async function evaluateOne(
  cases: readonly EvaluationCase[],
  scorer: Scorer,
  { cutoffs, excludeSeen, facts, isHead, now }: EvaluateOptions,
  onBlock: (done: number) => Promise<void>,
): Promise<ModelScores> {
  const width = metricNames(cutoffs).length;
  const k = cutoffs.at(-1)!;
  const all = new Float32Array(cases.length * width);
  const head = new Float32Array(cases.length * width).fill(NaN);
  const tail = new Float32Array(cases.length * width).fill(NaN);
  const statistics = new ListStatistics(facts, cutoffs);
  let rankMs = 0;
  for (let start = 0; start < cases.length; start += BLOCK_CASES) {
    await onBlock(start / cases.length);
    const block = cases.slice(start, start + BLOCK_CASES);
    const startMs = now?.() ?? 0;
    const lists = await scorer.rank(block, { k, excludeSeen });
    rankMs += (now?.() ?? 0) - startMs;
    block.forEach(({ items, targets }, i) => {
      const list = lists[i]!;
      const at = (start + i) * width;
      const wanted = new Set(targets);
      writeListMetrics(list, wanted, cutoffs, all, at);
      const popular = new Set(targets.filter((item) => isHead[item] === 1));
      if (popular.size === wanted.size) head.set(all.subarray(at, at + width), at);
      else if (popular.size === 0) tail.set(all.subarray(at, at + width), at);
      else {
        writeListMetrics(list, popular, cutoffs, head, at);
        writeListMetrics(list, new Set(targets.filter((item) => isHead[item] === 0)), cutoffs, tail, at);
      }
      statistics.add(list, items, ListStatistics.isSampled(start + i, cases.length));
    });
  }
  return { name: scorer.name, kind: scorer.kind, all, head, tail, lists: statistics.figures(), rankMs };
}
