import type { FactorDtype } from '../../core/artifact/manifest.js';
import type { CatalogFormat } from '../readers/catalogFormat.js';
import type { EventsFormat } from '../../core/events/eventsFormat.js';

export const TRAIN_MODELS = ['als', 'gru', 'both'] as const;
export type TrainModel = (typeof TRAIN_MODELS)[number];

/** Chosen on the validation parts of four shops whose density differs a hundredfold. */
export const ALS_DEFAULTS = { regularization: 0.01, nu: 1 } as const;

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
  readonly units: number;
  readonly gruEpochs: number;
  readonly checkpoint?: string;
  readonly resume?: string;
  /** Most threads of the GRU training. */
  readonly threads?: number;
  readonly factors: number;
  readonly epochs: number;
  readonly regularization: number;
  /** Undefined: from the density of the events, see defaultUnobservedWeight. */
  readonly unobservedWeight?: number;
  readonly nu: number;
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
