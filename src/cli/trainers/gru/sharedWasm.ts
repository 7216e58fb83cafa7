import { RecommenderError } from '../../../core/errors.js';

/** A WebAssembly memory that several threads see: its buffer is a SharedArrayBuffer. */
export interface SharedMemory {
  readonly buffer: ArrayBuffer;
}

/** The part of WebAssembly that is used here; Node's own types do not declare it. */
interface WasmApi {
  readonly Memory: new (descriptor: { initial: number; maximum: number; shared: boolean }) => SharedMemory;
  readonly Module: new (bytes: Uint8Array) => object;
  readonly Instance: new (module: object, imports: { env: { memory: SharedMemory } }) => { readonly exports: unknown };
}

const wasm = (globalThis as unknown as { readonly WebAssembly: WasmApi }).WebAssembly;

const PAGE_BYTES = 65_536;

/** Reserves at least `sizeBytes`, zeroed. Throws `backend/failed` when the machine refuses; `purpose` goes into the message. */
export function reserveShared(sizeBytes: number, purpose: string): SharedMemory {
  const pages = Math.ceil(sizeBytes / PAGE_BYTES);
  try {
    return new wasm.Memory({ initial: pages, maximum: pages, shared: true });
  } catch (cause) {
    const mebibytes = Math.ceil(sizeBytes / 2 ** 20);
    throw new RecommenderError(
      'backend/failed',
      `The training needs ${mebibytes} MiB for ${purpose}, which this machine refuses. Use fewer units.`,
      { mebibytes },
      cause,
    );
  }
}

/** Compiles a module that is held as base64. */
export function compileBase64(base64: string): object {
  return new wasm.Module(Buffer.from(base64, 'base64'));
}

/** Starts a compiled module on a memory. Returns its exports, untyped. */
export function instantiate(module: object, memory: SharedMemory): unknown {
  return new wasm.Instance(module, { env: { memory } }).exports;
}
