import { RecommenderError, show } from '../../errors.js';
import type { FloatTensor } from './sequenceTensors.js';

/** A recurrent layer's tensors in the canonical layout (Keras' order). */
export interface CanonicalLayer {
  /** [inputs, gates x units]. */
  readonly kernel: FloatTensor;
  /** [units, gates x units]. */
  readonly recurrent: FloatTensor;
  /** [gates x units], or [2, 3 units] for a GRU that resets after; null: none. */
  readonly bias: FloatTensor | null;
}

/** A recurrent layer as a torch state dict holds it; biases come both or not at all. */
export interface TorchLayer {
  /** [gates x units, inputs]. */
  readonly weightIh: FloatTensor;
  /** [gates x units, units]. */
  readonly weightHh: FloatTensor;
  /** [gates x units]. */
  readonly biasIh: FloatTensor | null;
  readonly biasHh: FloatTensor | null;
}

/** The one-hot or dense GRU layer in the layout of the Theano GRU4Rec; resets before the product. */
export interface TheanoGruLayer {
  /** [inputs, 3 units], blocks h, r, z. */
  readonly wx: FloatTensor;
  /** [units, 2 units], blocks r, z. */
  readonly wrz: FloatTensor;
  /** [units, units]. */
  readonly wh: FloatTensor;
  /** [3 units], blocks h, r, z. */
  readonly bh: FloatTensor;
}

/** Swaps the axes of a matrix. A trailing axis of 1 (a convolution of width 1) is dropped. */
export function transposeTensor(tensor: FloatTensor, name = 'a matrix'): FloatTensor {
  const [rows, columns] = matrixShape(tensor, name);
  const values = new Float32Array(rows * columns);
  for (let i = 0; i < rows; i++) for (let j = 0; j < columns; j++) values[j * rows + i] = tensor.values[i * columns + j]!;
  return { shape: [columns, rows], values };
}

/** torch GRU (blocks r, z, n; resets after): transposed, blocks z, r, h, biases side by side as [2, 3 units]. */
export function canonicalizeTorchGru(layer: TorchLayer): CanonicalLayer {
  const units = torchUnits(layer, 3);
  const order = [1, 0, 2];
  const { biasIh, biasHh } = layer;
  const bias = new Float32Array(6 * units);
  if (biasIh && biasHh) {
    bias.set(permuteColumns(biasIh, order, units).values);
    bias.set(permuteColumns(biasHh, order, units).values, 3 * units);
  }
  return {
    kernel: permuteColumns(transposeTensor(layer.weightIh), order, units),
    recurrent: permuteColumns(transposeTensor(layer.weightHh), order, units),
    bias: biasIh && biasHh ? { shape: [2, 3 * units], values: bias } : null,
  };
}

/** torch LSTM (blocks i, f, g, o, the canonical order): transposed, the two biases added up. */
export function canonicalizeTorchLstm(layer: TorchLayer): CanonicalLayer {
  torchUnits(layer, 4);
  return transposeLayer(layer);
}

/** torch RNN: transposed, the two biases added up. */
export function canonicalizeTorchRnn(layer: TorchLayer): CanonicalLayer {
  torchUnits(layer, 1);
  return transposeLayer(layer);
}

/**
 * Theano's GRU4Rec: h' = (1 - z) h + z c is the canonical h' = z h + (1 - z) c with the other z, and 1 - sigmoid(a) = sigmoid(-a):
 * kernel = [-W_z, W_r, W_h], recurrent and bias likewise. The result has `resetAfter` false.
 */
export function canonicalizeTheanoGru({ wx, wrz, wh, bh }: TheanoGruLayer): CanonicalLayer {
  const units = wh.shape[0]!;
  const [inputs] = matrixShape(wx, 'Wx');
  expectShape(wx, 'Wx', [inputs, 3 * units]);
  expectShape(wrz, 'Wrz', [units, 2 * units]);
  expectShape(wh, 'Wh', [units, units]);
  expectShape(bh, 'Bh', [3 * units]);
  const negateZ = (tensor: FloatTensor): FloatTensor => {
    const width = tensor.shape[tensor.shape.length - 1]!;
    return { shape: tensor.shape, values: tensor.values.map((value, at) => (at % width < units ? -value : value)) };
  };
  const joined = new Float32Array(units * 3 * units);
  for (let i = 0; i < units; i++) {
    joined.set(wrz.values.subarray((2 * i + 1) * units, (2 * i + 2) * units), 3 * i * units);
    joined.set(wrz.values.subarray(2 * i * units, (2 * i + 1) * units), (3 * i + 1) * units);
    joined.set(wh.values.subarray(i * units, (i + 1) * units), (3 * i + 2) * units);
  }
  const order = [2, 1, 0];
  return {
    kernel: negateZ(permuteColumns(wx, order, units)),
    recurrent: negateZ({ shape: [units, 3 * units], values: joined }),
    bias: negateZ(permuteColumns(bh, order, units)),
  };
}

/**
 * Reorders blocks of `units` columns: block b of the result is block order[b] of `tensor`, whose last axis is order.length x units.
 * ONNX' GRU (z, r, h) needs none.
 */
export function permuteColumns(tensor: FloatTensor, order: readonly number[], units: number): FloatTensor {
  const width = order.length * units;
  if (tensor.shape[tensor.shape.length - 1] !== width) expectShape(tensor, 'a gate tensor', [...tensor.shape.slice(0, -1), width]);
  const values = new Float32Array(tensor.values.length);
  for (let row = 0; row < values.length; row += width) {
    order.forEach((from, to) => values.set(tensor.values.subarray(row + from * units, row + (from + 1) * units), row + to * units));
  }
  return { shape: tensor.shape, values };
}

/** Drops the first `count` rows: padding or unknown items, so that row i is item i. */
export function dropRows(tensor: FloatTensor, count: number): FloatTensor {
  const [rows, ...rest] = tensor.shape;
  const width = rest.reduce((product, size) => product * size, 1);
  return { shape: [Math.max(0, rows! - count), ...rest], values: tensor.values.subarray(count * width) };
}

/** Splits torch's stacked attention projection ([3 d, d] and [3 d]) into query, key and value, each [d, d] as [in, out], and [d]. */
export function splitAttentionProjection(
  weight: FloatTensor,
  bias: FloatTensor,
): Record<'query' | 'key' | 'value', { kernel: FloatTensor; bias: FloatTensor }> {
  const d = weight.shape[1]!;
  expectShape(weight, 'in_proj_weight', [3 * d, d]);
  expectShape(bias, 'in_proj_bias', [3 * d]);
  const part = (at: number) => ({
    kernel: transposeTensor({ shape: [d, d], values: weight.values.subarray(at * d * d, (at + 1) * d * d) }),
    bias: { shape: [d], values: bias.values.slice(at * d, (at + 1) * d) },
  });
  return { query: part(0), key: part(1), value: part(2) };
}

function transposeLayer({ weightIh, weightHh, biasIh, biasHh }: TorchLayer): CanonicalLayer {
  return {
    kernel: transposeTensor(weightIh),
    recurrent: transposeTensor(weightHh),
    bias: biasIh && biasHh ? { shape: biasIh.shape, values: biasIh.values.map((value, at) => value + biasHh.values[at]!) } : null,
  };
}

/** Checks a torch layer's shapes against each other and returns its units. */
function torchUnits({ weightIh, weightHh, biasIh, biasHh }: TorchLayer, gates: number): number {
  const [, units] = matrixShape(weightHh, 'weight_hh');
  const [, inputs] = matrixShape(weightIh, 'weight_ih');
  expectShape(weightHh, 'weight_hh', [gates * units, units]);
  expectShape(weightIh, 'weight_ih', [gates * units, inputs]);
  if ((biasIh === null) !== (biasHh === null)) {
    const missing = biasIh ? 'bias_hh' : 'bias_ih';
    throw new RecommenderError('artifact/bad-tensor', `${missing} is missing; the other bias is there.`, { name: missing, seen: null });
  }
  if (biasIh) expectShape(biasIh, 'bias_ih', [gates * units]);
  if (biasHh) expectShape(biasHh, 'bias_hh', [gates * units]);
  return units;
}

function matrixShape({ shape }: FloatTensor, name: string): readonly [number, number] {
  if (shape.length === 2 || (shape.length === 3 && shape[2] === 1)) return [shape[0]!, shape[1]!];
  throw new RecommenderError('artifact/bad-tensor', `${name} has shape ${show(shape)}; expected a matrix.`, { name, seen: shape });
}

function expectShape({ shape }: FloatTensor, name: string, expected: readonly number[]): void {
  if (shape.length === expected.length && expected.every((size, axis) => size === shape[axis])) return;
  throw new RecommenderError('artifact/bad-tensor', `${name} has shape ${show(shape)}; expected ${show(expected)}.`, {
    name,
    seen: shape,
    expected,
  });
}
