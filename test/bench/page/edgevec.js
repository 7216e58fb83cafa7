/**
 * EdgeVec: an HNSW index in WebAssembly. Its metric "dot" ranks the smallest product first, so the inner products are put as
 * distances, in the usual way: one more dimension makes all rows equally long, and then the nearest is the best.
 */
import init, { EdgeVec, EdgeVecConfig } from '../peers/edgevec/edgevec.js';
import { answer } from './rpc.js';

const ROWS_PER_INSERT = 1_000;

let index = null;
let k = 0;

answer({
  async prepare({ buffer, itemCount, dimensions, count }) {
    await init();
    k = count;
    const config = new EdgeVecConfig(dimensions + 1);
    config.metric = 'l2';
    config.ef_search = 200;
    index = new EdgeVec(config);
    const factors = new Float32Array(buffer);
    const squares = new Float64Array(itemCount);
    factors.forEach((value, at) => (squares[Math.floor(at / dimensions)] += value * value));
    const longest = squares.reduce((most, square) => Math.max(most, square), 0);
    for (let i = 0; i < itemCount; i += ROWS_PER_INSERT) {
      const count = Math.min(ROWS_PER_INSERT, itemCount - i);
      const rows = new Float32Array(count * (dimensions + 1));
      for (let r = 0; r < count; r++) {
        rows.set(factors.subarray((i + r) * dimensions, (i + r + 1) * dimensions), r * (dimensions + 1));
        rows[(r + 1) * (dimensions + 1) - 1] = Math.sqrt(longest - squares[i + r]);
      }
      index.insertBatchFlat(rows, count);
    }
    return { adapter: '' };
  },
  run({ queries, repeats }) {
    let lists;
    const startMs = performance.now();
    for (let n = 0; n < repeats; n++) lists = queries.map((query) => index.search(Float32Array.of(...query, 0), k));
    const ms = (performance.now() - startMs) / repeats;
    // Its ids count from 1.
    return { ms, lists: lists.map((list) => Uint32Array.from(list, ({ id }) => id - 1)) };
  },
});
