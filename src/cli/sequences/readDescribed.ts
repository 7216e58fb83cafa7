import type { ActivationName } from '../../core/models/sequence/activation.js';
import { activationOf } from '../../core/models/sequence/activation.js';
import type { AttentionConfig, LayerConfig } from '../../core/models/sequence/sequenceConfig.js';
import type { FloatTensor } from '../../core/models/sequence/sequenceTensors.js';
import { INPUT_ROWS, OUTPUT_BIAS, OUTPUT_ROWS } from '../../core/models/sequence/sequenceTensors.js';
import { alignRows } from './alignRows.js';
import type { ProjectionPart, RecurrentPart } from './assembleRecurrent.js';
import { assembleRecurrent, checkSource, describeStripped } from './assembleRecurrent.js';
import { DescribedTensors } from './describedTensors.js';
import type { Description } from './description.js';
import type { NamedTensors } from './namedTensors.js';
import { SCORE_KINDS } from './sequenceSource.js';
import type { ScoreKind, SequenceReadOptions, SequenceSource } from './sequenceSource.js';

/**
 * Reads any safetensors file by a JSON description:
 *
 *   {
 *     "layers": [{"cell": "gru", "resetAfter": true, "activation": "tanh", "recurrentActivation": "sigmoid", "gates": "rzh"}],
 *     "projections": [{"activation": "linear"}],
 *     "scores": "score",
 *     "padRows": 1,
 *     "tensors": {
 *       "input.rows": "emb.weight",
 *       "layers.0.kernel": {"from": "rnn.weight_ih_l0", "transpose": true},
 *       "layers.0.recurrent": {"from": "rnn.weight_hh_l0", "transpose": true},
 *       "layers.0.bias": {"from": ["rnn.bias_ih_l0", "rnn.bias_hh_l0"]},
 *       "output.rows": "head.weight", "output.bias": "head.bias"
 *     }
 *   }
 *
 * On the left stand canonical names (see `expectedShapes`), on the right the file's. `gates`: the order of the gates in the file, by the
 * letters z r h (GRU, the default) or i f c o (LSTM). Two biases become the rows of a reset-after GRU's bias, else they are added up.
 * `rows` [from, to] takes a part, before `transpose`. Without input.rows the input is tied; `"input": "one-hot"` says that its rows are
 * the first layer's kernel. `"kind": "attention"` takes headCount, embeddingScale, normEpsilon, alignment and attendsPadding.
 */
export function readDescribed(named: NamedTensors, description: Description, options: SequenceReadOptions): SequenceSource {
  const tensors = new DescribedTensors(named, description);
  const padRows = options.padRows ?? description.integer('padRows', undefined);
  const own: SequenceReadOptions = { ...options, padRows };
  const kind = description.oneOf('kind', ['recurrent', 'attention'] as const, 'recurrent');
  const source = kind === 'attention' ? readAttention(named, description, tensors, own) : readRecurrent(named, description, tensors, own);
  named.refuseRest('the description');
  return source;
}

function readRecurrent(
  named: NamedTensors,
  description: Description,
  tensors: DescribedTensors,
  options: SequenceReadOptions,
): SequenceSource {
  const isOneHot =
    description.oneOf('input', ['tied', 'separate', 'one-hot'] as const, tensors.has(INPUT_ROWS) ? 'separate' : 'tied') === 'one-hot';
  const layers = description.list('layers').map((layer, i): RecurrentPart => {
    const prefix = `layers.${i}`;
    const gates = layer.text('gates', undefined);
    const cell = layer.oneOf('cell', ['rnn', 'gru', 'lstm'] as const, undefined);
    const resetAfter = cell === 'gru' && layer.boolean('resetAfter', undefined);
    const recurrent = tensors.gated(`${prefix}.recurrent`, cell, gates);
    const kernel = i === 0 && isOneHot ? tensors.gated(INPUT_ROWS, cell, gates) : tensors.gated(`${prefix}.kernel`, cell, gates);
    const bias = tensors.has(`${prefix}.bias`) ? tensors.bias(`${prefix}.bias`, cell, gates, resetAfter) : null;
    const units = recurrent.shape[0]!;
    const activation = readActivation(layer, 'activation', 'tanh');
    const hasBias = bias !== null;
    const label = cell.toUpperCase();
    if (cell === 'rnn') return { label, layer: { cell, units, activation, hasBias }, tensors: { kernel, recurrent, bias } };
    const gated = { units, activation, recurrentActivation: readActivation(layer, 'recurrentActivation', 'sigmoid'), hasBias };
    const config: LayerConfig = cell === 'gru' ? { cell, ...gated, resetAfter } : { cell, ...gated };
    return { label, layer: config, tensors: { kernel, recurrent, bias } };
  });
  const projections = description.listIf('projections').map((layer, i): ProjectionPart => {
    const bias = `projections.${i}.bias`;
    return {
      kernel: tensors.take(`projections.${i}.kernel`),
      bias: tensors.has(bias) ? tensors.take(bias) : null,
      activation: readActivation(layer, 'activation', 'linear'),
    };
  });
  return assembleRecurrent(
    {
      origin: named.origin,
      algorithm: [...new Set(layers.map(({ layer }) => layer.cell))].join('+'),
      inputRows: isOneHot ? layers[0]!.tensors.kernel : tensors.has(INPUT_ROWS) ? tensors.take(INPUT_ROWS) : null,
      isOneHot,
      layers,
      projections,
      outputRows: tensors.take(OUTPUT_ROWS),
      outputBias: tensors.has(OUTPUT_BIAS) ? tensors.take(OUTPUT_BIAS) : null,
      hasPadding: false,
      scoreKind: readScoreKind(description),
    },
    options,
  );
}

function readAttention(
  named: NamedTensors,
  description: Description,
  described: DescribedTensors,
  options: SequenceReadOptions,
): SequenceSource {
  const tensors = new Map<string, FloatTensor>(described.names.map((name) => [name, described.take(name)]));
  // Says which one is missing.
  const rows = tensors.get(OUTPUT_ROWS) ?? described.take(OUTPUT_ROWS);
  const positions = tensors.get('positions') ?? described.take('positions');
  const biases = tensors.get(OUTPUT_BIAS);
  const perItem = [{ label: OUTPUT_ROWS, tensor: rows }, ...(biases ? [{ label: OUTPUT_BIAS, tensor: biases }] : [])];
  const aligned = alignRows(named.origin, perItem, false, options);
  tensors.set(OUTPUT_ROWS, aligned.tensors[0]!);
  if (biases) tensors.set(OUTPUT_BIAS, aligned.tensors[1]!);
  const dimensions = rows.shape[1] ?? 1;
  const config: AttentionConfig = {
    kind: 'attention',
    itemCount: aligned.itemCount,
    dimensions,
    maxLength: positions.shape[0]!,
    blockCount: described.names.filter((name) => /^blocks\.\d+\.query\.kernel$/.test(name)).length,
    headCount: options.heads ?? description.integer('headCount', 1)!,
    embeddingScale: description.number('embeddingScale', Math.sqrt(dimensions)),
    normEpsilon: description.number('normEpsilon', 1e-8),
    alignment: description.oneOf('alignment', ['right', 'left'] as const, 'right'),
    attendsPadding: description.boolean('attendsPadding', false),
    hasOutputBias: biases !== undefined,
  };
  const note = `embedding ${rows.shape.join(' x ')} (tied) -> ${config.blockCount} attention blocks, the last ${config.maxLength} events${describeStripped(aligned.strippedRows)}`;
  checkSource(named.origin, config, tensors, note);
  return { config, tensors, algorithm: 'attention', strippedRows: aligned.strippedRows, scoreKind: readScoreKind(description), note };
}

function readScoreKind(description: Description): ScoreKind {
  return description.oneOf('scores', SCORE_KINDS, 'score');
}

function readActivation(layer: Description, key: string, fallback: ActivationName): ActivationName {
  const name = layer.text(key, fallback)!;
  if (!activationOf(name)) layer.fail(key, 'linear, tanh, sigmoid, relu, hard-sigmoid-fifth, hard-sigmoid-sixth or elu-<alpha>');
  return name as ActivationName;
}
