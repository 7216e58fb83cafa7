import type { FoldIn } from '../../core/artifact/manifest.js';
import { badInput } from '../cliIo.js';

/** A dense matrix in f64, row-major. */
export interface DenseMatrix {
  readonly rowCount: number;
  readonly columnCount: number;
  readonly values: Float64Array;
}

/** Trained factors, whoever trained them. */
export interface FactorSource {
  /** In words: "implicit bpr", "factors". */
  readonly algorithm: string;
  /** Where they stand in the source, for messages. */
  readonly origin: string;
  readonly items: DenseMatrix;
  /** f64, one per item, or null. */
  readonly biases: Float64Array | null;
  readonly users: DenseMatrix | null;
  /** The source's own way to turn a history into a user vector; null when it has none or is unknown. */
  readonly foldIn: FoldIn | null;
}

/** The fold-in of Hu, Koren & Volinsky 2008, equation 4, with c = 1 + alpha r. */
export function classicAlsFoldIn(alpha: number, regularization: number): FoldIn {
  return { ...ALS_BASE, matrixOffset: 0, matrixSlope: alpha, targetOffset: 1, targetSlope: alpha, regularization };
}

/** The fold-in of the library implicit: c = alpha r, not 1 + alpha r. */
export function implicitAlsFoldIn(alpha: number, regularization: number): FoldIn {
  return { ...ALS_BASE, matrixOffset: -1, matrixSlope: alpha, targetOffset: 0, targetSlope: alpha, regularization };
}

const ALS_BASE = { kind: 'als', gramScale: 1, regularizationExponent: 0, regularizationOffset: 0 } as const;

/** Checks a two-dimensional array. Throws `cli/bad-input` naming its shape. */
export function toMatrix(shape: readonly number[], values: Float64Array, origin: string): DenseMatrix {
  if (shape.length !== 2 || shape[0]! < 1 || shape[1]! < 1)
    throw badInput(
      `${origin} has shape (${shape.join(', ')}); factors need two dimensions, one row an item. Name the right array with --tensor.`,
      { origin, shape },
    );
  return { rowCount: shape[0]!, columnCount: shape[1]!, values };
}

/** Copies columns start .. end - 1. */
export function takeColumns({ rowCount, columnCount, values }: DenseMatrix, start: number, end: number): DenseMatrix {
  const width = end - start;
  const taken = new Float64Array(rowCount * width);
  for (let row = 0; row < rowCount; row++) taken.set(values.subarray(row * columnCount + start, row * columnCount + end), row * width);
  return { rowCount, columnCount: width, values: taken };
}

/** Copies one column. */
export function takeColumn(matrix: DenseMatrix, column: number): Float64Array {
  return takeColumns(matrix, column, column + 1).values;
}
