import type { Manifest } from '../artifact/manifest.js';
import type { ModelScores } from '../metrics/evaluate.js';
import type { Estimates, EvaluationSummary, PairedComparison, SegmentSummary } from '../metrics/summarizeEvaluation.js';
import type { EvaluationNote } from './buildTest.js';
import { noteText } from './buildTest.js';
import type { Protocol } from './protocols.js';

/** All that an evaluation came to; the table, the JSON and the HTML page are made of it. */
export interface EvaluationReport {
  readonly protocol: Protocol;
  /** As the person wrote them. */
  readonly folder: string;
  readonly compared: string | null;
  readonly eventsPath: string;
  readonly testPath: string | null;
  readonly eventsFormat: string;
  readonly manifest: Manifest;
  readonly cutoffs: readonly number[];
  readonly excludeSeen: boolean;
  readonly eligibleCount: number;
  /** Options of the protocol, as they stand in the JSON. */
  readonly settings: Readonly<Record<string, unknown>>;
  readonly trainEvents: number;
  readonly resamples: number;
  readonly seed: number;
  readonly summary: EvaluationSummary;
  readonly scores: readonly ModelScores[];
  readonly notes: readonly EvaluationNote[];
  readonly totalMs: number;
}

/** The figures of an evaluation as other programs read them: what `--json` writes and what the page exports. */
export interface EvaluationFigures {
  readonly protocol: Protocol;
  /** Questions asked. */
  readonly cases: number;
  readonly seconds: number;
  /** By model, then metric ("recall@20"). */
  readonly results: Readonly<Record<string, Estimates>>;
  /** Users or sessions that the intervals resample. */
  readonly groups: number;
  /** Questions before maxCases. */
  readonly eligibleCases: number;
  readonly cutoffs: readonly number[];
  readonly excludeSeen: boolean;
  readonly settings: Readonly<Record<string, unknown>>;
  readonly intervals: { readonly level: number; readonly method: string; readonly resamples: number; readonly seed: number };
  readonly segments: Readonly<Record<string, SegmentSummary>>;
  /** By model, then figure ("coverage@20"); null where it cannot be told. */
  readonly lists: Readonly<Record<string, Readonly<Record<string, number | null>>>>;
  readonly models: Readonly<Record<string, { readonly kind: 'model' | 'baseline'; readonly rankSeconds: number }>>;
  readonly comparisons: readonly PairedComparison[];
  readonly folder: { readonly name: string; readonly revision: string; readonly items: number };
  readonly events: { readonly format: string; readonly trainingEvents: number };
  readonly notes: readonly string[];
}

/** What `--json` writes. */
export function evaluationJson(report: EvaluationReport): EvaluationFigures {
  const { summary, scores, manifest, cutoffs } = report;
  return {
    protocol: report.protocol,
    cases: summary.cases,
    seconds: report.totalMs / 1000,
    results: summary.results,
    groups: summary.groups,
    eligibleCases: report.eligibleCount,
    cutoffs,
    excludeSeen: report.excludeSeen,
    settings: report.settings,
    intervals: { level: 0.95, method: 'bootstrap over users or sessions, percentile', resamples: report.resamples, seed: report.seed },
    segments: summary.segments,
    lists: Object.fromEntries(scores.map(({ name, lists }) => [name, lists])),
    models: Object.fromEntries(scores.map(({ name, kind, rankMs }) => [name, { kind, rankSeconds: rankMs / 1000 }])),
    comparisons: summary.comparisons,
    folder: { name: manifest.name, revision: manifest.revision, items: manifest.itemCount },
    events: { format: report.eventsFormat, trainingEvents: report.trainEvents },
    notes: report.notes.map(noteText),
  };
}

/** Cutoffs and metrics as columns for people: hit rate only where it says something else than recall. */
export function shownMetrics({ cutoffs, summary }: EvaluationReport): string[] {
  const isSame = Object.values(summary.results).every((metrics) =>
    cutoffs.every((k) => Math.abs(metrics[`hr@${k}`]!.value - metrics[`recall@${k}`]!.value) < 1e-9),
  );
  return cutoffs.flatMap((k) => [...(isSame ? ['recall'] : ['recall', 'hr']), 'ndcg', 'mrr'].map((metric) => `${metric}@${k}`));
}

/** The words of {@link evaluationJson}'s list figures, for people. */
export const LIST_FIGURES: readonly (readonly [key: string, label: string, explanation: string])[] = [
  ['coverage', 'coverage', 'share of all items that stand in some list'],
  ['novelty', 'novelty (bits)', 'how rare the recommended items are: log2(users / users who met the item)'],
  ['popularityLift', 'popularity lift', 'how much more popular than what shoppers choose themselves; 0: alike'],
  ['factorDiversity', 'diversity', 'mean of 1 - cosine over the pairs of a list'],
  ['categoryDiversity', 'other category', 'share of pairs of a list from two categories'],
];
