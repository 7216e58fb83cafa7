import type { Dataset, Group } from 'jsfive';
import type { FloatTensor } from '../../core/models/sequence/sequenceTensors.js';
import { badInput } from '../cliIo.js';
import type { TensorPaths } from './kerasWeights.js';

/** An HDF5 file: its datasets by path, and the text attributes of its root. */
export interface Hdf5File extends TensorPaths {
  /** Null when the root has none of that name. */
  attribute(name: string): string | null;
}

/** Opens an HDF5 file with the reader jsfive. Throws `cli/bad-input` when it is none, or damaged. */
export async function readHdf5(bytes: Uint8Array, origin: string): Promise<Hdf5File> {
  const { File } = await import('jsfive');
  const attempt = <T>(what: string, read: () => T): T => {
    try {
      return read();
    } catch (cause) {
      const reason = cause instanceof Error ? cause.message : String(cause);
      throw badInput(`${origin}: ${what} cannot be read (${reason}). Save the model again, or copy the file again.`, { origin }, cause);
    }
  };
  const root = attempt('the HDF5 file', () => new File(toArrayBuffer(bytes), origin));
  const datasets = new Map<string, Dataset>();
  attempt('the HDF5 groups', () => collect(root, '', datasets));
  const attributes = attempt('the attributes', () => root.attrs);
  return {
    origin,
    // What an optimizer keeps has the names of the weights it belongs to.
    paths: [...datasets.keys()].filter((path) => !path.startsWith('optimizer')),
    read: (path) => attempt(path, () => toTensor(datasets.get(path)!, path)),
    attribute: (name) => {
      const value = Object.hasOwn(attributes, name) ? attributes[name] : null;
      // Texts of a fixed length are filled up with zeros.
      return typeof value === 'string' ? value.replace(/\0+$/, '') : null;
    },
  };
}

function collect(group: Group, prefix: string, datasets: Map<string, Dataset>): void {
  for (const name of group.keys) {
    const path = `${prefix}${name}`;
    const child = group.get(name);
    if ('keys' in child && Array.isArray((child as Group).keys)) collect(child as Group, `${path}/`, datasets);
    else datasets.set(path, child as Dataset);
  }
}

function toTensor({ shape, dtype, value }: Dataset, path: string): FloatTensor {
  if (typeof dtype !== 'string' || !/f[248]$/.test(dtype))
    throw new Error(`${path} is of type ${String(dtype)}; float16, float32 or float64 is needed`);
  const values = Float32Array.from(value);
  const bad = values.findIndex((number) => !Number.isFinite(number));
  if (bad >= 0) throw new Error(`${path} holds ${values[bad]} at position ${bad}; all must be finite numbers`);
  return { shape: [...shape], values };
}

function toArrayBuffer(bytes: Uint8Array): ArrayBuffer {
  return bytes.slice().buffer as ArrayBuffer;
}
