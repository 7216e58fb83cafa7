/** What took too long. Not a RecommenderError: it never leaves the worker. */
export class DeadlineError extends Error {
  override readonly name = 'DeadlineError';
}

/** A frozen tab's clock runs on; cut into this many ticks, being frozen costs the work one tick and not all of its time. */
const TICKS = 4;

/** Settles as `work` does, or rejects with a {@link DeadlineError} once `deadlineMs` of running time have passed. */
export function within<T>(work: Promise<T>, deadlineMs: number): Promise<T> {
  return new Promise<T>((resolve, reject) => {
    let ticksLeft = TICKS;
    let timer: ReturnType<typeof setTimeout>;
    const tick = (): void => {
      if (ticksLeft-- === 0) reject(new DeadlineError(`No answer within ${deadlineMs} ms.`));
      else timer = setTimeout(tick, deadlineMs / TICKS);
    };
    tick();
    work.then(resolve, reject).finally(() => clearTimeout(timer));
  });
}
