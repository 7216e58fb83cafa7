import { float16ToNumber } from '../../core/artifact/safetensors.js';
import { badInput } from '../cliIo.js';

/** A numeric array as numpy wrote it, in C order, as f64: wide enough for every type read. */
export interface NumpyArray {
  readonly shape: readonly number[];
  readonly values: Float64Array;
}

/** What a .npy header says. */
export interface NpyHeader {
  /** Such as `<f4`; `|O` is a pickled object. */
  readonly descr: string;
  readonly isFortranOrder: boolean;
  readonly shape: readonly number[];
  readonly bodyOffset: number;
}

const MAGIC = [0x93, 0x4e, 0x55, 0x4d, 0x50, 0x59];

type ReadValue = (view: DataView, at: number, isLittleEndian: boolean) => number;
const READERS: Readonly<Record<string, readonly [bytes: number, read: ReadValue]>> = {
  f2: [2, (view, at, le) => float16ToNumber(view.getUint16(at, le))],
  f4: [4, (view, at, le) => view.getFloat32(at, le)],
  f8: [8, (view, at, le) => view.getFloat64(at, le)],
  b1: [1, (view, at) => view.getUint8(at)],
  i1: [1, (view, at) => view.getInt8(at)],
  u1: [1, (view, at) => view.getUint8(at)],
  i2: [2, (view, at, le) => view.getInt16(at, le)],
  u2: [2, (view, at, le) => view.getUint16(at, le)],
  i4: [4, (view, at, le) => view.getInt32(at, le)],
  u4: [4, (view, at, le) => view.getUint32(at, le)],
  i8: [8, (view, at, le) => Number(view.getBigInt64(at, le))],
  u8: [8, (view, at, le) => Number(view.getBigUint64(at, le))],
};

/** Reads the header of a .npy file (numpy.lib.format, versions 1 to 3). Throws `cli/bad-input`. */
export function readNpyHeader(bytes: Uint8Array, file: string): NpyHeader {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (bytes.length < 12 || MAGIC.some((byte, i) => bytes[i] !== byte))
    throw badInput(`${file} is no .npy file (it does not begin with "\\x93NUMPY").`, { file });
  const isLong = bytes[6]! >= 2;
  const headerBytes = isLong ? view.getUint32(8, true) : view.getUint16(8, true);
  const start = isLong ? 12 : 10;
  if (start + headerBytes > bytes.length)
    throw badInput(`${file} is cut: its header claims ${headerBytes} bytes. Copy it again.`, { file });
  const text = new TextDecoder().decode(bytes.subarray(start, start + headerBytes));
  const descr = /'descr':\s*'([^']+)'/.exec(text)?.[1];
  const order = /'fortran_order':\s*(True|False)/.exec(text)?.[1];
  const shape = /'shape':\s*\(([^)]*)\)/.exec(text)?.[1];
  if (descr === undefined || order === undefined || shape === undefined) {
    throw badInput(
      `${file}: the .npy header ${JSON.stringify(text.slice(0, 80))} is not that of a plain array. Save it with numpy.save(file, numpy.ascontiguousarray(array)).`,
      { file },
    );
  }
  const sizes = shape
    .split(',')
    .map((size) => size.trim())
    .filter((size) => size !== '')
    .map(Number);
  if (sizes.some((size) => !Number.isSafeInteger(size) || size < 0))
    throw badInput(`${file}: its header gives the shape (${shape}), which is none. Save it again with numpy.save.`, { file });
  return { descr, isFortranOrder: order === 'True', shape: sizes, bodyOffset: start + headerBytes };
}

/** Reads a .npy array of numbers. Throws `cli/bad-input` on objects (pickles are never read), text, and cut files. */
export function readNpy(bytes: Uint8Array, file: string): NumpyArray {
  const { descr, isFortranOrder, shape, bodyOffset } = readNpyHeader(bytes, file);
  if (descr.includes('O')) {
    throw badInput(
      `${file} holds Python objects (a pickle), which is never read because it could run code. Save plain numbers: numpy.save(file, array.astype('float32')).`,
      { file, descr },
    );
  }
  const reader = READERS[descr.slice(1)];
  if (!reader) throw badInput(`${file} is of type ${descr}; numbers are needed. Save it with array.astype('float32').`, { file, descr });
  const [size, read] = reader;
  const count = shape.reduce((product, length) => product * length, 1);
  if (bodyOffset + count * size > bytes.length)
    throw badInput(
      `${file} is cut: an array of shape (${shape.join(', ')}) needs ${count * size} bytes, ${bytes.length - bodyOffset} are there. Copy it again.`,
      { file },
    );
  const view = new DataView(bytes.buffer, bytes.byteOffset + bodyOffset, count * size);
  const isLittleEndian = descr[0] !== '>';
  const stored = Float64Array.from({ length: count }, (_, i) => read(view, i * size, isLittleEndian));
  return { shape, values: isFortranOrder && shape.length === 2 ? turn(stored, shape[0]!, shape[1]!) : stored };
}

/** Column-major to row-major. */
function turn(stored: Float64Array, rows: number, columns: number): Float64Array {
  const values = new Float64Array(stored.length);
  for (let row = 0; row < rows; row++)
    for (let column = 0; column < columns; column++) values[row * columns + column] = stored[column * rows + row]!;
  return values;
}
