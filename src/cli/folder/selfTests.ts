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
    const ofSequence = sequence.room.selfTests(sequence.model, sequence.entry);
    await testMatrix(backend, sequence.matrix, ofSequence);
    return ofFactors.length + ofSequence.length;
  } finally {
    backend.close();
  }
}

async function testMatrix(backend: Backend, matrix: ItemMatrix, tests: readonly SelfTest[]): Promise<void> {
  const loaded = await backend.load(matrix);
  try {
    await runSelfTests(loaded, matrix, tests);
  } finally {
    loaded.dispose();
  }
}
