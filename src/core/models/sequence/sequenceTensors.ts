import { RecommenderError, show } from '../../errors.js';
import { activationOf, PLAIN_ACTIVATIONS } from './activation.js';
import { checkNetworkConfig } from './network.js';
import type { AttentionConfig, RecurrentConfig, SequenceConfig } from './sequenceConfig.js';
import { GATE_COUNTS, INPUT_KINDS, queryDimensions } from './sequenceConfig.js';

/** f32 values with their shape, C order. */
export interface FloatTensor {
  readonly shape: readonly number[];
  readonly values: Float32Array;
}

/** The tensors of a sequence model by their canonical names; see {@link expectedShapes}. */
export type SequenceTensors = ReadonlyMap<string, FloatTensor>;

/** The matrix whose rows score the items, and what is added to the scores. They may live in an item matrix instead of a tensor. */
export const OUTPUT_ROWS = 'output.rows';
export const OUTPUT_BIAS = 'output.bias';
/** Input rows of `separate` and `one-hot`. */
export const INPUT_ROWS = 'input.rows';

/** Lists every tensor of a model with its shape: recurrent kernels in Keras' order, dense kernels as [in, out]. */
export function expectedShapes(config: SequenceConfig): Map<string, readonly number[]> {
  checkConfig(config);
  const shapes = new Map<string, readonly number[]>();
  shapes.set(OUTPUT_ROWS, [config.itemCount, queryDimensions(config)]);
  if (config.hasOutputBias) shapes.set(OUTPUT_BIAS, [config.itemCount]);
  if (config.kind === 'recurrent') addRecurrentShapes(config, shapes);
  else if (config.kind === 'attention') addAttentionShapes(config, shapes);
  return shapes;
}

function addRecurrentShapes(config: RecurrentConfig, shapes: Map<string, readonly number[]>): void {
  if (config.input !== 'tied') shapes.set(INPUT_ROWS, [config.itemCount, config.inputDimensions]);
  let width = config.inputDimensions;
  config.layers.forEach((layer, i) => {
    const gates = GATE_COUNTS[layer.cell] * layer.units;
    if (i > 0 || config.input !== 'one-hot') shapes.set(`layers.${i}.kernel`, [width, gates]);
    shapes.set(`layers.${i}.recurrent`, [layer.units, gates]);
    if (layer.hasBias) shapes.set(`layers.${i}.bias`, layer.cell === 'gru' && layer.resetAfter ? [2, gates] : [gates]);
    width = layer.units;
  });
  config.projections.forEach((layer, i) => {
    shapes.set(`projections.${i}.kernel`, [width, layer.units]);
    if (layer.hasBias) shapes.set(`projections.${i}.bias`, [layer.units]);
    width = layer.units;
  });
}

function addAttentionShapes(
  { dimensions: d, maxLength, blockCount, attendsPadding }: AttentionConfig,
  shapes: Map<string, readonly number[]>,
) {
  const addDense = (name: string) => shapes.set(`${name}.kernel`, [d, d]).set(`${name}.bias`, [d]);
  const addNorm = (name: string) => shapes.set(`${name}.gain`, [d]).set(`${name}.bias`, [d]);
  shapes.set('positions', [maxLength, d]);
  if (attendsPadding) shapes.set('padding', [d]);
  for (let i = 0; i < blockCount; i++) {
    addNorm(`blocks.${i}.attentionNorm`);
    for (const part of ['query', 'key', 'value', 'out']) addDense(`blocks.${i}.${part}`);
    addNorm(`blocks.${i}.feedNorm`);
    for (const part of ['feed1', 'feed2']) addDense(`blocks.${i}.${part}`);
  }
  addNorm('lastNorm');
}

/**
 * Checks tensors against a config by name. `elsewhere`: names that are held otherwise (an item matrix). Throws `artifact/bad-tensor`
 * that names the tensor, the shape seen and the shape expected; `artifact/bad-manifest` when the config itself cannot be.
 */
export function checkTensors(config: SequenceConfig, tensors: SequenceTensors, elsewhere: readonly string[] = []): void {
  const shapes = expectedShapes(config);
  for (const [name, expected] of shapes) {
    if (elsewhere.includes(name)) continue;
    const tensor = tensors.get(name);
    if (!tensor) {
      throw new RecommenderError(
        'artifact/bad-tensor',
        `The tensor ${name} is missing; expected shape ${show(expected)}. There are: ${show([...tensors.keys()], 400)}.`,
        { name, seen: null, expected },
      );
    }
    const { shape, values } = tensor;
    if (shape.length !== expected.length || shape.some((size, axis) => size !== expected[axis])) {
      throw new RecommenderError('artifact/bad-tensor', `The tensor ${name} has shape ${show(shape)}; expected ${show(expected)}.`, {
        name,
        seen: shape,
        expected,
      });
    }
    const length = expected.reduce((product, size) => product * size, 1);
    if (values.length !== length) {
      throw new RecommenderError(
        'artifact/bad-tensor',
        `The tensor ${name} holds ${values.length} values; shape ${show(shape)} needs ${length}.`,
        {
          name,
          seen: values.length,
          expected: length,
        },
      );
    }
    const bad = values.findIndex((value) => !Number.isFinite(value));
    if (bad >= 0) {
      throw new RecommenderError(
        'artifact/bad-tensor',
        `The tensor ${name} holds ${show(values[bad])} at position ${bad}; expected finite numbers.`,
        {
          name,
          position: bad,
        },
      );
    }
  }
}

/** Far more than any model has, and few enough that a made-up size takes no memory to speak of. */
const MAX_SIZE = 2 ** 20;
const MAX_LAYERS = 64;

/** Throws `artifact/bad-manifest` and says which value of the config cannot be. */
export function checkConfig(config: SequenceConfig): void {
  if (config.kind === 'network') return checkNetworkConfig(config);
  const fail = (path: string, seen: unknown, expected: string): never => {
    throw new RecommenderError('artifact/bad-manifest', `${path} of the sequence model is ${show(seen)}; expected ${expected}.`, {
      path,
      seen: show(seen),
    });
  };
  const checkSize = (path: string, value: unknown) => {
    if (!Number.isSafeInteger(value) || (value as number) < 1 || (value as number) > MAX_SIZE)
      fail(path, value, `a whole number from 1 to ${MAX_SIZE}`);
  };
  const checkActivation = (path: string, name: unknown) => {
    if (typeof name !== 'string' || !activationOf(name)) fail(path, name, `${PLAIN_ACTIVATIONS.join(', ')} or elu-<alpha>`);
  };
  checkSize('itemCount', config.itemCount);
  if (config.kind === 'attention') {
    for (const name of ['dimensions', 'maxLength', 'blockCount', 'headCount'] as const) checkSize(name, config[name]);
    if (config.dimensions % config.headCount !== 0) fail('headCount', config.headCount, `a divisor of ${config.dimensions}`);
    for (const name of ['embeddingScale', 'normEpsilon'] as const) {
      if (!(config[name] > 0 && Number.isFinite(config[name]))) fail(name, config[name], 'a number above 0');
    }
    if (config.alignment !== 'right' && config.alignment !== 'left') fail('alignment', config.alignment, 'right or left');
    if (config.attendsPadding && config.alignment === 'left') fail('attendsPadding', true, 'false with alignment left');
    return;
  }
  if (config.kind !== 'recurrent') fail('kind', (config as { kind: unknown }).kind, 'recurrent, attention or network');
  if (!INPUT_KINDS.includes(config.input)) fail('input', config.input, `one of ${INPUT_KINDS.join(', ')}`);
  checkSize('inputDimensions', config.inputDimensions);
  for (const path of ['layers', 'projections'] as const) {
    const list: unknown = config[path];
    const isList = Array.isArray(list) && list.length <= MAX_LAYERS && list.every((layer) => typeof layer === 'object' && layer !== null);
    if (!isList) fail(path, list, `a list of at most ${MAX_LAYERS} layers`);
  }
  if (config.layers.length === 0) fail('layers', [], 'at least one layer');
  config.layers.forEach((layer, i) => {
    if (!Object.hasOwn(GATE_COUNTS, layer.cell)) fail(`layers[${i}].cell`, layer.cell, `one of ${Object.keys(GATE_COUNTS).join(', ')}`);
    checkSize(`layers[${i}].units`, layer.units);
    checkActivation(`layers[${i}].activation`, layer.activation);
    if (layer.cell !== 'rnn') checkActivation(`layers[${i}].recurrentActivation`, layer.recurrentActivation);
  });
  config.projections.forEach((layer, i) => {
    checkSize(`projections[${i}].units`, layer.units);
    checkActivation(`projections[${i}].activation`, layer.activation);
  });
  const first = config.layers[0]!;
  const gates = GATE_COUNTS[first.cell] * first.units;
  if (config.input === 'one-hot' && config.inputDimensions !== gates)
    fail('inputDimensions', config.inputDimensions, `${gates}, the gates of layer 0`);
  if (config.input === 'tied' && config.inputDimensions !== queryDimensions(config)) {
    fail('inputDimensions', config.inputDimensions, `${queryDimensions(config)}, the length of the output rows, because the input is tied`);
  }
}
