import type { ActivationName } from '../../core/models/sequence/activation.js';
import { transposeTensor } from '../../core/models/sequence/canonicalize.js';
import type { FloatTensor } from '../../core/models/sequence/sequenceTensors.js';
import { badInput } from '../cliIo.js';
import type { ProjectionPart, RecurrentPart } from './assembleRecurrent.js';
import { assembleRecurrent } from './assembleRecurrent.js';
import type { HeadActivation, KerasLayer, KerasModel } from './kerasLayer.js';
import { kerasActivation } from './kerasLayer.js';
import type { KerasWeights } from './kerasWeights.js';
import { readKerasCell } from './readKerasCell.js';
import type { ScoreKind, SequenceReadOptions, SequenceSource } from './sequenceSource.js';

/** Layers that do nothing when a model answers. */
const IGNORED = new Set([
  'InputLayer',
  'Dropout',
  'SpatialDropout1D',
  'AlphaDropout',
  'GaussianDropout',
  'GaussianNoise',
  'ActivityRegularization',
]);
const RECURRENT = new Set(['SimpleRNN', 'GRU', 'LSTM', 'RNN']);
const SUPPORTED =
  'Supported are Embedding, then SimpleRNN, GRU or LSTM (any stack), then Dense layers, the last with softmax, sigmoid or no activation; dropout is ignored.';

interface DensePart {
  readonly label: string;
  readonly kernel: FloatTensor;
  readonly bias: FloatTensor | null;
  activation: HeadActivation;
}

/** Turns Embedding -> recurrent stack -> Dense into the canonical form. Throws `cli/bad-input` naming the layer that is none of them. */
export function fromKerasLayers(model: KerasModel, weights: KerasWeights, options: SequenceReadOptions): SequenceSource {
  const { origin } = model;
  let embedding: FloatTensor | null = null;
  let hasPadding = false;
  const recurrent: RecurrentPart[] = [];
  const dense: DensePart[] = [];
  let lastRecurrent: KerasLayer | null = null;
  for (const layer of model.line) {
    const { className, config } = layer;
    const label = `${className} ${JSON.stringify(layer.name)}`;
    const misplaced = (why: string) => badInput(`${origin}: ${label} ${why}. ${SUPPORTED}`, { origin, layer: layer.name, className });
    if (IGNORED.has(className)) continue;
    if (className === 'Embedding') {
      if (embedding || recurrent.length > 0 || dense.length > 0) throw misplaced('does not come first');
      embedding = weights.take(layer, 'embeddings');
      hasPadding = config['mask_zero'] === true;
    } else if (RECURRENT.has(className)) {
      if (dense.length > 0) throw misplaced('comes after a Dense layer');
      if (lastRecurrent && lastRecurrent.config['return_sequences'] !== true)
        throw misplaced(`comes after ${lastRecurrent.name}, which returns one vector only`);
      recurrent.push(readKerasCell(model, layer, weights));
      lastRecurrent = layer;
    } else if (className === 'Dense' || isDistributedDense(layer)) {
      if (recurrent.length === 0) throw misplaced('comes before the recurrent layers');
      dense.push(readDense(model, layer, weights));
    } else if (className === 'Activation' || className === 'Softmax' || className === 'ReLU') {
      applyActivation(model, layer, dense.at(-1), misplaced);
    } else {
      throw misplaced('is not supported');
    }
  }
  const head = dense.pop();
  if (recurrent.length === 0 || !head) {
    throw badInput(
      `${origin} has ${recurrent.length === 0 ? 'no recurrent layer' : 'no Dense layer that scores the items'}. ${SUPPORTED}`,
      { origin },
    );
  }
  const isOneHot = embedding === null;
  return assembleRecurrent(
    {
      origin,
      algorithm: `${model.framework} ${[...new Set(recurrent.map(({ layer }) => layer.cell))].join('+')}`,
      inputRows: embedding ?? oneHotRows(model, recurrent[0]!, head),
      isOneHot,
      layers: recurrent,
      projections: dense.map((part) => toProjection(model, part)),
      outputRows: transposeTensor(head.kernel, head.label),
      outputBias: head.bias,
      hasPadding,
      scoreKind: toScoreKind(model, head),
    },
    options,
  );
}

function isDistributedDense({ className, config }: KerasLayer): boolean {
  const inner = config['layer'] as { class_name?: unknown; className?: unknown } | undefined;
  return className === 'TimeDistributed' && (inner?.class_name ?? inner?.className) === 'Dense';
}

function readDense(model: KerasModel, layer: KerasLayer, weights: KerasWeights): DensePart {
  const inner = layer.className === 'Dense' ? layer.config : (layer.config['layer'] as { config: KerasLayer['config'] }).config;
  const hasBias = inner['use_bias'] !== false;
  return {
    label: `Dense ${JSON.stringify(layer.name)}`,
    kernel: weights.take(layer, 'kernel'),
    bias: hasBias ? weights.take(layer, 'bias') : null,
    activation: kerasActivation(inner['activation'], layer, model),
  };
}

function applyActivation(model: KerasModel, layer: KerasLayer, last: DensePart | undefined, misplaced: (why: string) => Error): void {
  const named: HeadActivation =
    layer.className === 'Activation'
      ? kerasActivation(layer.config['activation'], layer, model)
      : layer.className === 'ReLU'
        ? 'relu'
        : 'softmax';
  if (named === 'linear') return;
  const isPlainReLU =
    layer.className !== 'ReLU' || !['max_value', 'negative_slope', 'threshold'].some((name) => Boolean(layer.config[name]));
  if (!last || last.activation !== 'linear' || !isPlainReLU) throw misplaced('does not come after a Dense layer without an activation');
  last.activation = named;
}

/** Without an embedding the input is one-hot when the first kernel has as many rows as the head has columns. */
function oneHotRows(model: KerasModel, first: RecurrentPart, head: DensePart): FloatTensor {
  const [inputs] = first.tensors.kernel.shape;
  const items = head.kernel.shape[1]!;
  if (inputs === items || inputs === items + 1) return first.tensors.kernel;
  throw badInput(
    `${model.origin}: there is no Embedding, and ${first.label} takes ${inputs} inputs while the head scores ${items} items: neither an embedding nor a one-hot input. ${SUPPORTED}`,
    { origin: model.origin },
  );
}

function toProjection(model: KerasModel, { label, kernel, bias, activation }: DensePart): ProjectionPart {
  if (activation === 'softmax') throw badInput(`${model.origin}: ${label} has softmax but is not the last layer. ${SUPPORTED}`);
  return { kernel, bias, activation: activation satisfies ActivationName };
}

function toScoreKind(model: KerasModel, { label, activation }: DensePart): ScoreKind {
  if (activation === 'softmax' || activation === 'sigmoid') return activation;
  if (activation === 'linear') return 'score';
  throw badInput(`${model.origin}: ${label} scores the items through ${activation}. ${SUPPORTED}`, { seen: activation });
}
