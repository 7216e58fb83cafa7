import { proxy, wrap } from 'comlink';
import { RecommenderError, asRecommenderError, errorFromWire } from './core/errors.js';
import type { EvaluationApi, EvaluationOutcome, EvaluationResult } from './core/evaluation/evaluationProtocol.js';
import type { EvaluationOptions } from './evaluationOptions.js';
import { toRequest } from './evaluationOptions.js';

export type { BackendLatency, EvaluationProgress, EvaluationResult } from './core/evaluation/evaluationProtocol.js';
export type { EvaluationFigures } from './core/evaluation/evaluationReport.js';
export type { EvaluationNote } from './core/evaluation/buildTest.js';
export type { Protocol } from './core/evaluation/protocols.js';
export type { Estimate } from './core/metrics/bootstrap.js';
export type { EvaluationOptions, ModelFile } from './evaluationOptions.js';
export { PROTOCOLS } from './core/evaluation/protocols.js';
export { RecommenderError } from './core/errors.js';

/**
 * Measures how well a model folder finds what shoppers did next, as `shelfmate evaluate` does and with the same figures, in a worker
 * of its own that ends with it. Files stay on this device. Rejects with a `RecommenderError` that says what to do.
 */
export async function evaluateFolder(options: EvaluationOptions): Promise<EvaluationResult> {
  const request = toRequest(options);
  const { signal, onProgress } = options;
  if (signal?.aborted) throw aborted(signal);
  let worker: Worker;
  try {
    worker = startWorker(options.worker);
  } catch (error) {
    throw asRecommenderError(error, 'worker/failed', 'The evaluation could not start its worker');
  }
  let onAbort = (): void => {};
  try {
    const evaluation = wrap<EvaluationApi>(worker);
    const outcome = await new Promise<EvaluationOutcome>((resolve, reject) => {
      onAbort = () => reject(aborted(signal!));
      signal?.addEventListener('abort', onAbort);
      worker.addEventListener('error', (event) => {
        event.preventDefault();
        reject(stopped(event.message ?? ''));
      });
      evaluation
        .evaluate(
          request,
          proxy((progress) => onProgress?.(progress)),
        )
        .then(resolve, reject);
    });
    if (outcome.kind === 'error') throw errorFromWire(outcome.error);
    return outcome.result;
  } finally {
    signal?.removeEventListener('abort', onAbort);
    worker.terminate();
  }
}

function stopped(message: string): RecommenderError {
  const what = message ? `: ${message}` : '';
  return new RecommenderError(
    'worker/failed',
    `The evaluation's worker stopped${what}. Check that evaluationWorker.js is reachable and that the Content-Security-Policy allows it (worker-src); a file that is too large for this device's memory ends it too.`,
    { message },
  );
}

function startWorker(worker: EvaluationOptions['worker']): Worker {
  if (typeof worker === 'function') return worker();
  if (worker !== undefined) return new Worker(worker, { type: 'module', name: 'shelfmate-evaluation' });
  // Written out literally: bundlers look for exactly this form and emit the file.
  return new Worker(new URL('./evaluationWorker.js', import.meta.url), { type: 'module', name: 'shelfmate-evaluation' });
}

function aborted(signal: AbortSignal): RecommenderError {
  return new RecommenderError('call/aborted', 'The evaluation was cancelled.', {}, signal.reason);
}
