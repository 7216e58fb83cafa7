import type { SparseTable } from '../../core/artifact/tables/sparseShards.js';
import { badInput } from '../cliIo.js';
import type { FactorSource } from './factorSource.js';
import type { NamedArrays } from './namedArrays.js';

/**
 * Reads the similarities that a nearest-neighbour model of the Python library implicit saved (ItemItemRecommender.save: a CSR matrix of
 * cosine, TF-IDF or BM25 weights, and K); null when it is none. The item itself, which implicit keeps among its neighbours, is left out:
 * implicit never recommends what was liked. There are no factors; one column says how many items name each as a neighbour.
 */
export function readImplicitKnn(arrays: NamedArrays): FactorSource | null {
  if (!arrays.has('data', 'indptr', 'indices', 'shape', 'K')) return null;
  const { path } = arrays;
  const fail = (what: string): never => {
    throw badInput(`${path} is no sound sparse matrix: ${what}. Save the model again.`, { path });
  };
  const [rowCount = 0, columnCount = 0] = arrays.read('shape').values;
  const [data, starts, indices] = ['data', 'indptr', 'indices'].map((name) => arrays.read(name).values) as [
    Float64Array,
    Float64Array,
    Float64Array,
  ];
  if (rowCount !== columnCount || !(rowCount >= 1)) fail(`its shape is ${rowCount} x ${columnCount}, and items must stand against items`);
  if (starts.length !== rowCount + 1 || starts[0] !== 0 || starts[rowCount] !== data.length || data.length !== indices.length)
    fail(`${starts.length} row starts, ${indices.length} columns and ${data.length} values do not fit ${rowCount} rows`);
  if (starts.some((start, row) => row > 0 && !(start >= starts[row - 1]!))) fail('its row starts fall');
  const outside = indices.find((column) => !Number.isInteger(column) || column < 0 || column >= columnCount);
  if (outside !== undefined) fail(`column ${outside} is not one of ${columnCount}`);
  const bad = data.findIndex((value) => !Number.isFinite(value));
  if (bad >= 0) throw badInput(`${path}:data holds ${data[bad]} at position ${bad}. All similarities must be finite numbers.`, { path });

  const offsets = new Uint32Array(rowCount + 1);
  const columns: number[] = [];
  const values: number[] = [];
  const named = new Float64Array(rowCount);
  for (let row = 0; row < rowCount; row++) {
    const at: number[] = [];
    for (let i = starts[row]!; i < starts[row + 1]!; i++) if (indices[i] !== row && data[i] !== 0) at.push(i);
    at.sort((a, b) => data[b]! - data[a]! || indices[a]! - indices[b]!);
    for (const i of at) {
      columns.push(indices[i]!);
      values.push(data[i]!);
      named[indices[i]!]!++;
    }
    offsets[row + 1] = columns.length;
  }
  return {
    algorithm: 'implicit nearest neighbours',
    origin: `${path}:data`,
    items: { rowCount, columnCount: 1, values: named },
    biases: null,
    users: null,
    foldIn: { kind: 'mean' },
    neighbors: { rowCount, columnCount, offsets, columns: Uint32Array.from(columns), values: toHalfRange(values), counts: null },
  };
}

/** Folders store similarities as f16, which end at 65,504: larger ones are all divided by the same number, which changes no list. */
function toHalfRange(values: readonly number[]): SparseTable['values'] {
  const largest = values.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
  const factor = largest > MAX_HALF ? MAX_HALF / largest : 1;
  return Float32Array.from(values, (value) => value * factor);
}

const MAX_HALF = 60_000;
