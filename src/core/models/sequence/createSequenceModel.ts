import { AttentionModel } from './attentionModel.js';
import type { ItemRows } from './itemRows.js';
import { RecurrentModel } from './recurrentModel.js';
import type { KnownConfig } from './sequenceConfig.js';
import type { SequenceModel } from './sequenceModel.js';
import type { SequenceTensors } from './sequenceTensors.js';

/**
 * Creates the model of a config. `itemRows`: the rows that go in for an item where they are not among the tensors: the output rows of
 * a tied or an attention model, `input.rows` otherwise. Throws `artifact/bad-tensor`, `artifact/bad-manifest`.
 */
export function createSequenceModel(config: KnownConfig, tensors: SequenceTensors, itemRows: ItemRows | null = null): SequenceModel {
  return config.kind === 'attention' ? new AttentionModel(config, tensors, itemRows) : new RecurrentModel(config, tensors, itemRows);
}
