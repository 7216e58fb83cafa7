import type { FactorDtype } from '../../core/artifact/manifest.js';
import type { CatalogFormat } from '../readers/catalogFormat.js';
import type { EventsFormat } from '../../core/events/eventsFormat.js';

export const TRAIN_MODELS = ['als', 'bpr', 'nmf', 'svd', 'knn', 'ease', 'gru', 'both', 'popularity'] as const;
export type TrainModel = (typeof TRAIN_MODELS)[number];

/** Tables beside the models, see tableEntries.ts. */
export const TABLE_KINDS = ['neighbors', 'copurchase', 'trend', 'content', 'prototypes'] as const;
export type TableKind = (typeof TABLE_KINDS)[number];

/** Chosen on the validation parts of four shops whose density differs a hundredfold. */
export const ALS_DEFAULTS = { epochs: 10, regularization: 0.01, nu: 1 } as const;

/** Chosen on validation parts of Amazon Electronics, which is small and sparse. */
export const MODEL_DEFAULTS = {
  bpr: { epochs: 50, regularization: 0.05, learningRate: 0.05 },
  nmf: { epochs: 20, regularization: 0.1 },
  ease: { regularization: 200 },
} as const;

/** Chosen on the validation part of Amazon Beauty. */
export const KNN_DEFAULTS = { shrinkage: 5, userDamping: 0.25, closeness: 0.9, backward: 0.6 } as const;

/** Epochs of a training that goes on from an earlier one. */
export const WARM_EPOCHS = 3;

/** What `shelfmate train` is asked to do, as commander hands it over. */
export interface TrainOptions {
  readonly catalog?: string;
  readonly out: string;
  readonly format?: EventsFormat;
  readonly columns?: string;
  readonly catalogColumns?: string;
  readonly catalogFormat?: CatalogFormat;
  readonly minCoverage: number;
  readonly model: TrainModel;
  readonly tables: readonly TableKind[];
  readonly neighbors: number;
  /** knn: so many of the newest items of a history speak (0: all), each `historyDecay` times as loud as the one after it. */
  readonly historyItems: number;
  readonly historyDecay: number;
  readonly halfLifeDays: number;
  readonly units: number;
  readonly gruEpochs: number;
  readonly checkpoint?: string;
  readonly resume?: string;
  /** Most threads. */
  readonly threads?: number;
  readonly factors: number;
  /** Undefined: what suits the model, see MODEL_DEFAULTS. */
  readonly epochs?: number;
  readonly regularization?: number;
  /** Undefined: from the density of the events, see defaultUnobservedWeight. */
  readonly unobservedWeight?: number;
  readonly nu: number;
  /** A folder to go on from. */
  readonly from?: string;
  /** Minutes to search hyper-parameters for. */
  readonly tune?: number;
  /** Search so many trials instead of minutes. */
  readonly tuneTrials?: number;
  /** Names of the options that were given, not defaults. */
  readonly given: ReadonlySet<string>;
  readonly seed: number;
  readonly dtype: FactorDtype;
  readonly maxItems?: number;
  readonly name?: string;
  readonly createdAt?: number;
  readonly evaluate: boolean;
  readonly force?: boolean;
  readonly quiet?: boolean;
  readonly json?: string;
}
