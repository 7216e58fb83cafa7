import { afterEach, describe, expect, test, vi } from 'vitest';
import { createCpuBackend } from '../../src/core/kernels/topK.cpu.js';
import { topK, type Backend, type LoadedMatrix } from '../../src/core/kernels/topK.js';
import { RELAXED_KERNEL, checkKernel, packPlanes } from '../../src/core/kernels/topK.relaxed.js';
import { createWasmBackend } from '../../src/core/kernels/topK.wasm.js';
import { openBackend } from '../../worker/backends/ladder.js';
import { createWebGlBackend } from '../../worker/backends/webgl.js';
import { createWebGpuBackend } from '../../worker/backends/webgpu.js';
import { describeTopKContract } from '../fixtures/topKContract.js';
import { createRandom, randomVector } from '../fixtures/random.js';
import { TOP_K_CASES, buildMatrix, excludeWhere } from '../fixtures/topKCases.js';

describeTopKContract('cpu', createCpuBackend);
describeTopKContract('wasm', createWasmBackend, { inWasmMemory: true });
describeTopKContract('wasm on relaxed SIMD', () => createWasmBackend(RELAXED_KERNEL), { inWasmMemory: true });
describeTopKContract('webgpu', createWebGpuBackend, { inWasmMemory: true });
describeTopKContract('webgpu over f16 rows, unpacked', () => createWebGpuBackend({ hasShaderF16: false }), {
  hasExactRows: true,
  kernel: 'f16 rows, unpacked',
});
describeTopKContract('webgl', createWebGlBackend);
if (await hasShaderF16()) {
  describeTopKContract('webgpu over f16 rows', () => createWebGpuBackend({ hasShaderF16: true }), {
    hasExactRows: true,
    kernel: 'f16 rows',
  });
}
// Every matrix over 1,000 rows of 64 is split, at no round number.
describeTopKContract('webgpu in parts', () => createWebGpuBackend({ maxPartBytes: 64_123 }));
describeTopKContract('webgl in parts', () => createWebGlBackend({ maxPartFactors: 64_123 }));

describe('the check of a wasm kernel', () => {
  test('passes relaxed SIMD here, and tells a kernel that computes something else', () => {
    expect(checkKernel(RELAXED_KERNEL)).toBeNull();
    const saturating = (levels: Int16Array): void => {
      packPlanes(levels);
      // Eight bits where seven are allowed: what comes of it is the processor's own affair.
      new Uint8Array(levels.buffer, levels.byteOffset, levels.length).forEach((_, j, planes) => (planes[j]! |= 128));
    };
    expect(checkKernel({ ...RELAXED_KERNEL, pack: saturating })).toMatch(/gives -?\d+ instead of -?\d+ on relaxed SIMD/);
  });
});

describe('this browser', () => {
  test('has a WebGPU adapter', async () => {
    const backend = await createWebGpuBackend();
    expect(backend.name).toBe('webgpu');
    expect(backend.adapter).toMatch(/\w/);
    console.log(
      `webgpu adapter: ${backend.adapter}; packed dot: ${navigator.gpu.wgslLanguageFeatures.has('packed_4x8_integer_dot_product')}`,
    );
    backend.close();
  });

  test('has a WebGL 2 renderer', async () => {
    const backend = await createWebGlBackend();
    expect(backend.name).toBe('webgl');
    expect(backend.adapter).toMatch(/\w/);
    console.log(`webgl renderer: ${backend.adapter}`);
    backend.close();
  });
});

describe('the WebGPU kernel', () => {
  afterEach(() => vi.restoreAllMocks());

  test('reads rows in the form that the adapter, the browser and the folder allow', async () => {
    const hasF16 = await hasShaderF16();
    const hasPackedDot = navigator.gpu.wgslLanguageFeatures.has('packed_4x8_integer_dot_product');
    const backend = await createWebGpuBackend();
    const kernelOf = async (hasExactRows: boolean): Promise<string | undefined> =>
      (await backend.load(buildMatrix({ itemCount: 50, dimensions: 16, hasExactRows }, false))).kernel;
    expect(await kernelOf(true)).toBe(hasF16 ? 'f16 rows' : 'f16 rows, unpacked');
    expect(await kernelOf(false)).toBe(hasPackedDot ? 'int8 rows by dp4a' : 'int8 rows by shifts');
    backend.close();
    // What is not there is refused by name: nothing else runs in its place.
    if (!hasF16) {
      const refusal = { code: 'backend/unavailable', message: expect.stringContaining('shader-f16') };
      await expect(createWebGpuBackend({ hasShaderF16: true })).rejects.toMatchObject(refusal);
    }
  });

  test('gives the same lists without the packed dot product', async () => {
    const backend = await createWebGpuBackend({ hasPackedDot: false });
    const reference = createCpuBackend();
    for (const { build } of TOP_K_CASES.slice(0, 12)) {
      const { matrix, requests } = build(false);
      const [loaded, expected] = [await backend.load(matrix), await reference.load(matrix)];
      expect(loaded.kernel).toBe('int8 rows by shifts');
      for (const request of requests) expect(await topK(loaded, matrix, request)).toEqual(await topK(expected, matrix, request));
      loaded.dispose();
    }
    backend.close();
  });

  test.each([
    ['tiny', 1e-30],
    ['huge', 1e30],
  ])('keeps %s float32 factors in the range of f16', async (_, size) => {
    const backend = await createWebGpuBackend({ hasShaderF16: false });
    const random = createRandom(3);
    const matrix = buildMatrix({ itemCount: 2_001, dimensions: 52, hasExactRows: true }, false, (row) =>
      randomVector(random, 52).map((value) => value * size * (1 + (row % 5))),
    );
    const loaded = await backend.load(matrix);
    const reference = await createCpuBackend().load(matrix);
    for (const rule of ['dot', 'cosine'] as const) {
      const request = { query: randomVector(random, 52), rule, k: 20, excluded: null };
      expect(await topK(loaded, matrix, request)).toEqual(await topK(reference, matrix, request));
    }
    backend.close();
  });

  test("packs rows in chunks into one buffer, none lost, with and without the engine's own f16 arrays", async () => {
    const itemCount = 45_001; // 4.7 MB of f16 rows: more than one chunk.
    const matrix = buildMatrix({ itemCount, dimensions: 52, hasExactRows: true }, false);
    const reference = await createCpuBackend().load(matrix);
    // Each reached only in its own chunk, the last rows in the second one.
    const excluded = [0, 30_000, 44_990].map((first) => excludeWhere(itemCount, (row) => row < first || row >= first + 200));
    const { Float16Array } = globalThis as { Float16Array?: unknown };
    for (const native of [Float16Array, undefined]) {
      vi.stubGlobal('Float16Array', native);
      const backend = await createWebGpuBackend({ maxPartBytes: 8 * 2 ** 20 });
      const loaded = await backend.load(matrix);
      for (const mask of excluded) {
        const request = { query: new Float32Array(52).map((_, j) => Math.cos(j)), rule: 'dot', k: 20, excluded: mask } as const;
        expect(await topK(loaded, matrix, request)).toEqual(await topK(reference, matrix, request));
      }
      backend.close();
    }
    vi.unstubAllGlobals();
  });

  test('takes one submit, three dispatches and a few kilobytes of readback', async () => {
    const submit = vi.spyOn(GPUQueue.prototype, 'submit');
    const dispatch = vi.spyOn(GPUComputePassEncoder.prototype, 'dispatchWorkgroups');
    const map = vi.spyOn(GPUBuffer.prototype, 'mapAsync');
    const backend = await createWebGpuBackend();
    const matrix = buildMatrix({ itemCount: 20_000, dimensions: 32 }, false);
    const loaded = await backend.load(matrix);
    submit.mockClear();
    dispatch.mockClear();
    map.mockClear();
    await loaded.findCandidates({ query: new Float32Array(32).fill(1), rule: 'dot', count: 80, excluded: null });
    expect(submit).toHaveBeenCalledTimes(1);
    expect(dispatch).toHaveBeenCalledTimes(3);
    expect(map.mock.calls.map(([, , bytes]) => bytes)).toEqual([16 + 8 * 320]);
    backend.close();
  });
});

describe('a GPU that fails', () => {
  afterEach(() => vi.restoreAllMocks());

  const request = { query: new Float32Array(16).fill(1), rule: 'dot', count: 20, excluded: null } as const;
  const failed = { code: 'backend/failed' };

  test('rejects calls in flight and later ones after the WebGPU device is lost', async () => {
    const { backend, loaded } = await openLoaded(createWebGpuBackend);
    const device = await deviceOf(createWebGpuBackend);
    await expect(loaded.findCandidates(request)).resolves.toHaveLength(20);
    const inFlight = device.loaded.findCandidates(request);
    device.device.destroy();
    await expect(inFlight).rejects.toMatchObject(failed);
    await expect(device.loaded.findCandidates(request)).rejects.toMatchObject(failed);
    // Another device is not touched by it.
    await expect(loaded.findCandidates(request)).resolves.toHaveLength(20);
    backend.close();
  });

  test('rejects calls in flight and later ones after the WebGL context is lost', async () => {
    const contexts: WebGL2RenderingContext[] = [];
    const getContext = OffscreenCanvas.prototype.getContext;
    vi.spyOn(OffscreenCanvas.prototype, 'getContext').mockImplementation(function (this: OffscreenCanvas, ...options: unknown[]) {
      const context = getContext.apply(this, options as never) as unknown as WebGL2RenderingContext;
      contexts.push(context);
      return context as never;
    });
    const { loaded } = await openLoaded(createWebGlBackend);
    await expect(loaded.findCandidates(request)).resolves.toHaveLength(20);
    const inFlight = loaded.findCandidates(request);
    contexts.at(-1)!.getExtension('WEBGL_lose_context')!.loseContext();
    await expect(inFlight).rejects.toMatchObject(failed);
    await expect(loaded.findCandidates(request)).rejects.toMatchObject(failed);
    // And a new context works.
    const again = await openLoaded(createWebGlBackend);
    await expect(again.loaded.findCandidates(request)).resolves.toHaveLength(20);
    again.backend.close();
  });

  test.each([
    ['webgpu', createWebGpuBackend],
    ['webgl', createWebGlBackend],
  ] as const)('rejects calls after %s was closed', async (_, create) => {
    const { backend, loaded } = await openLoaded(create);
    const inFlight = loaded.findCandidates(request);
    backend.close();
    await expect(inFlight).rejects.toMatchObject(failed);
    await expect(loaded.findCandidates(request)).rejects.toMatchObject(failed);
  });

  test('rejects a model with infinite biases on WebGPU', async () => {
    const backend = await createWebGpuBackend();
    const matrix = buildMatrix({ itemCount: 100, dimensions: 16, hasBiases: true }, false);
    matrix.biases!.fill(Infinity);
    const loaded = await backend.load(matrix);
    await expect(loaded.findCandidates(request)).rejects.toMatchObject(failed);
    backend.close();
  });
});

describe('the ladder', () => {
  afterEach(() => vi.restoreAllMocks());

  const matrix = buildMatrix({ itemCount: 3_000, dimensions: 24, hasBiases: true }, true);
  const load = {
    wasm: async () => createWasmBackend(),
    webgpu: () => createWebGpuBackend(),
    webgl: () => createWebGlBackend(),
    cpu: async () => createCpuBackend(),
  };

  test.each(['wasm', 'webgpu', 'webgl', 'cpu'] as const)('accepts %s when it is asked for', async (requested) => {
    const { backend, attempts } = await openBackend({ requested, matrix, load });
    expect(backend.name).toBe(requested);
    expect(attempts).toMatchObject([{ backend: requested, accepted: true }]);
    backend.close();
  });

  test('refuses WebGPU when there is no adapter', async () => {
    vi.spyOn(navigator.gpu, 'requestAdapter').mockResolvedValue(null);
    const opening = openBackend({ requested: 'webgpu', matrix, load });
    await expect(opening).rejects.toMatchObject({ code: 'backend/unavailable', message: expect.stringContaining('no GPU adapter') });
  });

  test('passes over a WebGPU whose shader does not compile', async () => {
    const create = GPUDevice.prototype.createShaderModule;
    vi.spyOn(GPUDevice.prototype, 'createShaderModule').mockImplementation(function (this: GPUDevice, { code }) {
      return create.call(this, { code: `${code} nonsense` });
    });
    const down = { ...load, wasm: load.webgpu };
    const { backend, attempts } = await openBackend({ requested: 'auto', matrix, load: down });
    expect(backend.name).toBe('webgl');
    expect(attempts[1]).toMatchObject({
      backend: 'webgpu',
      accepted: false,
      reason: expect.stringContaining('did not take the top-k kernel'),
    });
    backend.close();
  });

  test('passes over a WebGPU that returns zeros', async () => {
    vi.spyOn(GPUComputePassEncoder.prototype, 'dispatchWorkgroups').mockImplementation(() => undefined);
    const down = { ...load, wasm: load.webgpu };
    const { backend, attempts } = await openBackend({ requested: 'auto', matrix, load: down });
    expect(backend.name).toBe('webgl');
    expect(attempts[1]).toMatchObject({ backend: 'webgpu', accepted: false, reason: expect.stringContaining('self-test') });
    backend.close();
  });
});

async function hasShaderF16(): Promise<boolean> {
  const adapter = await navigator.gpu.requestAdapter();
  return adapter!.features.has('shader-f16');
}

async function openLoaded(create: () => Promise<Backend>): Promise<{ backend: Backend; loaded: LoadedMatrix }> {
  const backend = await create();
  return { backend, loaded: await backend.load(buildMatrix({ itemCount: 3_000, dimensions: 16 }, false)) };
}

/** As openLoaded, and with it the device the backend made for itself. */
async function deviceOf(create: () => Promise<Backend>): Promise<{ loaded: LoadedMatrix; device: GPUDevice }> {
  const devices: GPUDevice[] = [];
  const requestDevice = GPUAdapter.prototype.requestDevice;
  vi.spyOn(GPUAdapter.prototype, 'requestDevice').mockImplementation(async function (this: GPUAdapter, descriptor) {
    const device = await requestDevice.call(this, descriptor);
    devices.push(device);
    return device;
  });
  const { loaded } = await openLoaded(create);
  return { loaded, device: devices.at(-1)! };
}
