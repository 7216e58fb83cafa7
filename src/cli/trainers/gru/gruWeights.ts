import { RecommenderError } from '../../../core/errors.js';
import { seededRandom } from '../seededRandom.js';
import type { GruEngine } from './gruEngine.js';

/** A trained GRU recommender in the canonical layout: gate order z, r, h, reset after the recurrent product, input rows = output rows. */
export interface GruWeights {
  readonly itemCount: number;
  readonly units: number;
  /** f32, items x units: what goes in for an item, and what the state is multiplied with for its score. */
  readonly embedding: Float32Array;
  /** f32, items: added to the scores. */
  readonly biases: Float32Array;
  /** f32, units x 3 units. */
  readonly kernel: Float32Array;
  /** f32, units x 3 units. */
  readonly recurrent: Float32Array;
  /** f32, 2 x 3 units: input bias, recurrent bias. */
  readonly bias: Float32Array;
}

/** Weights, or one of the two things the optimiser keeps for each weight. */
const SLOTS = {
  weights: ['items', 'biases', 'cell'],
  squares: ['itemSquares', 'biasSquares', 'cellSquares'],
  velocities: ['itemVelocities', 'biasVelocities', 'cellVelocities'],
} as const;
export type GruSlot = keyof typeof SLOTS;

/** Draws the first weights: uniform within ±sqrt(6 / (rows + columns)) (Glorot & Bengio 2010), each gate for itself; biases 0. */
export function drawWeights(itemCount: number, units: number, seed: number): GruWeights {
  const random = seededRandom(seed);
  const uniform = (length: number, rows: number, columns: number) => {
    const limit = Math.sqrt(6 / (rows + columns));
    return Float32Array.from({ length }, () => (2 * random() - 1) * limit);
  };
  return {
    itemCount,
    units,
    embedding: uniform(itemCount * units, itemCount, units),
    biases: new Float32Array(itemCount),
    kernel: uniform(3 * units * units, units, units),
    recurrent: uniform(3 * units * units, units, units),
    bias: new Float32Array(6 * units),
  };
}

/** Copies weights, or arrays of their shape, into the engine's padded arrays. Throws `input/invalid` when the shapes differ. */
export function loadSlot(engine: GruEngine, slot: GruSlot, values: GruWeights): void {
  const { itemCount, units } = engine.shape;
  if (values.itemCount !== itemCount || values.units !== units) {
    throw new RecommenderError(
      'input/invalid',
      `The checkpoint has ${values.itemCount} items x ${values.units} units; the training has ${itemCount} x ${units}.`,
      { seen: [values.itemCount, values.units], expected: [itemCount, units] },
    );
  }
  eachRow(engine, slot, values, (inside, at, outside, from, length) => inside.set(outside.subarray(from, from + length), at));
}

/** Copies a slot out of the engine: new arrays, without padding. */
export function readSlot(engine: GruEngine, slot: GruSlot): GruWeights {
  const { itemCount, units } = engine.shape;
  const values: GruWeights = {
    itemCount,
    units,
    embedding: new Float32Array(itemCount * units),
    biases: new Float32Array(itemCount),
    kernel: new Float32Array(3 * units * units),
    recurrent: new Float32Array(3 * units * units),
    bias: new Float32Array(6 * units),
  };
  eachRow(engine, slot, values, (inside, at, outside, from, length) => outside.set(inside.subarray(at, at + length), from));
  return values;
}

/** Calls `copy` for each run of values: where it lies in the engine (padded to `stride`) and where outside. */
export function eachRow(
  engine: Pick<GruEngine, 'arrays' | 'stride'>,
  slot: GruSlot | 'gradients',
  values: GruWeights,
  copy: (inside: Float32Array, at: number, outside: Float32Array, from: number, length: number) => void,
): void {
  const { units, itemCount } = values;
  const { arrays, stride } = engine;
  const cell = slot === 'gradients' ? arrays.cellGradients : arrays[SLOTS[slot][2]];
  if (slot !== 'gradients') {
    const [items, biases] = [arrays[SLOTS[slot][0]], arrays[SLOTS[slot][1]]];
    for (let item = 0; item < itemCount; item++) copy(items, item * stride, values.embedding, item * units, units);
    copy(biases, 0, values.biases, 0, itemCount);
  }
  for (let gate = 0; gate < 3; gate++) {
    for (let row = 0; row < units; row++) {
      const at = (row * 3 + gate) * stride;
      const from = (row * 3 + gate) * units;
      copy(cell, at, values.kernel, from, units);
      copy(cell, 3 * stride * stride + at, values.recurrent, from, units);
    }
    copy(cell, 6 * stride * stride + gate * stride, values.bias, gate * units, units);
    copy(cell, 6 * stride * stride + (3 + gate) * stride, values.bias, (3 + gate) * units, units);
  }
}
