import { describe, expect, it } from 'vitest';
import { seededRandom } from '../../../src/cli/trainers/seededRandom.js';
import { activationOf } from '../../../src/core/models/sequence/activation.js';
import { createCell } from '../../../src/core/models/sequence/cell.js';
import type { GruLayerConfig } from '../../../src/core/models/sequence/sequenceConfig.js';
import { logSumExp } from '../../../src/core/models/sequence/logSumExp.js';
import { drawGate, naiveGru, naiveLstm, plus, sideBySide, times } from './naiveCells.js';

const INPUTS = 3;
const UNITS = 4;
const GRU: GruLayerConfig = {
  cell: 'gru',
  units: UNITS,
  activation: 'tanh',
  recurrentActivation: 'sigmoid',
  resetAfter: true,
  hasBias: true,
};

function expectClose(seen: ArrayLike<number>, expected: readonly number[]) {
  expect(seen).toHaveLength(expected.length);
  expected.forEach((value, j) => expect(seen[j]!).toBeCloseTo(value, 5));
}

describe('createCell', () => {
  it.each([true, false])('makes a GRU of the formula, reset after: %s', (resetAfter) => {
    const random = seededRandom(1);
    const [z, r, h] = [drawGate(INPUTS, UNITS, random), drawGate(INPUTS, UNITS, random), drawGate(INPUTS, UNITS, random)];
    // Resetting before, there is one bias only.
    const gates = resetAfter ? { z, r, h } : { z: { ...z, c: [0, 0, 0, 0] }, r: { ...r, c: [0, 0, 0, 0] }, h };
    const inputBias = [...z.b, ...r.b, ...h.b];
    const cell = createCell({ ...GRU, resetAfter }, INPUTS, {
      kernel: sideBySide([z.w, r.w, h.w]),
      recurrent: sideBySide([z.u, r.u, h.u]),
      bias: Float32Array.from(resetAfter ? [...inputBias, ...z.c, ...r.c, ...h.c] : inputBias),
    });
    const state = new Float32Array(UNITS + 2);
    let expected = [0, 0, 0, 0];
    for (let step = 0; step < 6; step++) {
      const x = Float32Array.from({ length: INPUTS }, () => 2 * random() - 1);
      expected = naiveGru([...x], expected, gates, resetAfter);
      cell.step(x, state, 1);
      expectClose(state.subarray(1, UNITS + 1), expected);
    }
    expect([state[0], state[UNITS + 1]]).toEqual([0, 0]);
  });

  it('works out one unit by hand', () => {
    // Zero gate sums: z = r = 0.5, so h' = 0.5 h + 0.5 c. After: c = tanh(x + 0.5 (2 h + 1)); before: c = tanh(x + 2 (0.5 h)).
    const recurrent = Float32Array.of(0, 0, 2);
    const kernel = Float32Array.of(0, 0, 1);
    const after = createCell({ ...GRU, units: 1 }, 1, { kernel, recurrent, bias: Float32Array.of(0, 0, 0, 0, 0, 1) });
    const before = createCell({ ...GRU, units: 1, resetAfter: false }, 1, { kernel, recurrent, bias: Float32Array.of(0, 0, 0) });
    const [a, b] = [Float32Array.of(0.4), Float32Array.of(0.4)];
    after.step(Float32Array.of(0.3), a, 0);
    before.step(Float32Array.of(0.3), b, 0);
    expect(a[0]).toBeCloseTo(0.2 + 0.5 * Math.tanh(1.2), 6);
    expect(b[0]).toBeCloseTo(0.2 + 0.5 * Math.tanh(0.7), 6);
  });

  it('makes an LSTM of the formula', () => {
    const random = seededRandom(2);
    const none = { c: [0, 0, 0, 0] };
    const draw = () => ({ ...drawGate(INPUTS, UNITS, random), ...none });
    const gates = { i: draw(), f: draw(), c: draw(), o: draw() };
    const order = [gates.i, gates.f, gates.c, gates.o];
    const cell = createCell({ cell: 'lstm', units: UNITS, activation: 'tanh', recurrentActivation: 'sigmoid', hasBias: true }, INPUTS, {
      kernel: sideBySide(order.map(({ w }) => w)),
      recurrent: sideBySide(order.map(({ u }) => u)),
      bias: Float32Array.from(order.flatMap(({ b }) => [...b])),
    });
    const state = new Float32Array(2 * UNITS);
    let expected = { h: [0, 0, 0, 0], c: [0, 0, 0, 0] };
    for (let step = 0; step < 6; step++) {
      const x = Float32Array.from({ length: INPUTS }, () => 2 * random() - 1);
      expected = naiveLstm([...x], expected.h, expected.c, gates);
      cell.step(x, state, 0);
      expectClose(state, [...expected.h, ...expected.c]);
    }
  });

  it.each(['tanh', 'relu', 'sigmoid', 'linear', 'elu-0.5'] as const)('makes a simple recurrent layer with %s', (activation) => {
    const random = seededRandom(3);
    const { w, u, b } = drawGate(INPUTS, UNITS, random);
    const cell = createCell({ cell: 'rnn', units: UNITS, activation, hasBias: true }, INPUTS, {
      kernel: sideBySide([w]),
      recurrent: sideBySide([u]),
      bias: Float32Array.from(b),
    });
    const state = new Float32Array(UNITS);
    let expected = [0, 0, 0, 0];
    for (let step = 0; step < 3; step++) {
      const x = Float32Array.from({ length: INPUTS }, () => 2 * random() - 1);
      expected = plus(times([...x], w), times(expected, u), b).map((a) => activationOf(activation)!(a));
      cell.step(x, state, 0);
      expectClose(state, expected);
    }
  });

  it('takes a row of the kernel as it is when the input is one-hot, and works without a bias', () => {
    const random = seededRandom(4);
    const { w, u } = drawGate(INPUTS, 3 * UNITS, random);
    const recurrent = sideBySide([u.slice(0, UNITS)]);
    const kernel = sideBySide([w]);
    const config = { ...GRU, hasBias: false };
    const dense = createCell(config, INPUTS, { kernel, recurrent, bias: null });
    const oneHot = createCell(config, 3 * UNITS, { kernel: null, recurrent, bias: null });
    const [a, b] = [new Float32Array(UNITS), new Float32Array(UNITS)];
    for (const item of [2, 0, 1, 1]) {
      dense.step(
        Float32Array.from({ length: INPUTS }, (_, i) => (i === item ? 1 : 0)),
        a,
        0,
      );
      oneHot.step(kernel.slice(item * 3 * UNITS, (item + 1) * 3 * UNITS), b, 0);
      expect(b).toEqual(a);
    }
  });
});

describe('activationOf', () => {
  it.each([
    ['hard-sigmoid-fifth', [-3, -1, 0, 1, 3], [0, 0.3, 0.5, 0.7, 1]],
    ['hard-sigmoid-sixth', [-4, -1.5, 0, 1.5, 4], [0, 0.25, 0.5, 0.75, 1]],
    ['relu', [-2, 0, 2], [0, 0, 2]],
    ['linear', [-2, 3], [-2, 3]],
    ['elu-0.5', [-1, 0, 2], [0.5 * (Math.exp(-1) - 1), 0, 2]],
    ['sigmoid', [-800, 0, 800], [0, 0.5, 1]],
  ])('knows %s', (name, inputs, outputs) => {
    const f = activationOf(name)!;
    inputs.forEach((x, i) => expect(f(x)).toBeCloseTo(outputs[i]!, 12));
  });

  it.each(['softmax', 'hard-sigmoid', 'elu-', 'elu-0', 'elu--1', 'elu-x', ''])('does not know %o', (name) => {
    expect(activationOf(name)).toBeNull();
  });
});

describe('logSumExp', () => {
  it('does not overflow, and is -Infinity over nothing', () => {
    expect(logSumExp([1000, 1001, -1000])).toBeCloseTo(1001 + Math.log1p(Math.exp(-1)), 10);
    expect(logSumExp([0, 0])).toBeCloseTo(Math.LN2, 15);
    expect(logSumExp([])).toBe(-Infinity);
  });
});
