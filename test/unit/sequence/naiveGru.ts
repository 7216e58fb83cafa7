import type { GruWeights } from '../../../src/cli/trainers/gru/gruWeights.js';

/** A batch written out: what one training step looks at. */
export interface NaiveBatch {
  readonly inputs: readonly number[];
  readonly targets: readonly number[];
  /** f64, rows x units. */
  readonly states: readonly (readonly number[])[];
  /** Items that are scored, with the logarithm of their weight. */
  readonly columns: readonly { readonly item: number; readonly offset: number }[];
  /** Rows: logarithm of the target's own weight. */
  readonly targetOffsets: readonly number[];
  readonly loss: 'cross-entropy' | 'bpr-max';
  readonly scorePenalty: number;
}

const sigmoid = (x: number) => 1 / (1 + Math.exp(-x));

/** The GRU of one row (reset after), f64, by the formula. */
export function naiveGruStep(weights: GruWeights, input: number, state: readonly number[]): number[] {
  const { units, embedding, kernel, recurrent, bias } = weights;
  const sums = (matrix: Float32Array, values: readonly number[], biasAt: number) =>
    Array.from({ length: 3 * units }, (_, g) => values.reduce((sum, x, j) => sum + x * matrix[j * 3 * units + g]!, bias[biasAt + g]!));
  const x = sums(kernel, Array.from(embedding.subarray(input * units, (input + 1) * units)), 0);
  const h = sums(recurrent, state, 3 * units);
  return state.map((before, j) => {
    const z = sigmoid(x[j]! + h[j]!);
    const r = sigmoid(x[units + j]! + h[units + j]!);
    const c = Math.tanh(x[2 * units + j]! + r * h[2 * units + j]!);
    return z * before + (1 - z) * c;
  });
}

/** The mean loss of a batch, f64, by the formula: what the kernel's gradients are the derivatives of. */
export function naiveLoss(weights: GruWeights, batch: NaiveBatch): number {
  const { units, embedding, biases } = weights;
  const score = (item: number, y: readonly number[]) =>
    y.reduce((sum, value, j) => sum + value * embedding[item * units + j]!, biases[item]!);
  const losses = batch.inputs.map((input, row) => {
    const y = naiveGruStep(weights, input, batch.states[row]!);
    const target = batch.targets[row]!;
    const own = score(target, y);
    const negatives = batch.columns.filter(({ item }) => item !== target).map(({ item, offset }) => ({ s: score(item, y), offset }));
    if (batch.loss === 'cross-entropy') {
      const lifted = own + batch.targetOffsets[row]!;
      const sum = negatives.reduce((total, { s, offset }) => total + Math.exp(s + offset), Math.exp(lifted));
      return Math.log(sum) - lifted;
    }
    const shares = negatives.map(({ s, offset }) => Math.exp(s + offset));
    const total = shares.reduce((sum, share) => sum + share, 0);
    const wins = negatives.reduce((sum, { s }, j) => sum + (shares[j]! / total) * sigmoid(own - s), 0);
    const squares = negatives.reduce((sum, { s }, j) => sum + (shares[j]! / total) * s * s, 0);
    return -Math.log(wins) + batch.scorePenalty * squares;
  });
  return losses.reduce((sum, loss) => sum + loss, 0) / losses.length;
}
