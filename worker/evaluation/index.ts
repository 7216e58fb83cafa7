/** The entry of the evaluation worker: one request, one answer. The page ends it when it has its answer or wants none any more. */
import { errorToWire } from '../../src/core/errors.js';
import type { EvaluationMessage, EvaluationProgress, EvaluationRequest } from '../../src/core/evaluation/evaluationProtocol.js';
import { answerRequest } from './answerRequest.js';
import { inPageWords } from './inPageWords.js';

/** More often would only keep the page busy. */
const PROGRESS_INTERVAL_MS = 50;

function post(message: EvaluationMessage): void {
  postMessage(message);
}

function createReporter(): (progress: EvaluationProgress) => void {
  let lastMs = -Infinity;
  let lastPhase = '';
  return (progress) => {
    const nowMs = performance.now();
    if (progress.phase === lastPhase && progress.done < 1 && nowMs - lastMs < PROGRESS_INTERVAL_MS) return;
    lastMs = nowMs;
    lastPhase = progress.phase;
    post({ kind: 'progress', progress });
  };
}

addEventListener('message', function onRequest({ data }: MessageEvent<EvaluationRequest>) {
  if (data?.shelfmate !== 'evaluate') return;
  removeEventListener('message', onRequest);
  answerRequest(data, createReporter()).then(
    (result) => post({ kind: 'result', result }),
    (error: unknown) => {
      const wire = errorToWire(error);
      post({ kind: 'error', error: { ...wire, message: inPageWords(wire.message) } });
    },
  );
});
