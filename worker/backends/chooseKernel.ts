/**
 * Decides by measurement which form of the wasm kernel scans: relaxed SIMD is faster where the processor has a dot product of bytes,
 * and slower where it must be made up. The plain kernel serves from the first list on; the other is tried beside it, on the same
 * memory, scan by scan between the page's calls.
 */
import type { LoadedMatrix } from '../../src/core/kernels/topK.js';
import type { RelaxedRoom } from '../../src/core/kernels/topK.relaxed.js';
import type { FactorModel } from '../../src/core/models/factorModel.js';
import type { OpenBackend } from './ladder.js';
import type { TuningParts } from './tuningParts.js';

/** It must win clearly: a scan's time swings with what else the processor does. */
const ADOPT_BELOW = 0.9;
const ROUNDS = 9;
const CANDIDATES = 200;

export interface ChooseKernelOptions {
  readonly model: FactorModel;
  /** The wasm backend that serves. */
  readonly current: OpenBackend;
  readonly relaxed: RelaxedRoom;
  readonly parts: TuningParts;
  /** Milliseconds; only differences are used. */
  readonly clockMs: () => number;
  /** Lets the worker answer what has come in meanwhile. */
  readonly pause: () => Promise<void>;
}

/** Resolves to the backend that serves from now on, which may be the current one, its reason completed. Never rejects for the kernel's sake. */
export async function chooseKernel(options: ChooseKernelOptions): Promise<OpenBackend> {
  const { current, relaxed, model, parts } = options;
  const stay = (why: string): OpenBackend => ({ ...current, reason: `${current.reason} Kernel: SIMD, because ${why}.` });
  try {
    const fault = relaxed.check(relaxed.kernel);
    if (fault !== null) return stay(fault);
    const backend = parts.createWasmBackend(relaxed.kernel);
    await parts.runSelfTest(backend);
    const loaded = await backend.load(model.matrix);
    await parts.runSelfTests(loaded, model.matrix, model.entry.selfTests);
    const { plainMs, relaxedMs } = await race(loaded, options);
    const figures = `${relaxedMs.toFixed(2)} ms a scan with ${relaxed.kernel.name}, ${plainMs.toFixed(2)} ms with SIMD`;
    if (relaxedMs >= plainMs * ADOPT_BELOW) return stay(figures);
    return { ...current, backend, loaded, reason: `${current.reason} Kernel: ${relaxed.kernel.name}, because ${figures}.` };
  } catch (error) {
    return stay(String(error));
  }
}

async function race(loaded: LoadedMatrix, { model: { matrix }, current, parts, clockMs, pause }: ChooseKernelOptions) {
  const times: [plain: number[], relaxed: number[]] = [[], []];
  for (let round = 0; round < ROUNDS; round++) {
    const query = parts.readRow(matrix, Math.floor((round * matrix.itemCount) / ROUNDS), new Float32Array(matrix.dimensions));
    for (const [contestant, one] of [current.loaded, loaded].entries()) {
      await pause();
      const startMs = clockMs();
      await one.findCandidates({ query, rule: 'dot', count: CANDIDATES, excluded: null });
      times[contestant]!.push(clockMs() - startMs);
    }
  }
  // The first round fills the caches.
  const [plainMs, relaxedMs] = times.map((all) => all.slice(1).sort((a, b) => a - b)[(ROUNDS - 1) >> 1]!) as [number, number];
  return { plainMs, relaxedMs };
}
