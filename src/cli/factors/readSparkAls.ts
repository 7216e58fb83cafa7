import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { badInput } from '../cliIo.js';
import { readText } from '../readers/openText.js';
import type { DenseMatrix, FactorSource, SparkAlsParams } from './factorSource.js';
import { sparkAlsFoldIn } from './factorSource.js';
import { parquetParts, readParquet } from './readParquet.js';

/** Spark's own defaults, but for implicitPrefs: a shop's events are no ratings. */
const DEFAULTS: SparkAlsParams = { alpha: 1, regParam: 0.1, implicitPrefs: true, nonnegative: false };

/**
 * Reads the folder of a Spark ALSModel (`model.save`): itemFactors/ and userFactors/ of parquet part files with columns `id` (int) and
 * `features` (array<float>). Rows come in the order of the ids, which are Spark's integers; `--ids` turns them into the shop's.
 * The estimator (`als.save`), saved as estimator/ inside the folder, says how to fold in. Of the users only the first part is read,
 * to compare with, unless all are wanted. Throws `cli/bad-input`.
 */
export async function readSparkAls(path: string, keepUsers: boolean): Promise<FactorSource> {
  const itemFolder = join(path, 'itemFactors');
  if (!existsSync(itemFolder)) {
    const seen = readdirSync(path).slice(0, 8).join(', ') || 'nothing';
    throw badInput(
      `${path} is a folder without itemFactors/ (seen: ${seen}). Name the file of the model, or the folder that Spark's model.save() wrote${existsSync(join(path, 'stages')) ? ': of a PipelineModel, the one under stages/ whose name holds ALS' : ''}.`,
      { path },
    );
  }
  const items = await readFactorParts(parquetParts(itemFolder));
  if (!items) throw badInput(`${itemFolder} holds no rows. Did the training see any event?`, { path });
  const userFolder = join(path, 'userFactors');
  const userParts = existsSync(userFolder) ? parquetParts(userFolder) : [];
  const users = userParts.length === 0 ? null : await readFactorParts(keepUsers ? userParts : userParts.slice(0, 1));
  if (users && users.matrix.columnCount !== items.matrix.columnCount)
    throw badInput(
      `${userFolder} holds ${users.matrix.columnCount} factors a row, ${itemFolder} ${items.matrix.columnCount}. They are not of one model.`,
      { path },
    );
  const params = await readEstimator(path);
  return {
    algorithm: `spark als${params?.implicitPrefs === false ? ' (ratings)' : ''}`,
    origin: itemFolder,
    items: items.matrix,
    biases: null,
    users: users && users.matrix,
    foldIn: sparkAlsFoldIn(params ?? DEFAULTS),
    itemIds: items.ids,
    ...(users && { userIds: users.ids }),
    notes: params
      ? []
      : [
          `${join(path, 'estimator')} is not there, so the fold-in takes implicitPrefs=True, alpha=1, regParam=0.1. Save the estimator beside (shelfmate pack --snippet spark), or say --alpha and --regularization.`,
        ],
  };
}

/** Null when the files hold no rows. */
async function readFactorParts(parts: readonly string[]): Promise<{ ids: string[]; matrix: DenseMatrix } | null> {
  const ids: number[] = [];
  const rows: Float32Array[] = [];
  for (const part of parts) {
    for await (const group of readParquet(part, ['id', 'features'])) {
      for (const { id, features } of group) {
        if (!Number.isInteger(id) || !Array.isArray(features) || features.some((value) => typeof value !== 'number'))
          throw badInput(
            `${part}: row ${ids.length} (counted from 0) is no pair of id (a whole number) and features (numbers). Is this the folder of a Spark ALS model?`,
            { part },
          );
        ids.push(id as number);
        rows.push(Float32Array.from(features as number[]));
      }
    }
  }
  if (rows.length === 0) return null;
  const columnCount = rows[0]!.length;
  const odd = rows.findIndex((row) => row.length !== columnCount);
  if (odd >= 0)
    throw badInput(`${parts[0]}: id ${ids[odd]} has ${rows[odd]!.length} factors, id ${ids[0]} has ${columnCount}.`, { path: parts[0] });
  const order = [...ids.keys()].sort((a, b) => ids[a]! - ids[b]!);
  const twice = order.findIndex((row, at) => at > 0 && ids[row] === ids[order[at - 1]!]);
  if (twice >= 0)
    throw badInput(`${parts[0]}: id ${ids[order[twice]!]} stands in two rows. Are part files of two trainings in one folder?`, {
      path: parts[0],
    });
  const values = new Float64Array(rows.length * columnCount);
  order.forEach((row, at) => values.set(rows[row]!, at * columnCount));
  return { ids: order.map((row) => String(ids[row])), matrix: { rowCount: rows.length, columnCount, values } };
}

/** The parameters that `als.write().save(model + '/estimator')` left; null when there is no such folder. */
async function readEstimator(path: string): Promise<SparkAlsParams | null> {
  const folder = join(path, 'estimator', 'metadata');
  if (!existsSync(folder)) return null;
  const part = readdirSync(folder).find((name) => name.startsWith('part-'));
  if (part === undefined) throw badInput(`${folder} has no part file. Save the estimator again.`, { path: folder });
  const file = join(folder, part);
  let metadata: { paramMap?: Partial<SparkAlsParams>; defaultParamMap?: Partial<SparkAlsParams> };
  try {
    metadata = JSON.parse(await readText(file)) as typeof metadata;
  } catch (cause) {
    throw badInput(`${file} is not valid JSON (${(cause as Error).message}). Save the estimator again.`, { path: file }, cause);
  }
  const params = { ...DEFAULTS, implicitPrefs: false, ...metadata.defaultParamMap, ...metadata.paramMap };
  const { alpha, regParam, implicitPrefs, nonnegative } = params;
  if (![alpha, regParam].every((value) => Number.isFinite(value) && value >= 0))
    throw badInput(`${file}: alpha is ${String(alpha)}, regParam ${String(regParam)}; both must be 0 or greater.`, { path: file });
  return { alpha, regParam, implicitPrefs: implicitPrefs === true, nonnegative: nonnegative === true };
}
