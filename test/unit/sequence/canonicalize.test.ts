import { describe, expect, it } from 'vitest';
import { seededRandom } from '../../../src/cli/trainers/seededRandom.js';
import type { CanonicalLayer } from '../../../src/core/models/sequence/canonicalize.js';
import {
  canonicalizeTheanoGru,
  canonicalizeTorchGru,
  canonicalizeTorchLstm,
  canonicalizeTorchRnn,
  dropRows,
  permuteColumns,
  splitAttentionProjection,
  transposeTensor,
} from '../../../src/core/models/sequence/canonicalize.js';
import { AttentionModel } from '../../../src/core/models/sequence/attentionModel.js';
import { canonicalizeSasRec } from '../../../src/core/models/sequence/canonicalizeSasRec.js';
import { createCell } from '../../../src/core/models/sequence/cell.js';
import type { LayerConfig } from '../../../src/core/models/sequence/sequenceConfig.js';
import type { FloatTensor } from '../../../src/core/models/sequence/sequenceTensors.js';
import type { Gate } from './naiveCells.js';
import { drawGate, mul, naiveGru, naiveLstm, plus, sideBySide, sigmoid, times, transposed } from './naiveCells.js';

const INPUTS = 3;
const UNITS = 4;
const random = seededRandom(11);
const gate = () => drawGate(INPUTS, UNITS, random);
const tensor = (shape: readonly number[], values: ArrayLike<number>): FloatTensor => ({ shape, values: Float32Array.from(values) });
const gates = (order: readonly Gate[]) => ({
  weightIh: tensor([order.length * UNITS, INPUTS], order.flatMap(({ w }) => transposed(w)).flat()),
  weightHh: tensor([order.length * UNITS, UNITS], order.flatMap(({ u }) => transposed(u)).flat()),
  biasIh: tensor(
    [order.length * UNITS],
    order.flatMap(({ b }) => [...b]),
  ),
  biasHh: tensor(
    [order.length * UNITS],
    order.flatMap(({ c }) => [...c]),
  ),
});

function expectSame(layer: LayerConfig, { kernel, recurrent, bias }: CanonicalLayer, step: (x: number[], state: number[]) => number[]) {
  const cell = createCell(layer, INPUTS, { kernel: kernel.values, recurrent: recurrent.values, bias: bias!.values });
  const state = new Float32Array(cell.stateSize);
  let expected = [...state];
  for (let n = 0; n < 5; n++) {
    const x = Float32Array.from({ length: INPUTS }, () => 2 * random() - 1);
    expected = step([...x], expected);
    cell.step(x, state, 0);
    expected.forEach((value, j) => expect(state[j]!).toBeCloseTo(value, 5));
  }
}

describe('canonicalize', () => {
  it('turns torch’s r, z, n into z, r, h', () => {
    const [r, z, n] = [gate(), gate(), gate()];
    const layer = canonicalizeTorchGru(gates([r, z, n]));
    expect([layer.kernel.shape, layer.recurrent.shape, layer.bias!.shape]).toEqual([
      [3, 12],
      [4, 12],
      [2, 12],
    ]);
    const config = {
      cell: 'gru',
      units: UNITS,
      activation: 'tanh',
      recurrentActivation: 'sigmoid',
      resetAfter: true,
      hasBias: true,
    } as const;
    expectSame(config, layer, (x, h) => naiveGru(x, h, { z, r, h: n }, true));
  });

  it('keeps torch’s i, f, g, o and adds the biases up', () => {
    const [i, f, c, o] = [gate(), gate(), gate(), gate()];
    const config = { cell: 'lstm', units: UNITS, activation: 'tanh', recurrentActivation: 'sigmoid', hasBias: true } as const;
    expectSame(config, canonicalizeTorchLstm(gates([i, f, c, o])), (x, state) => {
      const next = naiveLstm(x, state.slice(0, UNITS), state.slice(UNITS), { i, f, c, o });
      return [...next.h, ...next.c];
    });
  });

  it('transposes torch’s plain layer', () => {
    const only = gate();
    expectSame({ cell: 'rnn', units: UNITS, activation: 'tanh', hasBias: true }, canonicalizeTorchRnn(gates([only])), (x, h) =>
      plus(times(x, only.w), times(h, only.u), only.b, only.c).map((a) => Math.tanh(a)),
    );
  });

  it('turns the Theano layout h, r, z with its opposite z into z, r, h', () => {
    const [h, r, z] = [gate(), gate(), gate()];
    const layer = canonicalizeTheanoGru({
      wx: tensor([INPUTS, 12], sideBySide([h.w, r.w, z.w])),
      wrz: tensor([UNITS, 8], sideBySide([r.u, z.u])),
      wh: tensor([UNITS, UNITS], sideBySide([h.u])),
      bh: tensor([12], [...h.b, ...r.b, ...z.b]),
    });
    const config = {
      cell: 'gru',
      units: UNITS,
      activation: 'tanh',
      recurrentActivation: 'sigmoid',
      resetAfter: false,
      hasBias: true,
    } as const;
    expectSame(config, layer, (x, before) => {
      const open = (g: Gate) => plus(times(x, g.w), times(before, g.u), g.b).map((a) => sigmoid(a));
      const candidate = plus(times(x, h.w), times(mul(open(r), before), h.u), h.b).map((a) => Math.tanh(a));
      // h' = (1 - z) h + z c.
      return before.map((value, j) => (1 - open(z)[j]!) * value + open(z)[j]! * candidate[j]!);
    });
  });

  it('says which shape does not chain', () => {
    const good = gates([gate(), gate(), gate()]);
    expect(() => canonicalizeTorchLstm(good)).toThrow('weight_hh has shape [12,4]; expected [16,4].');
    expect(() => canonicalizeTorchGru({ ...good, biasHh: tensor([8], new Float32Array(8)) })).toThrow(
      'bias_hh has shape [8]; expected [12].',
    );
    expect(() => canonicalizeTorchGru({ ...good, biasIh: null })).toThrow('bias_ih is missing; the other bias is there.');
    expect(() => canonicalizeTorchGru({ ...good, weightIh: tensor([36], new Float32Array(36)) })).toThrow(
      'weight_ih has shape [36]; expected a matrix.',
    );
  });

  it('moves blocks, drops padding rows and turns convolutions of width 1', () => {
    expect([...permuteColumns(tensor([2, 4], [1, 2, 3, 4, 5, 6, 7, 8]), [1, 0], 2).values]).toEqual([3, 4, 1, 2, 7, 8, 5, 6]);
    expect(dropRows(tensor([3, 2], [0, 0, 1, 2, 3, 4]), 1)).toEqual(tensor([2, 2], [1, 2, 3, 4]));
    expect(transposeTensor(tensor([2, 3, 1], [1, 2, 3, 4, 5, 6]))).toEqual(tensor([3, 2], [1, 4, 2, 5, 3, 6]));
  });

  it('splits a stacked attention projection', () => {
    const parts = splitAttentionProjection(tensor([6, 2], [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12]), tensor([6], [1, 2, 3, 4, 5, 6]));
    expect([...parts.query.kernel.values]).toEqual([1, 3, 2, 4]);
    expect([...parts.value.kernel.values]).toEqual([9, 11, 10, 12]);
    expect([...parts.key.bias.values]).toEqual([3, 4]);
  });
});

describe('canonicalizeSasRec', () => {
  const D = 4;
  const draw = (...shape: number[]) =>
    tensor(
      shape,
      Float32Array.from({ length: shape.reduce((product, size) => product * size, 1) }, () => 2 * random() - 1),
    );
  const source = () => {
    const norm = (name: string): [string, FloatTensor][] => [
      [`${name}.weight`, draw(D)],
      [`${name}.bias`, draw(D)],
    ];
    return new Map<string, FloatTensor>([
      ['item_emb.weight', draw(8, D)],
      ['pos_emb.weight', draw(6, D)],
      ...norm('attention_layernorms.0'),
      ['attention_layers.0.in_proj_weight', draw(3 * D, D)],
      ['attention_layers.0.in_proj_bias', draw(3 * D)],
      ['attention_layers.0.out_proj.weight', draw(D, D)],
      ['attention_layers.0.out_proj.bias', draw(D)],
      ...norm('forward_layernorms.0'),
      ['forward_layers.0.conv1.weight', draw(D, D, 1)],
      ['forward_layers.0.conv1.bias', draw(D)],
      ['forward_layers.0.conv2.weight', draw(D, D, 1)],
      ['forward_layers.0.conv2.bias', draw(D)],
      ...norm('last_layernorm'),
    ]);
  };

  it('strips the padding rows and keeps what they hold as the empty place', () => {
    const original = source();
    const { config, tensors } = canonicalizeSasRec(original, 2);
    expect(config).toMatchObject({ itemCount: 7, dimensions: D, maxLength: 5, blockCount: 1, headCount: 2, embeddingScale: 2 });
    const values = (name: string) => original.get(name)!.values;
    expect(tensors.get('output.rows')!.values).toEqual(values('item_emb.weight').subarray(D));
    tensors.get('padding')!.values.forEach((value, j) => {
      expect(value).toBeCloseTo(2 * values('item_emb.weight')[j]! + values('pos_emb.weight')[j]!, 5);
    });
    // torch: y[j] = sum over i of weight[j, i] x[i].
    expect(tensors.get('blocks.0.key.kernel')!.values[1]).toBe(values('attention_layers.0.in_proj_weight')[(D + 1) * D]);
    expect(tensors.get('blocks.0.feed2.kernel')!.values[2]).toBe(values('forward_layers.0.conv2.weight')[2 * D]);
    const model = new AttentionModel(config, tensors);
    expect(model.query(model.step(model.createState(), 6)).every(Number.isFinite)).toBe(true);
  });

  it('names what is missing and what does not chain', () => {
    const original = source();
    original.delete('forward_layers.0.conv1.bias');
    expect(() => canonicalizeSasRec(original, 1)).toThrow('The tensor forward_layers.0.conv1.bias is missing.');
    const other = source().set('attention_layers.0.in_proj_weight', draw(2 * D, D));
    expect(() => canonicalizeSasRec(other, 1)).toThrow('in_proj_weight has shape [8,4]; expected [12,4].');
    expect(() => canonicalizeSasRec(source(), 3)).toThrow(/headCount .* is 3; expected a divisor of 4/);
  });
});
