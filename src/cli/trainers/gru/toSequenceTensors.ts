import type { RecurrentConfig } from '../../../core/models/sequence/sequenceConfig.js';
import type { FloatTensor } from '../../../core/models/sequence/sequenceTensors.js';
import { OUTPUT_BIAS, OUTPUT_ROWS } from '../../../core/models/sequence/sequenceTensors.js';
import type { GruWeights } from './gruWeights.js';

/** Describes trained weights as a sequence model: one GRU layer, tied input, a bias for each item. Nothing is copied. */
export function toSequenceTensors({ itemCount, units, embedding, biases, kernel, recurrent, bias }: GruWeights): {
  readonly config: RecurrentConfig;
  readonly tensors: Map<string, FloatTensor>;
} {
  const config: RecurrentConfig = {
    kind: 'recurrent',
    itemCount,
    input: 'tied',
    inputDimensions: units,
    layers: [{ cell: 'gru', units, activation: 'tanh', recurrentActivation: 'sigmoid', resetAfter: true, hasBias: true }],
    projections: [],
    hasOutputBias: true,
  };
  const tensors = new Map<string, FloatTensor>([
    [OUTPUT_ROWS, { shape: [itemCount, units], values: embedding }],
    [OUTPUT_BIAS, { shape: [itemCount], values: biases }],
    ['layers.0.kernel', { shape: [units, 3 * units], values: kernel }],
    ['layers.0.recurrent', { shape: [units, 3 * units], values: recurrent }],
    ['layers.0.bias', { shape: [2, 3 * units], values: bias }],
  ]);
  return { config, tensors };
}
