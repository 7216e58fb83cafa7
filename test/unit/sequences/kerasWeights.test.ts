import { describe, expect, it } from 'vitest';
import { fromKerasLayers } from '../../../src/cli/sequences/fromKerasLayers.js';
import { readKerasModel } from '../../../src/cli/sequences/kerasModel.js';
import type { TensorPaths } from '../../../src/cli/sequences/kerasWeights.js';
import { isNumbered, weightsByName, weightsByNumber } from '../../../src/cli/sequences/kerasWeights.js';

/** A file of zeros with these shapes. */
function file(shapes: Readonly<Record<string, readonly number[]>>): TensorPaths {
  return {
    origin: 'model.h5',
    paths: Object.keys(shapes),
    read: (path) => ({ shape: shapes[path]!, values: new Float32Array(shapes[path]!.reduce((a, b) => a * b, 1)) }),
  };
}

const layer = (className: string, name: string, config: object = {}) => ({ class_name: className, config: { name, ...config } });

function read(layers: readonly object[], shapes: Readonly<Record<string, readonly number[]>>, version = '3.4.1') {
  const model = readKerasModel('model.h5', 'keras', { class_name: 'Sequential', config: { layers } }, version);
  const tensors = file(shapes);
  return fromKerasLayers(model, isNumbered(tensors.paths) ? weightsByNumber(tensors, model.all) : weightsByName(tensors), {});
}

const PLAIN = [
  layer('Embedding', 'items'),
  layer('GRU', 'first', { return_sequences: true }),
  layer('GRU', 'second'),
  layer('Dense', 'scores'),
];

describe('names of Keras weights', () => {
  it.each<[string, Record<string, readonly number[]>]>([
    [
      'Keras 2.13, numbered',
      {
        '_layer_checkpoint_dependencies/embedding/vars/0': [9, 2],
        '_layer_checkpoint_dependencies/gru/cell/vars/0': [2, 9],
        '_layer_checkpoint_dependencies/gru/cell/vars/1': [3, 9],
        '_layer_checkpoint_dependencies/gru/cell/vars/2': [2, 9],
        '_layer_checkpoint_dependencies/gru_1/cell/vars/0': [3, 12],
        '_layer_checkpoint_dependencies/gru_1/cell/vars/1': [4, 12],
        '_layer_checkpoint_dependencies/gru_1/cell/vars/2': [2, 12],
        '_layer_checkpoint_dependencies/dense/vars/0': [4, 9],
        '_layer_checkpoint_dependencies/dense/vars/1': [9],
      },
    ],
    [
      'Keras 3 in a legacy file, named',
      {
        'model_weights/items/sequential/items/embeddings': [9, 2],
        'model_weights/first/sequential/first/gru_cell/kernel': [2, 9],
        'model_weights/first/sequential/first/gru_cell/recurrent_kernel': [3, 9],
        'model_weights/first/sequential/first/gru_cell/bias': [2, 9],
        'model_weights/second/sequential/second/gru_cell/kernel': [3, 12],
        'model_weights/second/sequential/second/gru_cell/recurrent_kernel': [4, 12],
        'model_weights/second/sequential/second/gru_cell/bias': [2, 12],
        'model_weights/scores/sequential/scores/kernel': [4, 9],
        'model_weights/scores/sequential/scores/bias': [9],
      },
    ],
  ])('are found: %s', (_, shapes) => {
    expect(read(PLAIN, shapes).config).toMatchObject({
      itemCount: 9,
      inputDimensions: 2,
      layers: [
        { cell: 'gru', units: 3, resetAfter: true },
        { cell: 'gru', units: 4, resetAfter: true },
      ],
      hasOutputBias: true,
    });
  });

  it('say what is missing and what there is', () => {
    expect(() => read(PLAIN, { 'layers/embedding/vars/0': [9, 2] })).toThrow(
      /GRU "first" has no kernel\. The file holds: layers\/embedding\/vars\/0/,
    );
  });
});

describe('other ways to write the same layers', () => {
  it('reads a one-hot input where there is no embedding', () => {
    const { config, tensors } = read([layer('LSTM', 'lstm'), layer('Dense', 'dense', { use_bias: false })], {
      'layers/lstm/cell/vars/0': [9, 12],
      'layers/lstm/cell/vars/1': [3, 12],
      'layers/lstm/cell/vars/2': [12],
      'layers/dense/vars/0': [3, 9],
    });
    expect(config).toMatchObject({ input: 'one-hot', itemCount: 9, inputDimensions: 12, hasOutputBias: false });
    expect(tensors.get('input.rows')!.shape).toEqual([9, 12]);
  });

  it('refuses a first layer that is neither', () => {
    const shapes = { 'layers/lstm/cell/vars/0': [5, 12], 'layers/lstm/cell/vars/1': [3, 12], 'layers/lstm/cell/vars/2': [12] };
    const head = { 'layers/dense/vars/0': [3, 9], 'layers/dense/vars/1': [9] };
    expect(() => read([layer('LSTM', 'lstm'), layer('Dense', 'dense')], { ...shapes, ...head })).toThrow(
      /takes 5 inputs while the head scores 9 items/,
    );
  });

  it('reads RNN around a cell, a bias of one row, and a softmax layer; a head of the items alone beside padding', () => {
    const cell = { class_name: 'GRUCell', config: { activation: 'relu', recurrent_activation: 'hard_sigmoid', reset_after: true } };
    const source = read(
      [layer('Embedding', 'e', { mask_zero: true }), layer('RNN', 'r', { cell }), layer('Dense', 'd'), layer('Softmax', 's')],
      {
        'layers/embedding/vars/0': [10, 2],
        'layers/rnn/cell/vars/0': [2, 9],
        'layers/rnn/cell/vars/1': [3, 9],
        'layers/rnn/cell/vars/2': [18],
        'layers/dense/vars/0': [3, 9],
        'layers/dense/vars/1': [9],
      },
    );
    expect(source).toMatchObject({ scoreKind: 'softmax', strippedRows: 1, config: { itemCount: 9 } });
    expect(source.config).toMatchObject({ layers: [{ activation: 'relu', recurrentActivation: 'hard-sigmoid-sixth', resetAfter: true }] });
  });

  it.each([
    [{ class_name: 'PeepholeCell', config: {} }, /cell of class "PeepholeCell"; supported are SimpleRNNCell/],
    [undefined, /cell of class "unknown"/],
  ])('refuses RNN around %o', (cell, message) => {
    expect(() => read([layer('RNN', 'r', { cell }), layer('Dense', 'd')], {})).toThrow(message);
  });
});
