import { afterEach, describe, expect, test, vi } from 'vitest';
import { createItemMatrix } from '../../../src/core/kernels/itemMatrix.js';
import { checkKernel } from '../../../src/core/kernels/topK.relaxed.js';
import { MAX_WASM_CANDIDATES, SIMD_KERNEL, createWasmBackend } from '../../../src/core/kernels/topK.wasm.js';
import { buildMatrix, excludeWhere } from '../../fixtures/topKCases.js';

const query = new Float32Array(8).fill(1);

describe('createWasmBackend', () => {
  afterEach(() => vi.unstubAllGlobals());

  test('says so when there is no WebAssembly', () => {
    vi.stubGlobal('WebAssembly', undefined);
    expect(createWasmBackend).toThrow(
      expect.objectContaining({ code: 'backend/unavailable', message: expect.stringContaining('no WebAssembly') }),
    );
  });

  test('says so when there is no SIMD', () => {
    vi.stubGlobal('WebAssembly', { ...WebAssembly, validate: () => false });
    expect(createWasmBackend).toThrow(expect.objectContaining({ code: 'backend/unavailable', message: expect.stringContaining('SIMD') }));
  });

  test('names the policy when the page forbids compiling', () => {
    function Forbidden(): void {
      throw new WebAssembly.CompileError('Wasm code generation disallowed by embedder');
    }
    const { CompileError } = WebAssembly;
    vi.stubGlobal('WebAssembly', { validate: () => true, Module: Forbidden, CompileError });
    expect(createWasmBackend).toThrow(
      expect.objectContaining({ code: 'backend/unavailable', message: expect.stringContaining('wasm-unsafe-eval') }),
    );
  });
});

describe('findCandidates on wasm', () => {
  test('refuses more candidates than its heap holds', async () => {
    const loaded = await createWasmBackend().load(buildMatrix({ itemCount: 2_000, dimensions: 8 }, true));
    await expect(loaded.findCandidates({ query, rule: 'dot', count: MAX_WASM_CANDIDATES, excluded: null })).resolves.toHaveLength(1_000);
    await expect(loaded.findCandidates({ query, rule: 'dot', count: 1_001, excluded: null })).rejects.toMatchObject({
      code: 'input/invalid',
    });
  });

  test.each([NaN, Infinity, -Infinity])('rejects when all biases are %s', async (bias) => {
    const matrix = buildMatrix({ itemCount: 50, dimensions: 8, hasBiases: true }, true);
    matrix.biases!.fill(bias);
    const loaded = await createWasmBackend().load(matrix);
    await expect(loaded.findCandidates({ query, rule: 'dot', count: 5, excluded: null })).rejects.toMatchObject({ code: 'backend/failed' });
  });

  test('never returns a row whose score is NaN', async () => {
    const matrix = buildMatrix({ itemCount: 50, dimensions: 8, hasBiases: true }, true);
    matrix.biases![7] = NaN;
    const loaded = await createWasmBackend().load(matrix);
    const rows = await loaded.findCandidates({ query, rule: 'dot', count: 49, excluded: null });
    expect([...rows].sort((a, b) => a - b)).toEqual(Array.from({ length: 50 }, (_, row) => row).filter((row) => row !== 7));
  });

  test('returns fewer rows only when fewer are allowed', async () => {
    const loaded = await createWasmBackend().load(buildMatrix({ itemCount: 1_000, dimensions: 8 }, true));
    const excluded = excludeWhere(1_000, (row) => row % 100 !== 3);
    const rows = await loaded.findCandidates({ query, rule: 'cosine', count: 20, excluded });
    expect([...rows].sort((a, b) => a - b)).toEqual([3, 103, 203, 303, 403, 503, 603, 703, 803, 903]);
  });

  test('reads rows that were changed after loading, when it shares their memory', async () => {
    const matrix = buildMatrix({ itemCount: 100, dimensions: 8 }, true);
    const loaded = await createWasmBackend().load(matrix);
    matrix.rows.fill(127, 42 * matrix.stride, 42 * matrix.stride + 8);
    matrix.scales[42] = 1;
    expect([...(await loaded.findCandidates({ query, rule: 'dot', count: 1, excluded: null }))]).toEqual([42]);
  });

  test('rejects after dispose', async () => {
    const loaded = await createWasmBackend().load(buildMatrix({ itemCount: 10, dimensions: 8 }, true));
    loaded.dispose();
    await expect(loaded.findCandidates({ query, rule: 'dot', count: 1, excluded: null })).rejects.toMatchObject({ code: 'backend/failed' });
  });
});

test('a matrix without room for the kernel is refused', async () => {
  // The arrays fill three pages of 64 KiB to the last byte.
  const shape = { itemCount: 8_192, dimensions: 8, hasBiases: false, hasExactRows: false, wasmScratchBytes: 0 };
  await expect(createWasmBackend().load(createItemMatrix(shape))).rejects.toMatchObject({ code: 'backend/failed' });
});

describe('the check of a kernel', () => {
  test('passes the plain one', () => {
    expect(checkKernel(SIMD_KERNEL)).toBeNull();
  });

  test('tells a level that is off by one, and a kernel that the browser does not know', () => {
    const offByOne = { ...SIMD_KERNEL, pack: (levels: Int16Array) => void (levels[9]! += 1) };
    expect(checkKernel(offByOne)).toMatch(/gives -?\d+ instead of -?\d+ on SIMD/);
    expect(checkKernel({ name: 'SIMD of tomorrow', base64: btoa('\0asm....') })).toBe('this browser has no SIMD of tomorrow');
  });
});
