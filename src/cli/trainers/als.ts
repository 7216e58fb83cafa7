import { isRecommenderError } from '../../core/errors.js';
import { AlsEngine } from './als/alsEngine.js';
import type { AlsFactors, AlsOptions, AlsSolver } from './als/alsObjective.js';
import { checkAlsOptions } from './als/alsObjective.js';
import { PlainSolver } from './als/plainSolver.js';
import { fillNormal, seededRandom } from './seededRandom.js';
import type { SparseRows } from './sparseRows.js';

export type { AlsFactors, AlsObjective, AlsOptions } from './als/alsObjective.js';
export { alsObjective } from './als/alsObjective.js';

export interface AlsHooks {
  /** Called after every block of rows with the share of the work done, 0 to 1. */
  readonly onProgress?: (done: number) => void;
  /** Called after every half-epoch with both sides in one basis. Views: do not keep them. */
  readonly onHalfEpoch?: (factors: AlsFactors) => void;
  /** Awaited between blocks of rows, so that timers and signals get their turn. It may throw to stop the training. */
  readonly pause?: () => Promise<void>;
  /** Default 1. The result does not depend on it. */
  readonly threads?: number;
  /** Item rows to start from (f32, items x d); a row of zeros starts at random like all rows without this. */
  readonly startItems?: Float32Array;
  /** False: the users are left as the last epoch needed them, which saves half an epoch. */
  readonly solvesUsersLast?: boolean;
  /** True: the plain solver even where the kernel runs. */
  readonly isPlain?: boolean;
}

/** As published: entries of N(0, .1 / sqrt(d)). */
const INITIAL_DEVIATION = 0.1;

/**
 * Trains implicit-feedback ALS (Hu, Koren & Volinsky 2008) on users x items with weights r: each half-epoch solves every row of one side
 * exactly. Deterministic for a seed, whatever the number of threads. Throws `input/invalid` on values that make the problem unsolvable.
 */
export async function trainAls(interactions: SparseRows, options: AlsOptions, hooks: AlsHooks = {}): Promise<AlsFactors> {
  checkAlsOptions(options);
  const solver = createSolver(interactions, options, hooks);
  const halves = 2 * options.epochs + (hooks.solvesUsersLast === false ? 0 : 1);
  try {
    solver.setItems(firstItems(interactions.columnCount, options, hooks.startItems));
    for (let half = 0; half < halves; half++) {
      await solver.solve(half % 2 === 0 ? 'users' : 'items', async (done) => {
        hooks.onProgress?.((half + done) / halves);
        await hooks.pause?.();
      });
      hooks.onHalfEpoch?.(solver.factors());
    }
    return solver.factors();
  } finally {
    await solver.close();
  }
}

function createSolver(interactions: SparseRows, options: AlsOptions, { threads = 1, isPlain = false }: AlsHooks): AlsSolver {
  if (isPlain) return new PlainSolver(interactions, options);
  try {
    return new AlsEngine(interactions, options, threads);
  } catch (error) {
    // More than WebAssembly can address, or than the machine gives.
    if (isRecommenderError(error) && error.code === 'backend/failed') return new PlainSolver(interactions, options);
    throw error;
  }
}

function firstItems(itemCount: number, { factors: d, seed }: AlsOptions, start: Float32Array | undefined): Float32Array {
  const items = new Float32Array(itemCount * d);
  fillNormal(items, INITIAL_DEVIATION / Math.sqrt(d), seededRandom(seed));
  if (!start) return items;
  for (let at = 0; at < items.length; at += d) {
    const row = start.subarray(at, at + d);
    if (row.some((value) => value !== 0)) items.set(row, at);
  }
  return items;
}
