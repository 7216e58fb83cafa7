/**
 * The few platform globals the ground may use: they exist in pages, workers and Node alike and
 * know no clock, network or storage. Everything else must be handed in.
 */
declare class TextEncoder {
  encode(text: string): Uint8Array<ArrayBuffer>;
}
declare class TextDecoder {
  constructor(label?: string, options?: { fatal?: boolean });
  decode(bytes: ArrayBufferView): string;
}
declare namespace WebAssembly {
  class Memory {
    constructor(descriptor: { initial: number; maximum?: number });
    readonly buffer: ArrayBuffer;
    grow(pages: number): number;
  }
  class Module {
    constructor(bytes: ArrayBufferView);
  }
  class Instance {
    constructor(module: Module, imports?: Record<string, Record<string, unknown>>);
    readonly exports: Record<string, unknown>;
  }
  function validate(bytes: ArrayBufferView): boolean;
  function instantiate(
    bytes: ArrayBufferView,
    imports?: Record<string, Record<string, unknown>>,
  ): Promise<{ instance: Instance; module: Module }>;
}
interface AbortSignal {
  readonly aborted: boolean;
  readonly reason: any;
}
/** Carried from page to worker, read by neither here. */
interface Blob {
  readonly size: number;
}
declare function atob(base64: string): string;
interface MessagePort {
  postMessage(message: any, transfer: any[]): void;
}
type Transferable = ArrayBuffer | MessagePort;
