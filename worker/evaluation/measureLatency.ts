import type { LoadedModel } from '../../src/core/artifact/readModelFolder.js';
import { runSelfTests } from '../../src/core/artifact/selfTest.js';
import { isRecommenderError } from '../../src/core/errors.js';
import type { BackendLatency } from '../../src/core/evaluation/evaluationProtocol.js';
import type { EvaluationCase } from '../../src/core/metrics/eventTable.js';
import { createFactorScorer } from '../../src/core/metrics/factorScorer.js';
import type { RankOptions, RowMap, Scorer } from '../../src/core/metrics/scorer.js';
import type { BackendName } from '../../src/core/types.js';
import type { OpenBackend } from '../backends/ladder.js';
import { describeAdapter, openBackend } from '../backends/ladder.js';
import { backendLoaders } from '../backends/chunks.js';

export interface MeasureOptions {
  readonly model: LoadedModel;
  readonly rows: RowMap;
  /** Their histories are what lists are asked for. */
  readonly cases: readonly EvaluationCase[];
  readonly rank: RankOptions;
  readonly clockMs: () => number;
  readonly onProgress: (done: number) => void;
}

const WARM_UP_LISTS = 20;
const SAMPLES = 200;
/** A slow backend gives fewer samples. */
const BUDGET_MS = 4_000;
/** A sample must be so many steps of the clock long. */
const STEPS_PER_SAMPLE = 10;
const MAX_LISTS_PER_SAMPLE = 64;

/** Times single lists, one after the other, for real histories of the test on one backend. A backend that is not there is no error. */
export async function measureLatency(backend: BackendName, options: MeasureOptions): Promise<BackendLatency> {
  const { model, rows } = options;
  const { factors, catalog } = model;
  const empty = { backend, adapter: '', samplesMs: [], listsPerSample: 0, p50Ms: null, p95Ms: null };
  let opened: OpenBackend;
  try {
    opened = await openBackend({
      requested: backend,
      matrix: factors.matrix,
      load: backendLoaders,
      accept: (loaded) => runSelfTests(loaded, factors.matrix, factors.entry.selfTests),
    });
  } catch (error) {
    return { ...empty, missing: reasonOf(error) };
  }
  const scorer = createFactorScorer({ name: backend, model: factors, catalog, loaded: opened.loaded, rows });
  const adapter = describeAdapter(opened);
  try {
    const { samplesMs, listsPerSample } = await time(scorer, options);
    const sorted = samplesMs.toSorted((a, b) => a - b);
    const at = (share: number): number => sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)]!;
    return { backend, adapter, missing: null, samplesMs, listsPerSample, p50Ms: at(0.5), p95Ms: at(0.95) };
  } catch (error) {
    return { ...empty, adapter, missing: reasonOf(error) };
  } finally {
    opened.loaded.dispose();
    opened.backend.close();
  }
}

async function time(
  scorer: Scorer,
  { cases, rank, clockMs, onProgress }: MeasureOptions,
): Promise<{ samplesMs: number[]; listsPerSample: number }> {
  let next = 0;
  // Spread over the test: neighbouring questions may come from one shopper.
  const stride = Math.max(1, Math.floor(cases.length / SAMPLES));
  const ask = async (lists: number): Promise<number> => {
    const startMs = clockMs();
    for (let list = 0; list < lists; list++, next += stride) await scorer.rank([cases[next % cases.length]!], rank);
    return clockMs() - startMs;
  };
  const roughMs = (await ask(WARM_UP_LISTS), await ask(WARM_UP_LISTS)) / WARM_UP_LISTS;
  const wantedMs = STEPS_PER_SAMPLE * clockStepMs(clockMs);
  const listsPerSample = Math.min(MAX_LISTS_PER_SAMPLE, Math.max(1, Math.ceil(wantedMs / Math.max(roughMs, 1e-3))));
  const samplesMs: number[] = [];
  const endMs = clockMs() + BUDGET_MS;
  while (samplesMs.length < SAMPLES && (clockMs() < endMs || samplesMs.length < 5)) {
    samplesMs.push((await ask(listsPerSample)) / listsPerSample);
    onProgress(samplesMs.length / SAMPLES);
  }
  return { samplesMs, listsPerSample };
}

/** The smallest step that the clock was seen to make: browsers round it, to 0.1 ms or 1 ms. */
function clockStepMs(clockMs: () => number): number {
  let step = Infinity;
  for (let seen = 0, last = clockMs(); seen < 5;) {
    const nowMs = clockMs();
    if (nowMs === last) continue;
    step = Math.min(step, nowMs - last);
    last = nowMs;
    seen++;
  }
  return step;
}

/** The backend's own words, without the ladder's advice around them. */
function reasonOf(error: unknown): string {
  const attempts = isRecommenderError(error) ? (error.details['attempts'] as readonly { reason: string }[] | undefined) : undefined;
  return attempts?.[0]?.reason ?? (error instanceof Error ? error.message : String(error));
}
