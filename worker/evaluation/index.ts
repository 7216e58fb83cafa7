/** The entry of the evaluation worker: one call, one answer. The page ends it when it has its answer or wants none any more. */
import { expose } from 'comlink';
import { errorToWire } from '../../src/core/errors.js';
import type { EvaluationApi, EvaluationProgress } from '../../src/core/evaluation/evaluationProtocol.js';
import { answerRequest } from './answerRequest.js';
import { inPageWords } from './inPageWords.js';

/** More often would only keep the page busy. */
const PROGRESS_INTERVAL_MS = 50;

function throttled(report: (progress: EvaluationProgress) => void): (progress: EvaluationProgress) => void {
  let lastMs = -Infinity;
  let lastPhase = '';
  return (progress) => {
    const nowMs = performance.now();
    if (progress.phase === lastPhase && progress.done < 1 && nowMs - lastMs < PROGRESS_INTERVAL_MS) return;
    lastMs = nowMs;
    lastPhase = progress.phase;
    report(progress);
  };
}

const api: EvaluationApi = {
  async evaluate(request, report) {
    let told: void | Promise<void> = undefined;
    try {
      const result = await answerRequest(
        request,
        throttled((progress) => (told = report(progress))),
      );
      await told; // It goes by another port, and must not come after the result.
      return { kind: 'result', result };
    } catch (error) {
      const wire = errorToWire(error);
      return { kind: 'error', error: { ...wire, message: inPageWords(wire.message) } };
    }
  },
};

// Comlink takes any path: here nothing but this page, which started the worker for one call, can reach it.
expose(api);
