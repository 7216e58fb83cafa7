/**
 * Decides by measurement which form of the wasm kernel scans: relaxed SIMD is faster where the processor has a dot product of bytes,
 * and slower where it must be made up. The plain kernel serves from the first list on; the other is tried beside it, on the same
 * memory, scan by scan between the page's calls.
 */
import { runSelfTests } from '../../src/core/artifact/selfTest.js';
import { readRow } from '../../src/core/kernels/itemMatrix.js';
import type { LoadedMatrix } from '../../src/core/kernels/topK.js';
import type { RelaxedRoom } from '../../src/core/kernels/topK.relaxed.js';
import { createWasmBackend } from '../../src/core/kernels/topK.wasm.js';
import type { FactorModel } from '../../src/core/models/factorModel.js';
import type { OpenBackend } from './ladder.js';
import { runSelfTest } from './selfTest.js';

/** Below so many bytes of rows a scan takes a quarter of a millisecond: nothing to win. */
const MIN_BYTES = 4 * 2 ** 20;
/** It must win clearly: a scan's time swings with what else the processor does. */
const ADOPT_BELOW = 0.9;
const ROUNDS = 9;
const CANDIDATES = 200;

/** Whether another kernel can make a difference that anyone notices. */
export function canKernelPay({ itemCount, stride }: { readonly itemCount: number; readonly stride: number }): boolean {
  return itemCount * stride >= MIN_BYTES;
}

export interface ChooseKernelOptions {
  readonly model: FactorModel;
  /** The wasm backend that serves. */
  readonly current: OpenBackend;
  readonly room: RelaxedRoom;
  /** Milliseconds; only differences are used. */
  readonly clockMs: () => number;
  /** Lets the worker answer what has come in meanwhile. */
  readonly pause: () => Promise<void>;
}

/** Resolves to the backend that serves from now on, which may be the current one, its reason completed. Never rejects for the kernel's sake. */
export async function chooseKernel(options: ChooseKernelOptions): Promise<OpenBackend> {
  const { current, room, model } = options;
  const stay = (why: string): OpenBackend => ({ ...current, reason: `${current.reason} Kernel: SIMD, because ${why}.` });
  try {
    const fault = room.check(room.kernel);
    if (fault !== null) return stay(fault);
    const backend = createWasmBackend(room.kernel);
    await runSelfTest(backend);
    const loaded = await backend.load(model.matrix);
    await runSelfTests(loaded, model.matrix, model.entry.selfTests);
    const { plainMs, relaxedMs } = await race(loaded, options);
    const figures = `${relaxedMs.toFixed(2)} ms a scan with ${room.kernel.name}, ${plainMs.toFixed(2)} ms with SIMD`;
    if (relaxedMs >= plainMs * ADOPT_BELOW) return stay(figures);
    return { ...current, backend, loaded, reason: `${current.reason} Kernel: ${room.kernel.name}, because ${figures}.` };
  } catch (error) {
    return stay(String(error));
  }
}

async function race(loaded: LoadedMatrix, { model: { matrix }, current, clockMs, pause }: ChooseKernelOptions) {
  const times: [plain: number[], relaxed: number[]] = [[], []];
  for (let round = 0; round < ROUNDS; round++) {
    const query = readRow(matrix, Math.floor((round * matrix.itemCount) / ROUNDS), new Float32Array(matrix.dimensions));
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
