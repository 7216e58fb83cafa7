import { Worker } from 'node:worker_threads';
import { GRU_KERNEL_BASE64 } from './gruKernel.generated.js';
import { compileBase64, instantiate, reserveShared } from './sharedWasm.js';

export interface GruEngineShape {
  readonly itemCount: number;
  readonly units: number;
  /** Most rows of a batch. */
  readonly batchSize: number;
  readonly negatives: number;
  /** 1: everything runs on the calling thread. The results are the same to the last bit. */
  readonly threads: number;
}

/** What assembly/gru.as.ts exports. */
interface Kernel {
  step(apply: number): number;
  infer(): void;
  rank(): void;
  setAlone(alone: number): void;
  stop(): void;
}

type Float = 'f32';
type Int = 'i32';
/** The words of assembly/layout.as.ts, in its order: first plain values, then arrays with their type. */
const VALUE_WORDS = [
  'rows',
  'paddedRows',
  'units',
  'stride',
  'columns',
  'touched',
  'itemCount',
  'lossKind',
  'randomKey',
  'embeddingDropout',
  'hiddenDropout',
  'learningRate',
  'momentum',
  'epsilon',
  'scorePenalty',
] as const;
type ValueWord = (typeof VALUE_WORDS)[number];
const REAL_WORDS: ReadonlySet<ValueWord> = new Set([
  'embeddingDropout',
  'hiddenDropout',
  'learningRate',
  'momentum',
  'epsilon',
  'scorePenalty',
]);

const CHUNK = 64;
const FIRST_ARRAY = 65_536;
const WORDS_OFFSET = 256;

/** Lengths of the arrays, in the order of assembly/layout.as.ts. */
function arrayLengths({ itemCount, units, batchSize, negatives, threads }: GruEngineShape) {
  const stride = roundUp(units, 8);
  const padded = roundUp(batchSize, 8);
  const touched = 2 * padded + negatives + CHUNK;
  const chunks = Math.ceil(touched / CHUNK);
  const cell = 6 * stride * stride + 6 * stride;
  const matrix = padded * stride;
  const f = (length: number) => ({ type: 'f32' as Float, length });
  const i = (length: number) => ({ type: 'i32' as Int, length });
  return {
    items: f(itemCount * stride),
    itemSquares: f(itemCount * stride),
    itemVelocities: f(itemCount * stride),
    biases: f(itemCount),
    biasSquares: f(itemCount),
    biasVelocities: f(itemCount),
    cell: f(cell),
    cellSquares: f(cell),
    cellVelocities: f(cell),
    cellGradients: f(cell),
    inputs: i(padded),
    targets: i(padded),
    targetColumns: i(padded),
    targetOffsets: f(padded),
    inputColumns: i(padded),
    columnItems: i(touched),
    columnOffsets: f(touched),
    embedded: f(matrix),
    embeddedMask: f(matrix),
    stateBefore: f(matrix),
    stateAfter: f(matrix),
    outputMask: f(matrix),
    output: f(matrix),
    outputTurned: f(matrix),
    inputGates: f(3 * matrix),
    stateGates: f(3 * matrix),
    inputGateGradients: f(3 * matrix),
    stateGateGradients: f(3 * matrix),
    turnedGradients: f(3 * matrix),
    embeddedGradients: f(matrix),
    gathered: f(touched * stride),
    itemGradients: f(touched * stride),
    biasGradients: f(touched),
    scores: f(touched * padded),
    chunkSums: f(chunks * 5 * padded),
    chunkOutputGradients: f(chunks * matrix),
    targetScores: f(padded),
    totals: f(5 * padded),
    threadScratch: f(threads * CHUNK * padded),
    chunkRanks: i(Math.ceil(itemCount / CHUNK) * padded),
  };
}
type ArrayLengths = ReturnType<typeof arrayLengths>;
export type GruArrays = {
  readonly [Name in keyof ArrayLengths]: ArrayLengths[Name]['type'] extends Float ? Float32Array : Int32Array;
};

/**
 * The training kernel (assembly/gru.as.ts) in a memory of its own that all threads share, with its arrays as views.
 * `close` it, or its threads keep the program from ending. Throws `backend/failed` when the memory cannot be had.
 */
export class GruEngine {
  readonly stride: number;
  readonly paddedRows: number;
  readonly arrays: GruArrays;
  readonly sizeBytes: number;
  readonly #words: Int32Array;
  readonly #reals: Float32Array;
  readonly #kernel: Kernel;
  readonly #workers: Worker[] = [];

  constructor(readonly shape: GruEngineShape) {
    this.stride = roundUp(shape.units, 8);
    this.paddedRows = roundUp(shape.batchSize, 8);
    const lengths = arrayLengths(shape);
    let end = FIRST_ARRAY;
    const starts = Object.entries(lengths).map(([name, { type, length }]) => {
      const start = end;
      end = roundUp(end + length * 4, 64);
      return { name, type, length, start };
    });
    // The last product of a chunk may read a few rows too far.
    this.sizeBytes = end + 4 * this.stride * 4;
    const memory = reserveShared(this.sizeBytes, `${shape.itemCount} items x ${shape.units} units`);
    this.#words = new Int32Array(memory.buffer, WORDS_OFFSET, VALUE_WORDS.length + starts.length);
    this.#reals = new Float32Array(memory.buffer, WORDS_OFFSET, VALUE_WORDS.length);
    const views: Record<string, Float32Array | Int32Array> = {};
    starts.forEach(({ name, type, length, start }, at) => {
      this.#words[VALUE_WORDS.length + at] = start;
      views[name] = type === 'f32' ? new Float32Array(memory.buffer, start, length) : new Int32Array(memory.buffer, start, length);
    });
    // Filled from the very list that the type is made of.
    this.arrays = views as unknown as GruArrays;
    const module = compileBase64(GRU_KERNEL_BASE64);
    // The exports are those of assembly/gru.as.ts; WebAssembly itself types them as unknown.
    this.#kernel = instantiate(module, memory) as Kernel;
    for (let index = 1; index < shape.threads; index++) {
      // The whole worker: the kernel has a loop of its own.
      const worker = new Worker(
        "const { module, memory, index } = require('node:worker_threads').workerData;" +
          'new WebAssembly.Instance(module, { env: { memory } }).exports.serve(index);',
        { eval: true, workerData: { module, memory, index } },
      );
      worker.unref();
      this.#workers.push(worker);
    }
    this.set({ units: shape.units, stride: this.stride, itemCount: shape.itemCount });
  }

  /** Sets words of the layout. `rows` sets the padded rows too. */
  set(values: Partial<Record<ValueWord, number>>): void {
    for (const [name, value] of Object.entries(values) as [ValueWord, number][]) {
      const at = VALUE_WORDS.indexOf(name);
      if (REAL_WORDS.has(name)) this.#reals[at] = value;
      else this.#words[at] = value;
      // Always the whole width: what is laid out by it stays in place when the batch shrinks.
      if (name === 'rows') this.#words[VALUE_WORDS.indexOf('paddedRows')] = this.paddedRows;
    }
  }

  /** Trains one step, or with `apply` false only computes the gradients. Returns the mean loss. */
  step(apply = true): number {
    return this.#kernel.step(apply ? 1 : 0);
  }

  /** One event on, without dropout: stateBefore -> stateAfter, output and target scores. */
  infer(): void {
    this.#kernel.infer();
  }

  /** After `infer`: for each live row how many of all items rank before its target, into `out`. */
  rank(out: Uint32Array, live: number): void {
    this.#kernel.rank();
    const { chunkRanks } = this.arrays;
    const width = this.paddedRows;
    for (let row = 0; row < live; row++) {
      let count = 0;
      for (let at = row; at < chunkRanks.length; at += width) count += chunkRanks[at]!;
      out[row] = count;
    }
  }

  /** With true the calling thread does all the work until it is set back. The results are the same. */
  setAlone(alone: boolean): void {
    this.#kernel.setAlone(alone ? 1 : 0);
  }

  /** Makes the states after the last event those before the next; with `dropped` as dropout left them. */
  carryStates(dropped = false): void {
    this.arrays.stateBefore.set(dropped ? this.arrays.output : this.arrays.stateAfter);
  }

  resetState(row: number): void {
    this.arrays.stateBefore.fill(0, row * this.stride, (row + 1) * this.stride);
  }

  moveState(from: number, to: number): void {
    this.arrays.stateBefore.copyWithin(to * this.stride, from * this.stride, (from + 1) * this.stride);
  }

  /** Ends the threads. The arrays stay. */
  async close(): Promise<void> {
    this.#kernel.stop();
    await Promise.all(this.#workers.map((worker) => worker.terminate()));
  }
}

function roundUp(value: number, step: number): number {
  return Math.ceil(value / step) * step;
}
