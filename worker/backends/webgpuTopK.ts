import { RecommenderError } from '../../src/core/errors.js';
import { BestRows } from '../../src/core/kernels/bestRows.js';
import { quantizeQuery } from '../../src/core/kernels/quantizeQuery.js';
import type { CandidateRequest, ItemMatrix, LoadedMatrix } from '../../src/core/kernels/topK.js';
import type { DeviceGuard } from './deviceGuard.js';
import { FOUND_HEADER_BYTES, topKShader, WORKGROUP_SIZE } from './topK.wgsl.js';

const PARAMS_BYTES = 48;
const ENTRY_BYTES = 8;
/** The most entries read back; above it all keys are. */
const MAX_ENTRIES = 8_192;
/** Threads, and so groups, over all parts: enough to fill a GPU, few enough for one workgroup to find the cut. */
const MAX_THREADS = 32_768;
const ROWS_PER_THREAD = 8;
const UPLOAD_CHUNK_BYTES = 16 * 2 ** 20;

export interface TopKPipelines {
  readonly score: GPUComputePipeline;
  readonly cut: GPUComputePipeline;
  readonly collect: GPUComputePipeline;
}

/** Compiles the three passes. Throws `backend/unavailable` with the compiler's words when the GPU refuses them. */
export async function createTopKPipelines(device: GPUDevice, hasPackedDot: boolean): Promise<TopKPipelines> {
  // Invalid WGSL would give zeros without a word.
  device.pushErrorScope('validation');
  const module = device.createShaderModule({ code: topKShader(hasPackedDot) });
  const create = (entryPoint: string) => device.createComputePipelineAsync({ layout: 'auto', compute: { module, entryPoint } });
  const compiled = await Promise.allSettled([create('score'), create('cut'), create('collect')]);
  const error = await device.popErrorScope();
  const [score, cut, collect] = compiled.map((result) => (result.status === 'fulfilled' ? result.value : null));
  if (error || !score || !cut || !collect) {
    const { messages } = await module.getCompilationInfo();
    const words = error?.message ?? messages.map(({ message }) => message).join('; ');
    throw new RecommenderError('backend/unavailable', `The GPU did not take the top-k kernel: ${words}`);
  }
  return { score, cut, collect };
}

interface LoadOptions {
  readonly device: GPUDevice;
  readonly pipelines: TopKPipelines;
  readonly guard: DeviceGuard;
  readonly matrix: ItemMatrix;
  readonly maxPartBytes: number;
}

/** A run of rows in a buffer of its own. */
interface Part {
  readonly firstRow: number;
  readonly rowCount: number;
  readonly threadCount: number;
  readonly firstGroup: number;
  readonly params: GPUBuffer;
  /** For the rule `dot` and for `cosine`, which differ in the scales. */
  readonly bindings: { readonly dot: GPUBindGroup; readonly cosine: GPUBindGroup };
}

/** Uploads the matrix. Throws `backend/failed` when the device has no room for it. */
export async function loadWebGpuMatrix({ device, pipelines, guard, matrix, maxPartBytes }: LoadOptions): Promise<LoadedMatrix> {
  device.pushErrorScope('validation');
  device.pushErrorScope('out-of-memory');
  const loaded = new WebGpuMatrix(device, pipelines, matrix, maxPartBytes);
  const errors = [await device.popErrorScope(), await device.popErrorScope()];
  const error = errors.find((each) => each !== null);
  if (error) {
    loaded.dispose();
    throw new RecommenderError(
      'backend/failed',
      `The GPU has no room for ${matrix.itemCount} items x ${matrix.dimensions} factors: ${error.message}`,
    );
  }
  return {
    findCandidates: (request) => guard.run(() => loaded.findCandidates(request)),
    dispose: () => loaded.dispose(),
  };
}

class WebGpuMatrix {
  readonly #buffers: GPUBuffer[] = [];
  readonly #parts: Part[];
  readonly #groupCount: number;
  readonly #query: GPUBuffer;
  readonly #excluded: GPUBuffer;
  readonly #keys: GPUBuffer;
  readonly #found: GPUBuffer;
  readonly #staging: GPUBuffer;
  readonly #cut: GPUBindGroup;
  readonly #collect: GPUBindGroup;

  constructor(
    readonly device: GPUDevice,
    readonly pipelines: TopKPipelines,
    readonly matrix: ItemMatrix,
    maxPartBytes: number,
  ) {
    const { itemCount, stride, rows, scales, cosineScales, biases } = matrix;
    const partRows = Math.max(
      1,
      Math.floor(Math.min(maxPartBytes, device.limits.maxStorageBufferBindingSize, device.limits.maxBufferSize) / stride),
    );
    const partCount = Math.ceil(itemCount / partRows);
    const storage = GPUBufferUsage.STORAGE | GPUBufferUsage.COPY_DST;
    const scalesBuffer = this.#upload(scales);
    const cosineScalesBuffer = this.#upload(cosineScales);
    const biasesBuffer = this.#upload(biases ?? new Float32Array(1));
    this.#query = this.#create(stride * 2, storage);
    this.#excluded = this.#create(Math.ceil(itemCount / 32) * 4, storage);
    this.#keys = this.#create(itemCount * 4, storage | GPUBufferUsage.COPY_SRC);
    const entriesBytes = FOUND_HEADER_BYTES + MAX_ENTRIES * ENTRY_BYTES;
    this.#found = this.#create(entriesBytes, storage | GPUBufferUsage.COPY_SRC);
    this.#staging = this.#create(entriesBytes, GPUBufferUsage.MAP_READ | GPUBufferUsage.COPY_DST);
    const maxThreads = Math.max(WORKGROUP_SIZE, MAX_THREADS / partCount);
    const shapes: { firstRow: number; rowCount: number; threadCount: number; firstGroup: number }[] = [];
    let groupCount = 0;
    for (let firstRow = 0; firstRow < itemCount; firstRow += partRows) {
      const rowCount = Math.min(partRows, itemCount - firstRow);
      const workgroups = Math.ceil(Math.min(maxThreads, rowCount / ROWS_PER_THREAD) / WORKGROUP_SIZE);
      const threadCount = workgroups * WORKGROUP_SIZE;
      shapes.push({ firstRow, rowCount, threadCount, firstGroup: groupCount });
      groupCount += threadCount;
    }
    this.#groupCount = groupCount;
    const groupBests = this.#create(groupCount * 4, storage);
    this.#parts = shapes.map((shape) => {
      const { firstRow, rowCount } = shape;
      const params = this.#create(PARAMS_BYTES, GPUBufferUsage.UNIFORM | GPUBufferUsage.COPY_DST);
      const rowsBuffer = this.#upload(rows.subarray(firstRow * stride, (firstRow + rowCount) * stride));
      const bind = (rowScales: GPUBuffer) =>
        this.#bind(pipelines.score, {
          0: params,
          1: rowsBuffer,
          2: rowScales,
          3: biasesBuffer,
          4: this.#query,
          5: this.#excluded,
          6: this.#keys,
          7: groupBests,
          8: this.#found,
        });
      return { ...shape, params, bindings: { dot: bind(scalesBuffer), cosine: bind(cosineScalesBuffer) } };
    });
    // The last two passes read only what is the same in all parts.
    const { params } = this.#parts[0]!;
    this.#cut = this.#bind(pipelines.cut, { 0: params, 7: groupBests, 8: this.#found });
    this.#collect = this.#bind(pipelines.collect, { 0: params, 6: this.#keys, 8: this.#found });
  }

  async findCandidates(request: CandidateRequest): Promise<Uint32Array> {
    const count = Math.min(request.count, this.matrix.itemCount);
    if (count <= 0) return new Uint32Array(0);
    const capacity = Math.min(MAX_ENTRIES, Math.max(WORKGROUP_SIZE, 4 * count));
    this.#writeInputs(request, count, capacity);
    const readBytes = FOUND_HEADER_BYTES + capacity * ENTRY_BYTES;
    const encoder = this.device.createCommandEncoder();
    encoder.clearBuffer(this.#found, 0, FOUND_HEADER_BYTES);
    const pass = encoder.beginComputePass();
    pass.setPipeline(this.pipelines.score);
    for (const { bindings, threadCount } of this.#parts) {
      pass.setBindGroup(0, bindings[request.rule]);
      pass.dispatchWorkgroups(threadCount / WORKGROUP_SIZE);
    }
    pass.setPipeline(this.pipelines.cut);
    pass.setBindGroup(0, this.#cut);
    pass.dispatchWorkgroups(1);
    pass.setPipeline(this.pipelines.collect);
    pass.setBindGroup(0, this.#collect);
    pass.dispatchWorkgroups(this.#parts[0]!.threadCount / WORKGROUP_SIZE);
    pass.end();
    encoder.copyBufferToBuffer(this.#found, 0, this.#staging, 0, readBytes);
    this.device.queue.submit([encoder.finish()]);
    const words = await readBuffer(this.#staging, readBytes);
    const [size, notFinite] = words;
    if (notFinite) {
      throw new RecommenderError(
        'backend/failed',
        'Some scores are not finite numbers: the model holds infinite or NaN factors, or the query is too large.',
      );
    }
    return size! > capacity ? this.#selectFromKeys(count) : selectFromEntries(words.subarray(FOUND_HEADER_BYTES / 4), size!, count);
  }

  dispose(): void {
    for (const buffer of this.#buffers) buffer.destroy();
  }

  #writeInputs({ query, rule, excluded }: CandidateRequest, count: number, capacity: number): void {
    const { stride, itemCount, biases } = this.matrix;
    const { queue } = this.device;
    const levels = new Int16Array(stride);
    const step = quantizeQuery(query, levels);
    const planes = new Int8Array(stride * 2);
    for (let j = 0; j < stride; j++) {
      // Stored modulo 256, so the low byte is the level's own in -128..127, and the high one makes up the rest.
      planes[stride + j] = levels[j]!;
      planes[j] = (levels[j]! - planes[stride + j]!) >> 8;
    }
    queue.writeBuffer(this.#query, 0, planes);
    if (excluded) queue.writeBuffer(this.#excluded, 0, excluded as Uint32Array<ArrayBuffer>, 0, Math.ceil(itemCount / 32));
    const hasBiases = rule === 'dot' && biases !== null;
    for (const { params, firstRow, rowCount, threadCount, firstGroup } of this.#parts) {
      const words = Uint32Array.of(firstRow, rowCount, stride / 16, threadCount, firstGroup, this.#groupCount);
      const block = new Uint32Array(PARAMS_BYTES / 4);
      block.set(words);
      block.set([itemCount, count, capacity, hasBiases ? 1 : 0, excluded ? 1 : 0], words.length);
      // As on wasm: without biases a constant factor leaves the order alone.
      new Float32Array(block.buffer)[11] = hasBiases ? step : 1;
      queue.writeBuffer(params, 0, block);
    }
  }

  /** The rare way out when too many rows reach the cut: reads every key (4 bytes a row). */
  async #selectFromKeys(count: number): Promise<Uint32Array> {
    const bytes = this.matrix.itemCount * 4;
    const staging = this.device.createBuffer({ size: bytes, usage: GPUBufferUsage.MAP_READ | GPUBufferUsage.COPY_DST });
    try {
      const encoder = this.device.createCommandEncoder();
      encoder.copyBufferToBuffer(this.#keys, 0, staging, 0, bytes);
      this.device.queue.submit([encoder.finish()]);
      const best = new BestRows(count);
      (await readBuffer(staging, bytes)).forEach((key, row) => {
        if (key !== 0) best.offer(row, key);
      });
      return best.rows();
    } finally {
      staging.destroy();
    }
  }

  #create(bytes: number, usage: GPUBufferUsageFlags): GPUBuffer {
    const buffer = this.device.createBuffer({ size: Math.ceil(bytes / 16) * 16, usage });
    this.#buffers.push(buffer);
    return buffer;
  }

  /** In chunks: a browser stages each write in memory of its own. */
  #upload(array: Int8Array | Float32Array): GPUBuffer {
    const buffer = this.#create(array.byteLength, GPUBufferUsage.STORAGE | GPUBufferUsage.COPY_DST);
    for (let at = 0; at < array.byteLength; at += UPLOAD_CHUNK_BYTES) {
      const bytes = Math.min(UPLOAD_CHUNK_BYTES, array.byteLength - at);
      this.device.queue.writeBuffer(buffer, at, array.buffer as ArrayBuffer, array.byteOffset + at, bytes);
    }
    return buffer;
  }

  #bind(pipeline: GPUComputePipeline, buffers: Readonly<Record<number, GPUBuffer>>): GPUBindGroup {
    const entries = Object.entries(buffers).map(([binding, buffer]) => ({ binding: Number(binding), resource: { buffer } }));
    return this.device.createBindGroup({ layout: pipeline.getBindGroupLayout(0), entries });
  }
}

async function readBuffer(staging: GPUBuffer, bytes: number): Promise<Uint32Array> {
  await staging.mapAsync(GPUMapMode.READ, 0, bytes);
  const words = new Uint32Array(staging.getMappedRange(0, bytes)).slice();
  staging.unmap();
  return words;
}

/** entries: row, key, row, key, ... in no order. */
function selectFromEntries(entries: Uint32Array, size: number, count: number): Uint32Array {
  const order = Uint32Array.from({ length: size }, (_, e) => e);
  order.sort((a, b) => entries[2 * b + 1]! - entries[2 * a + 1]! || entries[2 * a]! - entries[2 * b]!);
  return order.subarray(0, count).map((e) => entries[2 * e]!);
}
