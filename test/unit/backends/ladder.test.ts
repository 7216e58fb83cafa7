import { describe, expect, test, vi } from 'vitest';
import { openBackend, type OpenBackendOptions } from '../../../worker/backends/ladder.js';
import { RecommenderError } from '../../../src/core/errors.js';
import { createCpuBackend } from '../../../src/core/kernels/topK.cpu.js';
import type { Backend } from '../../../src/core/kernels/topK.js';
import { createWasmBackend } from '../../../src/core/kernels/topK.wasm.js';
import type { BackendName } from '../../../src/core/types.js';
import { buildMatrix } from '../../fixtures/topKCases.js';

const matrix = buildMatrix({ itemCount: 500, dimensions: 16 }, true);

const missing = (name: string) => async (): Promise<Backend> => {
  throw new RecommenderError('backend/unavailable', `No ${name} here.`);
};

/** A backend that works but for what `change` alters in its answers. */
function altered(name: BackendName, change: (rows: Uint32Array) => Uint32Array): () => Promise<Backend> {
  return async () => {
    const cpu = createCpuBackend();
    return {
      name,
      adapter: 'made up',
      load: async (items) => {
        const loaded = await cpu.load(items);
        return { ...loaded, findCandidates: async (request) => change(await loaded.findCandidates(request)) };
      },
      close: () => {},
    };
  };
}

const working: OpenBackendOptions['load'] = {
  wasm: async () => createWasmBackend(),
  webgpu: altered('webgpu', (rows) => rows),
  webgl: altered('webgl', (rows) => rows),
  cpu: async () => createCpuBackend(),
};

describe('openBackend', () => {
  test('takes wasm first and starts nothing else', async () => {
    const load = { ...working, webgpu: vi.fn(working.webgpu), webgl: vi.fn(working.webgl) };
    const { backend, attempts, reason } = await openBackend({ requested: 'auto', matrix, load });
    expect(backend.name).toBe('wasm');
    expect(attempts).toEqual([{ backend: 'wasm', accepted: true, reason }]);
    expect(load.webgpu).not.toHaveBeenCalled();
    expect(load.webgl).not.toHaveBeenCalled();
  });

  test.each(['wasm', 'webgpu', 'webgl', 'cpu'] as const)('takes %s when it is asked for', async (requested) => {
    const { backend, loaded } = await openBackend({ requested, matrix, load: working });
    expect(backend.name).toBe(requested);
    const query = new Float32Array(16).fill(1);
    await expect(loaded.findCandidates({ query, rule: 'dot', count: 5, excluded: null })).resolves.toHaveLength(5);
  });

  test('goes down rung by rung and says why', async () => {
    const load = { ...working, wasm: missing('wasm'), webgpu: missing('webgpu'), webgl: missing('webgl') };
    const { backend, attempts, reason } = await openBackend({ requested: 'auto', matrix, load });
    expect(backend.name).toBe('cpu');
    expect(attempts.map((attempt) => [attempt.backend, attempt.accepted])).toEqual([
      ['wasm', false],
      ['webgpu', false],
      ['webgl', false],
      ['cpu', true],
    ]);
    expect(attempts[1]!.reason).toBe('No webgpu here.');
    expect(reason).toContain('wasm, webgpu, webgl did not work here');
  });

  test.each([
    ['returns the wrong rows', (rows: Uint32Array) => rows.map((row) => row ^ 1)],
    ['returns too few rows', (rows: Uint32Array) => rows.subarray(0, 3)],
    ['returns rows in 11 bits', (rows: Uint32Array) => rows.map((row) => row & 2_047)],
    ['returns zeros', (rows: Uint32Array) => rows.map(() => 0)],
  ])('passes over a backend that %s', async (_, change) => {
    const load = { ...working, wasm: altered('wasm', change) };
    const { backend, attempts } = await openBackend({ requested: 'auto', matrix, load });
    expect(backend.name).toBe('webgpu');
    expect(attempts[0]!.reason).toMatch(/self-test/);
  });

  test('passes over a backend that never starts, and closes it when it starts after all', async () => {
    const close = vi.fn();
    let start: (backend: Backend) => void = () => {};
    const load = { ...working, wasm: () => new Promise<Backend>((resolve) => (start = resolve)) };
    const { backend, attempts } = await openBackend({ requested: 'auto', matrix, load, openTimeoutMs: 2_000 });
    expect(backend.name).toBe('webgpu');
    expect(attempts[0]!.reason).toContain('2000 ms');
    start({ ...createCpuBackend(), close });
    await vi.waitFor(() => expect(close).toHaveBeenCalled());
  });

  test('passes over a backend that hangs in its self-test, and closes it', async () => {
    const close = vi.fn();
    const load = {
      ...working,
      wasm: async (): Promise<Backend> => ({ name: 'wasm', adapter: '', load: () => new Promise(() => {}), close }),
    };
    const { backend } = await openBackend({ requested: 'auto', matrix, load, openTimeoutMs: 2_000 });
    expect(backend.name).toBe('webgpu');
    expect(close).toHaveBeenCalledOnce();
  });

  test("passes over a backend that fails the model's own self-test", async () => {
    const accept = vi
      .fn()
      .mockRejectedValueOnce(new RecommenderError('artifact/self-test-failed', 'Self-test 1 differs.'))
      .mockResolvedValue(undefined);
    const { backend, attempts } = await openBackend({ requested: 'auto', matrix, load: working, accept });
    expect(backend.name).toBe('webgpu');
    expect(attempts[0]!.reason).toBe('Self-test 1 differs.');
  });

  test('blames the model when the reference fails its self-test too', async () => {
    const accept = vi.fn().mockRejectedValue(new RecommenderError('artifact/self-test-failed', 'Self-test 1 differs.'));
    await expect(openBackend({ requested: 'auto', matrix, load: working, accept })).rejects.toMatchObject({
      code: 'artifact/self-test-failed',
    });
  });

  test('refuses a backend that was asked for and is not there, and names the others', async () => {
    const opening = openBackend({ requested: 'webgpu', matrix, load: { ...working, webgpu: missing('webgpu') } });
    await expect(opening).rejects.toMatchObject({
      code: 'backend/unavailable',
      message: expect.stringMatching(/"webgpu".*No webgpu here\..*'auto', 'wasm', 'webgl', 'cpu'/),
    });
  });

  test('refuses an unknown name and lists the valid ones', async () => {
    const opening = openBackend({ requested: 'tpu' as 'cpu', matrix, load: working });
    await expect(opening).rejects.toMatchObject({
      code: 'input/invalid',
      message: expect.stringContaining("'auto', 'wasm', 'webgpu', 'webgl', 'cpu'"),
    });
  });

  test('rejects when no rung holds', async () => {
    const load = { wasm: missing('wasm'), webgpu: missing('webgpu'), webgl: missing('webgl'), cpu: missing('cpu') };
    await expect(openBackend({ requested: 'auto', matrix, load })).rejects.toMatchObject({ code: 'backend/failed' });
  });
});
