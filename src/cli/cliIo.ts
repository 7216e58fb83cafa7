import { RecommenderError } from '../core/errors.js';
import type { ErrorDetails } from '../core/errors.js';
import { throwIfAborted } from '../core/events/inputErrors.js';

export { throwIfAborted };

/** Where text goes. A Node stream fits. */
export interface TextOut {
  write(text: string): unknown;
  readonly isTTY?: boolean;
}

/** All that a command touches of the world besides files: handed in, so that a test can stand in for it. */
export interface CliIo {
  readonly stdout: TextOut;
  readonly stderr: TextOut;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Milliseconds since 1970. */
  readonly now: () => number;
  readonly fetch: typeof fetch;
  /** Aborted by Ctrl-C. */
  readonly signal: AbortSignal;
}

/** The error of a command whose input is wrong: one sentence that says what was seen and what to do. Exit code 1. */
export function badInput(message: string, details: ErrorDetails = {}, cause?: unknown): RecommenderError {
  return new RecommenderError('cli/bad-input', message, details, cause);
}

/** The error of a command that was called wrongly. Exit code 2. */
export function badUsage(message: string): RecommenderError {
  return new RecommenderError('cli/usage', message);
}

/** Gives timers and signals their turn, then throws `call/aborted` once Ctrl-C was pressed. */
export async function breathe(signal: AbortSignal): Promise<void> {
  await new Promise((resolve) => setImmediate(resolve));
  throwIfAborted(signal);
}
