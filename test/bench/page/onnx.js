/** onnxruntime-web on WebAssembly, one thread: MatMul + TopK. */
import * as ort from '../peers/onnxruntime-web/dist/ort.wasm.min.mjs';
import { onnxTopKModel } from './onnxModel.js';
import { answer } from './rpc.js';

ort.env.wasm.numThreads = 1;
ort.env.wasm.wasmPaths = '/peers/onnxruntime-web/dist/';
ort.env.logLevel = 'error';

let session = null;

answer({
  async prepare({ buffer, itemCount, dimensions, count }) {
    const factors = new Float32Array(buffer);
    // Transposed, as MatMul wants it.
    const items = new Float32Array(factors.length);
    for (let i = 0; i < itemCount; i++) for (let j = 0; j < dimensions; j++) items[j * itemCount + i] = factors[i * dimensions + j];
    session = await ort.InferenceSession.create(onnxTopKModel({ items, itemCount, dimensions, k: count }), {
      executionProviders: ['wasm'],
    });
    return { adapter: '' };
  },
  async run({ queries, repeats }) {
    const dimensions = queries[0].length;
    const flat = new Float32Array(queries.length * dimensions);
    queries.forEach((query, q) => flat.set(query, q * dimensions));
    let lists;
    const startMs = performance.now();
    for (let n = 0; n < repeats; n++) {
      const { rows } = await session.run({ query: new ort.Tensor('float32', flat, [queries.length, dimensions]) });
      const k = rows.dims[1];
      lists = queries.map((_, q) => Uint32Array.from(rows.data.subarray(q * k, (q + 1) * k), Number));
    }
    return { ms: (performance.now() - startMs) / repeats, lists };
  },
});
