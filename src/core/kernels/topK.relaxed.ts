/** The scan on WebAssembly's relaxed SIMD, for the wasm backend; the worker loads it as a file of its own (`tuning.js`). */
import type { KernelExports, WasmKernel } from './topK.wasm.js';
import { TOP_K_RELAXED_BASE64 } from './topKRelaxed.generated.js';

export const RELAXED_KERNEL: WasmKernel = { name: 'relaxed SIMD', base64: TOP_K_RELAXED_BASE64, pack: packPlanes };

export interface RelaxedRoom {
  readonly kernel: WasmKernel;
  readonly check: typeof checkKernel;
}

export const relaxedRoom: RelaxedRoom = { kernel: RELAXED_KERNEL, check: checkKernel };

/** level = (high - 64) * 128 + low, both from 0 to 127: all `high` first, then all `low`, in the room that the levels had. */
export function packPlanes(levels: Int16Array): void {
  const stride = levels.length;
  const planes = new Uint8Array(levels.buffer, levels.byteOffset, 2 * stride);
  levels.slice().forEach((level, j) => {
    planes[j] = (level >> 7) + 64;
    planes[stride + j] = level & 127;
  });
}

const ROWS = 67;
const TOP_LEVEL = 8_191;
const PAGE_BYTES = 65_536;

/**
 * Scores rows and queries that are hard on a kernel (every extreme, every sign, all strides that it tells apart) and compares each score
 * with plain integers. Returns null when all are equal to the last bit, else what is wrong, in words. What "relaxed" leaves to
 * the processor is never used, and this is where it would show.
 */
export function checkKernel({ name, base64, pack }: WasmKernel): string | null {
  const bytes = Uint8Array.from(atob(base64), (letter) => letter.charCodeAt(0));
  if (!WebAssembly.validate(bytes)) return `this browser has no ${name}`;
  const memory = new WebAssembly.Memory({ initial: 1 });
  // The exports are those of assembly/topK.as.ts; WebAssembly itself types them as unknown.
  const kernel = new WebAssembly.Instance(new WebAssembly.Module(bytes), { env: { memory } }).exports as unknown as KernelExports;
  for (const stride of [16, 32, 48, 64, 80]) {
    const at = { scales: stride * ROWS, query: 0, scores: 0, rows: 0 };
    at.scales = Math.ceil(at.scales / 16) * 16;
    at.query = at.scales + 16 * Math.ceil(ROWS / 4);
    at.scores = at.query + 2 * stride;
    at.rows = at.scores + 4 * ROWS;
    if (at.rows + 4 * ROWS > PAGE_BYTES) throw new RangeError('The test does not fit its memory.');
    const rows = new Int8Array(memory.buffer, 0, stride * ROWS);
    rows.forEach((_, i) => (rows[i] = hardRow(Math.floor(i / stride), i % stride)));
    new Float32Array(memory.buffer, at.scales, ROWS).fill(1);
    for (let question = 0; question < 8; question++) {
      const levels = Int16Array.from({ length: stride }, (_, j) => hardLevel(question, j));
      const query = new Int16Array(memory.buffer, at.query, stride);
      query.set(levels);
      pack?.(query);
      kernel.setHeap(at.scores, at.rows, ROWS, 0);
      kernel.scan(0, stride, at.query, 1, at.scales, 0, 0, 0, ROWS);
      const found = new Map(
        Array.from(new Uint32Array(memory.buffer, at.rows, ROWS), (row, place) => [
          row,
          new Float32Array(memory.buffer, at.scores, ROWS)[place]!,
        ]),
      );
      for (let row = 0; row < ROWS; row++) {
        let dot = 0;
        for (let j = 0; j < stride; j++) dot += rows[row * stride + j]! * levels[j]!;
        if (found.get(row) !== Math.fround(dot)) return `row ${row} of ${stride} gives ${found.get(row)} instead of ${dot} on ${name}`;
      }
    }
  }
  return null;
}

/** A few plain ones, where an error of 1 shows in f32; the extremes; and a pattern for the rest. */
function hardRow(row: number, j: number): number {
  if (row < 8) return j === row ? 1 : 0;
  if (row < 16) return [127, -127, -128, 127][row & 3]! * (row & 4 && j & 1 ? -1 : 1);
  return ((row * 37 + j * 101) % 256) - 128;
}

function hardLevel(question: number, j: number): number {
  const sign = j & 1 ? -1 : 1;
  return [TOP_LEVEL, -TOP_LEVEL, sign * TOP_LEVEL, sign * 128, sign * 127, -sign, 0, ((j * 2_749 + 13) % 16_383) - TOP_LEVEL][question]!;
}
