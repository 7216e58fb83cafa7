import { readRow } from '../../core/kernels/itemMatrix.js';
import type { CatalogItem } from '../../core/types.js';
import type { CliIo } from '../cliIo.js';
import { badInput, badUsage } from '../cliIo.js';
import { openModel } from '../evaluation/openModels.js';
import type { AlsOptions } from '../trainers/als.js';
import type { TrainOptions } from './trainOptions.js';
import { WARM_EPOCHS } from './trainOptions.js';

/** An earlier training, to go on from. */
export interface WarmStart {
  readonly revision: string;
  readonly createdAtMs: number;
  /** The folder's own settings, but for those that were given. */
  readonly alsOptions: AlsOptions;
  /** f32, items x d; zeros where the folder does not know the item. */
  readonly startItems: Float32Array;
  readonly knownCount: number;
  readonly newCount: number;
  /** Items of the folder that are no more. */
  readonly goneCount: number;
}

/** Reads the item factors of a folder that `shelfmate train` wrote and matches them by id. Throws `cli/bad-input`, `cli/usage`. */
export async function readWarmStart(folder: string, items: readonly CatalogItem[], options: TrainOptions, io: CliIo): Promise<WarmStart> {
  const { manifest, catalog, factors } = await openModel(folder, io);
  const { entry, matrix } = factors;
  const { foldIn, dimensions } = entry;
  if (entry.algorithm !== 'als' || foldIn.kind !== 'als')
    throw badInput(`${folder} holds ${entry.algorithm} factors; --from goes on from a folder that shelfmate train wrote with ALS.`);
  const given = <T>(name: keyof TrainOptions, own: T): T => (options.given.has(name) ? (options[name] as T) : own);
  if (given('factors', dimensions) !== dimensions)
    throw badUsage(`--factors ${options.factors} cannot go on from ${folder}, which has ${dimensions}. Leave --factors or --from out.`);
  const startItems = new Float32Array(items.length * dimensions);
  let knownCount = 0;
  items.forEach(({ itemId }, at) => {
    const row = catalog.indexOf(itemId);
    if (row === undefined) return;
    knownCount++;
    readRow(matrix, row, startItems.subarray(at * dimensions, (at + 1) * dimensions));
  });
  if (knownCount === 0)
    throw badInput(`None of the items is in ${folder}, so there is nothing to go on from. Check the ids, or train without --from.`);
  return {
    revision: manifest.revision,
    createdAtMs: Date.parse(manifest.createdAt),
    alsOptions: {
      factors: dimensions,
      epochs: given('epochs', WARM_EPOCHS),
      regularization: given('regularization', foldIn.regularization),
      unobservedWeight: given('unobservedWeight', foldIn.gramScale),
      nu: given('nu', foldIn.regularizationExponent),
      seed: options.seed,
    },
    startItems,
    knownCount,
    newCount: items.length - knownCount,
    goneCount: catalog.itemCount - knownCount,
  };
}
