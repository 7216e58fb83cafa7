import type { LoadedModel } from '../../src/core/artifact/readModelFolder.js';
import { runSelfTests } from '../../src/core/artifact/selfTest.js';
import type { EvaluationTest } from '../../src/core/evaluation/buildTest.js';
import { buildTest } from '../../src/core/evaluation/buildTest.js';
import type { EvaluationHost } from '../../src/core/evaluation/evaluationHost.js';
import type {
  BackendLatency,
  EvaluationProgress,
  EvaluationRequest,
  EvaluationResult,
} from '../../src/core/evaluation/evaluationProtocol.js';
import type { EvaluationReport } from '../../src/core/evaluation/evaluationReport.js';
import { evaluationJson } from '../../src/core/evaluation/evaluationReport.js';
import type { RunOptions } from '../../src/core/evaluation/runEvaluation.js';
import { runEvaluation } from '../../src/core/evaluation/runEvaluation.js';
import type { Backend } from '../../src/core/kernels/topK.js';
import { backendLoaders } from '../backends/chunks.js';
import { openBackend } from '../backends/ladder.js';
import { measureLatency } from './measureLatency.js';
import { openBlobEvents } from './openBlobEvents.js';
import { readModelSource } from './readModelSource.js';

type OnProgress = (progress: EvaluationProgress) => void;

/** Reads, splits, ranks and measures. Rejects with a typed error that says what to do. */
export async function answerRequest(request: EvaluationRequest, onProgress: OnProgress): Promise<EvaluationResult> {
  const startMs = Date.now();
  const host = createHost(onProgress);
  let isLoaded = false;
  // The tables are read later, within other phases.
  const { model, read } = await readModelSource(request.model, (done, detail) => isLoaded || onProgress({ phase: 'model', done, detail }));
  isLoaded = true;
  const backend = await openForRanking(model, request);
  const options = await toRunOptions(request);
  const test = await buildTest([model], options, host);
  const name = 'url' in request.model ? request.model.url : request.model.name;
  let report: EvaluationReport;
  try {
    report = await runEvaluation([{ name, model, prefix: '', read }], test, options, backend, startMs, host);
  } finally {
    backend.close();
  }
  return {
    figures: evaluationJson(report),
    notes: test.notes,
    backend: { name: backend.name, adapter: backend.adapter },
    latencies: await measureAll(request, model, test, onProgress),
  };
}

function createHost(onProgress: OnProgress): EvaluationHost {
  return {
    start: (phase) => {
      const tell = (done: number, detail = ''): void => onProgress({ phase, done, detail });
      tell(0);
      return { update: tell, finish: (detail) => tell(1, detail) };
    },
    // Who cancels ends the whole worker: there is nobody to give way to.
    pause: async () => {},
    signal: new AbortController().signal,
    now: () => Date.now(),
  };
}

/** A backend that passes its self-test and the folder's own. */
async function openForRanking({ factors, sequence }: LoadedModel, { backend: requested }: EvaluationRequest): Promise<Backend> {
  const { matrix, entry } = factors;
  const { backend, loaded } = await openBackend({
    requested,
    matrix,
    load: backendLoaders,
    accept: (candidate) => runSelfTests(candidate, matrix, entry.selfTests),
  });
  loaded.dispose();
  if (sequence?.model) {
    const rows = await backend.load(sequence.matrix);
    await runSelfTests(rows, sequence.matrix, sequence.room.selfTests(sequence.model, sequence.entry));
    rows.dispose();
  }
  return backend;
}

async function toRunOptions({ events, test, options }: EvaluationRequest): Promise<RunOptions> {
  const { format, testFormat, seen, maxCases, columns } = options;
  return {
    ...options,
    events: await openBlobEvents(events),
    test: test ? await openBlobEvents(test) : undefined,
    format: format ?? undefined,
    testFormat: testFormat ?? undefined,
    seen: seen ?? undefined,
    maxCases: maxCases ?? undefined,
    columns: new Map(Object.entries(columns)),
  };
}

async function measureAll(
  { measured, options }: EvaluationRequest,
  model: LoadedModel,
  test: EvaluationTest,
  onProgress: OnProgress,
): Promise<BackendLatency[]> {
  const rows = test.rows.mapOf(model.catalog.column('itemId') as string[]);
  const latencies: BackendLatency[] = [];
  for (const [number, backend] of measured.entries()) {
    const tell = (done: number): void => onProgress({ phase: 'latency', done: (number + done) / measured.length, detail: backend });
    tell(0);
    latencies.push(
      await measureLatency(backend, {
        model,
        rows,
        cases: test.cases,
        rank: { k: options.at.at(-1)!, excludeSeen: test.excludeSeen },
        clockMs: () => performance.now(),
        onProgress: tell,
      }),
    );
  }
  return latencies;
}
