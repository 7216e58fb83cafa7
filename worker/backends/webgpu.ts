import { WebGPUBackend } from '@tensorflow/tfjs-backend-webgpu/dist/backend_webgpu';
import { RecommenderError } from '../../src/core/errors.js';
import type { Backend } from '../../src/core/kernels/topK.js';
import { DeviceGuard } from './deviceGuard.js';
import { createTopKPipelines, loadWebGpuMatrix } from './webgpuTopK.js';

export interface WebGpuOptions {
  /** The most bytes of rows in one buffer; a larger matrix is split. Default: the adapter's limit. */
  readonly maxPartBytes?: number;
}

/**
 * Scores on the GPU through WebGPU: a fused int8 kernel, three dispatches, one submit and one small readback a call.
 * The device belongs to a tfjs backend, so that tensors of tfjs models can live beside the matrix.
 * Throws `backend/unavailable` where there is no WebGPU or no adapter, or where the kernel does not compile.
 */
export async function createWebGpuBackend({ maxPartBytes = Infinity }: WebGpuOptions = {}): Promise<Backend> {
  const { device, info } = await openDevice();
  const guard = new DeviceGuard('WebGPU device');
  void device.lost.then((lost) => guard.fail(`was lost (${lost.reason}: ${lost.message})`));
  // An error that no scope caught means that results are zeros, in silence.
  device.addEventListener('uncapturederror', (event) => guard.fail(`reported an error (${event.error.message})`, event.error));
  try {
    const tfjs = new WebGPUBackend(device, info);
    const hasPackedDot = navigator.gpu.wgslLanguageFeatures.has('packed_4x8_integer_dot_product');
    const pipelines = await createTopKPipelines(device, hasPackedDot);
    return {
      name: 'webgpu',
      adapter: describeAdapter(info),
      load: (matrix) => guard.run(() => loadWebGpuMatrix({ device, pipelines, hasPackedDot, guard, matrix, maxPartBytes })),
      close: () => {
        guard.fail('was closed');
        tfjs.dispose();
        device.destroy();
      },
    };
  } catch (error) {
    device.destroy();
    throw error;
  }
}

async function openDevice(): Promise<{ device: GPUDevice; info: GPUAdapterInfo }> {
  const gpu = (navigator as Partial<Navigator>).gpu;
  if (!gpu) throw new RecommenderError('backend/unavailable', 'This browser has no WebGPU, or the page is not served over https.');
  const adapter = await gpu.requestAdapter({ powerPreference: 'high-performance' });
  if (!adapter) throw new RecommenderError('backend/unavailable', 'WebGPU is there, but it found no GPU adapter it may use.');
  const { maxStorageBufferBindingSize, maxBufferSize } = adapter.limits;
  try {
    const device = await adapter.requestDevice({ requiredLimits: { maxStorageBufferBindingSize, maxBufferSize } });
    return { device, info: adapter.info };
  } catch (cause) {
    throw new RecommenderError(
      'backend/unavailable',
      'The GPU adapter gave no WebGPU device.',
      { adapter: describeAdapter(adapter.info) },
      cause,
    );
  }
}

/** "nvidia hopper (NVIDIA H200)", with a word when it is a software one. */
function describeAdapter(info: GPUAdapterInfo): string {
  const name = [info.vendor, info.architecture].filter(Boolean).join(' ') || 'unnamed';
  // Browsers differ on whether the flag stands on the info; SwiftShader does not always set it.
  const isSoftware = info.isFallbackAdapter || /swiftshader|llvmpipe|software/i.test(`${name} ${info.description}`);
  return `${name}${info.description ? ` (${info.description})` : ''}${isSoftware ? ', software' : ''}`;
}
