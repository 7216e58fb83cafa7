import { asRecommenderError, RecommenderError } from '../../src/core/errors.js';

/** How long a GPU may take for one call before it counts as lost. */
const WATCHDOG_MS = 10_000;

/**
 * Stands between callers and a device that can vanish or fall silent: one call at a time, and once the device has failed,
 * every waiting and every later call rejects with `backend/failed`. Nothing hangs.
 */
export class DeviceGuard {
  readonly #waiting = new Set<(error: RecommenderError) => void>();
  #failure: RecommenderError | null = null;
  #tail: Promise<void> = Promise.resolve();

  constructor(
    readonly subject: string,
    readonly watchdogMs = WATCHDOG_MS,
  ) {}

  /** Marks the device as gone. `reason` completes "The <subject> ...". Only the first failure counts. */
  fail(reason: string, cause?: unknown): void {
    if (this.#failure) return;
    this.#failure = new RecommenderError('backend/failed', `The ${this.subject} ${reason}. Another backend takes over.`, {}, cause);
    for (const reject of this.#waiting) reject(this.#failure);
    this.#waiting.clear();
  }

  /** Runs `work` after the calls before it. */
  run<T>(work: () => Promise<T>): Promise<T> {
    if (this.#failure) return Promise.reject(this.#failure);
    return new Promise<T>((resolve, reject) => {
      this.#waiting.add(reject);
      this.#tail = this.#tail.then(async () => {
        if (this.#failure) return;
        const timer = setTimeout(() => this.fail(`did not answer within ${this.watchdogMs} ms`), this.watchdogMs);
        try {
          resolve(await work());
        } catch (error) {
          // A device that is being lost fails in many voices; its own word counts.
          reject(this.#failure ?? asRecommenderError(error, 'backend/failed', `The ${this.subject} failed`));
        } finally {
          clearTimeout(timer);
          this.#waiting.delete(reject);
        }
      });
    });
  }
}
