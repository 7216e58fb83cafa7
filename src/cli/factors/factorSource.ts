import type { FoldIn } from '../../core/artifact/manifest.js';
import type { SparseTable } from '../../core/artifact/tables/sparseShards.js';
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
  /** Similarities of items that rank by themselves; `items` then says little. */
  readonly neighbors?: SparseTable;
  /** The ids of its rows where the source itself has them. */
  readonly itemIds?: readonly string[];
  readonly userIds?: readonly string[];
  /** What a person should know. */
  readonly notes?: readonly string[];
}

/** The fold-in of Hu, Koren & Volinsky 2008, equation 4, with c = 1 + alpha r. */
export function classicAlsFoldIn(alpha: number, regularization: number): FoldIn {
  return { ...ALS_BASE, matrixOffset: 0, matrixSlope: alpha, targetOffset: 1, targetSlope: alpha, regularization };
}

/** The fold-in of the library implicit: c = alpha r, not 1 + alpha r. */
export function implicitAlsFoldIn(alpha: number, regularization: number): FoldIn {
  return { ...ALS_BASE, matrixOffset: -1, matrixSlope: alpha, targetOffset: 0, targetSlope: alpha, regularization };
}

/** How Spark's ALS was told to train (org.apache.spark.ml.recommendation.ALS). */
export interface SparkAlsParams {
  readonly alpha: number;
  readonly regParam: number;
  readonly implicitPrefs: boolean;
  readonly nonnegative: boolean;
}

/** What Spark's ALS solves for a user with frozen items: lambda times the number of the user's items; without implicitPrefs the events are ratings. */
export function sparkAlsFoldIn({ alpha, regParam, implicitPrefs, nonnegative }: SparkAlsParams): FoldIn {
  return {
    ...(implicitPrefs
      ? classicAlsFoldIn(alpha, regParam)
      : { ...ALS_BASE, gramScale: 0, matrixOffset: 1, matrixSlope: 0, targetOffset: 0, targetSlope: 1, regularization: regParam }),
    regularizationExponent: 1,
    ...(nonnegative && { isNonNegative: true }),
  } as FoldIn;
}

/**
 * The least-squares problem that stochastic gradient descent on ratings solves for a user with frozen items: lambda times the number of
 * ratings, since every rating pulls once. A shopper gives no ratings: each event stands for the highest rating `highest - mean`, as
 * often as it weighs; the shopper's own bias is 0, as for a user the library does not know.
 */
export function ratingFoldIn(target: number, regularization: number, isNonNegative: boolean): FoldIn {
  return {
    ...ALS_BASE,
    gramScale: 0,
    matrixOffset: 0,
    matrixSlope: 1,
    targetOffset: 0,
    targetSlope: target,
    targetBias: 1,
    regularization,
    regularizationExponent: 1,
    ...(isNonNegative && { isNonNegative: true }),
  };
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

/** Turns rows into columns. */
export function transpose({ rowCount, columnCount, values }: DenseMatrix): DenseMatrix {
  const turned = new Float64Array(values.length);
  for (let row = 0; row < rowCount; row++)
    for (let column = 0; column < columnCount; column++) turned[column * rowCount + row] = values[row * columnCount + column]!;
  return { rowCount: columnCount, columnCount: rowCount, values: turned };
}

/** Leaves out the first rows: padding that stands for no item. */
export function dropFirstRows(source: FactorSource, count: number): FactorSource {
  const { items, biases } = source;
  return {
    ...source,
    items: { ...items, rowCount: items.rowCount - count, values: items.values.subarray(count * items.columnCount) },
    biases: biases && biases.subarray(count),
  };
}
