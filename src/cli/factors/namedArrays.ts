import type { Tensor } from '../../core/artifact/safetensors.js';
import { float16ToNumber, readSafetensors } from '../../core/artifact/safetensors.js';
import { badInput } from '../cliIo.js';
import type { DenseMatrix } from './factorSource.js';
import { toMatrix } from './factorSource.js';
import type { NumpyArray } from './readNpy.js';
import { readNpy } from './readNpy.js';
import type { NpzMembers } from './readNpz.js';
import { listMembers } from './readNpz.js';

/** The arrays of a file by name, each decoded only when it is asked for. */
export class NamedArrays {
  readonly names: readonly string[];
  readonly #names: ReadonlySet<string>;

  constructor(
    /** "npz" or "safetensors". */
    readonly kind: string,
    readonly path: string,
    names: Iterable<string>,
    readonly readArray: (name: string) => NumpyArray,
    /** All arrays with their shapes, for messages. */
    readonly list: () => string,
  ) {
    this.names = [...names];
    this.#names = new Set(this.names);
  }

  has(...names: readonly string[]): boolean {
    return names.every((name) => this.#names.has(name));
  }

  /** Throws `cli/bad-input` with what the file holds when it has no such array. */
  read(name: string): NumpyArray {
    if (!this.#names.has(name))
      throw badInput(`${this.path} has no ${this.kind === 'npz' ? 'array' : 'tensor'} ${JSON.stringify(name)}. It holds: ${this.list()}.`, {
        path: this.path,
        name,
      });
    return this.readArray(name);
  }

  /** Throws `cli/bad-input` unless the array has two dimensions. */
  matrix(name: string): DenseMatrix {
    const { shape, values } = this.read(name);
    return toMatrix(shape, values, `${this.path}:${name}`);
  }

  /** One number; `fallback` where there is no such array. Throws `cli/bad-input` when it is not finite. */
  scalar(name: string, fallback: number): number {
    if (!this.has(name)) return fallback;
    const value = this.read(name).values[0] ?? fallback;
    if (!Number.isFinite(value)) throw badInput(`${this.path}:${name} is ${value}; a finite number is needed.`, { path: this.path, name });
    return value;
  }

  /** A matrix of as many columns as the item factors, or null where there is none. Throws `cli/bad-input` on another width. */
  users(name: string, items: DenseMatrix): DenseMatrix | null {
    if (!this.has(name)) return null;
    const users = this.matrix(name);
    if (users.columnCount !== items.columnCount)
      throw badInput(
        `${this.path}:${name} has ${users.columnCount} columns, the item factors have ${items.columnCount}. They are not of one model.`,
        { path: this.path },
      );
    return users;
  }

  /** One number for each item, or null where there is no such array. Throws `cli/bad-input` on another length. */
  biases(name: string, items: DenseMatrix): Float64Array | null {
    if (!this.has(name)) return null;
    const { values } = this.read(name);
    if (values.length !== items.rowCount)
      throw badInput(
        `${this.path}:${name} holds ${values.length} values for ${items.rowCount} rows of item factors. There must be one bias an item.`,
        { path: this.path },
      );
    return values;
  }
}

export function arraysOfNpz(members: NpzMembers, path: string): NamedArrays {
  return new NamedArrays(
    'npz',
    path,
    members.keys(),
    (name) => readNpy(members.get(name)!, `${path}:${name}`),
    () => listMembers(members, path),
  );
}

/** Throws `artifact/bad-tensor` when the file is no sound safetensors file. */
export function arraysOfSafetensors(bytes: Uint8Array, path: string): NamedArrays {
  const tensors = readSafetensors(bytes, path);
  return new NamedArrays(
    'safetensors',
    path,
    tensors.keys(),
    (name) => ({ shape: tensors.get(name)!.shape, values: toFloat64(tensors.get(name)!, `${path}:${name}`) }),
    () => [...tensors].map(([name, { shape, dtype }]) => `${name} (${shape.join(', ')}) ${dtype}`).join('; '),
  );
}

function toFloat64({ dtype, bytes }: Tensor, origin: string): Float64Array {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const from = (size: number, read: (at: number) => number): Float64Array =>
    Float64Array.from({ length: bytes.length / size }, (_, i) => read(i * size));
  switch (dtype) {
    case 'F64':
      return from(8, (at) => view.getFloat64(at, true));
    case 'F32':
      return from(4, (at) => view.getFloat32(at, true));
    case 'F16':
      return from(2, (at) => float16ToNumber(view.getUint16(at, true)));
    case 'BF16': {
      const word = new DataView(new ArrayBuffer(4));
      return from(2, (at) => {
        word.setUint16(0, view.getUint16(at, true));
        return word.getFloat32(0);
      });
    }
    default:
      throw badInput(`${origin} is of type ${dtype}; factors are F16, BF16, F32 or F64.`, { origin, dtype });
  }
}
