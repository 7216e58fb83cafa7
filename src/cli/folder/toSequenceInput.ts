import type { LoadedSequence } from '../../core/artifact/readModelFolder.js';
import type { SequenceModelInput } from '../../core/artifact/sequenceFiles.js';
import type { FactorDtype } from '../../core/artifact/manifest.js';
import { readRow } from '../../core/kernels/itemMatrix.js';
import type { ItemMatrix } from '../../core/kernels/topK.js';
import { INPUT_ROWS, OUTPUT_BIAS, OUTPUT_ROWS } from '../../core/models/sequence/sequenceTensors.js';

/** Turns a sequence model that was read from a folder into what a folder is written of, its rows to be stored as `dtype`. */
export function toSequenceInput({ entry, matrix, inputMatrix, reader }: LoadedSequence, dtype: FactorDtype): SequenceModelInput {
  const tensors = new Map(reader.tensors);
  const { itemCount } = matrix;
  tensors.set(OUTPUT_ROWS, { shape: [itemCount, matrix.dimensions], values: allRows(matrix) });
  if (matrix.biases) tensors.set(OUTPUT_BIAS, { shape: [itemCount], values: matrix.biases });
  if (inputMatrix) tensors.set(INPUT_ROWS, { shape: [itemCount, inputMatrix.dimensions], values: allRows(inputMatrix) });
  const { name, algorithm, config, events, sessionGapMinutes, blendWeight } = entry;
  return { name, algorithm, config, tensors, dtype, events, sessionGapMinutes, blendWeight };
}

/** f32, items x dimensions. */
export function allRows(matrix: ItemMatrix): Float32Array {
  const { itemCount, dimensions } = matrix;
  const rows = new Float32Array(itemCount * dimensions);
  for (let row = 0; row < itemCount; row++) readRow(matrix, row, rows.subarray(row * dimensions, (row + 1) * dimensions));
  return rows;
}
