import type { ActivationName } from '../../core/models/sequence/activation.js';
import type { LayerConfig } from '../../core/models/sequence/sequenceConfig.js';
import type { FloatTensor } from '../../core/models/sequence/sequenceTensors.js';
import { badInput } from '../cliIo.js';
import type { RecurrentPart } from './assembleRecurrent.js';
import type { KerasConfig, KerasLayer, KerasModel } from './kerasLayer.js';
import { kerasActivation } from './kerasLayer.js';
import type { KerasWeights } from './kerasWeights.js';

const CELLS = { SimpleRNN: 'rnn', GRU: 'gru', LSTM: 'lstm' } as const;
/** Options that change what a layer computes and that no step by step model can follow. */
const REFUSED_FLAGS = { go_backwards: 'reads the history backwards', time_major: 'has time as the first axis' } as const;

/** Reads SimpleRNN, GRU, LSTM, or RNN around one such cell. Weights are in the canonical layout as they are. */
export function readKerasCell(model: KerasModel, layer: KerasLayer, weights: KerasWeights): RecurrentPart {
  const { className, config } = cellOf(model, layer);
  const label = `${className} ${JSON.stringify(layer.name)}`;
  for (const [flag, what] of Object.entries(REFUSED_FLAGS)) {
    if (layer.config[flag] === true)
      throw badInput(`${model.origin}: ${label} ${what} (${flag}), which is not supported.`, { layer: layer.name });
  }
  const kernel = weights.take(layer, 'kernel');
  const recurrent = weights.take(layer, 'recurrent_kernel');
  const bias = (config['use_bias'] ?? config['useBias']) === false ? null : weights.take(layer, 'bias');
  const activation = (key: string, camel: string, fallback: string): ActivationName => {
    const named = kerasActivation(key in config ? config[key] : (config[camel] ?? fallback), layer, model);
    if (named === 'softmax') throw badInput(`${model.origin}: ${label} has softmax as its ${key}, which is not supported.`);
    return named;
  };
  const units = recurrent.shape[0]!;
  const cell = CELLS[className];
  const hasBias = bias !== null;
  const own = activation('activation', 'activation', 'tanh');
  if (cell === 'rnn') return { label: className, layer: { cell, units, activation: own, hasBias }, tensors: { kernel, recurrent, bias } };
  const recurrentActivation = activation('recurrent_activation', 'recurrentActivation', 'sigmoid');
  const gated = { units, activation: own, recurrentActivation, hasBias };
  if (cell === 'lstm') return { label: className, layer: { cell, ...gated }, tensors: { kernel, recurrent, bias } };
  const resetAfter = readResetAfter(model, layer, config, bias);
  const gru: LayerConfig = { cell, ...gated, resetAfter };
  // Some versions store the two biases of a reset-after layer as one row.
  const shaped: FloatTensor | null =
    bias && resetAfter && bias.shape.length === 1 && bias.values.length === 6 * units
      ? { shape: [2, 3 * units], values: bias.values }
      : bias;
  return { label: className, layer: gru, tensors: { kernel, recurrent, bias: shaped } };
}

function cellOf(model: KerasModel, layer: KerasLayer): { className: keyof typeof CELLS; config: KerasConfig } {
  if (layer.className !== 'RNN') return { className: layer.className as keyof typeof CELLS, config: layer.config };
  const cell = layer.config['cell'] as { class_name?: string; className?: string; config?: KerasConfig } | undefined;
  const className = (cell?.class_name ?? cell?.className ?? 'unknown').replace(/^.*>/, '');
  const plain = className.replace(/Cell$/, '');
  if (Object.hasOwn(CELLS, plain) && cell?.config) return { className: plain as keyof typeof CELLS, config: cell.config };
  throw badInput(
    `${model.origin}: RNN ${JSON.stringify(layer.name)} has a cell of class ${JSON.stringify(className)}; supported are SimpleRNNCell, GRUCell and LSTMCell.`,
    { layer: layer.name, seen: className },
  );
}

/** What the config says, else what the bias shows: [2, 3 units] belongs to reset-after only. Files before the option existed reset before. */
function readResetAfter(model: KerasModel, layer: KerasLayer, config: KerasConfig, bias: FloatTensor | null): boolean {
  const said = config['reset_after'] ?? config['resetAfter'];
  const shown = bias ? bias.shape.length === 2 : null;
  if (typeof said !== 'boolean') return shown ?? false;
  if (said || shown !== true) return said;
  throw badInput(
    `${model.origin}: GRU ${JSON.stringify(layer.name)} says reset_after false, but its bias has shape (${bias!.shape.join(', ')}), that of reset_after true. The description is not of these weights.`,
    { layer: layer.name, seen: bias!.shape },
  );
}
