/** hnswlib-wasm: the HNSW index of hnswlib, by inner product. */
import { loadHnswlib } from '../peers/hnswlib-wasm/dist/hnswlib.js';
import { answer } from './rpc.js';

let index = null;
let k = 0;

answer({
  async prepare({ buffer, itemCount, dimensions, count }) {
    const library = await loadHnswlib();
    k = count;
    index = new library.HierarchicalNSW('ip', dimensions, '');
    index.initIndex(itemCount, 16, 100, 100);
    index.setEfSearch(200);
    const factors = new Float32Array(buffer);
    for (let i = 0; i < itemCount; i++) index.addPoint(factors.slice(i * dimensions, (i + 1) * dimensions), i, false);
    return { adapter: '' };
  },
  run({ queries, repeats }) {
    let lists;
    const startMs = performance.now();
    for (let n = 0; n < repeats; n++) lists = queries.map((query) => index.searchKnn(query, k, undefined).neighbors);
    return { ms: (performance.now() - startMs) / repeats, lists: lists.map((list) => Uint32Array.from(list)) };
  },
});
