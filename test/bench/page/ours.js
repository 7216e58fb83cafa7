/** Shelfmate's backends, plain JavaScript, and the floor: one worker, one memory. */
import { createItemMatrix, setRow } from '../build/src/core/kernels/itemMatrix.js';
import { topK, topKBatch } from '../build/src/core/kernels/topK.js';
import { createCpuBackend } from '../build/src/core/kernels/topK.cpu.js';
import { RELAXED_KERNEL, relaxedRoom } from '../build/src/core/kernels/topK.relaxed.js';
import { createWasmBackend, wasmScratchBytes } from '../build/src/core/kernels/topK.wasm.js';
import { chooseKernel } from '../build/worker/backends/chooseKernel.js';
import { describeAdapter } from '../build/worker/backends/ladder.js';
import { tuningParts } from '../build/worker/backends/tuningParts.js';
import { answer } from './rpc.js';

const createBackend = {
  wasm: async () => createWasmBackend(),
  cpu: async () => createCpuBackend(),
  relaxed: async () => createWasmBackend(RELAXED_KERNEL),
  webgpu: async () => (await import('/dist/webgpu.js')).createWebGpuBackend(),
  webgl: async () => (await import('/dist/webgl.js')).createWebGlBackend(),
};

let matrix = null;
let factors = null;
let k = 0;
let floor = null;
const loaded = new Map();

answer({
  async data({ buffer, itemCount, dimensions, biases = null, isExact = false, count }) {
    k = count;
    factors = new Float32Array(buffer);
    matrix = createItemMatrix({
      itemCount,
      dimensions,
      hasBiases: biases !== null,
      hasExactRows: isExact,
      wasmScratchBytes: wasmScratchBytes(itemCount, dimensions),
    });
    for (let i = 0; i < itemCount; i++) setRow(matrix, i, factors.subarray(i * dimensions, (i + 1) * dimensions));
    if (biases) matrix.biases.set(biases);
  },
  async prepare({ kind }) {
    if (kind === 'floor') {
      const { instance } = await WebAssembly.instantiate(await (await fetch('/floor.wasm')).arrayBuffer(), {
        env: { memory: matrix.memory },
      });
      floor = instance.exports;
      return { adapter: '' };
    }
    if (kind === 'plain-js') return { adapter: '' };
    const backend = await createBackend[kind]();
    loaded.set(kind, await backend.load(matrix));
    return { adapter: describeAdapter({ backend, loaded: loaded.get(kind) }), ...(kind === 'relaxed' && { chosen: await chosenKernel() }) };
  },
  async run({ kind, queries, repeats }) {
    const call = callOf(kind, queries);
    let lists;
    const startMs = performance.now();
    for (let n = 0; n < repeats; n++) lists = await call();
    return { ms: (performance.now() - startMs) / repeats, lists };
  },
});

/** What the library itself settles on here, with the figures it went by. */
async function chosenKernel() {
  const backend = createWasmBackend();
  const { reason } = await chooseKernel({
    model: { matrix, entry: { selfTests: [] } },
    current: { backend, loaded: await backend.load(matrix), attempts: [], reason: '' },
    relaxed: relaxedRoom,
    parts: tuningParts,
    clockMs: () => performance.now(),
    pause: () => new Promise((resolve) => setTimeout(resolve)),
  });
  return reason.replace(/^ Kernel: |\.$/g, '');
}

function callOf(kind, queries) {
  if (kind === 'floor') {
    // The rows and their scales: what the kernel reads.
    const { rows, scales } = matrix;
    return () => {
      floor.read(rows.byteOffset, rows.byteOffset + rows.byteLength);
      floor.read(scales.byteOffset, scales.byteOffset + scales.byteLength);
      return null;
    };
  }
  if (kind === 'plain-js') return () => queries.map((query) => plainTopK(query));
  if (queries.length === 1) {
    return async () => [(await topK(loaded.get(kind), matrix, { query: queries[0], rule: 'dot', k, excluded: null })).indexes];
  }
  return async () => (await topKBatch(loaded.get(kind), matrix, { queries, rule: 'dot', k, excluded: null })).map(({ indexes }) => indexes);
}

/** As most would write it: a loop over f32 factors, the best k kept sorted. */
function plainTopK(query) {
  const dimensions = query.length;
  const scores = new Float64Array(k).fill(-Infinity);
  const rows = new Uint32Array(k);
  for (let i = 0, at = 0; i < matrix.itemCount; i++) {
    let score = matrix.biases ? matrix.biases[i] : 0;
    for (let j = 0; j < dimensions; j++) score += query[j] * factors[at++];
    if (score <= scores[k - 1]) continue;
    let place = k - 1;
    for (; place > 0 && scores[place - 1] < score; place--) {
      scores[place] = scores[place - 1];
      rows[place] = rows[place - 1];
    }
    scores[place] = score;
    rows[place] = i;
  }
  return rows;
}
