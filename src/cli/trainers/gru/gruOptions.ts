import { RecommenderError, show } from '../../../core/errors.js';

export const LOSSES = ['cross-entropy', 'bpr-max'] as const;
export type LossName = (typeof LOSSES)[number];

export const SESSION_ORDERS = ['time', 'shuffled'] as const;
export type SessionOrder = (typeof SESSION_ORDERS)[number];

/** How a GRU recommender is trained. All randomness follows from `seed`. */
export interface GruTrainingOptions {
  /** Length of the hidden state, and of an item's row. */
  readonly units: number;
  readonly epochs: number;
  /** Sessions that are walked through side by side. */
  readonly batchSize: number;
  readonly loss: LossName;
  /** Extra negatives of a step, shared by its rows; beside them each row has the other rows' targets. */
  readonly negatives: number;
  /** Negatives are drawn in proportion to (events of the item)^sampleAlpha. */
  readonly sampleAlpha: number;
  /** Strength of the logQ correction, 0 to 1; cross-entropy only. */
  readonly logQ: number;
  /** Weight of the score regularisation; BPR-max only. */
  readonly scorePenalty: number;
  /** Share of the GRU's output that is zeroed in training, at least 0 and below 1. */
  readonly hiddenDropout: number;
  /** Whether the state that is carried on to the next event is the one with zeros in it; else dropout touches the output only. */
  readonly dropsState: boolean;
  /** Share of the input row that is zeroed in training. */
  readonly embeddingDropout: number;
  /** Adagrad's. */
  readonly learningRate: number;
  /** Share of `learningRate` that is left at the end of the last epoch, above 0 up to 1; it falls evenly from step to step. */
  readonly finalLearningRate: number;
  /** 0: none. */
  readonly momentum: number;
  /** Added to Adagrad's sum of squares under the root. */
  readonly epsilon: number;
  /** Whether sessions are walked through oldest first in every epoch, or in an order drawn for each. */
  readonly order: SessionOrder;
  readonly seed: number;
}

/** Chosen on the last part of the training sessions of a public data set: short sessions of a shop with 17,000 items. */
export const DEFAULT_GRU_OPTIONS: GruTrainingOptions = {
  units: 100,
  epochs: 6,
  batchSize: 32,
  loss: 'cross-entropy',
  negatives: 2_048,
  sampleAlpha: 0.5,
  logQ: 1,
  scorePenalty: 1,
  hiddenDropout: 0.5,
  dropsState: false,
  embeddingDropout: 0,
  learningRate: 0.2,
  finalLearningRate: 0.05,
  momentum: 0.2,
  epsilon: 1e-4,
  order: 'time',
  seed: 1,
};

/** Throws `input/invalid` and names the first option that cannot be. */
export function checkGruOptions(options: GruTrainingOptions): void {
  const fail = (name: keyof GruTrainingOptions, expected: string): never => {
    throw new RecommenderError('input/invalid', `${name} is ${show(options[name])}; it must be ${expected}.`, {
      name,
      seen: options[name],
    });
  };
  for (const name of ['units', 'epochs', 'batchSize'] as const) {
    if (!Number.isInteger(options[name]) || options[name] < 1) fail(name, 'a whole number of at least 1');
  }
  if (!Number.isInteger(options.negatives) || options.negatives < 0) fail('negatives', 'a whole number of at least 0');
  if (!Number.isInteger(options.seed)) fail('seed', 'a whole number');
  for (const name of ['hiddenDropout', 'embeddingDropout', 'momentum'] as const) {
    if (!(options[name] >= 0 && options[name] < 1)) fail(name, 'at least 0 and below 1');
  }
  for (const name of ['learningRate', 'epsilon'] as const) {
    if (!(options[name] > 0 && Number.isFinite(options[name]))) fail(name, 'above 0');
  }
  if (!(options.finalLearningRate > 0 && options.finalLearningRate <= 1)) fail('finalLearningRate', 'above 0 and at most 1');
  if (!(options.logQ >= 0 && options.logQ <= 1)) fail('logQ', '0 to 1');
  for (const name of ['sampleAlpha', 'scorePenalty'] as const) {
    if (!(options[name] >= 0 && Number.isFinite(options[name]))) fail(name, '0 or above');
  }
  if (!LOSSES.includes(options.loss)) fail('loss', `one of ${LOSSES.join(', ')}`);
  if (!SESSION_ORDERS.includes(options.order)) fail('order', `one of ${SESSION_ORDERS.join(', ')}`);
  if (options.negatives === 0 && options.batchSize === 1)
    fail('negatives', 'above 0 when batchSize is 1: there is nothing to tell the target from');
}
