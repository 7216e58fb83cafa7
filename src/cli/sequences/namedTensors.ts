import { readSafetensors, toFloat32 } from '../../core/artifact/safetensors.js';
import type { Tensor as StoredTensor } from '../../core/artifact/safetensors.js';
import type { FloatTensor } from '../../core/models/sequence/sequenceTensors.js';
import { badInput } from '../cliIo.js';

/**
 * The tensors of a safetensors file by name, decoded to f32 when taken. It keeps book, so that a tensor which no part of the model
 * used (a layer that would be left out in silence) is refused.
 */
export class NamedTensors {
  readonly #stored: ReadonlyMap<string, StoredTensor>;
  readonly #taken = new Set<string>();

  private constructor(
    readonly origin: string,
    stored: ReadonlyMap<string, StoredTensor>,
  ) {
    this.#stored = stored;
  }

  /** Throws `artifact/bad-file` when it is no safetensors file. */
  static read(bytes: Uint8Array, path: string): NamedTensors {
    return new NamedTensors(path, withoutCommonPrefix(readSafetensors(bytes, path)));
  }

  get names(): string[] {
    return [...this.#stored.keys()];
  }

  has(name: string): boolean {
    return this.#stored.has(name);
  }

  shape(name: string): readonly number[] {
    return this.#find(name).shape;
  }

  /** Throws `cli/bad-input` naming what is missing and what there is. */
  take(name: string): FloatTensor {
    const stored = this.#find(name);
    this.#taken.add(name);
    return { shape: stored.shape, values: toFloat32(stored, name, this.origin) };
  }

  takeIf(name: string): FloatTensor | null {
    return this.has(name) ? this.take(name) : null;
  }

  /** "emb.weight (31, 8); ..." */
  list(names: readonly string[] = this.names): string {
    return names.map((name) => `${name} (${this.#stored.get(name)!.shape.join(', ')})`).join('; ');
  }

  /** Names not taken. */
  rest(): string[] {
    return this.names.filter((name) => !this.#taken.has(name));
  }

  /** Throws `cli/bad-input` when a tensor was not used. */
  refuseRest(readAs: string): void {
    const rest = this.rest();
    if (rest.length === 0) return;
    throw badInput(
      `${this.origin}: ${readAs} has no place for ${this.list(rest)}. Leaving them out would change the answers; describe the model with --describe, or save its state dict without them if they take no part in scoring.`,
      { origin: this.origin, names: rest },
    );
  }

  #find(name: string): StoredTensor {
    const stored = this.#stored.get(name);
    if (!stored) {
      throw badInput(`${this.origin} has no tensor ${JSON.stringify(name)}. It holds: ${this.list()}.`, {
        origin: this.origin,
        name,
        seen: this.names,
      });
    }
    return stored;
  }
}

/** Drops what wrappers put before every name: "module.", "model.". */
function withoutCommonPrefix(stored: ReadonlyMap<string, StoredTensor>): ReadonlyMap<string, StoredTensor> {
  const prefix = /^(?:(?:module|model|_orig_mod|net|network)\.)+/.exec([...stored.keys()][0] ?? '')?.[0];
  if (prefix === undefined || ![...stored.keys()].every((name) => name.startsWith(prefix))) return stored;
  return new Map([...stored].map(([name, tensor]) => [name.slice(prefix.length), tensor]));
}
