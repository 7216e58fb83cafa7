import type { Manifest } from '../../core/artifact/manifest.js';
import type { TrainingInput } from './readTraining.js';
import type { FittedModels } from './fitModels.js';
import type { TrainOptions } from './trainOptions.js';

/** All that a training run came to: the summary and `--json` are made of it. */
export interface TrainReport extends Omit<TrainingInput, 'events' | 'rows'>, Omit<FittedModels, 'models' | 'sequences'> {
  /** Pairs of a shopper and an item. */
  readonly pairCount: number;
  /** What the tables came to, or why there is none. */
  readonly tableNotes: readonly string[];
  readonly tablesMs: number;
  readonly totalMs: number;
  readonly manifest: Manifest;
  readonly folderBytes: number;
  readonly options: TrainOptions;
  readonly eventsPath: string;
}
