import { describe, expect, it } from 'vitest';
import {
  f32Tensor,
  float16ToNumber,
  i8Tensor,
  numberToFloat16,
  readSafetensors,
  toFloat32,
  writeSafetensors,
} from '../../../src/core/artifact/safetensors.js';

function fileWith(header: unknown, data: Uint8Array = new Uint8Array(8)): Uint8Array {
  const text = new TextEncoder().encode(typeof header === 'string' ? header : JSON.stringify(header));
  const bytes = new Uint8Array(8 + text.length + data.length);
  new DataView(bytes.buffer).setUint32(0, text.length, true);
  bytes.set(text, 8);
  bytes.set(data, 8 + text.length);
  return bytes;
}

describe('safetensors', () => {
  it('gives back what was written', () => {
    const values = Float32Array.from([1.5, -2, 3e-9]);
    const levels = Int8Array.from([-127, 0, 127, 5]);
    const read = readSafetensors(
      writeSafetensors([
        ['a', f32Tensor(values, [3])],
        ['b', i8Tensor(levels, [2, 2])],
      ]),
      'f',
    );
    expect([...toFloat32(read.get('a')!, 'a', 'f')]).toEqual([...values]);
    expect(read.get('b')!.shape).toEqual([2, 2]);
    expect([...new Int8Array(read.get('b')!.bytes)]).toEqual([...levels]);
  });

  it('decodes every half-precision value to the number that encodes to it', () => {
    for (let bits = 0; bits < 65536; bits++) {
      const value = float16ToNumber(bits);
      if (Number.isNaN(value)) continue;
      expect(numberToFloat16(value)).toBe(bits);
    }
  });

  it('rounds to the nearest half-precision value, ties to even', () => {
    expect(numberToFloat16(1 + 2 ** -11)).toBe(numberToFloat16(1));
    expect(numberToFloat16(1 + 3 * 2 ** -11)).toBe(numberToFloat16(1 + 2 ** -9));
    expect(numberToFloat16(65519)).toBe(0x7bff);
    expect(numberToFloat16(65520)).toBe(0x7c00);
    expect(numberToFloat16(2 ** -25)).toBe(0);
    expect(numberToFloat16(2047.9999 * 2 ** -25)).toBe(1024);
  });

  it.each([
    ['seven bytes', new Uint8Array(7), /7 bytes are too few/],
    ['a header longer than the file', Uint8Array.from([255, 255, 0, 0, 0, 0, 0, 0, 1]), /header claims 65535 bytes/],
    ['a header of 2^40 bytes', Uint8Array.from([0, 0, 0, 0, 0, 1, 0, 0, 1]), /header claims/],
    ['a header that is HTML', fileWith('<!doctype html>'), /HTML page/],
    [
      'offsets beyond the end',
      fileWith({ a: { dtype: 'F32', shape: [4], data_offsets: [0, 16] } }),
      /data_offsets\[1\] must be a whole number from 0 to 8/,
    ],
    [
      'a shape that needs other bytes',
      fileWith({ a: { dtype: 'F32', shape: [1], data_offsets: [0, 8] } }),
      /needs 4 bytes, its offsets give 8/,
    ],
    [
      'a shape whose product overflows',
      fileWith({ a: { dtype: 'F32', shape: [2 ** 31, 2 ** 31, 2 ** 31], data_offsets: [0, 8] } }),
      /needs/,
    ],
    [
      'overlapping tensors',
      fileWith({ a: { dtype: 'I8', shape: [5], data_offsets: [0, 5] }, b: { dtype: 'I8', shape: [4], data_offsets: [4, 8] } }),
      /overlap or hole/,
    ],
    ['a hole', fileWith({ a: { dtype: 'I8', shape: [4], data_offsets: [4, 8] } }), /overlap or hole/],
    ['bytes left over', fileWith({ a: { dtype: 'I8', shape: [4], data_offsets: [0, 4] } }), /tensors end at byte 4, the file at 8/],
    ['an unknown dtype', fileWith({ a: { dtype: 'F8', shape: [8], data_offsets: [0, 8] } }), /"I8", "U8"/],
  ])('refuses %s by name', (_, bytes, message) => {
    expect(() => readSafetensors(bytes, 'bad.safetensors')).toThrow(message);
    expect(() => readSafetensors(bytes, 'bad.safetensors')).toThrow(/^bad\.safetensors/);
  });

  it('refuses NaN and infinity, naming the position', () => {
    const tensor = f32Tensor(Float32Array.from([0, Infinity]), [2]);
    expect(() => toFloat32(tensor, 'rows', 'f')).toThrow(/tensor "rows" holds Infinity at position 1/);
  });
});
