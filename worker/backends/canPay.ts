/** Whether looking for something faster is worth it. Apart from the search itself, which is a room: most models are too small for it. */
import type { BackendName } from '../../src/core/types.js';

interface Rows {
  readonly itemCount: number;
  /** Bytes a row. */
  readonly stride: number;
}

/** Below so many bytes of rows a scan takes a quarter of a millisecond: nothing to win with another kernel. */
const MIN_BYTES_FOR_KERNEL = 4 * 2 ** 20;
/** Below so many a scan costs less than a GPU's readback does (0.5 ms and more in every browser). */
const MIN_BYTES_FOR_GPU = 16 * 2 ** 20;

/** Whether another kernel can make a difference that anyone notices. */
export function canKernelPay({ itemCount, stride }: Rows): boolean {
  return itemCount * stride >= MIN_BYTES_FOR_KERNEL;
}

/** Whether a GPU can. */
export function canGpuPay({ itemCount, stride }: Rows): boolean {
  return itemCount * stride >= MIN_BYTES_FOR_GPU;
}

export function isGpu(backend: BackendName | 'auto'): boolean {
  return backend === 'webgpu' || backend === 'webgl';
}
