import { Worker } from 'node:worker_threads';
import { diagonalize } from '../diagonalize.js';
import { compileBase64, instantiate, reserveShared } from '../gru/sharedWasm.js';
import type { SparseRows } from '../sparseRows.js';
import { transpose } from '../sparseRows.js';
import { ALS_KERNEL_BASE64 } from './alsKernel.generated.js';
import type { AlsFactors, AlsOptions, AlsSide, AlsSolver } from './alsObjective.js';
import { noSolution } from './alsObjective.js';
import { cutTasks } from './cutTasks.js';

/** What assembly/als.as.ts exports. */
interface Kernel {
  gram(parts: number): void;
  turn(count: number): void;
  solve(count: number): void;
  stop(): void;
}

/** The words of assembly/layout.as.ts, in its order. */
const WORDS = [
  'stride',
  'firstTask',
  'sourceRows',
  'gramParts',
  'target',
  'source',
  'offsets',
  'columns',
  'values',
  'taskRows',
  'eigenvalues',
  'turn',
  'gramSums',
  'scratch',
  'scratchBytes',
] as const;

const FAILED_OFFSET = 256;
const REALS_OFFSET = 264;
const WORDS_OFFSET = 288;
const FIRST_ARRAY = 65_536;
/** As TURNED in assembly/rows.as.ts. */
const TURNED_ROWS = 256;
/** Tasks between two pauses. */
const PHASE_TASKS = 64;
const MAX_GRAM_PARTS = 32;
const MAX_GRAM_BYTES = 2 ** 24;

/** One side and what is solved for it. Offsets are bytes in the shared memory. */
interface Side {
  readonly rowCount: number;
  readonly rows: number;
  readonly offsets: number;
  readonly columns: number;
  readonly values: number;
  readonly taskRows: number;
  readonly taskCount: number;
}

/**
 * Solves with the kernel of assembly/als.as.ts on all threads. Factors and sparse rows lie in one shared memory.
 *
 * The kept side is first turned so that its gram matrix is diagonal (L does not change when both sides are turned), whence a row with
 * n < d entries needs only an n x n system: (D + H'RH)⁻¹ H'R1 = D⁻¹ H' (R⁻¹ + H D⁻¹ H')⁻¹ 1 (Woodbury). Most shoppers have few items, so
 * this is many times cheaper than the d x d system, and exact.
 *
 * Threads claim tasks one by one and the calling thread claims with them: where a thread cannot start, the others do its work, and the
 * result is the same to the last bit. Throws `backend/failed` when the memory cannot be had.
 */
export class AlsEngine implements AlsSolver {
  readonly sizeBytes: number;
  readonly #stride: number;
  readonly #gramParts: number;
  readonly #buffer: ArrayBuffer;
  readonly #words: Uint32Array;
  readonly #failed: Int32Array;
  readonly #kernel: Kernel;
  readonly #workers: Worker[] = [];
  readonly #sides: Readonly<Record<AlsSide, Side>>;
  readonly #places: { readonly eigenvalues: number; readonly turn: number; readonly gramSums: number };

  constructor(
    byUser: SparseRows,
    readonly options: AlsOptions,
    threads: number,
  ) {
    const { factors } = options;
    const stride = roundUp(factors, 4);
    this.#stride = stride;
    this.#gramParts = Math.max(1, Math.min(MAX_GRAM_PARTS, Math.floor(MAX_GRAM_BYTES / (8 * stride * stride))));
    let end = FIRST_ARRAY;
    const reserve = (sizeBytes: number): number => {
      const start = end;
      end = roundUp(end + sizeBytes, 64);
      return start;
    };
    const place = (rows: SparseRows, tasks: Uint32Array): Side => ({
      rowCount: rows.rowCount,
      rows: reserve(4 * rows.rowCount * stride),
      offsets: reserve(4 * rows.offsets.length),
      columns: reserve(4 * rows.columns.length),
      values: reserve(4 * rows.columns.length),
      taskRows: reserve(4 * tasks.length),
      taskCount: tasks.length - 1,
    });
    const byItem = transpose(byUser);
    const userTasks = cutTasks(byUser.offsets, stride);
    const itemTasks = cutTasks(byItem.offsets, stride);
    this.#sides = { users: place(byUser, userTasks), items: place(byItem, itemTasks) };
    this.#places = {
      eigenvalues: reserve(8 * stride),
      turn: reserve(8 * stride * stride),
      gramSums: reserve(8 * stride * stride * this.#gramParts),
    };
    // As assembly/scratch.as.ts divides it: matrix, gathered rows, three vectors of f64 and one of f32.
    const scratchBytes = roundUp(8 * stride * (stride + Math.max(stride, 64) + 4), 64);
    const scratch = reserve(scratchBytes * threads);
    this.sizeBytes = end;
    const memory = reserveShared(end, `${byUser.rowCount} users, ${byUser.columnCount} items and ${factors} factors`);
    const { buffer } = memory;
    this.#buffer = buffer;
    this.#failed = new Int32Array(buffer, FAILED_OFFSET, 1);
    this.#words = new Uint32Array(buffer, WORDS_OFFSET, WORDS.length);
    new Float64Array(buffer, REALS_OFFSET, 3).set([options.unobservedWeight, options.regularization, options.nu]);
    this.#fill(this.#sides.users, byUser, userTasks);
    this.#fill(this.#sides.items, byItem, itemTasks);
    this.#set({ stride, gramParts: this.#gramParts, ...this.#places, scratch, scratchBytes });
    const module = compileBase64(ALS_KERNEL_BASE64);
    // The exports are those of assembly/als.as.ts; WebAssembly itself types them as unknown.
    this.#kernel = instantiate(module, memory) as Kernel;
    for (let index = 1; index < threads; index++) this.#start({ module, memory, index });
  }

  setItems(items: Float32Array): void {
    const d = this.options.factors;
    const rows = this.#rows(this.#sides.items);
    for (let row = 0; row * d < items.length; row++) rows.set(items.subarray(row * d, (row + 1) * d), row * this.#stride);
  }

  factors(): AlsFactors {
    return { users: this.#unpadded(this.#sides.users), items: this.#unpadded(this.#sides.items) };
  }

  async solve(name: AlsSide, report: (done: number) => Promise<void>): Promise<void> {
    const side = this.#sides[name];
    const other = this.#sides[name === 'users' ? 'items' : 'users'];
    const { offsets, columns, values, taskRows } = side;
    this.#set({ target: side.rows, source: other.rows, sourceRows: other.rowCount, offsets, columns, values, taskRows });
    this.#diagonalizeSource();
    const breathe = (): Promise<void> => report(0);
    await this.#runTasks(Math.ceil(other.rowCount / TURNED_ROWS), (count) => this.#kernel.turn(count), breathe);
    await this.#runTasks(side.taskCount, (count) => this.#kernel.solve(count), report);
  }

  /** Ends the threads. The factors stay. */
  async close(): Promise<void> {
    this.#kernel.stop();
    await Promise.all(this.#workers.map((worker) => worker.terminate()));
  }

  #diagonalizeSource(): void {
    const { eigenvalues, turn, gramSums } = this.#places;
    const d = this.#stride;
    this.#kernel.gram(this.#gramParts);
    const parts = new Float64Array(this.#buffer, gramSums, this.#gramParts * d * d);
    const sums = parts.slice(0, d * d);
    for (let at = d * d; at < parts.length; at++) sums[at % (d * d)]! += parts[at]!;
    for (let i = 0; i < d; i++) for (let j = 0; j < i; j++) sums[i * d + j] = sums[j * d + i]!;
    const vectors = diagonalize(sums, d);
    const turned = new Float64Array(this.#buffer, turn, d * d);
    for (let i = 0; i < d; i++) for (let j = 0; j < d; j++) turned[j * d + i] = vectors[i * d + j]!;
    const diagonal = new Float64Array(this.#buffer, eigenvalues, d);
    for (let i = 0; i < d; i++) diagonal[i] = Math.max(0, sums[i * d + i]!);
  }

  async #runTasks(taskCount: number, run: (count: number) => void, report: (done: number) => Promise<void>): Promise<void> {
    for (let firstTask = 0; firstTask < taskCount; firstTask += PHASE_TASKS) {
      this.#set({ firstTask });
      run(Math.min(PHASE_TASKS, taskCount - firstTask));
      if (this.#failed[0] !== 0) throw noSolution();
      await report(Math.min(1, (firstTask + PHASE_TASKS) / taskCount));
    }
  }

  #set(values: Partial<Record<(typeof WORDS)[number], number>>): void {
    for (const [name, value] of Object.entries(values)) this.#words[WORDS.indexOf(name as (typeof WORDS)[number])] = value;
  }

  #fill(side: Side, rows: SparseRows, tasks: Uint32Array): void {
    new Uint32Array(this.#buffer, side.offsets, rows.offsets.length).set(rows.offsets);
    new Uint32Array(this.#buffer, side.columns, rows.columns.length).set(rows.columns);
    new Float32Array(this.#buffer, side.values, rows.values.length).set(rows.values);
    new Uint32Array(this.#buffer, side.taskRows, tasks.length).set(tasks);
  }

  #rows({ rows, rowCount }: Side): Float32Array {
    return new Float32Array(this.#buffer, rows, rowCount * this.#stride);
  }

  #unpadded(side: Side): Float32Array {
    const d = this.options.factors;
    const rows = this.#rows(side);
    if (d === this.#stride) return rows;
    const narrow = new Float32Array(side.rowCount * d);
    for (let row = 0; row < side.rowCount; row++) narrow.set(rows.subarray(row * this.#stride, row * this.#stride + d), row * d);
    return narrow;
  }

  #start(workerData: object): void {
    try {
      // The whole worker: the kernel has a loop of its own.
      const worker = new Worker(
        "const { module, memory, index } = require('node:worker_threads').workerData;" +
          'new WebAssembly.Instance(module, { env: { memory } }).exports.serve(index);',
        { eval: true, workerData },
      );
      worker.on('error', () => {}); // It never claimed a task: the others have them all.
      worker.unref();
      this.#workers.push(worker);
    } catch {
      // A machine that refuses threads trains on one.
    }
  }
}

function roundUp(value: number, step: number): number {
  return Math.ceil(value / step) * step;
}
