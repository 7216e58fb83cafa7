import type { ItemMatrix } from '../../src/core/kernels/topK.js';
import { WORKGROUP_SIZE } from './topK.wgsl.js';
import type { RowForm, RowPacking } from './webgpuRows.js';
import { packFloat16Rows, packInt8Rows } from './webgpuRows.js';

/** Threads, and so groups, over all parts: enough to fill a GPU, few enough for one workgroup to find the cut. */
const MAX_THREADS = 32_768;
const ROWS_PER_THREAD = 8;
/** Bytes of rows that are packed and uploaded without a break. */
const UPLOAD_CHUNK_BYTES = 4 * 2 ** 20;

/** A run of rows in a buffer of its own. */
export interface Part {
  readonly firstRow: number;
  readonly rowCount: number;
  readonly threadCount: number;
  readonly firstGroup: number;
  readonly rows: GPUBuffer;
}

/** Buffers that are freed together. */
export class Buffers {
  readonly #all: GPUBuffer[] = [];

  constructor(readonly device: GPUDevice) {}

  create(bytes: number, usage: GPUBufferUsageFlags): GPUBuffer {
    const buffer = this.device.createBuffer({ size: Math.ceil(bytes / 16) * 16, usage });
    this.#all.push(buffer);
    return buffer;
  }

  dispose(): void {
    for (const buffer of this.#all) buffer.destroy();
  }
}

/** What all queries read: the rows in parts, scales and biases. They are there once {@link upload} has resolved. */
export class UploadedMatrix {
  readonly packing: RowPacking;
  readonly parts: readonly Part[];
  readonly groupCount: number;
  readonly scales: GPUBuffer;
  readonly cosineScales: GPUBuffer;
  readonly biases: GPUBuffer;
  readonly #buffers: Buffers;

  constructor(
    readonly device: GPUDevice,
    readonly matrix: ItemMatrix,
    readonly form: RowForm,
    maxPartBytes: number,
  ) {
    const { itemCount, biases } = matrix;
    this.packing = form.startsWith('f16') ? packFloat16Rows(matrix) : packInt8Rows(matrix);
    const { rowBytes } = this.packing;
    this.#buffers = new Buffers(device);
    const usage = GPUBufferUsage.STORAGE | GPUBufferUsage.COPY_DST;
    this.scales = this.#buffers.create(itemCount * 4, usage);
    this.cosineScales = this.#buffers.create(itemCount * 4, usage);
    this.biases = this.#buffers.create(biases ? itemCount * 4 : 4, usage);
    const { maxStorageBufferBindingSize, maxBufferSize } = device.limits;
    const partRows = Math.max(1, Math.floor(Math.min(maxPartBytes, maxStorageBufferBindingSize, maxBufferSize) / rowBytes));
    const partCount = Math.ceil(itemCount / partRows);
    const maxThreads = Math.max(WORKGROUP_SIZE, MAX_THREADS / partCount);
    const parts: Part[] = [];
    let groupCount = 0;
    for (let firstRow = 0; firstRow < itemCount; firstRow += partRows) {
      const rowCount = Math.min(partRows, itemCount - firstRow);
      const workgroups = Math.ceil(Math.min(maxThreads, rowCount / ROWS_PER_THREAD) / WORKGROUP_SIZE);
      const threadCount = workgroups * WORKGROUP_SIZE;
      const rows = this.#buffers.create(rowCount * rowBytes, usage);
      parts.push({ firstRow, rowCount, threadCount, firstGroup: groupCount, rows });
      groupCount += threadCount;
    }
    this.parts = parts;
    this.groupCount = groupCount;
  }

  /** Chunk by chunk, with a break after each in which the worker answers what has come in: a browser stages each write in memory of its own. */
  async upload(): Promise<void> {
    const { rowBytes, scales, cosineScales } = this.packing;
    const step = Math.max(1, Math.floor(UPLOAD_CHUNK_BYTES / rowBytes));
    for (const { firstRow, rowCount, rows } of this.parts) {
      for (let start = 0; start < rowCount; start += step) {
        const chunk = this.packing.pack(firstRow + start, firstRow + Math.min(rowCount, start + step));
        this.#write(rows, start * rowBytes, chunk);
        if (start + step < rowCount) await new Promise((resolve) => setTimeout(resolve));
      }
    }
    this.#write(this.scales, 0, scales);
    this.#write(this.cosineScales, 0, cosineScales);
    if (this.matrix.biases) this.#write(this.biases, 0, this.matrix.biases);
  }

  dispose(): void {
    this.#buffers.dispose();
  }

  #write(buffer: GPUBuffer, at: number, { buffer: source, byteOffset, byteLength }: Int8Array | Uint16Array | Float32Array): void {
    this.device.queue.writeBuffer(buffer, at, source as ArrayBuffer, byteOffset, byteLength);
  }
}
