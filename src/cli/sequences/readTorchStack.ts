import type { CanonicalLayer, TorchLayer } from '../../core/models/sequence/canonicalize.js';
import { canonicalizeTorchGru, canonicalizeTorchLstm, canonicalizeTorchRnn } from '../../core/models/sequence/canonicalize.js';
import type { LayerConfig } from '../../core/models/sequence/sequenceConfig.js';
import { badInput } from '../cliIo.js';
import type { RecurrentPart } from './assembleRecurrent.js';
import type { NamedTensors } from './namedTensors.js';

export type TorchCell = 'rnn' | 'gru' | 'lstm';

/** Reads the layers of one torch.nn.RNN, GRU or LSTM: `<prefix>weight_ih_l<n>`, `weight_hh_l<n>` and both biases or none. */
export function readTorchStack(named: NamedTensors, prefix: string, cell: TorchCell): RecurrentPart[] {
  const own = named.names.filter((name) => name.startsWith(prefix));
  if (own.some((name) => name.endsWith('_reverse')))
    throw badInput(`${named.origin}: ${prefix}weight_ih_l0_reverse: a bidirectional network looks into the future and cannot predict it.`);
  if (own.some((name) => /weight_hr_l\d+$/.test(name)))
    throw badInput(`${named.origin}: ${prefix}weight_hr_l0: an LSTM with proj_size is not supported; use a Linear layer after it.`);
  const layers: RecurrentPart[] = [];
  for (let n = 0; named.has(`${prefix}weight_ih_l${n}`); n++) {
    layers.push(readTorchLayer(named, cell, `${prefix}l${n}`, (part) => `${prefix}${part}_l${n}`));
  }
  return layers;
}

/** Reads one layer or cell; `nameOf` gives the tensor of `weight_ih`, `weight_hh`, `bias_ih`, `bias_hh`. */
export function readTorchLayer(named: NamedTensors, cell: TorchCell, label: string, nameOf: (part: string) => string): RecurrentPart {
  const torch: TorchLayer = {
    weightIh: named.take(nameOf('weight_ih')),
    weightHh: named.take(nameOf('weight_hh')),
    biasIh: named.takeIf(nameOf('bias_ih')),
    biasHh: named.takeIf(nameOf('bias_hh')),
  };
  let tensors: CanonicalLayer;
  try {
    tensors = { rnn: canonicalizeTorchRnn, gru: canonicalizeTorchGru, lstm: canonicalizeTorchLstm }[cell](torch);
  } catch (cause) {
    const gates = (torch.weightHh.shape[0] ?? 0) / (torch.weightHh.shape[1] ?? 1);
    const likely = ({ 1: 'torch-rnn', 3: 'torch-gru', 4: 'torch-lstm' } as Record<number, string>)[gates];
    throw badInput(
      `${named.origin}: ${label} is no ${cell.toUpperCase()} layer: ${(cause as Error).message}${likely ? ` ${gates} gates are those of ${likely}.` : ''}`,
      { origin: named.origin, label },
      cause,
    );
  }
  return { label: cell.toUpperCase(), layer: torchLayerConfig(cell, tensors), tensors };
}

function torchLayerConfig(cell: TorchCell, { recurrent, bias }: CanonicalLayer): LayerConfig {
  const units = recurrent.shape[0]!;
  const hasBias = bias !== null;
  if (cell === 'rnn') return { cell, units, activation: 'tanh', hasBias };
  const gated = { units, activation: 'tanh', recurrentActivation: 'sigmoid', hasBias } as const;
  return cell === 'gru' ? { cell, ...gated, resetAfter: true } : { cell, ...gated };
}
