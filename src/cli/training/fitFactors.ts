import type { FactorModelInput } from '../../core/artifact/writeModelFolder.js';
import { pairWeights } from '../../core/events/eventWeights.js';
import type { CliIo } from '../cliIo.js';
import { breathe } from '../cliIo.js';
import type { Progress } from '../progress.js';
import { formatSeconds } from '../terminal.js';
import type { AlsOptions } from '../trainers/als.js';
import { trainBpr } from '../trainers/bpr.js';
import type { FactorFitOptions } from '../trainers/fitFactorModel.js';
import { fitFactorModel } from '../trainers/fitFactorModel.js';
import { trainNmf } from '../trainers/nmf.js';
import type { SparseRows } from '../trainers/sparseRows.js';
import { usersPerItem } from '../trainers/toSparseRows.js';
import type { TrainerHooks } from '../trainers/trainerHooks.js';
import { truncatedSvd } from '../trainers/truncatedSvd.js';
import type { TrainOptions } from './trainOptions.js';
import { MODEL_DEFAULTS } from './trainOptions.js';

type Trained = Pick<FactorModelInput, 'dimensions' | 'factors' | 'foldIn'>;

/**
 * Trains the factors of `--model`: ALS wherever another model ranks or none is named. Each comes with the fold-in that its own training
 * implies; BPR, which has none, folds in by the mean of the items met.
 */
export async function fitFactors(
  rows: SparseRows,
  alsOptions: AlsOptions,
  options: TrainOptions & Pick<FactorFitOptions, 'hasEventNames' | 'startItems'>,
  label: string,
  progress: Progress,
  io: CliIo,
): Promise<FactorModelInput> {
  const train = trainerOf(rows, options);
  if (!train) return fitFactorModel(rows, alsOptions, options, label, progress, io);
  const step = progress.start(label);
  const startMs = io.now();
  const trained = await train({ onProgress: (done) => step.update(done), pause: () => breathe(io.signal) });
  step.finish(formatSeconds(io.now() - startMs));
  return {
    name: options.model,
    algorithm: options.model,
    dtype: options.model === 'popularity' ? 'float32' : options.dtype,
    biases: null,
    userRule: 'dot',
    itemRule: 'cosine',
    ...pairWeights(options.hasEventNames),
    users: null,
    ...trained,
  };
}

function trainerOf(rows: SparseRows, options: TrainOptions): ((hooks: TrainerHooks) => Promise<Trained>) | null {
  const { factors: dimensions, seed } = options;
  const chosen = { factors: dimensions, seed };
  const given = {
    ...(options.epochs !== undefined && { epochs: options.epochs }),
    ...(options.regularization !== undefined && { regularization: options.regularization }),
  };
  switch (options.model) {
    case 'bpr':
      return async (hooks) => {
        const { items } = await trainBpr(rows, { ...chosen, ...MODEL_DEFAULTS.bpr, ...given }, hooks);
        return { dimensions, factors: items, foldIn: { kind: 'mean' } };
      };
    case 'nmf':
      return async (hooks) => {
        const nmf = { ...chosen, ...MODEL_DEFAULTS.nmf, ...given };
        const { items } = await trainNmf(rows, nmf, hooks);
        return { dimensions, factors: items, foldIn: { kind: 'non-negative', regularization: nmf.regularization } };
      };
    case 'svd':
      return async (hooks) => ({ dimensions, factors: (await truncatedSvd(rows, chosen, hooks)).columns, foldIn: { kind: 'project' } });
    case 'popularity':
      // One factor, the count itself, under a mean of counts: every shopper gets the popular items first.
      return async () => ({ dimensions: 1, factors: Float32Array.from(usersPerItem(rows)), foldIn: { kind: 'mean' } });
    default:
      return null;
  }
}
