import type { WireError } from './core/errors.js';
import { RecommenderError, errorFromWire } from './core/errors.js';
import type { EngineNotice, PortApi } from './core/protocol.js';
import { PING } from './core/protocol.js';

/** What the worker says: an answer, a notice, or that it is there. */
interface Message {
  readonly id?: number;
  readonly value?: never;
  readonly error?: WireError;
  readonly notice?: EngineNotice;
}

/** The page's end of the private port. It settles a call by its answer; who owns it settles those that are never answered. */
export class EnginePort {
  readonly #port: MessagePort;
  readonly #asked = new Map<number | undefined, { resolve: (value: never) => void; reject: (error: unknown) => void }>();
  #lastId = 0;

  /** `onMessage` is told of every message, with the notice in it if there is one. */
  constructor(port: MessagePort, onMessage: (notice: EngineNotice | undefined) => void) {
    this.#port = port;
    port.addEventListener('message', ({ data: { id, value, error, notice } }: MessageEvent<Message>) => {
      onMessage(notice);
      const call = this.#asked.get(id);
      this.#asked.delete(id);
      if (error) call?.reject(errorFromWire(error));
      else call?.resolve(value!);
    });
    port.start();
  }

  /** Rejects with `input/invalid` when something that was given cannot cross: a function, a framework's proxy. */
  ask<Name extends keyof PortApi>(method: Name, ...given: Parameters<PortApi[Name]>): Promise<Awaited<ReturnType<PortApi[Name]>>> {
    return new Promise((resolve, reject) => {
      const id = ++this.#lastId;
      const ports = (given as unknown[]).filter((one) => one instanceof MessagePort);
      try {
        this.#port.postMessage({ id, method, given }, ports);
      } catch (cause) {
        throw new RecommenderError('input/invalid', `${cause} Hand in plain values, of reactive objects a copy.`, {}, cause);
      }
      this.#asked.set(id, { resolve, reject });
    });
  }

  ping(): void {
    this.#port.postMessage(PING, []);
  }

  close(): void {
    this.#port.close();
  }
}
