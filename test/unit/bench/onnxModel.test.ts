import { expect, test } from 'vitest';
// @ts-expect-error A script of the benchmark, without types.
import { onnxTopKModel } from '../../bench/page/onnxModel.js';

type Field = readonly [number: number, value: number | Uint8Array];

/** The fields of a Protocol Buffers message, read back by the wire format's rules. */
function fields(bytes: Uint8Array): Field[] {
  const found: Field[] = [];
  let at = 0;
  const varint = (): number => {
    let value = 0;
    for (let place = 1; ; place *= 128) {
      const byte = bytes[at++]!;
      value += (byte & 127) * place;
      if (byte < 128) return value;
    }
  };
  while (at < bytes.length) {
    const key = varint();
    if ((key & 7) === 0) {
      found.push([key >>> 3, varint()]);
    } else {
      expect(key & 7).toBe(2);
      const size = varint();
      found.push([key >>> 3, bytes.subarray(at, at + size)]);
      at += size;
    }
  }
  expect(at).toBe(bytes.length);
  return found;
}

const all = (message: Uint8Array, number: number): (number | Uint8Array)[] =>
  fields(message)
    .filter(([field]) => field === number)
    .map(([, value]) => value);
const text = (value: number | Uint8Array): string => new TextDecoder().decode(value as Uint8Array);

test('the ONNX model of the benchmark holds two nodes and both constants', () => {
  const items = Float32Array.from({ length: 3 * 200 }, (_, at) => at / 7);
  const model: Uint8Array = onnxTopKModel({ items, itemCount: 200, dimensions: 3, k: 50 });
  const graph = all(model, 7)[0] as Uint8Array;
  const nodes = all(graph, 1) as Uint8Array[];
  expect(nodes.map((node) => all(node, 4).map(text))).toEqual([['MatMul'], ['TopK']]);
  expect(nodes.map((node) => all(node, 1).map(text))).toEqual([
    ['query', 'items'],
    ['dots', 'k'],
  ]);
  const [itemTensor, kTensor] = all(graph, 5) as Uint8Array[];
  expect(all(itemTensor!, 1)).toEqual([3, 200]);
  expect(new Float32Array((all(itemTensor!, 9)[0] as Uint8Array).slice().buffer)).toEqual(items);
  expect(new BigInt64Array((all(kTensor!, 9)[0] as Uint8Array).slice().buffer)).toEqual(BigInt64Array.of(50n));
  expect((all(graph, 11) as Uint8Array[]).map((input) => text(all(input, 1)[0]!))).toEqual(['query']);
  expect((all(graph, 12) as Uint8Array[]).map((output) => text(all(output, 1)[0]!))).toEqual(['scores', 'rows']);
});
