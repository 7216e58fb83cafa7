/**
 * `shelfmate/telemetry`: how the engine fares with all shoppers, without learning anything certain about one. Off unless a shop imports
 * this file. It sends nothing: it hands the shop a small object, and the shop does with it what its own privacy notice says.
 */
import { bucketOf, randomiseBucket } from './core/privacy/telemetry.js';
import type { RecommenderStatus } from './core/types.js';
import type { Recommender } from './recommenderApi.js';

export { estimateCounts, estimateDeviation, randomiseBucket } from './core/privacy/telemetry.js';

/** The questions there are, with the names of their buckets. */
export const TELEMETRY_BUCKETS = {
  outcome: ['ready', 'failed'],
  backend: ['wasm', 'webgpu', 'webgl', 'cpu', 'none'],
  firstList: ['under 100 ms', 'under 300 ms', 'under 1 s', 'under 3 s', 'longer or never'],
  storage: ['persistent', 'memory', 'off'],
} as const;
export type TelemetryQuestion = keyof typeof TELEMETRY_BUCKETS;

/** What the shop gets: bucket numbers, no times, no ids, nothing of the history. */
export interface TelemetryReport {
  readonly version: 1;
  /** Of each answer by itself. */
  readonly epsilon: number;
  /** Of the whole report: the answers' sum. */
  readonly totalEpsilon: number;
  /** Question -> bucket told, an index into `TELEMETRY_BUCKETS`. */
  readonly buckets: Readonly<Record<TelemetryQuestion, number>>;
}

export interface TelemetryOptions {
  readonly onTelemetry: (report: TelemetryReport) => void;
  /** Privacy of each answer: at 1 the true bucket is told e times as often as any other. Default 1. */
  readonly epsilon?: number;
  /** Numbers in [0, 1). Default: the platform's cryptographic ones. */
  readonly random?: () => number;
}

const FIRST_LIST_BOUNDS_MS = [100, 300, 1_000, 3_000];

/** Reports once, when the recommender is ready or has failed. A page that reports on every visit spends `totalEpsilon` each time. */
export async function reportTelemetry(recommender: Recommender, options: TelemetryOptions): Promise<void> {
  await recommender.ready.catch(() => {});
  options.onTelemetry(toReport(await recommender.status(), options));
}

/** Answers every question about `status`, each at random as the method asks. */
export function toReport(
  status: RecommenderStatus,
  { epsilon = 1, random = secureRandom }: Omit<TelemetryOptions, 'onTelemetry'>,
): TelemetryReport {
  const isReady = status.state === 'ready';
  const firstListMs = status.loadMs.firstList || status.loadMs.total;
  const truth: Record<TelemetryQuestion, number> = {
    outcome: isReady ? 0 : 1,
    backend: TELEMETRY_BUCKETS.backend.indexOf(status.backend ?? 'none'),
    firstList: isReady ? bucketOf(firstListMs, FIRST_LIST_BOUNDS_MS) : FIRST_LIST_BOUNDS_MS.length,
    storage: TELEMETRY_BUCKETS.storage.indexOf(status.history.mode),
  };
  const questions = Object.keys(TELEMETRY_BUCKETS) as TelemetryQuestion[];
  const told = questions.map((question) => [
    question,
    randomiseBucket(truth[question], TELEMETRY_BUCKETS[question].length, epsilon, random),
  ]);
  return { version: 1, epsilon, totalEpsilon: epsilon * questions.length, buckets: Object.fromEntries(told) };
}

function secureRandom(): number {
  const [high, low] = crypto.getRandomValues(new Uint32Array(2)) as unknown as [number, number];
  return ((high >>> 5) * 2 ** 26 + (low >>> 6)) / 2 ** 53;
}
