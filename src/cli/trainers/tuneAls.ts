import type { FactorDtype } from '../../core/artifact/manifest.js';
import type { UserEvents } from '../../core/events/interactionLog.js';
import { eligibleUsers, leaveLastOut } from '../../core/metrics/leaveLastOut.js';
import type { CliIo } from '../cliIo.js';
import { badInput, breathe } from '../cliIo.js';
import type { RankingMetrics } from '../evaluation/evaluateModel.js';
import { evaluateModel } from '../evaluation/evaluateModel.js';
import type { Progress } from '../progress.js';
import { formatSeconds } from '../terminal.js';
import type { AlsOptions } from './als.js';
import { trainAls } from './als.js';
import { describeFactors } from './fitFactorModel.js';
import { drawSample, seededRandom } from './seededRandom.js';
import type { SparseRows } from './sparseRows.js';
import { toSparseRows } from './toSparseRows.js';

export interface TuneOptions {
  /** The settings to beat, trial 1; no trial has more factors. */
  readonly base: AlsOptions;
  readonly itemIds: readonly string[];
  readonly dtype: FactorDtype;
  readonly hasEventNames: boolean;
  readonly threads: number;
  /** Stop after so many settings, or null: after so many minutes. */
  readonly trialCount: number | null;
  readonly minutes: number;
}

/** One setting, after the last epochs that it was given. */
export interface TuneTrial extends RankingMetrics {
  /** From 1. */
  readonly number: number;
  readonly options: AlsOptions;
}

export interface Tuned {
  readonly best: TuneTrial;
  /** In the order they began. */
  readonly trials: readonly TuneTrial[];
  readonly caseCount: number;
}

/** Settings that start together; after each rung the better third goes on. */
const BRACKET = 9;
const RUNG_EPOCHS = [3, 6, 12];
const KEPT = 1 / 3;
const MAX_CASES = 5_000;

interface Candidate {
  readonly number: number;
  readonly options: AlsOptions;
  /** f32, items x d: where its training stands. */
  items?: Float32Array;
}

/**
 * Searches factors, epochs, lambda, alpha0 and nu by random search with successive halving (Jamieson & Talwalkar 2016): many settings
 * train for few epochs, the better ones go on from where they stand. A shopper's newest item is the test's and takes no part: the one
 * before it is to be found. Deterministic for a seed and a number of trials. Throws `cli/bad-input` where nobody has three items.
 */
export async function tuneAls(events: UserEvents, options: TuneOptions, progress: Progress, io: CliIo): Promise<Tuned> {
  const { base, trialCount } = options;
  const withoutTest = leaveLastOut(events, eligibleUsers(events)).train;
  const eligible = eligibleUsers(withoutTest);
  const users = drawSample(eligible.length, MAX_CASES, seededRandom(base.seed)).map((at) => eligible[at]!);
  const split = leaveLastOut(withoutTest, users);
  const rows = toSparseRows(split.train, options.hasEventNames);
  if (split.cases.length === 0 || rows.columns.length === 0)
    throw badInput('There is nothing to tune on: that needs shoppers with at least three different items. Train without --tune.');
  const random = seededRandom(base.seed);
  const startMs = io.now();
  const budgetMs = options.minutes * 60_000;
  const trials = new Map<number, TuneTrial>();
  const step = progress.start('Tuning');
  const isOver = (): boolean => trialCount === null && trials.size > 0 && io.now() - startMs >= budgetMs;
  const limit = trialCount ?? Infinity;
  let started = 0;
  for (;;) {
    if (started >= limit || isOver()) break;
    const size = Math.min(BRACKET, limit - started);
    let going = Array.from({ length: size }, (): Candidate => {
      const number = ++started;
      return { number, options: number === 1 ? base : drawSettings(base, rows, random) };
    });
    for (const epochs of RUNG_EPOCHS) {
      for (const candidate of going) {
        if (isOver()) break;
        const trial = await run(candidate, epochs, rows, split, options, io);
        const before = trials.get(candidate.number);
        if (!before || isBetter(trial, before)) trials.set(candidate.number, trial);
        const share = trialCount === null ? (io.now() - startMs) / budgetMs : trials.size / trialCount;
        const leftMs = trialCount === null ? budgetMs - (io.now() - startMs) : ((io.now() - startMs) * (1 - share)) / share;
        const best = bestOf(trials).ndcgAt10.toFixed(4);
        step.update(Math.min(1, share), `trial ${candidate.number}, best NDCG@10 ${best}, ${formatSeconds(Math.max(0, leftMs))} left`);
      }
      const ranked = going.filter(({ number }) => trials.has(number)).sort((a, b) => compare(trials.get(a.number)!, trials.get(b.number)!));
      const kept = ranked.slice(0, Math.max(1, Math.round(ranked.length * KEPT)));
      // The settings to beat are always heard out.
      going = ranked.filter((candidate) => kept.includes(candidate) || candidate.number === 1);
    }
  }
  const best = bestOf(trials);
  step.finish(`${trials.size} trials, best NDCG@10 ${best.ndcgAt10.toFixed(4)}`);
  return { best, trials: [...trials.values()], caseCount: split.cases.length };
}

/** Trains a candidate on to `epochs` and tests it. */
async function run(
  candidate: Candidate,
  epochs: number,
  rows: SparseRows,
  split: ReturnType<typeof leaveLastOut>,
  { itemIds, dtype, hasEventNames, threads }: TuneOptions,
  io: CliIo,
): Promise<TuneTrial> {
  const done = candidate.items ? RUNG_EPOCHS[RUNG_EPOCHS.indexOf(epochs) - 1]! : 0;
  const pause = (): Promise<void> => breathe(io.signal);
  const { items } = await trainAls(
    rows,
    { ...candidate.options, epochs: epochs - done },
    { pause, threads, solvesUsersLast: false, ...(candidate.items && { startItems: candidate.items }) },
  );
  candidate.items = items.slice(); // Not the whole memory that it is a view of.
  const options = { ...candidate.options, epochs };
  const model = describeFactors(items, rows, options, dtype, hasEventNames);
  const { model: metrics } = await evaluateModel(model, itemIds, split, { onProgress: () => {}, pause });
  return { number: candidate.number, options, ...metrics };
}

function drawSettings(base: AlsOptions, { rowCount, columnCount, columns }: SparseRows, random: () => number): AlsOptions {
  const logBetween = (low: number, high: number): number => Number((low * (high / low) ** random()).toPrecision(3));
  const density = columns.length / (rowCount * columnCount);
  return {
    ...base,
    factors: Math.max(1, Math.round(base.factors * [1, 1, 0.5, 0.25][Math.floor(4 * random())]!)),
    regularization: logBetween(0.001, 0.3),
    unobservedWeight: Number((density * logBetween(1, 100)).toPrecision(3)),
    nu: [0.25, 0.5, 0.75, 1][Math.floor(4 * random())]!,
  };
}

function bestOf(trials: ReadonlyMap<number, TuneTrial>): TuneTrial {
  return [...trials.values()].sort(compare)[0]!;
}

/** Better first: higher NDCG@10, then higher hit rate, then the earlier. */
function compare(a: TuneTrial, b: TuneTrial): number {
  return b.ndcgAt10 - a.ndcgAt10 || b.hitRateAt20 - a.hitRateAt20 || a.number - b.number;
}

function isBetter(a: TuneTrial, b: TuneTrial): boolean {
  return compare(a, b) < 0;
}

/** The chosen settings as options of `shelfmate train`. */
export function tunedFlags({ factors, epochs, regularization, unobservedWeight, nu }: AlsOptions): string {
  return `--factors ${factors} --epochs ${epochs} --regularization ${regularization} --unobserved-weight ${unobservedWeight} --nu ${nu}`;
}
