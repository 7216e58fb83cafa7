/** The file `relaxed.js`: the wasm backend's faster kernel, where it is one. See rooms.ts and backends/chooseKernel.ts. */
export { relaxedRoom } from '../src/core/kernels/topK.relaxed.js';
