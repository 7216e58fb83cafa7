import type { Estimate } from './bootstrap.js';
import { means, percentileInterval, resampledMeans, sumByGroup } from './bootstrap.js';
import type { ModelScores } from './evaluate.js';
import type { EvaluationCase } from './eventTable.js';
import { metricNames } from './rankingMetrics.js';

/** Shoppers with fewer events than this before the question are "new". */
export const RETURNING_EVENTS = 3;

export type Estimates = Readonly<Record<string, Estimate>>;

export interface SegmentSummary {
  readonly definition: string;
  readonly cases: number;
  /** By model, then metric. */
  readonly results: Readonly<Record<string, Estimates>>;
}

/** One model against another on the same cases. */
export interface PairedComparison {
  readonly model: string;
  readonly versus: string;
  /** By metric: `difference` of the means with its interval, and the shares of cases in which `model` was better, or worse. */
  readonly metrics: Readonly<Record<string, { readonly difference: Estimate; readonly wins: number; readonly losses: number }>>;
}

export interface EvaluationSummary {
  readonly cases: number;
  readonly groups: number;
  readonly results: Readonly<Record<string, Estimates>>;
  readonly segments: Readonly<Record<string, SegmentSummary>>;
  readonly comparisons: readonly PairedComparison[];
}

export interface SummaryOptions {
  readonly cutoffs: readonly number[];
  readonly resamples: number;
  readonly seed: number;
  /** Names of models to set against each other. */
  readonly pairs: readonly (readonly [model: string, versus: string])[];
}

/** Averages over cases, with 95 % intervals by resampling users (or sessions), over all and by segment. */
export function summarizeEvaluation(
  cases: readonly EvaluationCase[],
  scores: readonly ModelScores[],
  { cutoffs, resamples, seed, pairs }: SummaryOptions,
): EvaluationSummary {
  const names = metricNames(cutoffs);
  const { groups, groupCount } = numberGroups(cases);
  const estimate = (tables: readonly Float32Array[]) => {
    const joined = joinColumns(tables, cases.length, names.length);
    const sums = sumByGroup(joined, tables.length * names.length, groups, groupCount);
    const values = means(sums);
    const samples = resampledMeans(sums, resamples, seed);
    const column = (c: number): Float64Array => Float64Array.from({ length: resamples }, (_, row) => samples[row * sums.columnCount + c]!);
    return { count: sums.counts.reduce((sum, part) => sum + part, 0), values, column };
  };
  const toResults = ({ values, column }: ReturnType<typeof estimate>): Record<string, Estimates> =>
    Object.fromEntries(
      scores.map(({ name }, m) => [
        name,
        Object.fromEntries(
          names.map((metric, j) => [metric, percentileInterval(values[m * names.length + j]!, column(m * names.length + j))]),
        ),
      ]),
    );
  const overall = estimate(scores.map(({ all }) => all));
  const isNew = (question: EvaluationCase): boolean => question.items.length < RETURNING_EVENTS;
  const keep = (isKept: (question: EvaluationCase) => boolean): Float32Array[] =>
    scores.map(({ all }) => all.map((value, at) => (isKept(cases[Math.floor(at / names.length)]!) ? value : NaN)));
  const segments: Record<string, SegmentSummary> = {};
  for (const [name, definition, tables] of [
    ['new', `fewer than ${RETURNING_EVENTS} events before the question`, keep(isNew)],
    ['returning', `${RETURNING_EVENTS} events or more before the question`, keep((question) => !isNew(question))],
    ['head', 'right answers among the most popular 20 % of items', scores.map(({ head }) => head)],
    ['tail', 'right answers among the other 80 % of items', scores.map(({ tail }) => tail)],
  ] as const) {
    const estimated = estimate(tables);
    if (estimated.count > 0) segments[name] = { definition, cases: estimated.count, results: toResults(estimated) };
  }
  const comparisons = pairs.map(([model, versus]): PairedComparison => {
    const a = scores.findIndex(({ name }) => name === model);
    const b = scores.findIndex(({ name }) => name === versus);
    return {
      model,
      versus,
      metrics: Object.fromEntries(
        names.map((metric, j) => {
          const [columnA, columnB] = [a * names.length + j, b * names.length + j];
          const other = overall.column(columnB);
          const differences = overall.column(columnA).map((value, row) => value - other[row]!);
          const difference = percentileInterval(overall.values[columnA]! - overall.values[columnB]!, differences);
          return [metric, { difference, ...winShares(scores[a]!.all, scores[b]!.all, names.length, j) }];
        }),
      ),
    };
  });
  return { cases: cases.length, groups: groupCount, results: toResults(overall), segments, comparisons };
}

function numberGroups(cases: readonly EvaluationCase[]): { groups: Uint32Array; groupCount: number } {
  const numbers = new Map<number, number>();
  const groups = Uint32Array.from(cases, ({ group }) => {
    const known = numbers.get(group);
    if (known !== undefined) return known;
    numbers.set(group, numbers.size);
    return numbers.size - 1;
  });
  return { groups, groupCount: numbers.size };
}

/** Sets tables (f32, rows x width) side by side. */
function joinColumns(tables: readonly Float32Array[], rowCount: number, width: number): Float32Array {
  const joined = new Float32Array(rowCount * width * tables.length);
  tables.forEach((table, t) => {
    for (let row = 0; row < rowCount; row++) joined.set(table.subarray(row * width, (row + 1) * width), (row * tables.length + t) * width);
  });
  return joined;
}

function winShares(a: Float32Array, b: Float32Array, width: number, column: number): { wins: number; losses: number } {
  let wins = 0;
  let losses = 0;
  for (let at = column; at < a.length; at += width) {
    if (a[at]! > b[at]!) wins++;
    else if (a[at]! < b[at]!) losses++;
  }
  const count = a.length / width;
  return { wins: wins / count, losses: losses / count };
}

/** u8, one per item: 1 for the most popular 20 % of those that anyone met, by users per item, ties by lower row. */
export function headItems(userCounts: Uint32Array): Uint8Array {
  const met = Uint32Array.from(userCounts.keys()).filter((item) => userCounts[item]! > 0);
  met.sort((a, b) => userCounts[b]! - userCounts[a]! || a - b);
  const isHead = new Uint8Array(userCounts.length);
  for (const item of met.subarray(0, Math.ceil(0.2 * met.length))) isHead[item] = 1;
  return isHead;
}
