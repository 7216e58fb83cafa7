import type { LoadedSequence } from '../../core/artifact/readModelFolder.js';
import type { SequenceModelInput } from '../../core/artifact/sequenceFiles.js';
import type { FactorDtype } from '../../core/artifact/manifest.js';
import { badInput } from '../cliIo.js';
import { readRow } from '../../core/kernels/itemMatrix.js';
import type { ItemMatrix } from '../../core/kernels/topK.js';
import type { KnownConfig } from '../../core/models/sequence/sequenceConfig.js';
import { INPUT_ROWS, OUTPUT_BIAS, OUTPUT_ROWS } from '../../core/models/sequence/sequenceTensors.js';

/** Turns a sequence model with known weights that was read from a folder into what a folder is written of, its rows to be stored as `dtype`. */
export function toSequenceInput(
  { entry, matrix, inputMatrix, reader }: LoadedSequence,
  dtype: FactorDtype,
): SequenceModelInput & { readonly config: KnownConfig } {
  if (!('tensors' in reader))
    throw badInput(`${entry.name} is a network for tfjs, whose weights are stored as they came. Pack it again from the source.`, {
      name: entry.name,
    });
  const tensors = new Map(reader.tensors);
  const { itemCount } = matrix;
  tensors.set(OUTPUT_ROWS, { shape: [itemCount, matrix.dimensions], values: allRows(matrix) });
  if (matrix.biases) tensors.set(OUTPUT_BIAS, { shape: [itemCount], values: matrix.biases });
  if (inputMatrix) tensors.set(INPUT_ROWS, { shape: [itemCount, inputMatrix.dimensions], values: allRows(inputMatrix) });
  const { config } = reader;
  const { name, algorithm, events, sessionGapMinutes, blendWeight } = entry;
  return { name, algorithm, config, tensors, dtype, events, sessionGapMinutes, blendWeight };
}

/** f32, items x dimensions. */
export function allRows(matrix: ItemMatrix): Float32Array {
  const { itemCount, dimensions } = matrix;
  const rows = new Float32Array(itemCount * dimensions);
  for (let row = 0; row < itemCount; row++) readRow(matrix, row, rows.subarray(row * dimensions, (row + 1) * dimensions));
  return rows;
}
