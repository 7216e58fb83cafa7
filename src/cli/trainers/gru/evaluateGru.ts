import type { GruEngine } from './gruEngine.js';
import { ascending, SessionBatches } from './sessionBatches.js';
import type { Sessions } from './sessions.js';
import { predictionCount } from './sessions.js';

/** How well the next items of sessions are predicted, all items ranked. Shares, 0 to 1. */
export interface NextItemMetrics {
  /** Predictions asked for. */
  readonly count: number;
  /** Share of targets among the first 20. */
  readonly hitRate20: number;
  /** Mean of 1 / rank, 0 beyond rank 20. */
  readonly mrr20: number;
}

const CUTOFF = 20;

/**
 * Predicts every item of each session but the first from those before it, with the engine's current weights. The engine's states are
 * overwritten. `pause` is awaited between batches now and then.
 */
export async function evaluateGru(engine: GruEngine, sessions: Sessions, pause?: () => Promise<void>): Promise<NextItemMetrics> {
  const batches = new SessionBatches(sessions, ascending(sessions.offsets.length - 1), engine.shape.batchSize);
  const moves = { reset: (row: number) => engine.resetState(row), move: (from: number, to: number) => engine.moveState(from, to) };
  const ranks = new Uint32Array(engine.shape.batchSize);
  let hits = 0;
  let reciprocal = 0;
  batches.start(moves);
  for (let step = 0; batches.live > 0; step++) {
    engine.arrays.inputs.set(batches.inputs);
    engine.arrays.targets.set(batches.targets);
    engine.set({ rows: batches.live });
    engine.infer();
    engine.rank(ranks, batches.live);
    for (let row = 0; row < batches.live; row++) {
      if (ranks[row]! >= CUTOFF) continue;
      hits++;
      reciprocal += 1 / (ranks[row]! + 1);
    }
    engine.carryStates();
    batches.advance(moves);
    if (step % 50 === 49) await pause?.();
  }
  const count = predictionCount(sessions);
  return { count, hitRate20: count === 0 ? 0 : hits / count, mrr20: count === 0 ? 0 : reciprocal / count };
}
