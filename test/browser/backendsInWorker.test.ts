import { expect, test } from 'vitest';
import type { BackendName } from '../../src/core/types.js';
import type { BackendWorkerAnswer } from '../fixtures/backendWorker.js';

test.each(['wasm', 'webgpu', 'webgl'] as const)('%s works in a worker and gives the list of the reference', async (name) => {
  const reference = await askWorker('cpu');
  expect(reference.indexes).toHaveLength(20);
  const answer = await askWorker(name);
  expect(answer).toMatchObject({ name, error: '', indexes: reference.indexes });
  if (name !== 'wasm') expect(answer.adapter).toMatch(/\w/);
});

async function askWorker(name: BackendName): Promise<BackendWorkerAnswer> {
  const worker = new Worker(new URL('../fixtures/backendWorker.ts', import.meta.url), { type: 'module' });
  try {
    return await new Promise((resolve, reject) => {
      worker.addEventListener('message', ({ data }) => resolve(data));
      worker.addEventListener('error', (event) => reject(new Error(event.message)));
      // oxlint-disable-next-line unicorn/require-post-message-target-origin -- that is for windows
      worker.postMessage(name);
    });
  } finally {
    worker.terminate();
  }
}
