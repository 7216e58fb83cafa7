/**
 * The safetensors container: u64 little-endian header length, JSON header, tensors back to back,
 * little-endian, C order (https://github.com/huggingface/safetensors#format).
 */
import { RecommenderError, show } from '../errors.js';
import { Checker, parseJson } from './checks.js';

export const TENSOR_DTYPES = ['I8', 'U8', 'I16', 'U16', 'F16', 'BF16', 'I32', 'U32', 'F32', 'I64', 'F64'] as const;
export type TensorDtype = (typeof TENSOR_DTYPES)[number];

const BYTES: Readonly<Record<TensorDtype, number>> = {
  I8: 1,
  U8: 1,
  I16: 2,
  U16: 2,
  F16: 2,
  BF16: 2,
  I32: 4,
  U32: 4,
  F32: 4,
  I64: 8,
  F64: 8,
};

export interface Tensor {
  readonly dtype: TensorDtype;
  readonly shape: readonly number[];
  /** Little-endian values; a view of the file's bytes, which need not be aligned. */
  readonly bytes: Uint8Array;
}

const MAX_HEADER_BYTES = 4 * 2 ** 20;
const HEADER_ALIGNMENT = 16;

/**
 * Reads all tensors of a file as views of `bytes`. The whole header is checked by arithmetic before any tensor is
 * touched. Throws `artifact/bad-file` naming file, tensor, value seen.
 */
export function readSafetensors(bytes: Uint8Array, file: string): Map<string, Tensor> {
  const fail = (message: string): never => {
    throw new RecommenderError('artifact/bad-file', `${file}: ${message} Write the file again, or check that it arrived whole.`, { file });
  };
  if (bytes.length < 8) fail(`${bytes.length} bytes are too few for a safetensors file.`);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const headerBytes = view.getUint32(0, true);
  if (view.getUint32(4, true) !== 0 || headerBytes > MAX_HEADER_BYTES || 8 + headerBytes > bytes.length) {
    fail(`the header claims ${headerBytes} bytes, the file has ${bytes.length}.`);
  }
  const root = new Checker(file, parseJson(file, bytes.subarray(8, 8 + headerBytes), 'artifact/bad-file'), '', 'artifact/bad-file');
  const dataStart = 8 + headerBytes;
  const dataBytes = bytes.length - dataStart;
  const tensors = new Map<string, Tensor>();
  const ranges: [number, number, string][] = [];
  for (const name of root.keys()) {
    if (name === '__metadata__') continue;
    const entry = root.get(name);
    const dtype = entry.get('dtype').oneOf(TENSOR_DTYPES);
    const shape = entry
      .get('shape')
      .list()
      .map((size) => size.integer(0, 2 ** 31));
    const [start, end] = entry
      .get('data_offsets')
      .list('two offsets')
      .map((offset) => offset.integer(0, dataBytes));
    if (start === undefined || end === undefined || end < start)
      return entry.get('data_offsets').fail('a start and an end inside the file');
    const expected = shape.reduce((product, size) => product * size, BYTES[dtype]);
    if (end - start !== expected)
      fail(`tensor ${show(name)} of shape ${show(shape)} needs ${expected} bytes, its offsets give ${end - start}.`);
    ranges.push([start, end, name]);
    tensors.set(name, { dtype, shape, bytes: bytes.subarray(dataStart + start, dataStart + end) });
  }
  ranges.sort((a, b) => a[0] - b[0] || a[1] - b[1]);
  let next = 0;
  for (const [start, end, name] of ranges) {
    if (start !== next) fail(`tensor ${show(name)} begins at byte ${start}, but the one before it ends at ${next}: overlap or hole.`);
    next = end;
  }
  if (next !== dataBytes) fail(`the tensors end at byte ${next}, the file at ${dataBytes}.`);
  return tensors;
}

/** Writes tensors in the order given. Deterministic: the same input gives the same bytes. */
export function writeSafetensors(tensors: Iterable<readonly [string, Tensor]>): Uint8Array<ArrayBuffer> {
  const list = [...tensors];
  const header: Record<string, unknown> = {};
  let offset = 0;
  for (const [name, tensor] of list) {
    header[name] = { dtype: tensor.dtype, shape: tensor.shape, data_offsets: [offset, offset + tensor.bytes.length] };
    offset += tensor.bytes.length;
  }
  let text = JSON.stringify(header);
  // Spaces pad the header so that the first tensor is aligned.
  text = text.padEnd(Math.ceil((8 + text.length) / HEADER_ALIGNMENT) * HEADER_ALIGNMENT - 8, ' ');
  const headerBytes = new TextEncoder().encode(text);
  const out = new Uint8Array(8 + headerBytes.length + offset);
  new DataView(out.buffer).setUint32(0, headerBytes.length, true);
  out.set(headerBytes, 8);
  let at = 8 + headerBytes.length;
  for (const [, tensor] of list) {
    out.set(tensor.bytes, at);
    at += tensor.bytes.length;
  }
  return out;
}

/** Wraps float32 values; shares their memory (all platforms that run this are little-endian). */
export function f32Tensor(values: Float32Array, shape: readonly number[]): Tensor {
  return { dtype: 'F32', shape, bytes: new Uint8Array(values.buffer, values.byteOffset, values.byteLength) };
}

/** Wraps int8 values; shares their memory. */
export function i8Tensor(values: Int8Array, shape: readonly number[]): Tensor {
  return { dtype: 'I8', shape, bytes: new Uint8Array(values.buffer, values.byteOffset, values.byteLength) };
}

/** Makes a vector of unsigned integers; u32 shares the memory. */
export function uintTensor(values: Uint32Array, dtype: 'U16' | 'U32'): Tensor {
  const stored = dtype === 'U32' ? values : Uint16Array.from(values);
  return { dtype, shape: [values.length], bytes: new Uint8Array(stored.buffer, stored.byteOffset, stored.byteLength) };
}

/** Returns a copy of the values of a U16 or U32 tensor as u32. */
export function toUint32({ dtype, bytes }: Tensor, name: string, file: string): Uint32Array {
  // Not bytes.slice(), which copies nothing where the bytes are a Node Buffer.
  if (dtype === 'U32') return new Uint32Array(new Uint8Array(bytes).buffer);
  if (dtype === 'U16') return Uint32Array.from(new Uint16Array(new Uint8Array(bytes).buffer));
  throw new RecommenderError('artifact/bad-tensor', `${file}: tensor ${show(name)} is of type ${dtype}; expected U16 or U32.`, {
    file,
    tensor: name,
    seen: dtype,
  });
}

/**
 * Returns the tensor's values as float32 (a copy unless it is aligned f32).
 * Refuses NaN and infinities with `artifact/bad-tensor`, naming the position.
 */
export function toFloat32(tensor: Tensor, name: string, file: string): Float32Array {
  const values = decodeFloat32(tensor, name, file);
  for (let i = 0; i < values.length; i++) {
    if (!Number.isFinite(values[i]!)) {
      throw new RecommenderError(
        'artifact/bad-tensor',
        `${file}: tensor ${show(name)} holds ${values[i]} at position ${i}. All values must be finite numbers; train or export the model again.`,
        { file, tensor: name, position: i, seen: String(values[i]) },
      );
    }
  }
  return values;
}

function decodeFloat32({ dtype, bytes }: Tensor, name: string, file: string): Float32Array {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const count = bytes.length / BYTES[dtype];
  switch (dtype) {
    case 'F32':
      return new Float32Array(
        bytes.byteOffset % 4 === 0 ? bytes.buffer : new Uint8Array(bytes).buffer,
        bytes.byteOffset % 4 === 0 ? bytes.byteOffset : 0,
        count,
      );
    case 'F64':
      return Float32Array.from({ length: count }, (_, i) => view.getFloat64(8 * i, true));
    case 'F16':
      return Float32Array.from({ length: count }, (_, i) => float16ToNumber(view.getUint16(2 * i, true)));
    case 'BF16': {
      const words = Uint32Array.from({ length: count }, (_, i) => view.getUint16(2 * i, true) << 16);
      return new Float32Array(words.buffer);
    }
    default:
      throw new RecommenderError(
        'artifact/bad-tensor',
        `${file}: tensor ${show(name)} is of type ${dtype}; expected F16, BF16, F32 or F64.`,
        { file, tensor: name, seen: dtype },
      );
  }
}

/** Decodes IEEE 754 binary16. */
export function float16ToNumber(bits: number): number {
  const sign = bits & 0x8000 ? -1 : 1;
  const exponent = (bits >> 10) & 31;
  const fraction = bits & 1023;
  if (exponent === 0) return sign * fraction * 2 ** -24;
  if (exponent === 31) return fraction ? NaN : sign * Infinity;
  return sign * (1 + fraction / 1024) * 2 ** (exponent - 15);
}

/** Encodes to IEEE 754 binary16, round half to even; values beyond 65,504 become infinite. */
export function numberToFloat16(value: number): number {
  if (Number.isNaN(value)) return 0x7e00;
  const sign = value < 0 || Object.is(value, -0) ? 0x8000 : 0;
  const magnitude = Math.abs(value);
  if (magnitude >= 65520) return sign | 0x7c00;
  const exponent = magnitude < 2 ** -14 ? -14 : Math.floor(Math.log2(magnitude));
  const step = 2 ** (exponent - 10);
  const scaled = magnitude / step;
  let steps = Math.floor(scaled);
  const rest = scaled - steps;
  if (rest > 0.5 || (rest === 0.5 && steps % 2 === 1)) steps += 1;
  // Subnormals have steps < 1024 and exponent field 0; a carry into the next exponent adds up by itself.
  return sign | (magnitude < 2 ** -14 ? steps : ((exponent + 14) << 10) + steps);
}
