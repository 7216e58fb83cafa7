import type { ErrorDetails } from '../errors.js';
import { RecommenderError } from '../errors.js';

/**
 * The error of input that is wrong: one sentence that says what was seen and what to do. Options are spelled as on the command
 * line (`--test-days`); the page's shell spells them in its own way.
 */
export function badInput(message: string, details: ErrorDetails = {}, cause?: unknown): RecommenderError {
  return new RecommenderError('input/bad-file', message, details, cause);
}

/** The error of options that do not fit together. */
export function badUsage(message: string): RecommenderError {
  return new RecommenderError('input/invalid', message);
}

/** Throws `call/aborted` once the signal says so. */
export function throwIfAborted(signal: AbortSignal): void {
  if (signal.aborted) throw new RecommenderError('call/aborted', 'Stopped. Nothing was written.');
}
