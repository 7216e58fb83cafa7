import { describe, expect, it } from 'vitest';
import { seededRandom } from '../../../src/cli/trainers/seededRandom.js';
import { RecommenderError } from '../../../src/core/errors.js';
import { createItemMatrix, setRow } from '../../../src/core/kernels/itemMatrix.js';
import { createCell } from '../../../src/core/models/sequence/cell.js';
import { createSequenceModel } from '../../../src/core/models/sequence/createSequenceModel.js';
import { matrixRows } from '../../../src/core/models/sequence/itemRows.js';
import { RecurrentModel } from '../../../src/core/models/sequence/recurrentModel.js';
import type { GruLayerConfig, LayerConfig, RecurrentConfig } from '../../../src/core/models/sequence/sequenceConfig.js';
import type { SequenceTensors, FloatTensor } from '../../../src/core/models/sequence/sequenceTensors.js';
import { expectedShapes } from '../../../src/core/models/sequence/sequenceTensors.js';

const GRU: GruLayerConfig = { cell: 'gru', units: 5, activation: 'tanh', recurrentActivation: 'sigmoid', resetAfter: true, hasBias: true };
const STACK: readonly LayerConfig[] = [
  { cell: 'rnn', units: 4, activation: 'tanh', hasBias: true },
  { cell: 'lstm', units: 6, activation: 'tanh', recurrentActivation: 'hard-sigmoid-fifth', hasBias: true },
  { ...GRU, resetAfter: false },
];
const BASE: RecurrentConfig = {
  kind: 'recurrent',
  itemCount: 7,
  input: 'separate',
  inputDimensions: 3,
  layers: STACK,
  projections: [],
  hasOutputBias: true,
};
const TIED: RecurrentConfig = { ...BASE, input: 'tied', inputDimensions: 5, layers: [GRU] };
const EVENTS = [3, 0, 0, 6, 2, 5];

/** Random tensors of the shapes that the config asks for. */
export function drawTensors(config: Parameters<typeof expectedShapes>[0], seed = 1): Map<string, FloatTensor> {
  const random = seededRandom(seed);
  return new Map(
    [...expectedShapes(config)].map(([name, shape]) => {
      const length = shape.reduce((product, size) => product * size, 1);
      return [name, { shape, values: Float32Array.from({ length }, () => 2 * random() - 1) }];
    }),
  );
}

function run(model: RecurrentModel, events: readonly number[]): Float32Array {
  const state = model.createState();
  for (const item of events) model.step(state, item);
  return model.query(state);
}

describe('RecurrentModel', () => {
  it('feeds each layer with the output of the one below', () => {
    const tensors = drawTensors(BASE);
    const values = (name: string) => tensors.get(name)!.values;
    const cells = STACK.map((layer, i) =>
      createCell(layer, [3, 4, 6][i]!, {
        kernel: values(`layers.${i}.kernel`),
        recurrent: values(`layers.${i}.recurrent`),
        bias: values(`layers.${i}.bias`),
      }),
    );
    const states = cells.map(({ stateSize }) => new Float32Array(stateSize));
    for (const item of EVENTS) {
      let x = values('input.rows').slice(item * 3, item * 3 + 3);
      cells.forEach((cell, i) => {
        cell.step(x, states[i]!, 0);
        x = states[i]!.slice(0, cell.units);
      });
    }
    expect(run(new RecurrentModel(BASE, tensors), EVENTS)).toEqual(states[2]);
  });

  it('goes on from a stored state as if nothing had happened', () => {
    const model = new RecurrentModel(BASE, drawTensors(BASE));
    const state = model.createState();
    for (const item of EVENTS.slice(0, 3)) model.step(state, item);
    const stored = structuredClone(model.stateToArrays(state));
    model.step(state, 1);
    const resumed = model.stateFromArrays(stored);
    for (const item of EVENTS.slice(3)) expect(model.step(resumed, item)).toBe(resumed);
    expect(resumed.events).toBe(EVENTS.length);
    expect(model.query(resumed)).toEqual(run(model, EVENTS));
  });

  it('keeps two states apart', () => {
    const model = new RecurrentModel(BASE, drawTensors(BASE));
    const [a, b] = [model.createState(), model.createState()];
    EVENTS.forEach((item, at) => {
      model.step(a, item);
      model.step(b, EVENTS[EVENTS.length - 1 - at]!);
    });
    expect(model.query(a)).toEqual(run(model, EVENTS));
    expect(model.query(b)).toEqual(run(model, EVENTS.toReversed()));
  });

  it('puts dense layers between the state and the query', () => {
    const projections = [
      { units: 3, activation: 'relu', hasBias: true },
      { units: 4, activation: 'linear', hasBias: false },
    ] as const;
    const config = { ...BASE, projections };
    const tensors = drawTensors(config);
    const h = run(new RecurrentModel(BASE, tensors.set('output.rows', { shape: [7, 5], values: new Float32Array(35) })), EVENTS);
    const middle = [0, 1, 2].map((j) => {
      const sum = h.reduce((total, value, i) => total + value * tensors.get('projections.0.kernel')!.values[i * 3 + j]!, 0);
      return Math.max(0, sum + tensors.get('projections.0.bias')!.values[j]!);
    });
    const query = run(new RecurrentModel(config, drawTensors(config)), EVENTS);
    expect(query).toHaveLength(4);
    query.forEach((value, j) => {
      expect(value).toBeCloseTo(
        middle.reduce((total, m, i) => total + m * tensors.get('projections.1.kernel')!.values[i * 4 + j]!, 0),
        5,
      );
    });
  });

  it('gives the same for a one-hot input as for a separate identity', () => {
    const identity = Float32Array.from({ length: 49 }, (_, i) => (i % 8 === 0 ? 1 : 0));
    const separate: RecurrentConfig = { ...BASE, inputDimensions: 7, layers: [GRU] };
    const tensors = drawTensors(separate).set('input.rows', { shape: [7, 7], values: identity });
    const oneHot: RecurrentConfig = { ...separate, input: 'one-hot', inputDimensions: 15 };
    const moved = new Map(tensors).set('input.rows', tensors.get('layers.0.kernel')!);
    moved.delete('layers.0.kernel');
    expect(run(new RecurrentModel(oneHot, moved), EVENTS)).toEqual(run(new RecurrentModel(separate, tensors), EVENTS));
  });

  it('reads tied rows out of an item matrix', () => {
    const tensors = drawTensors(TIED);
    const rows = tensors.get('output.rows')!.values;
    const matrix = createItemMatrix({ itemCount: 7, dimensions: 5, hasBiases: false, hasExactRows: true, wasmScratchBytes: null });
    for (let item = 0; item < 7; item++) setRow(matrix, item, rows.subarray(item * 5, item * 5 + 5));
    const rest: SequenceTensors = new Map([...tensors].filter(([name]) => !name.startsWith('output.')));
    const expected = run(new RecurrentModel(TIED, tensors), EVENTS);
    expect(run(new RecurrentModel(TIED, rest, matrixRows(matrix)), EVENTS)).toEqual(expected);
    const model = createSequenceModel(TIED, rest, matrixRows(matrix));
    expect(model.dimensions).toBe(5);
  });

  it('asks with zeros before the first event', () => {
    const model = new RecurrentModel(TIED, drawTensors(TIED));
    expect([...model.query(model.createState())]).toEqual([0, 0, 0, 0, 0]);
  });

  it('refuses an item that it does not know and keeps the state', () => {
    const model = new RecurrentModel(TIED, drawTensors(TIED));
    const state = model.step(model.createState(), 1);
    const before = model.stateToArrays(state);
    for (const item of [7, -1, 1.5, Number.NaN]) expect(() => model.step(state, item)).toThrow(/has no item .*; it has 7/);
    expect(state).toEqual(before);
  });

  it('refuses a stored state of another model', () => {
    const model = new RecurrentModel(TIED, drawTensors(TIED));
    const other = new RecurrentModel(BASE, drawTensors(BASE));
    expect(() => model.stateFromArrays(other.createState())).toThrow('The stored state has 21 values; this model has 5.');
  });
});

describe('checkTensors', () => {
  const seen = (config: RecurrentConfig, tensors: SequenceTensors, rows: Parameters<typeof createSequenceModel>[2] = null) => {
    try {
      createSequenceModel(config, tensors, rows);
    } catch (error) {
      if (error instanceof RecommenderError) return error;
    }
    throw new Error('It was accepted.');
  };

  it('names a tensor that is missing and the shape it should have', () => {
    const tensors = drawTensors(BASE);
    tensors.delete('layers.1.recurrent');
    const error = seen(BASE, tensors);
    expect(error.code).toBe('artifact/bad-tensor');
    expect(error.message).toContain('layers.1.recurrent is missing; expected shape [6,24]');
  });

  it.each([
    ['layers.1.kernel', [6, 24], '[4,24]'],
    ['layers.2.bias', [2, 15], '[15]'],
    ['layers.0.recurrent', [16], '[4,4]'],
    ['input.rows', [3, 7], '[7,3]'],
  ])('says what shape %s should have', (name, shape, expected) => {
    const length = shape.reduce((product, size) => product * size, 1);
    const error = seen(BASE, drawTensors(BASE).set(name, { shape, values: new Float32Array(length) }));
    expect(error.code).toBe('artifact/bad-tensor');
    expect(error.message).toBe(`The tensor ${name} has shape ${JSON.stringify(shape)}; expected ${expected}.`);
    expect(error.details).toEqual({ name, seen: shape, expected: JSON.parse(expected) });
  });

  it('refuses values that are no numbers or too few', () => {
    const bias = { shape: [4], values: Float32Array.of(0, Number.NaN, 0, 0) };
    expect(seen(BASE, drawTensors(BASE).set('layers.0.bias', bias)).message).toContain('holds NaN at position 1');
    const short = { shape: [4], values: new Float32Array(3) };
    expect(seen(BASE, drawTensors(BASE).set('layers.0.bias', short)).message).toContain('holds 3 values; shape [4] needs 4');
  });

  it('refuses rows from elsewhere that do not fit', () => {
    const rows = { itemCount: 6, dimensions: 5, read: () => {} };
    expect(seen(TIED, drawTensors(TIED), rows).message).toBe('The rows output.rows are 6 x 5; expected 7 x 5.');
  });

  it.each<[string, Partial<RecurrentConfig>, RegExp]>([
    ['a tied input of another length', { input: 'tied' }, /inputDimensions .* is 3; expected 5, the length of the output rows/],
    ['a one-hot input of another length', { input: 'one-hot' }, /inputDimensions .* is 3; expected 4, the gates of layer 0/],
    ['no layer', { layers: [] }, /layers .* expected at least one layer/],
    ['an unknown input', { input: 'embedding' as 'tied' }, /input .* is "embedding"; expected one of tied, separate, one-hot/],
    ['an unknown cell', { layers: [{ ...GRU, cell: 'mgu' as 'gru' }] }, /layers\[0\].cell .* is "mgu"; expected one of rnn, gru, lstm/],
    ['an unknown activation', { layers: [{ ...GRU, activation: 'softmax' as 'tanh' }] }, /layers\[0\].activation .* is "softmax"/],
    ['a unit count that is none', { layers: [{ ...GRU, units: 0 }] }, /layers\[0\].units .* is 0; expected a whole number/],
  ])('refuses %s', (_, change, message) => {
    const error = seen({ ...BASE, ...change }, new Map());
    expect(error.code).toBe('artifact/bad-manifest');
    expect(error.message).toMatch(message);
  });
});
