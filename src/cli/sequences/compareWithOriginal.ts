import { createSequenceModel } from '../../core/models/sequence/createSequenceModel.js';
import { queryDimensions } from '../../core/models/sequence/sequenceConfig.js';
import type { SequenceModel } from '../../core/models/sequence/sequenceModel.js';
import { OUTPUT_BIAS, OUTPUT_ROWS } from '../../core/models/sequence/sequenceTensors.js';
import type { OriginalCase } from './selfTestFile.js';
import type { ScoreKind, SequenceSource } from './sequenceSource.js';

/** How the answers of a model that was read in stand to the original's. */
export interface OriginalComparison {
  readonly caseCount: number;
  /** Largest difference of a score, relative to the largest score of its list. */
  readonly largestDifference: number;
  /** Whether all lists hold the same items in the same order; items whose scores agree within the tolerance may trade places. */
  readonly hasSameLists: boolean;
  /** Where the largest difference is. */
  readonly worst: { readonly case: number; readonly item: number; readonly seen: number; readonly expected: number };
}

/** What the issue asks of every import, in float32. */
export const PARITY = 1e-4;

/** A source beside the model made of it, so that the model is made once. */
export type ReadModel = Pick<SequenceSource, 'config' | 'tensors' | 'strippedRows'>;

/**
 * Answers the original's cases and compares. `scoreKind`: what the original's scores are. Probabilities are compared up to a common
 * factor where rows were dropped, whose share the original counts in.
 */
export function compareWithOriginal(source: ReadModel, cases: readonly OriginalCase[], scoreKind: ScoreKind): OriginalComparison {
  const model = createSequenceModel(source.config, source.tensors);
  return compareScores(cases, scoreKind, source.strippedRows, (items) => scoreAll(source, model, items));
}

/** Compares with the original whatever gives scores of all items after a history. */
export function compareScores(
  cases: readonly OriginalCase[],
  scoreKind: ScoreKind,
  strippedRows: number,
  scoresOf: (items: readonly number[]) => Float64Array,
): OriginalComparison {
  let largestDifference = 0;
  let hasSameLists = true;
  let worst = { case: 0, item: cases[0]!.top[0]!, seen: 0, expected: 0 };
  cases.forEach(({ items, top, scores: expected }, number) => {
    const raw = scoresOf(items);
    const ours = toKind(raw, scoreKind, top[0]!, strippedRows > 0 ? expected[0]! : null);
    const largest = Math.max(...expected.map(Math.abs), Number.MIN_VALUE);
    const order = Array.from(raw.keys()).sort((a, b) => raw[b]! - raw[a]! || a - b);
    top.forEach((item, rank) => {
      const difference = Math.abs(ours[item]! - expected[rank]!) / largest;
      if (!(difference <= largestDifference)) {
        largestDifference = Number.isNaN(difference) ? Infinity : difference;
        worst = { case: number, item, seen: ours[item]!, expected: expected[rank]! };
      }
      const own = order[rank]!;
      if (own !== item && !(Math.abs(ours[own]! - ours[item]!) <= PARITY * largest)) hasSameLists = false;
    });
  });
  return { caseCount: cases.length, largestDifference, hasSameLists, worst };
}

/** Scores of all items after a history, f64: query · row + bias. */
export function scoreAll({ tensors, config }: ReadModel, model: SequenceModel, items: readonly number[]): Float64Array {
  const state = model.createState();
  for (const item of items) model.step(state, item);
  const query = model.query(state);
  const rows = tensors.get(OUTPUT_ROWS)!.values;
  const biases = tensors.get(OUTPUT_BIAS)?.values;
  const d = queryDimensions(config);
  const scores = new Float64Array(config.itemCount);
  for (let i = 0; i < scores.length; i++) {
    let sum = biases ? biases[i]! : 0;
    for (let j = 0; j < d; j++) sum += query[j]! * rows[i * d + j]!;
    scores[i] = sum;
  }
  return scores;
}

/** `anchor`: the probability that item `first` is scaled to; null: probabilities add up to 1. */
function toKind(scores: Float64Array, kind: ScoreKind, first: number, anchor: number | null): Float64Array {
  if (kind === 'score') return scores;
  if (kind === 'sigmoid') return scores.map((score) => 1 / (1 + Math.exp(-score)));
  if (anchor !== null) return scores.map((score) => anchor * Math.exp(score - scores[first]!));
  const largest = scores.reduce((a, b) => Math.max(a, b), -Infinity);
  const total = scores.reduce((sum, score) => sum + Math.exp(score - largest), 0);
  return scores.map((score) => Math.exp(score - largest) / total);
}
