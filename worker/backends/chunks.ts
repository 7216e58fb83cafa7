/**
 * Loads the GPU backends, each a self-contained file beside worker.js, only when their rung of the ladder is reached.
 * The URLs are written out so that bundlers see them and emit the files; the import itself must stay as it is in the bundle.
 */
import { createCpuBackend } from '../../src/core/kernels/topK.cpu.js';
import type { Backend } from '../../src/core/kernels/topK.js';
import { createWasmBackend } from '../../src/core/kernels/topK.wasm.js';
import type { BackendName } from '../../src/core/types.js';

/** What the ladder starts each backend with. */
export const backendLoaders: Readonly<Record<BackendName, () => Promise<Backend>>> = {
  wasm: async () => createWasmBackend(),
  webgpu: async () => (await load<typeof import('./webgpu.js')>(new URL('./webgpu.js', import.meta.url))).createWebGpuBackend(),
  webgl: async () => (await load<typeof import('./webgl.js')>(new URL('./webgl.js', import.meta.url))).createWebGlBackend(),
  cpu: async () => createCpuBackend(),
};

async function load<Chunk>(url: URL): Promise<Chunk> {
  return (await import(/* @vite-ignore */ /* webpackIgnore: true */ url.href)) as Chunk;
}
