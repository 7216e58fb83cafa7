import { WebGPUBackend } from '@tensorflow/tfjs-backend-webgpu/dist/backend_webgpu';
import { RecommenderError } from '../../src/core/errors.js';
import type { Backend, ItemMatrix } from '../../src/core/kernels/topK.js';
import { DeviceGuard } from './deviceGuard.js';
import type { RowForm } from './webgpuRows.js';
import { loadWebGpuMatrix, TopKCompiler } from './webgpuTopK.js';

export interface WebGpuOptions {
  /** The most bytes of rows in one buffer; a larger matrix is split. Default: the adapter's limit. */
  readonly maxPartBytes?: number;
  /** False: int8 rows are multiplied by shifts, true: by dp4a or not at all. Default: what the browser has. */
  readonly hasPackedDot?: boolean;
  /** False: f16 rows are unpacked, true: read as f16 or not at all. Default: what the adapter has. */
  readonly hasShaderF16?: boolean;
}

/**
 * Scores on the GPU through WebGPU: a fused kernel over int8 rows, or f16 ones where the folder holds float16 or float32
 * factors; three dispatches, one submit and one small readback a call.
 * The device belongs to a tfjs backend, so that tensors of tfjs models can live beside the matrix.
 * Throws `backend/unavailable` where there is no WebGPU or no adapter, or one without what `options` insist on.
 */
export async function createWebGpuBackend(options: WebGpuOptions = {}): Promise<Backend> {
  const { maxPartBytes = Infinity } = options;
  const { device, info } = await openDevice(options);
  const guard = new DeviceGuard('WebGPU device');
  void device.lost.then((lost) => guard.fail(`was lost (${lost.reason}: ${lost.message})`));
  // An error that no scope caught means that results are zeros, in silence.
  device.addEventListener('uncapturederror', (event) => guard.fail(`reported an error (${event.error.message})`, event.error));
  try {
    const tfjs = new WebGPUBackend(device, info);
    const compiler = new TopKCompiler(device);
    const formOf = chooseForms(device, options);
    return {
      name: 'webgpu',
      adapter: describeAdapter(info),
      load: (matrix) => guard.run(() => loadWebGpuMatrix({ device, compiler, form: formOf(matrix), guard, matrix, maxPartBytes })),
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

/** The form in which this device reads a matrix's rows. */
function chooseForms(device: GPUDevice, { hasPackedDot, hasShaderF16 }: WebGpuOptions): (matrix: ItemMatrix) => RowForm {
  const choose = <Form>(what: string, isThere: boolean, wanted: boolean | undefined, form: Form, otherwise: Form): Form => {
    if (wanted && !isThere) throw new RecommenderError('backend/unavailable', `This GPU or browser has no ${what}.`);
    return (wanted ?? isThere) ? form : otherwise;
  };
  const { wgslLanguageFeatures } = navigator.gpu;
  const packedDot = 'packed_4x8_integer_dot_product';
  const int8: RowForm = choose(packedDot, wgslLanguageFeatures.has(packedDot), hasPackedDot, 'int8 rows by dp4a', 'int8 rows by shifts');
  const f16: RowForm = choose('shader-f16', device.features.has('shader-f16'), hasShaderF16, 'f16 rows', 'f16 rows, unpacked');
  return ({ exactRows }) => (exactRows ? f16 : int8);
}

async function openDevice({ hasShaderF16 }: WebGpuOptions): Promise<{ device: GPUDevice; info: GPUAdapterInfo }> {
  const gpu = (navigator as Partial<Navigator>).gpu;
  if (!gpu) throw new RecommenderError('backend/unavailable', 'This browser has no WebGPU, or the page is not served over https.');
  const adapter = await gpu.requestAdapter({ powerPreference: 'high-performance' });
  if (!adapter) throw new RecommenderError('backend/unavailable', 'WebGPU is there, but it found no GPU adapter it may use.');
  const { maxStorageBufferBindingSize, maxBufferSize } = adapter.limits;
  const requiredFeatures: GPUFeatureName[] = hasShaderF16 !== false && adapter.features.has('shader-f16') ? ['shader-f16'] : [];
  try {
    const device = await adapter.requestDevice({ requiredFeatures, requiredLimits: { maxStorageBufferBindingSize, maxBufferSize } });
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
