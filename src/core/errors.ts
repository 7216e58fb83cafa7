/** Every code a {@link RecommenderError} can carry, by the room it comes from. */
export type ErrorCode =
  | 'artifact/bad-manifest'
  | 'artifact/unsupported-version'
  | 'artifact/bad-file'
  | 'artifact/bad-checksum'
  | 'artifact/bad-signature'
  | 'artifact/bad-tensor'
  | 'artifact/bad-catalog'
  | 'artifact/self-test-failed'
  | 'model/not-found'
  | 'model/unreachable'
  | 'backend/unavailable'
  | 'backend/failed'
  | 'input/invalid'
  | 'input/bad-file'
  | 'input/unknown-item'
  | 'input/unknown-user'
  | 'input/unknown-field'
  | 'input/too-few-users'
  | 'call/aborted'
  | 'call/timeout'
  | 'call/closed'
  | 'worker/failed'
  | 'storage/failed'
  | 'cli/usage'
  | 'cli/bad-input';

/** Facts a program can act on: what was seen, where, what was expected. JSON values only. */
export type ErrorDetails = Readonly<Record<string, unknown>>;

/** An error as it travels between threads: plain JSON, rebuilt by {@link errorFromWire}. */
export interface WireError {
  readonly code: ErrorCode;
  readonly message: string;
  readonly details: ErrorDetails;
  readonly cause: string | null;
}

/**
 * Reports a failure with a stable `code`, machine-readable `details` and a message that says
 * what happened, which value was seen and what to do.
 */
export class RecommenderError extends Error {
  override readonly name = 'RecommenderError';
  readonly code: ErrorCode;
  readonly details: ErrorDetails;

  constructor(code: ErrorCode, message: string, details: ErrorDetails = {}, cause?: unknown) {
    super(message, cause === undefined ? undefined : { cause });
    this.code = code;
    this.details = details;
  }
}

/**
 * Whether it is a typed error, whichever file it comes from: the GPU backends are bundles of their own, each with its own
 * copy of the class, so `instanceof` alone would miss theirs.
 */
export function isRecommenderError(error: unknown): error is RecommenderError {
  return error instanceof RecommenderError || (error instanceof Error && error.name === 'RecommenderError' && 'code' in error);
}

/** Returns `error` itself when it is typed already, else wraps it under `code`. */
export function asRecommenderError(error: unknown, code: ErrorCode, context: string): RecommenderError {
  if (isRecommenderError(error)) return error;
  return new RecommenderError(code, `${context}: ${describeCause(error)}`, {}, error);
}

/** Flattens an error for a thread boundary; an untyped one becomes `worker/failed`. */
export function errorToWire(error: unknown): WireError {
  const typed = asRecommenderError(error, 'worker/failed', 'The recommender failed unexpectedly');
  return {
    code: typed.code,
    message: typed.message,
    details: typed.details,
    cause: typed.cause === undefined ? null : describeCause(typed.cause),
  };
}

/** Rebuilds the error that {@link errorToWire} flattened. */
export function errorFromWire(wire: WireError): RecommenderError {
  return new RecommenderError(wire.code, wire.message, wire.details, wire.cause ?? undefined);
}

function describeCause(cause: unknown): string {
  if (cause instanceof Error) return `${cause.name}: ${cause.message}`;
  return String(cause);
}

/** Shows a value inside a message: JSON, cut to `maxLength` characters. */
export function show(value: unknown, maxLength = 80): string {
  let left = maxLength;
  // A file may be nested beyond any stack: no more is walked than can be shown.
  const bounded = (_: string, inner: unknown): unknown => (left-- > 0 ? inner : undefined);
  let text: string;
  try {
    text = typeof value === 'number' || value === undefined ? String(value) : (JSON.stringify(value, bounded) ?? String(value));
  } catch {
    text = `a value of type ${typeof value}`; // A bigint inside, or an object that throws.
  }
  return text.length > maxLength ? `${text.slice(0, maxLength - 1)}…` : text;
}
