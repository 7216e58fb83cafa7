/** The page's side of run.mjs: each backend is opened once; one that is not to be had says why. */
import { createCpuBackend } from '../../build/src/core/kernels/topK.cpu.js';
import { createWasmBackend } from '../../build/src/core/kernels/topK.wasm.js';
import { createWebGlBackend } from '../../dist/webgl.js';
import { createWebGpuBackend } from '../../dist/webgpu.js';
import { answerCases } from './answerCases.mjs';

const create = { wasm: createWasmBackend, webgpu: createWebGpuBackend, webgl: createWebGlBackend, cpu: createCpuBackend };
const open = {};

window.openBackend = async (name) => {
  open[name] = await create[name]();
  return open[name].adapter;
};
window.answerCases = (name, source, histories, dtype) => answerCases(open[name], source, histories, dtype);
