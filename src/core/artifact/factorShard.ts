import { RecommenderError, show } from '../errors.js';
import { setRow, updateCosineScale } from '../kernels/itemMatrix.js';
import type { ItemMatrix } from '../kernels/topK.js';
import type { FactorDtype, FactorModelEntry, RowShard } from './manifest.js';
import type { Tensor } from './safetensors.js';
import { f32Tensor, i8Tensor, numberToFloat16, readSafetensors, toFloat32, writeSafetensors } from './safetensors.js';

/** Bytes of one stored row. */
export function storedRowBytes(dtype: FactorDtype, dimensions: number, hasBiases: boolean): number {
  const factorBytes = { int8: dimensions + 4, float16: 2 * dimensions, float32: 4 * dimensions }[dtype];
  return factorBytes + (hasBiases ? 4 : 0);
}

/**
 * Writes rows rowStart .. rowStart + rowCount - 1 of `matrix`.
 * int8 takes the matrix's own rows; f16 and f32 need its exact rows.
 */
export function writeFactorShard(matrix: ItemMatrix, dtype: FactorDtype, rowStart: number, rowCount: number): Uint8Array<ArrayBuffer> {
  const { dimensions, stride } = matrix;
  const rowEnd = rowStart + rowCount;
  const tensors: [string, Tensor][] = [];
  const shape = [rowCount, dimensions];
  if (dtype === 'int8') {
    tensors.push(['scales', f32Tensor(matrix.scales.slice(rowStart, rowEnd), [rowCount])]);
  }
  if (matrix.biases) tensors.push(['biases', f32Tensor(matrix.biases.slice(rowStart, rowEnd), [rowCount])]);
  if (dtype === 'int8') {
    const rows = new Int8Array(rowCount * dimensions);
    for (let i = 0; i < rowCount; i++) {
      const start = (rowStart + i) * stride;
      rows.set(matrix.rows.subarray(start, start + dimensions), i * dimensions);
    }
    tensors.push(['rows', i8Tensor(rows, shape)]);
  } else {
    const rows = matrix.exactRows!.slice(rowStart * dimensions, rowEnd * dimensions);
    tensors.push(['rows', dtype === 'float32' ? f32Tensor(rows, shape) : f16Tensor(rows, shape)]);
  }
  return writeSafetensors(tensors);
}

/** Decodes a shard into its rows of `matrix`. Throws `artifact/bad-file` or `artifact/bad-tensor` and names what is wrong. */
export function readFactorShard(
  bytes: Uint8Array,
  shard: RowShard,
  entry: Pick<FactorModelEntry, 'dtype' | 'dimensions' | 'hasBiases'>,
  matrix: ItemMatrix,
): void {
  const { path, rowStart, rowCount } = shard;
  const { dimensions } = entry;
  const tensors = readSafetensors(bytes, path);
  if (entry.hasBiases) matrix.biases!.set(toFloat32(take(tensors, 'biases', [rowCount], null, path), 'biases', path), rowStart);
  if (entry.dtype !== 'int8') {
    const expected = entry.dtype === 'float16' ? 'F16' : 'F32';
    const rows = toFloat32(take(tensors, 'rows', [rowCount, dimensions], expected, path), 'rows', path);
    for (let i = 0; i < rowCount; i++) setRow(matrix, rowStart + i, rows.subarray(i * dimensions, (i + 1) * dimensions));
    return;
  }
  const scales = toFloat32(take(tensors, 'scales', [rowCount], 'F32', path), 'scales', path);
  const stored = take(tensors, 'rows', [rowCount, dimensions], 'I8', path).bytes;
  const rows = new Int8Array(stored.buffer, stored.byteOffset, stored.byteLength);
  const { stride } = matrix;
  if (stride === dimensions) {
    matrix.rows.set(rows, rowStart * stride);
  } else {
    for (let i = 0; i < rowCount; i++) matrix.rows.set(rows.subarray(i * dimensions, (i + 1) * dimensions), (rowStart + i) * stride);
  }
  matrix.scales.set(scales, rowStart);
  for (let row = rowStart; row < rowStart + rowCount; row++) updateCosineScale(matrix, row);
}

/** Returns a tensor of the shape (and dtype) wanted, or throws naming both shapes. */
export function take(
  tensors: ReadonlyMap<string, Tensor>,
  name: string,
  shape: readonly number[],
  dtype: Tensor['dtype'] | null,
  file: string,
): Tensor {
  const tensor = tensors.get(name);
  if (!tensor) {
    throw new RecommenderError(
      'artifact/bad-tensor',
      `${file}: tensor ${show(name)} is missing; the file holds ${show([...tensors.keys()])}. Pack the model again.`,
      { file, tensor: name, seen: [...tensors.keys()] },
    );
  }
  if (tensor.shape.length !== shape.length || tensor.shape.some((size, i) => size !== shape[i])) {
    throw new RecommenderError(
      'artifact/bad-tensor',
      `${file}: tensor ${show(name)} has shape ${show(tensor.shape)}, the manifest says ${show(shape)}. Pack the model again.`,
      { file, tensor: name, seen: tensor.shape, expected: shape },
    );
  }
  if (dtype !== null && tensor.dtype !== dtype) {
    throw new RecommenderError(
      'artifact/bad-tensor',
      `${file}: tensor ${show(name)} is of type ${tensor.dtype}, the manifest says ${dtype}. Pack the model again.`,
      { file, tensor: name, seen: tensor.dtype, expected: dtype },
    );
  }
  return tensor;
}

function f16Tensor(values: Float32Array, shape: readonly number[]): Tensor {
  const halves = Uint16Array.from(values, numberToFloat16);
  return { dtype: 'F16', shape, bytes: new Uint8Array(halves.buffer) };
}
