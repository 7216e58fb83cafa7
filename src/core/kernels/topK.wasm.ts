import { RecommenderError } from '../errors.js';
import { rowStride, scratchOffset } from './itemMatrix.js';
import { quantizeQuery } from './quantizeQuery.js';
import type { Backend, CandidateBatch, CandidateRequest, ItemMatrix, LoadedMatrix, ScoringRule } from './topK.js';
import { TOP_K_WASM_BASE64 } from './topKWasm.generated.js';

/** The most candidates one call may ask of this backend: room reserved for the heap. */
export const MAX_WASM_CANDIDATES = 1_000;

const WASM_PAGE_BYTES = 65_536;
/** Rows that all queries of a batch pass over before the next come: they stay in the processor's second cache. */
const BATCH_BLOCK_BYTES = 2 ** 18;

/** The compiled scan in one of its forms. */
export interface WasmKernel {
  /** What it is built on, in words. */
  readonly name: string;
  /** The module. */
  readonly base64: string;
  /** Turns a query's levels (int16, `stride` of them) into the bytes that the scan takes, in place. Absent: it takes them as they are. */
  readonly pack?: (levels: Int16Array) => void;
}

export const SIMD_KERNEL: WasmKernel = { name: 'SIMD', base64: TOP_K_WASM_BASE64 };

/** What assembly/topK.as.ts exports; all pointers are byte offsets. */
export interface KernelExports {
  setHeap(scores: number, rows: number, count: number, held: number): void;
  heapSize(): number;
  scan(
    matrix: number,
    stride: number,
    query: number,
    step: number,
    scales: number,
    biases: number,
    excluded: number,
    start: number,
    end: number,
  ): void;
}

/**
 * The default backend: a SIMD scan over the int8 rows with an int16 query, fused with the top-k.
 * Works where WebAssembly SIMD does (Chrome 91, Firefox 89, Safari 16.4, Node 16), in pages and workers alike.
 * Throws `backend/unavailable` where it does not, or where the page's Content Security Policy forbids compiling.
 */
export function createWasmBackend(kernel = SIMD_KERNEL): Backend {
  const module = compile(kernel);
  return {
    name: 'wasm',
    adapter: '',
    load: async (matrix) => loadMatrix(module, kernel, matrix),
    close: () => {},
  };
}

/**
 * Bytes the kernel needs behind a matrix's arrays: the int16 query, the exclusion bitmap and the heap.
 * Hand it to `createItemMatrix`, and the matrix is scanned where it lies.
 */
export function wasmScratchBytes(itemCount: number, dimensions: number): number {
  return scratchLayout(0, rowStride(dimensions), itemCount).end;
}

function scratchLayout(start: number, stride: number, itemCount: number) {
  const query = start;
  const excluded = query + stride * 2;
  const scores = excluded + Math.ceil(itemCount / 128) * 16;
  const rows = scores + MAX_WASM_CANDIDATES * 4;
  return { query, excluded, scores, rows, end: rows + MAX_WASM_CANDIDATES * 4 };
}

function compile({ name, base64 }: WasmKernel): WebAssembly.Module {
  if (typeof WebAssembly === 'undefined') {
    throw new RecommenderError(
      'backend/unavailable',
      'This browser has no WebAssembly. Use another backend, or leave the choice to `auto`.',
    );
  }
  const bytes = Uint8Array.from(atob(base64), (letter) => letter.charCodeAt(0));
  // Validation is allowed under every policy; only compiling is not. So a refusal here means no SIMD.
  if (!WebAssembly.validate(bytes)) {
    throw new RecommenderError(
      'backend/unavailable',
      `This browser has no WebAssembly ${name} (Chrome 91, Firefox 89, Safari 16.4 or later). Use another backend, or leave the choice to \`auto\`.`,
    );
  }
  try {
    return new WebAssembly.Module(bytes);
  } catch (cause) {
    throw new RecommenderError(
      'backend/unavailable',
      "This page does not allow WebAssembly to be compiled. Add 'wasm-unsafe-eval' to script-src of its Content Security Policy, or use another backend.",
      {},
      cause,
    );
  }
}

function loadMatrix(module: WebAssembly.Module, { pack }: WasmKernel, matrix: ItemMatrix): LoadedMatrix {
  let placed: PlacedMatrix | null = matrix.memory ? placeInOwnMemory(matrix, matrix.memory) : copyToNewMemory(matrix);
  let kernel: KernelExports | null;
  try {
    // The exports are those of assembly/topK.as.ts; WebAssembly itself types them as unknown.
    kernel = new WebAssembly.Instance(module, { env: { memory: placed.memory } }).exports as unknown as KernelExports;
  } catch (cause) {
    throw new RecommenderError('backend/failed', 'The WebAssembly kernel could not be started on the model.', {}, cause);
  }
  const toQuery = (query: Float32Array, levels: Int16Array): number => {
    const step = quantizeQuery(query, levels);
    pack?.(levels);
    return step;
  };
  return {
    findCandidates: async (request) => {
      if (!kernel || !placed) throw new RecommenderError('backend/failed', 'This matrix was disposed of. Load it again.');
      return findCandidates(kernel, placed, matrix, toQuery, request);
    },
    findCandidatesBatch: async (batch) => {
      if (!kernel || !placed) throw new RecommenderError('backend/failed', 'This matrix was disposed of. Load it again.');
      return findCandidatesBatch(kernel, placed, matrix, toQuery, batch);
    },
    dispose: () => {
      kernel = null;
      placed = null;
    },
  };
}

/** Writes a query as the kernel takes it; returns its step. */
type ToQuery = (query: Float32Array, levels: Int16Array) => number;

function findCandidates(
  kernel: KernelExports,
  placed: PlacedMatrix,
  matrix: ItemMatrix,
  toQuery: ToQuery,
  request: CandidateRequest,
): Uint32Array {
  const { itemCount, stride } = matrix;
  const { query, rule, excluded } = request;
  const count = checkCount(request.count, itemCount);
  if (count === 0) return new Uint32Array(0);
  const { memory, at } = placed;
  const { scales, biases, toStep } = ruleInputs(placed, rule);
  const step = toStep(toQuery(query, new Int16Array(memory.buffer, at.query, stride)));
  if (excluded) new Uint32Array(memory.buffer, at.excluded, Math.ceil(itemCount / 32)).set(excluded.subarray(0, Math.ceil(itemCount / 32)));
  kernel.setHeap(at.scores, at.rows, count, 0);
  kernel.scan(at.matrix, stride, at.query, step, scales, biases, excluded ? at.excluded : 0, 0, itemCount);
  const found = kernel.heapSize();
  checkFound(found, count, new Float32Array(memory.buffer, at.scores, found), excluded, itemCount);
  return new Uint32Array(memory.buffer, at.rows, found).slice();
}

/** Block of rows by block of rows; each query's heap waits outside the kernel's memory, which has room for one. */
function findCandidatesBatch(
  kernel: KernelExports,
  placed: PlacedMatrix,
  matrix: ItemMatrix,
  toQuery: ToQuery,
  batch: CandidateBatch,
): Uint32Array[] {
  const { itemCount, stride } = matrix;
  const { queries, rule, excluded } = batch;
  const count = checkCount(batch.count, itemCount);
  if (count === 0) return queries.map(() => new Uint32Array(0));
  const { memory, at } = placed;
  const { scales, biases, toStep } = ruleInputs(placed, rule);
  const kernelQuery = new Int16Array(memory.buffer, at.query, stride);
  const kernelScores = new Float32Array(memory.buffer, at.scores, count);
  const kernelRows = new Uint32Array(memory.buffer, at.rows, count);
  const kernelExcluded = new Uint32Array(memory.buffer, at.excluded, Math.ceil(itemCount / 32));
  const waiting = queries.map((query, q) => {
    const levels = new Int16Array(stride);
    const step = toStep(toQuery(query, levels));
    return { levels, step, mask: excluded?.[q] ?? null, scores: new Float32Array(count), rows: new Uint32Array(count), held: 0 };
  });
  const blockRows = Math.max(1, Math.floor(BATCH_BLOCK_BYTES / stride / 32)) * 32;
  for (let start = 0; start < itemCount; start += blockRows) {
    const end = Math.min(itemCount, start + blockRows);
    for (const one of waiting) {
      kernelQuery.set(one.levels);
      kernelScores.set(one.scores);
      kernelRows.set(one.rows);
      if (one.mask) kernelExcluded.set(one.mask.subarray(start / 32, Math.ceil(end / 32)), start / 32);
      kernel.setHeap(at.scores, at.rows, count, one.held);
      kernel.scan(at.matrix, stride, at.query, one.step, scales, biases, one.mask ? at.excluded : 0, start, end);
      one.held = kernel.heapSize();
      one.scores.set(kernelScores);
      one.rows.set(kernelRows);
    }
  }
  return waiting.map(({ held, scores, rows, mask }) => {
    checkFound(held, count, scores.subarray(0, held), mask, itemCount);
    return rows.slice(0, held);
  });
}

function checkCount(wanted: number, itemCount: number): number {
  const count = Math.max(0, Math.min(wanted, itemCount));
  if (count > MAX_WASM_CANDIDATES) {
    throw new RecommenderError(
      'input/invalid',
      `${count} candidates were asked for, the wasm backend finds at most ${MAX_WASM_CANDIDATES}.`,
      { seen: count, most: MAX_WASM_CANDIDATES },
    );
  }
  return count;
}

/** Which arrays a rule scores with; `toStep` gives the query's factor in a score. */
function ruleInputs({ at }: PlacedMatrix, rule: ScoringRule) {
  const [scales, biases] = rule === 'cosine' ? [at.cosineScales, 0] : [at.scales, at.biases];
  // A constant factor leaves the order alone; without biases it is left out, so that no tiny or huge query is lost to f32.
  return { scales, biases, toStep: (step: number) => (biases === 0 ? 1 : step) };
}

/** Throws unless `found` rows are as many as there can be, all with finite scores. */
function checkFound(found: number, count: number, scores: Float32Array, excluded: Uint32Array | null, itemCount: number): void {
  // NaN and -Infinity never enter the heap, +Infinity does.
  const isFull = found === count || found === allowedRows(excluded, itemCount);
  if (isFull && scores.every(Number.isFinite)) return;
  throw new RecommenderError(
    'backend/failed',
    'Some scores are not finite numbers: the model holds infinite or NaN factors, or the query is too large.',
  );
}

function allowedRows(excluded: Uint32Array | null, itemCount: number): number {
  if (!excluded) return itemCount;
  let allowed = 0;
  for (let row = 0; row < itemCount; row++) if (((excluded[row >> 5]! >>> (row & 31)) & 1) === 0) allowed++;
  return allowed;
}

/** Where the arrays lie in the kernel's memory. */
interface PlacedMatrix {
  readonly memory: WebAssembly.Memory;
  readonly at: {
    readonly matrix: number;
    readonly scales: number;
    readonly cosineScales: number;
    /** 0: none. Never a place of its own, since the rows come first. */
    readonly biases: number;
    readonly query: number;
    readonly excluded: number;
    readonly scores: number;
    readonly rows: number;
  };
}

function placeInOwnMemory(matrix: ItemMatrix, memory: WebAssembly.Memory): PlacedMatrix {
  const scratch = scratchLayout(scratchOffset(matrix), matrix.stride, matrix.itemCount);
  if (scratch.end > memory.buffer.byteLength) {
    throw new RecommenderError(
      'backend/failed',
      `The matrix leaves ${memory.buffer.byteLength - scratchOffset(matrix)} bytes for the kernel, which needs ${scratch.end - scratch.query}. Create it with wasmScratchBytes().`,
    );
  }
  return {
    memory,
    at: {
      ...scratch,
      matrix: matrix.rows.byteOffset,
      scales: matrix.scales.byteOffset,
      cosineScales: matrix.cosineScales.byteOffset,
      biases: matrix.biases?.byteOffset ?? 0,
    },
  };
}

function copyToNewMemory(matrix: ItemMatrix): PlacedMatrix {
  const { rows, scales, cosineScales, biases, stride, itemCount } = matrix;
  const floatBytes = Math.ceil(itemCount / 4) * 16;
  const scalesAt = rows.byteLength;
  const cosineScalesAt = scalesAt + floatBytes;
  const biasesAt = cosineScalesAt + floatBytes;
  const scratch = scratchLayout(biases ? biasesAt + floatBytes : biasesAt, stride, itemCount);
  let memory: WebAssembly.Memory;
  try {
    memory = new WebAssembly.Memory({ initial: Math.ceil(scratch.end / WASM_PAGE_BYTES) });
  } catch (cause) {
    throw new RecommenderError(
      'backend/failed',
      `This device refused ${Math.ceil(scratch.end / 2 ** 20)} MiB of memory for the model.`,
      {},
      cause,
    );
  }
  new Int8Array(memory.buffer, 0, rows.length).set(rows);
  new Float32Array(memory.buffer, scalesAt, itemCount).set(scales);
  new Float32Array(memory.buffer, cosineScalesAt, itemCount).set(cosineScales);
  if (biases) new Float32Array(memory.buffer, biasesAt, itemCount).set(biases);
  return { memory, at: { ...scratch, matrix: 0, scales: scalesAt, cosineScales: cosineScalesAt, biases: biases ? biasesAt : 0 } };
}
