import { RecommenderError } from '../../src/core/errors.js';
import { BestRows } from '../../src/core/kernels/bestRows.js';
import type { CandidateBatch, ItemMatrix, LoadedMatrix } from '../../src/core/kernels/topK.js';
import type { DeviceGuard } from './deviceGuard.js';
import { FOUND_HEADER_BYTES, QUERY_TAIL_VECTORS, topKShader, WORKGROUP_SIZE } from './topK.wgsl.js';
import { Buffers, UploadedMatrix } from './webgpuMatrix.js';
import type { RowForm } from './webgpuRows.js';

const PARAMS_BYTES = 48;
const ENTRY_BYTES = 8;
/** The most entries read back for one query; above it all keys are. */
const MAX_ENTRIES = 8_192;
/** The most entries a query of a full batch may have; with more, fewer queries go into one submit. */
const BATCH_ENTRIES = 1_024;
/** Queries that share one reading of a row in a batch. */
const BATCH_QUERIES_PER_THREAD = 8;
/** The most queries in one submit, and the most bytes of their keys. */
const MAX_BATCH_QUERIES = 256;
const MAX_BATCH_KEY_BYTES = 32 * 2 ** 20;

export interface TopKPipelines {
  readonly score: GPUComputePipeline;
  readonly cut: GPUComputePipeline;
  readonly collect: GPUComputePipeline;
  readonly queriesPerThread: number;
}

/** Compiles the kernel, once for each form of rows and tile of queries that is asked for. */
export class TopKCompiler {
  readonly #compiled = new Map<string, Promise<TopKPipelines>>();

  constructor(readonly device: GPUDevice) {}

  /** Rejects with `backend/unavailable` and the compiler's words when the GPU refuses the kernel. */
  pipelines(form: RowForm, queriesPerThread: number): Promise<TopKPipelines> {
    const key = `${form} x ${queriesPerThread}`;
    const known = this.#compiled.get(key) ?? compile(this.device, form, queriesPerThread);
    this.#compiled.set(key, known);
    return known;
  }
}

/** Compiles the three passes. */
async function compile(device: GPUDevice, form: RowForm, queriesPerThread: number): Promise<TopKPipelines> {
  // Invalid WGSL would give zeros without a word.
  device.pushErrorScope('validation');
  const module = device.createShaderModule({ code: topKShader(form, queriesPerThread) });
  const create = (entryPoint: string) => device.createComputePipelineAsync({ layout: 'auto', compute: { module, entryPoint } });
  const compiled = await Promise.allSettled([create('score'), create('cut'), create('collect')]);
  const error = await device.popErrorScope();
  const [score, cut, collect] = compiled.map((result) => (result.status === 'fulfilled' ? result.value : null));
  if (error || !score || !cut || !collect) {
    const { messages } = await module.getCompilationInfo();
    const words = error?.message ?? messages.map(({ message }) => message).join('; ');
    throw new RecommenderError('backend/unavailable', `The GPU did not take the top-k kernel for ${form}: ${words}`);
  }
  return { score, cut, collect, queriesPerThread };
}

interface LoadOptions {
  readonly device: GPUDevice;
  readonly compiler: TopKCompiler;
  readonly form: RowForm;
  readonly guard: DeviceGuard;
  readonly matrix: ItemMatrix;
  readonly maxPartBytes: number;
}

/** Uploads the matrix. Throws `backend/unavailable` when the kernel does not compile, `backend/failed` when the device has no room. */
export async function loadWebGpuMatrix(options: LoadOptions): Promise<LoadedMatrix> {
  const { device, compiler, form, guard, matrix, maxPartBytes } = options;
  const pipelines = await compiler.pipelines(form, 1);
  device.pushErrorScope('validation');
  device.pushErrorScope('out-of-memory');
  const uploaded = new UploadedMatrix(device, matrix, form, maxPartBytes);
  await uploaded.upload();
  const single = new QuerySet(uploaded, pipelines, 1, MAX_ENTRIES);
  const errors = [await device.popErrorScope(), await device.popErrorScope()];
  const error = errors.find((each) => each !== null);
  if (error) {
    single.dispose();
    uploaded.dispose();
    throw new RecommenderError(
      'backend/failed',
      `The GPU has no room for ${matrix.itemCount} items x ${matrix.dimensions} factors: ${error.message}`,
    );
  }
  // Made when first asked for: a page scores one shopper at a time.
  let many: Promise<QuerySet> | null = null;
  const createBatchSet = async (): Promise<QuerySet> => {
    const batchPipelines = await compiler.pipelines(form, BATCH_QUERIES_PER_THREAD);
    const fitting = Math.floor(MAX_BATCH_KEY_BYTES / (4 * matrix.itemCount));
    return new QuerySet(uploaded, batchPipelines, Math.max(1, Math.min(MAX_BATCH_QUERIES, fitting)), BATCH_ENTRIES);
  };
  return {
    kernel: form,
    findCandidates: async ({ query, rule, count, excluded }) =>
      (await guard.run(() => single.find({ queries: [query], rule, count, excluded: [excluded] })))[0]!,
    findCandidatesBatch: async (batch) => {
      const set = await guard.run(() => (many ??= createBatchSet()));
      const step = set.queriesPerSubmit(batch.count);
      const lists: Uint32Array[] = [];
      for (let start = 0; start < batch.queries.length; start += step) {
        const queries = batch.queries.slice(start, start + step);
        const excluded = batch.excluded?.slice(start, start + step) ?? null;
        lists.push(...(await guard.run(() => set.find({ ...batch, queries, excluded }))));
      }
      return lists;
    },
    dispose: () => {
      single.dispose();
      void many?.then((set) => set.dispose());
      uploaded.dispose();
    },
  };
}

/** The buffers for up to `capacity` queries at once, each with room for `entriesPerQuery` rows that reach the cut. */
class QuerySet {
  readonly #buffers: Buffers;
  readonly #queries: GPUBuffer;
  readonly #excluded: GPUBuffer;
  readonly #keys: GPUBuffer;
  readonly #found: GPUBuffer;
  readonly #staging: GPUBuffer;
  readonly #params: readonly GPUBuffer[];
  /** By part, for the rule `dot` and for `cosine`, which differ in the scales. */
  readonly #score: readonly { readonly dot: GPUBindGroup; readonly cosine: GPUBindGroup }[];
  readonly #cut: GPUBindGroup;
  readonly #collect: GPUBindGroup;
  readonly #foundBytes: number;

  constructor(
    readonly uploaded: UploadedMatrix,
    readonly pipelines: TopKPipelines,
    readonly capacity: number,
    entriesPerQuery: number,
  ) {
    const { device, matrix, parts, groupCount, scales, cosineScales, biases } = uploaded;
    const storage = GPUBufferUsage.STORAGE | GPUBufferUsage.COPY_DST;
    const buffers = new Buffers(device);
    this.#buffers = buffers;
    // The last threads along y work for a full tile of queries, whether there or not.
    const padded = Math.ceil(capacity / pipelines.queriesPerThread) * pipelines.queriesPerThread;
    this.#queries = buffers.create(padded * this.#queryBytes(), storage);
    this.#excluded = buffers.create(padded * this.#maskWords() * 4, storage);
    this.#keys = buffers.create(padded * matrix.itemCount * 4, storage | GPUBufferUsage.COPY_SRC);
    this.#foundBytes = padded * (FOUND_HEADER_BYTES + entriesPerQuery * ENTRY_BYTES);
    this.#found = buffers.create(this.#foundBytes, storage | GPUBufferUsage.COPY_SRC);
    this.#staging = buffers.create(this.#foundBytes, GPUBufferUsage.MAP_READ | GPUBufferUsage.COPY_DST);
    const groupBests = buffers.create(padded * groupCount * 4, storage);
    this.#params = parts.map(() => buffers.create(PARAMS_BYTES, GPUBufferUsage.UNIFORM | GPUBufferUsage.COPY_DST));
    this.#score = parts.map(({ rows }, part) => {
      const bind = (rowScales: GPUBuffer) =>
        this.#bind(pipelines.score, {
          0: this.#params[part]!,
          1: rows,
          2: rowScales,
          3: biases,
          4: this.#queries,
          5: this.#excluded,
          6: this.#keys,
          7: groupBests,
          8: this.#found,
        });
      return { dot: bind(scales), cosine: bind(cosineScales) };
    });
    // The last two passes read only what is the same in all parts.
    this.#cut = this.#bind(pipelines.cut, { 0: this.#params[0]!, 7: groupBests, 8: this.#found });
    this.#collect = this.#bind(pipelines.collect, { 0: this.#params[0]!, 6: this.#keys, 8: this.#found });
  }

  /** How many queries {@link find} takes at once when each wants `count` rows. */
  queriesPerSubmit(count: number): number {
    const { queriesPerThread } = this.pipelines;
    const fitting = Math.floor(this.#foundBytes / this.#foundBytesPerQuery(count) / queriesPerThread) * queriesPerThread;
    return Math.min(this.capacity, Math.max(1, fitting));
  }

  /** One submit: the parts' scores, the cut, the collection. */
  async find(batch: CandidateBatch): Promise<Uint32Array[]> {
    const { device, matrix, parts } = this.uploaded;
    const queryCount = batch.queries.length;
    const count = Math.min(batch.count, matrix.itemCount);
    if (count <= 0) return batch.queries.map(() => new Uint32Array(0));
    this.#writeInputs(batch, count);
    const readBytes = queryCount * this.#foundBytesPerQuery(count);
    const tiles = Math.ceil(queryCount / this.pipelines.queriesPerThread);
    const encoder = device.createCommandEncoder();
    encoder.clearBuffer(this.#found);
    const pass = encoder.beginComputePass();
    pass.setPipeline(this.pipelines.score);
    for (const [part, { threadCount }] of parts.entries()) {
      pass.setBindGroup(0, this.#score[part]![batch.rule]);
      pass.dispatchWorkgroups(threadCount / WORKGROUP_SIZE, tiles);
    }
    pass.setPipeline(this.pipelines.cut);
    pass.setBindGroup(0, this.#cut);
    pass.dispatchWorkgroups(1, queryCount);
    pass.setPipeline(this.pipelines.collect);
    pass.setBindGroup(0, this.#collect);
    pass.dispatchWorkgroups(parts[0]!.threadCount / WORKGROUP_SIZE, queryCount);
    pass.end();
    encoder.copyBufferToBuffer(this.#found, 0, this.#staging, 0, readBytes);
    device.queue.submit([encoder.finish()]);
    const words = await readBuffer(this.#staging, readBytes);
    const lists: Uint32Array[] = [];
    for (let q = 0; q < queryCount; q++) {
      const own = words.subarray((q * words.length) / queryCount, ((q + 1) * words.length) / queryCount);
      const [size, notFinite] = own;
      if (notFinite) {
        throw new RecommenderError(
          'backend/failed',
          'Some scores are not finite numbers: the model holds infinite or NaN factors, or the query is too large.',
        );
      }
      const isCut = size! > entryCapacity(count);
      lists.push(isCut ? await this.#selectFromKeys(q, count) : selectFromEntries(own.subarray(FOUND_HEADER_BYTES / 4), size!, count));
    }
    return lists;
  }

  dispose(): void {
    this.#buffers.dispose();
  }

  #queryBytes(): number {
    return this.uploaded.packing.rowBytes * 2 + QUERY_TAIL_VECTORS * 16;
  }

  #maskWords(): number {
    return Math.ceil(this.uploaded.matrix.itemCount / 32);
  }

  #foundBytesPerQuery(count: number): number {
    return FOUND_HEADER_BYTES + entryCapacity(Math.min(count, this.uploaded.matrix.itemCount)) * ENTRY_BYTES;
  }

  #writeInputs({ queries, rule, excluded }: CandidateBatch, count: number): void {
    const { device, matrix, packing, parts, groupCount } = this.uploaded;
    const { itemCount, biases } = matrix;
    const hasBiases = rule === 'dot' && biases !== null;
    const records = new Uint8Array(queries.length * this.#queryBytes());
    for (const [q, query] of queries.entries()) {
      const at = q * this.#queryBytes();
      const step = packing.writeQuery(query, records.buffer, at);
      // As on wasm: without biases a constant factor leaves the order alone.
      new Float32Array(records.buffer, at + packing.rowBytes * 2, 1)[0] = hasBiases ? step : 1;
    }
    device.queue.writeBuffer(this.#queries, 0, records);
    const hasExcluded = excluded?.some((mask) => mask !== null) ?? false;
    if (hasExcluded) {
      const words = this.#maskWords();
      const masks = new Uint32Array(queries.length * words);
      excluded!.forEach((mask, q) => mask && masks.set(mask.subarray(0, words), q * words));
      device.queue.writeBuffer(this.#excluded, 0, masks);
    }
    for (const [part, { firstRow, rowCount, threadCount, firstGroup }] of parts.entries()) {
      const block = new Uint32Array(PARAMS_BYTES / 4);
      block.set([firstRow, rowCount, packing.rowBytes / 16, threadCount, firstGroup, groupCount, itemCount, count, entryCapacity(count)]);
      block.set([hasBiases ? 1 : 0, hasExcluded ? 1 : 0], 9);
      device.queue.writeBuffer(this.#params[part]!, 0, block);
    }
  }

  /** The rare way out when too many rows reach the cut: reads every key of the query (4 bytes a row). */
  async #selectFromKeys(query: number, count: number): Promise<Uint32Array> {
    const { device, matrix } = this.uploaded;
    const bytes = matrix.itemCount * 4;
    const staging = device.createBuffer({ size: bytes, usage: GPUBufferUsage.MAP_READ | GPUBufferUsage.COPY_DST });
    try {
      const encoder = device.createCommandEncoder();
      encoder.copyBufferToBuffer(this.#keys, query * bytes, staging, 0, bytes);
      device.queue.submit([encoder.finish()]);
      const best = new BestRows(count);
      (await readBuffer(staging, bytes)).forEach((key, row) => {
        if (key !== 0) best.offer(row, key);
      });
      return best.rows();
    } finally {
      staging.destroy();
    }
  }

  #bind(pipeline: GPUComputePipeline, buffers: Readonly<Record<number, GPUBuffer>>): GPUBindGroup {
    const entries = Object.entries(buffers).map(([binding, buffer]) => ({ binding: Number(binding), resource: { buffer } }));
    return this.uploaded.device.createBindGroup({ layout: pipeline.getBindGroupLayout(0), entries });
  }
}

/** Rows that may reach the cut before all keys must be read. */
function entryCapacity(count: number): number {
  return Math.min(MAX_ENTRIES, Math.max(WORKGROUP_SIZE, 4 * count));
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
