import { float16ToNumber, numberToFloat16 } from '../../src/core/artifact/safetensors.js';
import { quantizeQuery } from '../../src/core/kernels/quantizeQuery.js';
import type { ItemMatrix } from '../../src/core/kernels/topK.js';

/** How rows lie on the GPU, and what a thread multiplies them with. */
export type RowForm =
  /** Four int8 factors a word, multiplied by dot4I8Packed. */
  | 'int8 rows by dp4a'
  /** The same by shifts, for browsers without packed_4x8_integer_dot_product. */
  | 'int8 rows by shifts'
  /** Two f16 factors a word, read as f16: needs the feature shader-f16. */
  | 'f16 rows'
  /** The same by unpack2x16float, which every WebGPU has. */
  | 'f16 rows, unpacked';

/** A matrix and its queries in the form that the GPU reads. */
export interface RowPacking {
  /** Bytes of a packed row, a multiple of 16; a packed query takes twice as many. */
  readonly rowBytes: number;
  /** f32, itemCount: what a row's dot product is multiplied with under the rule `dot`. Complete once all rows are packed. */
  readonly scales: Float32Array;
  /** The same under `cosine`. */
  readonly cosineScales: Float32Array;
  /** The packed rows from `start` to before `end`: a view, which the next call may overwrite. */
  pack(start: number, end: number): Int8Array | Uint16Array;
  /** Writes a query to `out`, 2 x rowBytes of zeros at byte `at`. Returns what a dot product with it must be multiplied with. */
  writeQuery(query: Float32Array, out: ArrayBuffer, at: number): number;
}

/** Takes int8 rows as they are: nothing is copied. A query travels as two int8 planes, level = high * 256 + low. */
export function packInt8Rows({ rows, stride, scales, cosineScales }: ItemMatrix): RowPacking {
  const levels = new Int16Array(stride);
  return {
    rowBytes: stride,
    scales,
    cosineScales,
    pack: (start, end) => rows.subarray(start * stride, end * stride),
    writeQuery: (query, out, at) => {
      const step = quantizeQuery(query, levels);
      const planes = new Int8Array(out, at, 2 * stride);
      for (let j = 0; j < stride; j++) {
        // Stored modulo 256, so the low byte is the level's own in -128..127, and the high one makes up the rest.
        planes[stride + j] = levels[j]!;
        planes[j] = (levels[j]! - planes[stride + j]!) >> 8;
      }
      return step;
    },
  };
}

/** Factors in a vector of 16 bytes. */
const HALVES_PER_VECTOR = 8;

/**
 * Packs the exact factors as f16, each row divided by a unit of its own. That is a power of two near its largest factor where f16 then
 * holds the row without loss, as it does that of a float16 folder; else the largest factor itself, so that of rows that differ in length
 * alone each keeps its own, to the last bit of f32. `pack` reuses one buffer. A query travels as f32, its largest value 1.
 */
export function packFloat16Rows({ itemCount, dimensions, exactRows, scales, cosineScales }: ItemMatrix): RowPacking {
  const width = Math.ceil(dimensions / HALVES_PER_VECTOR) * HALVES_PER_VECTOR;
  const units = new Float32Array(itemCount);
  const cosineUnits = new Float32Array(itemCount);
  let halves = halfArray(0);
  /** Returns whether nothing was lost; it stops where something was, unless `isRounded`. */
  const writeRow = (row: number, to: number, unit: number, isRounded: boolean): boolean => {
    const { put } = halves;
    for (let j = 0; j < dimensions; j++) {
      const level = exactRows![row * dimensions + j]! / unit;
      if (put(to + j, level) !== level && !isRounded) return false;
    }
    return true;
  };
  return {
    rowBytes: width * 2,
    scales: units,
    cosineScales: cosineUnits,
    pack: (start, end) => {
      const length = (end - start) * width;
      if (halves.bits.length < length) halves = halfArray(length);
      for (let row = start; row < end; row++) {
        const to = (row - start) * width;
        const largest = largestOf(exactRows!, row * dimensions, dimensions);
        units[row] = largest === 0 ? 1 : 2 ** Math.floor(Math.log2(largest));
        if (!writeRow(row, to, units[row]!, false)) writeRow(row, to, (units[row] = largest), true);
        // cosineScales / scales is 1 / |v_i|.
        cosineUnits[row] = scales[row] === 0 ? 0 : (units[row]! * cosineScales[row]!) / scales[row]!;
      }
      return halves.bits.subarray(0, length);
    },
    writeQuery: (query, out, at) => {
      const largest = largestOf(query, 0, query.length);
      if (largest === 0) return 0;
      const direction = new Float32Array(out, at, query.length);
      for (let j = 0; j < query.length; j++) direction[j] = query[j]! / largest;
      return largest;
    },
  };
}

function largestOf(values: Float32Array, start: number, length: number): number {
  let largest = 0;
  for (let at = start; at < start + length; at++) largest = Math.max(largest, Math.abs(values[at]!));
  return largest;
}

interface HalfArray {
  readonly bits: Uint16Array<ArrayBuffer>;
  /** Writes the f16 nearest to `value`, half to even, and returns it. */
  readonly put: (at: number, value: number) => number;
}

/** By the engine where it knows such arrays (Chrome 135, Firefox 129, Safari 18.2), else by our own conversion, which rounds the same. */
function halfArray(length: number): HalfArray {
  const bits = new Uint16Array(length);
  const { Float16Array } = globalThis as { Float16Array?: new (buffer: ArrayBuffer) => { [at: number]: number } };
  if (!Float16Array) return { bits, put: (at, value) => float16ToNumber((bits[at] = numberToFloat16(value))) };
  const floats = new Float16Array(bits.buffer);
  const put = (at: number, value: number): number => {
    floats[at] = value;
    return floats[at]!;
  };
  return { bits, put };
}
