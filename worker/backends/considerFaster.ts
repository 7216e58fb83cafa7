/** What is tried in a quiet moment, beside what serves: another kernel, a GPU, and a GPU that was lost once more. */
import type { RelaxedRoom } from '../../src/core/kernels/topK.relaxed.js';
import type { LoadedMatrix } from '../../src/core/kernels/topK.js';
import type { LoadedModel } from '../../src/core/artifact/readModelFolder.js';
import type { ModelLoaderOptions, ServedModel } from '../modelLoader.js';
import { calibrate } from './calibrate.js';
import { canGpuPay, canKernelPay, isGpu } from './canPay.js';
import { chooseKernel } from './chooseKernel.js';
import type { OpenBackend } from './ladder.js';
import type { TuningParts } from './tuningParts.js';

/** After so many losses of a GPU the processor serves for good. */
const MAX_GPU_LOSSES = 2;

/** What the model's loader lends. */
export interface TuningHost {
  readonly options: ModelLoaderOptions;
  readonly parts: TuningParts;
  readonly relaxed: RelaxedRoom;
  /** GPUs lost so far on this page. */
  readonly gpuLosses: number;
  readonly served: () => ServedModel;
  /** Whether nothing is left to do for a model: closed, or another serves. */
  readonly isOver: (model: LoadedModel) => boolean;
  /** Puts a backend into service. */
  readonly serve: (backend: OpenBackend) => Promise<unknown>;
}

/** With the processor serving. After a first loss the GPU gets another try, after the second it is left alone on this device. */
export async function considerFaster(host: TuningHost): Promise<void> {
  const { gpuLosses, options } = host;
  if (gpuLosses >= MAX_GPU_LOSSES) return leaveGpu(host);
  if (isGpu(options.requested)) return gpuLosses > 0 ? reopenGpu(host) : undefined;
  if (gpuLosses === 0) await considerKernel(host);
  await considerGpu(host);
}

/** With wasm serving, tries its other kernel where it can pay. */
async function considerKernel({ options, parts, relaxed, served, isOver, serve }: TuningHost): Promise<void> {
  const { model, backend } = served();
  if (backend.backend.name !== 'wasm' || !canKernelPay(model.factors.matrix) || isOver(model)) return;
  const pause = (): Promise<void> => new Promise((resolve) => setTimeout(resolve));
  const choice = { model: model.factors, current: backend, relaxed, parts, clockMs: options.clockMs, pause };
  const chosen = await whileBusy(options, () => chooseKernel(choice));
  if (!isOver(model)) await serve(chosen);
}

/** Tries a GPU where it can pay: once per device and model. */
async function considerGpu({ options, parts, served, isOver, serve }: TuningHost): Promise<void> {
  const { requested, backends, clockMs, nowMs, database, whenIdle } = options;
  const { model, backend } = served();
  if (requested !== 'auto' || isGpu(backend.backend.name) || !canGpuPay(model.factors.matrix)) return;
  const key = calibrationKey(model);
  const known = await database?.get('calibrations', key).catch(() => undefined);
  if (known && !isGpu(known.chosen)) return;
  await whenIdle();
  if (isOver(model)) return;
  const calibration = { model: model.factors, processor: backend, load: backends, parts, clockMs };
  const { processorMs, gpuMs, gpu } = await whileBusy(options, () => calibrate(calibration));
  const chosen = gpu ? gpu.backend.name : backend.backend.name;
  await database?.put('calibrations', { key, chosen, processorMs, gpuMs, measuredAtMs: nowMs() }).catch(() => {});
  if (!gpu) return;
  if (isOver(model)) return gpu.backend.close();
  const reason = `Measured on this device: ${gpuMs!.toFixed(2)} ms a scan, ${backend.backend.name} ${processorMs.toFixed(2)} ms.`;
  await serve({ ...gpu, reason });
}

/** A GPU that was asked for by name and lost may be back. */
async function reopenGpu({ options, parts, served, isOver, serve }: TuningHost): Promise<void> {
  const { requested, backends } = options;
  const { model } = served();
  const { matrix, entry } = model.factors;
  const accept = (loaded: LoadedMatrix): Promise<void> => parts.runSelfTests(loaded, matrix, entry.selfTests);
  const gpu = await whileBusy(options, () => parts.openBackend({ requested, matrix, load: backends, accept }));
  if (isOver(model)) gpu.backend.close();
  else await serve(gpu);
}

/** Later pages stay with the processor too. */
async function leaveGpu({ options: { database }, served }: TuningHost): Promise<void> {
  const { model, backend } = served();
  const known = await database?.get('calibrations', calibrationKey(model));
  if (known) await database!.put('calibrations', { ...known, chosen: backend.backend.name });
}

/** What a measurement is good for. */
function calibrationKey({ manifest, factors }: LoadedModel): string {
  return `${manifest.revision} ${manifest.itemCount}x${factors.entry.dimensions}`;
}

/** The page must not take the silence for a loss. */
async function whileBusy<T>({ onBusy }: ModelLoaderOptions, work: () => Promise<T>): Promise<T> {
  onBusy(true);
  try {
    return await work();
  } finally {
    onBusy(false);
  }
}
