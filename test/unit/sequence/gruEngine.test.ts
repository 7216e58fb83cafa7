import { describe, expect, it } from 'vitest';
import { GruEngine } from '../../../src/cli/trainers/gru/gruEngine.js';
import type { GruWeights } from '../../../src/cli/trainers/gru/gruWeights.js';
import { drawWeights, eachRow, loadSlot, readSlot } from '../../../src/cli/trainers/gru/gruWeights.js';
import { seededRandom } from '../../../src/cli/trainers/seededRandom.js';
import type { NaiveBatch } from './naiveGru.js';
import { naiveGruStep, naiveLoss } from './naiveGru.js';

const ITEMS = 90;
const UNITS = 6;
const ROWS = 5;

describe.each(['cross-entropy', 'bpr-max'] as const)('a training step with %s', (loss) => {
  it('has the loss of the formula', async () => {
    const { engine, weights, batch } = prepare(loss);
    expect(engine.step(false)).toBeCloseTo(naiveLoss(weights, batch), 5);
    await engine.close();
  });

  it('has the gradient of finite differences for every parameter', async () => {
    const { engine, weights, batch } = prepare(loss);
    engine.step(false);
    const gradients = readGradients(engine, weights);
    await engine.close();
    for (const name of ['embedding', 'biases', 'kernel', 'recurrent', 'bias'] as const) {
      const values = weights[name];
      const largest = gradients[name].reduce((most, value) => Math.max(most, Math.abs(value)), 0);
      expect(largest).toBeGreaterThan(1e-3);
      for (let i = 0; i < values.length; i++) {
        expect(Math.abs(gradients[name][i]! - difference(weights, values, i, batch)), `${name}[${i}]`).toBeLessThan(2e-5 + 1e-3 * largest);
      }
    }
  });

  it('gives the same bits on one thread, on two, and when it goes to and fro between them', async () => {
    const results = [1, 2, 3].map((run) => {
      const { engine } = prepare(loss, Math.min(2, run));
      for (let n = 0; n < 20; n++) {
        engine.setAlone(run === 3 && n % 3 === 1);
        engine.step();
        engine.carryStates();
      }
      return { engine, weights: readSlot(engine, 'weights') };
    });
    for (const { engine } of results) await engine.close();
    for (const { weights } of results.slice(1)) expect(weights).toEqual(results[0]!.weights);
  });

  it('lowers the loss of a batch that it sees again and again', async () => {
    const { engine } = prepare(loss);
    const first = engine.step();
    for (let n = 0; n < 100; n++) engine.step();
    expect(engine.step()).toBeLessThan(0.5 * first);
    await engine.close();
  });
});

describe('GruEngine', () => {
  it('updates no row that the batch does not touch', async () => {
    const { engine, weights, batch } = prepare('cross-entropy');
    engine.step();
    const after = readSlot(engine, 'weights');
    await engine.close();
    const touched = new Set([...batch.inputs, ...batch.columns.map(({ item }) => item)]);
    for (let item = 0; item < ITEMS; item++) {
      const row = (values: Float32Array) => values.slice(item * UNITS, (item + 1) * UNITS);
      if (touched.has(item)) expect(row(after.embedding)).not.toEqual(row(weights.embedding));
      else expect(row(after.embedding)).toEqual(row(weights.embedding));
    }
  });

  it('follows Adagrad with momentum', async () => {
    const { engine, weights } = prepare('cross-entropy');
    engine.step(false);
    const gradients = readGradients(engine, weights);
    engine.step();
    const once = readSlot(engine, 'weights');
    engine.step(false);
    const later = readGradients(engine, once);
    engine.step();
    const twice = readSlot(engine, 'weights');
    await engine.close();
    weights.kernel.forEach((start, i) => {
      const g = gradients.kernel[i]!;
      const v = (-0.1 * g) / Math.sqrt(g * g + 1e-6);
      expect(once.kernel[i]).toBeCloseTo(start + v, 5);
      const g2 = later.kernel[i]!;
      expect(twice.kernel[i]).toBeCloseTo(once.kernel[i]! + 0.3 * v - (0.1 * g2) / Math.sqrt(g * g + g2 * g2 + 1e-6), 5);
    });
  });

  it('zeroes about the asked share of the output and scales the rest', async () => {
    const engine = new GruEngine({ itemCount: ITEMS, units: 40, batchSize: 32, negatives: 8, threads: 1 });
    loadSlot(engine, 'weights', drawWeights(ITEMS, 40, 3));
    engine.set({
      rows: 32,
      columns: 8,
      touched: 9,
      hiddenDropout: 0.4,
      embeddingDropout: 0.25,
      randomKey: 77,
      learningRate: 0.1,
      epsilon: 1e-6,
    });
    engine.arrays.columnItems.set([0, 1, 2, 3, 4, 5, 6, 7, 50]);
    engine.arrays.inputs.fill(50);
    engine.arrays.inputColumns.fill(8);
    engine.step(false);
    await engine.close();
    for (const [name, kept] of [
      ['outputMask', 0.6],
      ['embeddedMask', 0.75],
    ] as const) {
      const mask = engine.arrays[name];
      expect(new Set(mask)).toEqual(new Set([0, Math.fround(1 / kept)]));
      expect(mask.filter((factor) => factor > 0).length / mask.length).toBeCloseTo(kept, 1);
    }
    engine.arrays.output.forEach((y, at) => expect(y).toBeCloseTo(engine.arrays.stateAfter[at]! * engine.arrays.outputMask[at]!, 6));
  });

  it('ranks the targets as sorting all scores does, equal scores by index', async () => {
    const { engine, weights, batch } = prepare('cross-entropy');
    for (const item of [20, 30]) {
      weights.embedding.copyWithin(item * UNITS, batch.targets[0]! * UNITS, (batch.targets[0]! + 1) * UNITS);
      weights.biases[item] = weights.biases[batch.targets[0]!]!;
    }
    loadSlot(engine, 'weights', weights);
    engine.infer();
    const ranks = new Uint32Array(ROWS);
    engine.rank(ranks, ROWS);
    await engine.close();
    batch.inputs.forEach((input, row) => {
      const y = naiveGruStep(weights, input, batch.states[row]!);
      const scores = Array.from({ length: ITEMS }, (_, item) =>
        Math.fround(y.reduce((sum, value, j) => sum + value * weights.embedding[item * UNITS + j]!, weights.biases[item]!)),
      );
      const target = batch.targets[row]!;
      const before = scores.filter((s, item) => s > scores[target]! || (s === scores[target] && item < target)).length;
      expect(ranks[row]).toBe(before);
    });
  });
});

/** An engine with random weights, states and columns, and the same batch written out. */
function prepare(loss: NaiveBatch['loss'], threads = 1) {
  const random = seededRandom(9);
  const spread = (length: number, scale: number) => Float32Array.from({ length }, () => (2 * random() - 1) * scale);
  const weights: GruWeights = {
    itemCount: ITEMS,
    units: UNITS,
    embedding: spread(ITEMS * UNITS, 1.5),
    biases: spread(ITEMS, 0.5),
    kernel: spread(3 * UNITS * UNITS, 1),
    recurrent: spread(3 * UNITS * UNITS, 1),
    bias: spread(6 * UNITS, 0.5),
  };
  // Two rows share a target, one input is a column, one target lies in the second chunk of columns.
  const batch: NaiveBatch = {
    inputs: [3, 88, 89, 3, 7],
    targets: [10, 11, 10, 70, 5],
    states: Array.from({ length: ROWS }, () => [...spread(UNITS, 0.9)]),
    columns: Array.from({ length: 71 }, (_, item) => ({ item, offset: Math.fround(random() - 0.5) })),
    targetOffsets: [...spread(ROWS, 0.5)],
    loss,
    scorePenalty: 0.3,
  };
  const engine = new GruEngine({ itemCount: ITEMS, units: UNITS, batchSize: ROWS, negatives: 80, threads });
  loadSlot(engine, 'weights', weights);
  const { arrays, stride } = engine;
  batch.states.forEach((state, row) => arrays.stateBefore.set(state, row * stride));
  arrays.inputs.set(batch.inputs);
  arrays.targets.set(batch.targets);
  arrays.targetColumns.set(batch.targets);
  arrays.targetOffsets.set(batch.targetOffsets);
  arrays.columnItems.set([...batch.columns.map(({ item }) => item), 88, 89]);
  arrays.columnOffsets.set(batch.columns.map(({ offset }) => offset));
  arrays.inputColumns.set([3, 71, 72, 3, 7]);
  engine.set({ rows: ROWS, columns: 71, touched: 73, lossKind: loss === 'cross-entropy' ? 0 : 1, scorePenalty: batch.scorePenalty });
  engine.set({ learningRate: 0.1, momentum: 0.3, epsilon: 1e-6 });
  return { engine, weights, batch };
}

/** The gradients that `step(false)` left, shaped as the weights. */
function readGradients(engine: GruEngine, like: GruWeights): GruWeights {
  const gradients: GruWeights = {
    ...like,
    embedding: new Float32Array(like.embedding.length),
    biases: new Float32Array(like.biases.length),
    kernel: new Float32Array(like.kernel.length),
    recurrent: new Float32Array(like.recurrent.length),
    bias: new Float32Array(like.bias.length),
  };
  eachRow(engine, 'gradients', gradients, (inside, at, outside, from, length) => outside.set(inside.subarray(at, at + length), from));
  const { itemGradients, biasGradients, columnItems } = engine.arrays;
  for (let column = 0; column < 73; column++) {
    const item = columnItems[column]!;
    gradients.embedding.set(itemGradients.subarray(column * engine.stride, column * engine.stride + UNITS), item * UNITS);
    if (column < 71) gradients.biases[item] = biasGradients[column]!;
  }
  return gradients;
}

/** Central difference of the loss in values[i]. */
function difference(weights: GruWeights, values: Float32Array, i: number, batch: NaiveBatch): number {
  const start = values[i]!;
  values[i] = start + 2e-3;
  const [above, high] = [naiveLoss(weights, batch), values[i]!];
  values[i] = start - 2e-3;
  const [below, low] = [naiveLoss(weights, batch), values[i]!];
  values[i] = start;
  return (above - below) / (high - low);
}
