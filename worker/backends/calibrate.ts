/**
 * Decides by measurement whether a GPU should take over from the processor. The processor serves from the first list on;
 * a GPU is only ever tried beside it, when nothing else is under way, and adopted when it was faster on this device with
 * this model. The outcome is remembered, so that it is measured once.
 */
import type { FactorModel } from '../../src/core/models/factorModel.js';
import type { LoadedMatrix } from '../../src/core/kernels/topK.js';
import type { BackendName } from '../../src/core/types.js';
import type { OpenBackend, OpenBackendOptions } from './ladder.js';
import type { TuningParts } from './tuningParts.js';

/** What was measured on this device for one model. */
export interface Calibration {
  /** Model revision and shape: another model is measured anew. */
  readonly key: string;
  readonly chosen: BackendName;
  /** Median milliseconds of one scan. */
  readonly processorMs: number;
  readonly gpuMs: number | null;
  readonly measuredAtMs: number;
}

/** The GPU must win clearly: its time swings with what else the device draws. */
const ADOPT_BELOW = 0.8;
const ROUNDS = 7;
const CANDIDATES = 200;

/** Whether an adapter's description names a processor that draws: it cannot be faster than wasm. */
export function isSoftwareAdapter(adapter: string): boolean {
  return /software|swiftshader|llvmpipe|basic render|fallback/i.test(adapter);
}

export interface CalibrateOptions {
  readonly model: FactorModel;
  readonly processor: OpenBackend;
  readonly load: OpenBackendOptions['load'];
  readonly parts: TuningParts;
  /** Milliseconds; only differences are used. */
  readonly clockMs: () => number;
}

export interface CalibrationResult {
  readonly processorMs: number;
  readonly gpuMs: number | null;
  /** The GPU, when it was faster; the processor stays open beside it as its fallback. */
  readonly gpu: OpenBackend | null;
}

/** Measures both, interleaved. A GPU that is slower, software, or fails a test is closed again. */
export async function calibrate({ model, processor, load, parts, clockMs }: CalibrateOptions): Promise<CalibrationResult> {
  const { matrix, entry } = model;
  const accept = (loaded: LoadedMatrix): Promise<void> => parts.runSelfTests(loaded, matrix, entry.selfTests);
  const gpu = await parts.openBackend({ requested: 'webgpu', matrix, load, accept }).catch(() => null);
  const queries = Array.from({ length: ROUNDS }, (_, i) =>
    parts.readRow(matrix, Math.floor((i * matrix.itemCount) / ROUNDS), new Float32Array(matrix.dimensions)),
  );
  const processorTimes: number[] = [];
  const gpuTimes: number[] = [];
  const time = async (loaded: LoadedMatrix, query: Float32Array): Promise<number> => {
    const startMs = clockMs();
    await loaded.findCandidates({ query, rule: 'dot', count: CANDIDATES, excluded: null });
    return clockMs() - startMs;
  };
  const isCandidate = gpu !== null && !isSoftwareAdapter(gpu.backend.adapter);
  try {
    for (const query of queries) {
      processorTimes.push(await time(processor.loaded, query));
      if (isCandidate) gpuTimes.push(await time(gpu.loaded, query));
    }
  } catch {
    gpuTimes.length = 0; // Lost while it was measured: not to be relied on.
  }
  const processorMs = median(processorTimes);
  const gpuMs = gpuTimes.length === 0 ? null : median(gpuTimes);
  const isFaster = gpuMs !== null && gpuMs < processorMs * ADOPT_BELOW;
  if (gpu && !isFaster) {
    gpu.loaded.dispose();
    gpu.backend.close();
  }
  return { processorMs, gpuMs, gpu: isFaster ? gpu : null };
}

function median(values: readonly number[]): number {
  return [...values].sort((a, b) => a - b)[values.length >> 1] ?? 0;
}
