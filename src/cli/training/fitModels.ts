import type { SequenceModelInput } from '../../core/artifact/sequenceFiles.js';
import type { FactorModelInput } from '../../core/artifact/writeModelFolder.js';
import type { CliIo } from '../cliIo.js';
import type { Progress } from '../progress.js';
import type { AlsOptions } from '../trainers/als.js';
import { availableThreads, toAlsOptions } from '../trainers/fitFactorModel.js';
import type { BlendFit } from '../trainers/fitBlendWeight.js';
import { DEFAULT_BLEND_WEIGHT, fitBlendWeight } from '../trainers/fitBlendWeight.js';
import type { FittedSequence } from '../trainers/fitSequenceModel.js';
import { fitSequenceModel } from '../trainers/fitSequenceModel.js';
import { fitFactors } from './fitFactors.js';
import type { Tuned } from '../trainers/tuneAls.js';
import { tuneAls } from '../trainers/tuneAls.js';
import type { TrainingInput } from './readTraining.js';
import type { FactorTest } from './testFactors.js';
import { testFactors } from './testFactors.js';
import type { TrainOptions } from './trainOptions.js';
import { ALS_DEFAULTS } from './trainOptions.js';
import type { WarmStart } from './warmStart.js';
import { readWarmStart } from './warmStart.js';

export interface FittedModels {
  readonly models: readonly FactorModelInput[];
  readonly sequences: readonly SequenceModelInput[];
  /** Null without `--from`. */
  readonly warmStart: WarmStart | null;
  /** Null without `--tune`. */
  readonly tuned: Tuned | null;
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
  const hasFactors = model !== 'gru';
  const { warmStart, tuned, alsOptions } = await chooseSettings(input, options, progress, io);
  // From scratch: the factors of an earlier training may know what is held out.
  const testOptions = warmStart ? { ...alsOptions, epochs: options.epochs ?? ALS_DEFAULTS.epochs } : alsOptions;
  const evaluation = hasFactors && options.evaluate ? await testFactors(input, testOptions, options, progress, io) : null;
  const trainStartMs = io.now();
  const { hasEventNames } = input.log;
  const fit = { ...options, hasEventNames, startItems: warmStart?.startItems };
  const models = hasFactors ? [await fitFactors(input.rows, alsOptions, fit, 'Training', progress, io)] : [];
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
  return { models, sequences, warmStart, tuned, alsOptions, trainMs, sequence, gruMs, blend, evaluation };
}

async function chooseSettings(
  { joined, rows, events, log }: TrainingInput,
  options: TrainOptions,
  progress: Progress,
  io: CliIo,
): Promise<Pick<FittedModels, 'warmStart' | 'tuned' | 'alsOptions'>> {
  if (options.from !== undefined) {
    const warmStart = await readWarmStart(options.from, joined.items, options, io);
    return { warmStart, tuned: null, alsOptions: warmStart.alsOptions };
  }
  const { epochs = ALS_DEFAULTS.epochs, regularization = ALS_DEFAULTS.regularization } = options;
  const base = toAlsOptions({ ...options, epochs, regularization }, rows);
  if (options.tune === undefined && options.tuneTrials === undefined) return { warmStart: null, tuned: null, alsOptions: base };
  const tuned = await tuneAls(
    events,
    {
      base,
      itemIds: joined.items.map(({ itemId }) => itemId),
      dtype: options.dtype,
      hasEventNames: log.hasEventNames,
      threads: options.threads ?? availableThreads(),
      trialCount: options.tuneTrials ?? null,
      minutes: options.tune ?? 0,
    },
    progress,
    io,
  );
  return { warmStart: null, tuned, alsOptions: tuned.best.options };
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
