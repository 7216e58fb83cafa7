/**
 * The smallest ONNX model that recommends: scores = MatMul(query, items), then TopK. Written byte by byte, in the wire format
 * of Protocol Buffers; the field numbers are those of onnx.proto3.
 */
const FLOAT = 1;
const INT64 = 7;

/** `items`: f32, dimensions x itemCount, row-major. Returns the model's bytes. */
export function onnxTopKModel({ items, itemCount, dimensions, k }) {
  const graph = message([
    [1, node(['query', 'items'], ['dots'], 'MatMul')],
    [1, node(['dots', 'k'], ['scores', 'rows'], 'TopK')],
    [2, text('top-k')],
    [5, tensor('items', FLOAT, [dimensions, itemCount], items)],
    [5, tensor('k', INT64, [1], BigInt64Array.of(BigInt(k)))],
    [11, tensorInfo('query', FLOAT, [null, dimensions])],
    [12, tensorInfo('scores', FLOAT, [null, k])],
    [12, tensorInfo('rows', INT64, [null, k])],
  ]);
  const opset = message([[2, 17]]);
  return join(
    message([
      [1, 8],
      [7, graph],
      [8, opset],
    ]),
  );
}

const node = (inputs, outputs, type) =>
  message([...inputs.map((name) => [1, text(name)]), ...outputs.map((name) => [2, text(name)]), [4, text(type)]]);

const tensor = (name, type, shape, values) =>
  message([
    ...shape.map((size) => [1, size]),
    [2, type],
    [8, text(name)],
    [9, [new Uint8Array(values.buffer, values.byteOffset, values.byteLength)]],
  ]);

/** A ValueInfoProto; a size of null is the open dimension "queries". */
const tensorInfo = (name, type, shape) =>
  message([
    [1, text(name)],
    [
      2,
      message([
        [
          1,
          message([
            [1, type],
            [2, message(shape.map((size) => [1, message([size === null ? [2, text('queries')] : [1, size]])]))],
          ]),
        ],
      ]),
    ],
  ]);

const text = (value) => [new TextEncoder().encode(value)];

/** Fields as [number, integer] or [number, list of byte arrays]; returns the list of byte arrays of the whole message. */
function message(fields) {
  const parts = [];
  for (const [number, value] of fields) {
    if (typeof value === 'number') {
      parts.push(varint(number << 3), varint(value));
    } else {
      const size = value.reduce((sum, part) => sum + part.length, 0);
      parts.push(varint((number << 3) | 2), varint(size), ...value);
    }
  }
  return parts;
}

function varint(value) {
  const bytes = [];
  let rest = value;
  for (; rest > 127; rest = Math.floor(rest / 128)) bytes.push((rest % 128) | 128);
  return Uint8Array.of(...bytes, rest);
}

function join(parts) {
  const bytes = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    bytes.set(part, at);
    at += part.length;
  }
  return bytes;
}
