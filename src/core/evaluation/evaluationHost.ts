/** One step of work under way. */
export interface ProgressStep {
  /** Share done, 0 to 1, and optionally a word on where it stands. */
  update(done: number, detail?: string): void;
  /** Ends the step; `detail` is what it came to. */
  finish(detail?: string): void;
}

/** The steps of an evaluation, in their order. */
export type EvaluationPhase = 'events' | 'test' | 'ranking' | 'intervals';

/** What an evaluation takes from its surroundings: a terminal, or a worker of a page. */
export interface EvaluationHost {
  start(phase: EvaluationPhase): ProgressStep;
  /** Gives other work its turn; rejects with `call/aborted` when the evaluation is to stop. */
  pause(): Promise<void>;
  readonly signal: AbortSignal;
  /** Milliseconds since 1970. */
  readonly now: () => number;
}
