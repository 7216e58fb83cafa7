import type { SequenceModelInput } from '../../core/artifact/sequenceFiles.js';
import type { FactorModelInput } from '../../core/artifact/writeModelFolder.js';
import type { CliIo } from '../cliIo.js';
import type { Progress } from '../progress.js';
import type { AlsOptions } from '../trainers/als.js';
import { fitFactorModel, toAlsOptions } from '../trainers/fitFactorModel.js';
import type { FittedSequence } from '../trainers/fitSequenceModel.js';
import { fitSequenceModel } from '../trainers/fitSequenceModel.js';
import type { TrainingInput } from './readTraining.js';
import type { FactorTest } from './testFactors.js';
import { testFactors } from './testFactors.js';
import type { TrainOptions } from './trainOptions.js';

/** How much the session counts in a list, where both models have something to say. */
const BLEND_WEIGHT = 0.6;

export interface FittedModels {
  readonly models: readonly FactorModelInput[];
  readonly sequences: readonly SequenceModelInput[];
  readonly alsOptions: AlsOptions;
  /** Training of the factors alone, without the test. */
  readonly trainMs: number;
  /** Null without `--model gru` or `both`. */
  readonly sequence: FittedSequence | null;
  readonly gruMs: number;
  /** Null with `--no-evaluate`, without factors, or where there is too little to test on. */
  readonly evaluation: FactorTest | null;
}

/** Tests and trains what `--model` asks for. */
export async function fitModels(input: TrainingInput, options: TrainOptions, progress: Progress, io: CliIo): Promise<FittedModels> {
  const { model } = options;
  const alsOptions = toAlsOptions(options, input.rows);
  const hasFactors = model !== 'gru';
  const evaluation = hasFactors && options.evaluate ? await testFactors(input, alsOptions, options, progress, io) : null;
  const trainStartMs = io.now();
  const models = hasFactors ? [await fitFactorModel(input.rows, alsOptions, options.dtype, 'Training', progress, io)] : [];
  const trainMs = io.now() - trainStartMs;
  const gruStartMs = io.now();
  const sequence = model === 'als' ? null : await fitSequence(input, options, progress, io);
  const gruMs = io.now() - gruStartMs;
  return { models, sequences: sequence ? [sequence.input] : [], alsOptions, trainMs, sequence, gruMs, evaluation };
}

function fitSequence({ events, log }: TrainingInput, options: TrainOptions, progress: Progress, io: CliIo): Promise<FittedSequence> {
  const { units, gruEpochs, seed, dtype, evaluate: isTested, model } = options;
  const blendWeight = model === 'both' ? BLEND_WEIGHT : 1;
  const { hasTimes, hasEventNames } = log;
  return fitSequenceModel(
    events,
    { units, epochs: gruEpochs, seed, dtype, evaluate: isTested, hasTimes, hasEventNames, blendWeight },
    progress,
    io,
  );
}
