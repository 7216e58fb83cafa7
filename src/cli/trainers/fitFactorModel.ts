import { availableParallelism } from 'node:os';
import type { FactorDtype } from '../../core/artifact/manifest.js';
import type { FactorModelInput } from '../../core/artifact/writeModelFolder.js';
import type { CliIo } from '../cliIo.js';
import { breathe } from '../cliIo.js';
import { pairWeights } from '../../core/events/eventWeights.js';
import type { Progress } from '../progress.js';
import { formatSeconds } from '../terminal.js';
import type { AlsOptions } from './als.js';
import { trainAls } from './als.js';
import type { SparseRows } from './sparseRows.js';

/**
 * From shop to shop the best alpha0 differs as much as the density of the events does, but what all unobserved pairs weigh
 * together, beside the observed ones, hardly does.
 */
export const UNOBSERVED_RATIO = 10;

/** More threads than this wait for each other. */
const MAX_THREADS = 32;

export function availableThreads(): number {
  return Math.min(MAX_THREADS, availableParallelism());
}

/** alpha0 under which all pairs together weigh UNOBSERVED_RATIO times as much as the observed ones. */
function defaultUnobservedWeight({ rowCount, columnCount, columns }: SparseRows): number {
  return Number(((UNOBSERVED_RATIO * columns.length) / (rowCount * columnCount)).toPrecision(4));
}

/** Fills in alpha0 where none was chosen. */
export function toAlsOptions(
  {
    factors,
    epochs,
    regularization,
    unobservedWeight,
    nu,
    seed,
  }: Omit<AlsOptions, 'unobservedWeight'> & { readonly unobservedWeight?: number },
  rows: SparseRows,
): AlsOptions {
  return { factors, epochs, regularization, unobservedWeight: unobservedWeight ?? defaultUnobservedWeight(rows), nu, seed };
}

export interface FactorFitOptions {
  readonly dtype: FactorDtype;
  /** False: the file names no events, see pairWeights. */
  readonly hasEventNames: boolean;
  readonly threads?: number | undefined;
  /** Item rows to start from, see AlsHooks. */
  readonly startItems?: Float32Array | undefined;
}

/** Trains on `rows` and describes the result as the folder stores it: the page's fold-in then solves the very equation of a training row. */
export async function fitFactorModel(
  rows: SparseRows,
  alsOptions: AlsOptions,
  { dtype, hasEventNames, threads = availableThreads(), startItems }: FactorFitOptions,
  label: string,
  progress: Progress,
  io: CliIo,
): Promise<FactorModelInput> {
  const { epochs } = alsOptions;
  const step = progress.start(label);
  const startMs = io.now();
  const { items } = await trainAls(rows, alsOptions, {
    onProgress: (done) => step.update(done, `epoch ${Math.min(epochs, 1 + Math.floor(done * epochs))} of ${epochs}`),
    pause: () => breathe(io.signal),
    threads,
    solvesUsersLast: false,
    ...(startItems && { startItems }),
  });
  step.finish(formatSeconds(io.now() - startMs));
  return describeFactors(items, rows, alsOptions, dtype, hasEventNames);
}

/** Item rows as the folder stores them. */
export function describeFactors(
  items: Float32Array,
  rows: SparseRows,
  alsOptions: AlsOptions,
  dtype: FactorDtype,
  hasEventNames: boolean,
): FactorModelInput {
  const { factors, regularization, unobservedWeight, nu } = alsOptions;
  return {
    name: 'als',
    algorithm: 'als',
    dimensions: factors,
    dtype,
    factors: items,
    biases: null,
    userRule: 'dot',
    itemRule: 'cosine',
    foldIn: {
      kind: 'als',
      gramScale: unobservedWeight,
      matrixOffset: 0,
      matrixSlope: 1,
      targetOffset: 0,
      targetSlope: 1,
      regularization,
      regularizationExponent: nu,
      regularizationOffset: unobservedWeight * rows.columnCount,
    },
    ...pairWeights(hasEventNames),
    training: { ...alsOptions },
    users: null,
  };
}
