import type { SequenceModelInput } from '../../core/artifact/sequenceFiles.js';
import type { FactorModelInput } from '../../core/artifact/writeModelFolder.js';
import type { CliIo } from '../cliIo.js';
import type { Progress } from '../progress.js';
import type { AlsOptions } from '../trainers/als.js';
import { toAlsOptions } from '../trainers/fitFactorModel.js';
import type { BlendFit } from '../trainers/fitBlendWeight.js';
import { DEFAULT_BLEND_WEIGHT, fitBlendWeight } from '../trainers/fitBlendWeight.js';
import type { FittedSequence } from '../trainers/fitSequenceModel.js';
import { fitSequenceModel } from '../trainers/fitSequenceModel.js';
import { fitFactors } from './fitFactors.js';
import type { TrainingInput } from './readTraining.js';
import type { FactorTest } from './testFactors.js';
import { testFactors } from './testFactors.js';
import type { TrainOptions } from './trainOptions.js';
import { ALS_DEFAULTS } from './trainOptions.js';

export interface FittedModels {
  readonly models: readonly FactorModelInput[];
  readonly sequences: readonly SequenceModelInput[];
  readonly alsOptions: AlsOptions;
  /** Training of the factors alone, without the test. */
  readonly trainMs: number;
  /** Null without `--model gru` or `both`. */
  readonly sequence: FittedSequence | null;
  readonly gruMs: number;
  /** Null without `--model both`, and where too little was held out to fit the weight on. */
  readonly blend: BlendFit | null;
  /** Null with `--no-evaluate`, without factors, or where there is too little to test on. */
  readonly evaluation: FactorTest | null;
}

/** Tests and trains what `--model` asks for. */
export async function fitModels(input: TrainingInput, options: TrainOptions, progress: Progress, io: CliIo): Promise<FittedModels> {
  const { model } = options;
  const alsOptions = toAlsOptions(
    { ...options, epochs: options.epochs ?? ALS_DEFAULTS.epochs, regularization: options.regularization ?? ALS_DEFAULTS.regularization },
    input.rows,
  );
  const hasFactors = model !== 'gru';
  const evaluation = hasFactors && options.evaluate ? await testFactors(input, alsOptions, options, progress, io) : null;
  const trainStartMs = io.now();
  const models = hasFactors ? [await fitFactors(input.rows, alsOptions, options, 'Training', progress, io)] : [];
  const trainMs = io.now() - trainStartMs;
  const gruStartMs = io.now();
  const sequence = model === 'gru' || model === 'both' ? await fitSequence(input, options, progress, io) : null;
  const gruMs = io.now() - gruStartMs;
  const { events, log } = input;
  const blend =
    hasFactors && sequence?.heldOut
      ? await fitBlendWeight(
          events,
          sequence.heldOut,
          sequence.input,
          { ...options, alsOptions, isWeighted: log.hasEventNames },
          progress,
          io,
        )
      : null;
  const blendWeight = hasFactors ? (blend?.best.weight ?? DEFAULT_BLEND_WEIGHT) : 1;
  const sequences = sequence ? [{ ...sequence.input, blendWeight }] : [];
  return { models, sequences, alsOptions, trainMs, sequence, gruMs, blend, evaluation };
}

function fitSequence(
  { events, joined, log }: TrainingInput,
  options: TrainOptions,
  progress: Progress,
  io: CliIo,
): Promise<FittedSequence> {
  const { hasTimes, hasEventNames } = log;
  const itemIds = joined.items.map(({ itemId }) => itemId);
  return fitSequenceModel(events, { ...options, epochs: options.gruEpochs, itemIds, hasTimes, hasEventNames }, progress, io);
}
