import { runSelfTests } from '../../core/artifact/selfTest.js';
import type { LoadedModel } from '../../core/artifact/readModelFolder.js';
import type { SelfTest } from '../../core/artifact/manifest.js';
import type { Backend, ItemMatrix } from '../../core/kernels/topK.js';

/** Runs a folder's known answers on a backend, as a page does before it uses the model. Returns how many there were; throws what a page would. */
export async function runFolderSelfTests({ factors, sequence }: LoadedModel, createBackend: () => Backend): Promise<number> {
  const backend = createBackend();
  try {
    const ofFactors = factors.entry.selfTests;
    await testMatrix(backend, factors.matrix, ofFactors);
    if (!sequence?.model) return ofFactors.length;
    const { room, entry, matrix, scored, model } = sequence;
    const ofSequence = room.selfTests(model, entry);
    if (scored) await runSelfTests(scored, matrix, ofSequence);
    else await testMatrix(backend, matrix, ofSequence);
    return ofFactors.length + entry.selfTests.length;
  } finally {
    backend.close();
  }
}

async function testMatrix(backend: Backend, matrix: ItemMatrix, tests: Iterable<SelfTest>): Promise<void> {
  const loaded = await backend.load(matrix);
  try {
    await runSelfTests(loaded, matrix, tests);
  } finally {
    loaded.dispose();
  }
}
