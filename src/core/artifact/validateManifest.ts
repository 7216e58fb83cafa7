import { RecommenderError, show } from '../errors.js';
import { Checker, parseJson } from './checks.js';
import type { SequenceConfig } from '../models/sequence/sequenceConfig.js';
import type { CatalogField, FactorModelEntry, FileEntry, FoldIn, Manifest, RowShard, SelfTest, SequenceModelEntry } from './manifest.js';
import { FORMAT_VERSION, MAX_SHARD_BYTES, MODEL_FORMAT } from './manifest.js';

export const MAX_MANIFEST_BYTES = 2 * 2 ** 20;
export const MAX_ITEMS = 1_000_000;
export const MAX_DIMENSIONS = 1_000;
const MAX_FILES = 10_000;
/** A catalogue lies in memory as columns: so many values at most, and so many columns. */
const MAX_VALUES = 2 ** 25;
const MAX_FIELDS = 1_000;
/** A plain file name in the folder itself: no slash, no dot first, so it can name nothing outside. */
const FILE_NAME = /^[A-Za-z0-9_-][A-Za-z0-9._-]{0,127}$/;
const MAX_DEPTH = 32;
const REVISION = /^\d{14}-[0-9a-f]{8}$/;
const REVISION_LIKE = 'like 20260131235959-0123abcd';
const RULES = ['dot', 'cosine'] as const;
const DTYPES = ['int8', 'float16', 'float32'] as const;

/**
 * Reads `manifest.json` and checks every field. Throws `artifact/bad-manifest` (or
 * `artifact/unsupported-version`) naming field, value seen and what to do.
 */
export function readManifest(bytes: Uint8Array, file = 'manifest.json'): Manifest {
  if (bytes.length > MAX_MANIFEST_BYTES) {
    throw new RecommenderError('artifact/bad-manifest', `${file}: ${bytes.length} bytes, at most ${MAX_MANIFEST_BYTES} are read.`, {
      file,
    });
  }
  const root = new Checker(file, parseJson(file, bytes, 'artifact/bad-manifest'));
  if (!isNestedAtMost(MAX_DEPTH, root.value)) root.fail('nested less deep');
  root.get('format').oneOf([MODEL_FORMAT]);
  const version = root.get('formatVersion').integer(1, 1e6);
  if (version !== FORMAT_VERSION) {
    throw new RecommenderError(
      'artifact/unsupported-version',
      `${file}: model format ${version}, this library reads format ${FORMAT_VERSION}. Update shelfmate in the page, or pack with a matching version.`,
      { file, seen: version, expected: FORMAT_VERSION },
    );
  }
  const files = readFiles(root.get('files'));
  const paths = new Set(files.map((entry) => entry.path));
  const itemCount = root.get('itemCount').integer(1, MAX_ITEMS);
  const catalog = root.get('catalog');
  const fields = catalog.get('fields').list().map(readField);
  const maxFields = Math.min(MAX_FIELDS, Math.floor(MAX_VALUES / itemCount));
  if (fields.length > maxFields) catalog.get('fields').fail(`a list of at most ${maxFields} fields`);
  const models = root.get('models').list();
  const rollout = root.get('rollout');
  const rollbackTo = root.get('rollbackTo');
  if (models.length === 0) root.get('models').fail('a list with at least one model');
  return {
    format: MODEL_FORMAT,
    formatVersion: FORMAT_VERSION,
    name: root.get('name').text(),
    revision: root.get('revision').match(REVISION, REVISION_LIKE),
    createdAt: root.get('createdAt').text(),
    producer: root.get('producer').text(),
    itemCount,
    sortedByPopularity: root.get('sortedByPopularity').boolean(),
    catalog: {
      fields,
      shards: readRowShards(catalog.get('shards'), itemCount, paths),
    },
    models: models.map((model) => readModel(model, itemCount, paths)),
    sequences: (root.get('sequences').isNull() ? [] : root.get('sequences').list()).map((model) => readSequence(model, itemCount, paths)),
    tables: root.get('tables').value ?? null,
    ...(!rollout.isNull() && { rollout: readShare(rollout) }),
    ...(!rollbackTo.isNull() && { rollbackTo: rollbackTo.match(REVISION, REVISION_LIKE) }),
    files,
  };
}

/** Finds the entry of a path; the manifest was checked to have it. */
export function fileEntry(manifest: Manifest, path: string): FileEntry {
  return manifest.files.find((entry) => entry.path === path)!;
}

/** Deeper values than any manifest has would overflow the stack of whatever walks or prints them. */
function isNestedAtMost(depth: number, value: unknown): boolean {
  if (typeof value !== 'object' || value === null) return true;
  return depth > 0 && Object.values(value).every((inner) => isNestedAtMost(depth - 1, inner));
}

function readFiles(list: Checker): FileEntry[] {
  const entries = list.list();
  if (entries.length === 0 || entries.length > MAX_FILES) list.fail(`a list of 1 to ${MAX_FILES} files`);
  const seen = new Set<string>();
  return entries.map((entry) => {
    const path = entry.get('path').match(FILE_NAME, 'a plain file name (letters, digits, dot, dash, underscore)');
    if (seen.has(path)) entry.get('path').fail('named only once');
    seen.add(path);
    return {
      path,
      sizeBytes: entry.get('sizeBytes').integer(1, MAX_SHARD_BYTES),
      sha256: entry.get('sha256').match(/^[0-9a-f]{64}$/, '64 hexadecimal digits'),
    };
  });
}

export function readPath(field: Checker, paths: ReadonlySet<string>): string {
  const path = field.text();
  if (!paths.has(path)) field.fail('a path listed under files');
  return path;
}

export function readRowShards(list: Checker, rowCount: number, paths: ReadonlySet<string>): RowShard[] {
  let next = 0;
  const shards = list.list().map((shard) => {
    const rowStart = shard.get('rowStart').integer(0, rowCount);
    if (rowStart !== next) shard.get('rowStart').fail(`${next}, where the shard before it ends`);
    const count = shard.get('rowCount').integer(1, rowCount);
    next = rowStart + count;
    return { path: readPath(shard.get('path'), paths), rowStart, rowCount: count };
  });
  if (next !== rowCount) list.fail(`shards that hold rows 0 to ${rowCount - 1}; these hold ${next}`);
  return shards;
}

function readField(field: Checker): CatalogField {
  return { name: field.get('name').text(), type: field.get('type').oneOf(['string', 'number', 'boolean', 'strings'] as const) };
}

function readModel(model: Checker, itemCount: number, paths: ReadonlySet<string>): FactorModelEntry {
  const dimensions = model.get('dimensions').integer(1, MAX_DIMENSIONS);
  const foldIn = readFoldIn(model.get('foldIn'));
  const stateFile = model.get('stateFile').isNull() ? null : readPath(model.get('stateFile'), paths);
  if (stateFile === null && (foldIn.kind === 'als' || foldIn.kind === 'non-negative')) {
    model.get('stateFile').fail(`a file with the tensor "gram", because fold-in of kind ${show(foldIn.kind)} needs it`);
  }
  const users = model.get('users');
  return {
    name: readName(model),
    family: model.get('family').oneOf(['factors'] as const),
    algorithm: model.get('algorithm').text(),
    dimensions,
    dtype: model.get('dtype').oneOf(DTYPES),
    hasBiases: model.get('hasBiases').boolean(),
    userRule: model.get('userRule').oneOf(RULES),
    itemRule: model.get('itemRule').oneOf(RULES),
    foldIn,
    eventWeights: readNumbers(model.get('eventWeights')),
    ...(model.get('maxPairWeight').isNull() ? {} : { maxPairWeight: model.get('maxPairWeight').number() }),
    ...(model.get('training').isNull() ? {} : { training: readNumbers(model.get('training')) }),
    shards: readRowShards(model.get('shards'), itemCount, paths),
    stateFile,
    users: users.isNull()
      ? null
      : {
          count: users.get('count').integer(1, 1e9),
          idShards: readRowShards(users.get('idShards'), users.get('count').integer(1, 1e9), paths),
          shards: readRowShards(users.get('shards'), users.get('count').integer(1, 1e9), paths),
        },
    selfTests: model
      .get('selfTests')
      .list()
      .map((test) => readSelfTest(test, itemCount, dimensions)),
  };
}

/** What it takes to fetch the files and to know the model; `config` and `selfTests` are checked where the model is made, by `checkSequenceEntry`. */
function readSequence(model: Checker, itemCount: number, paths: ReadonlySet<string>): SequenceModelEntry {
  const inputShards = model.get('inputShards');
  return {
    name: readName(model),
    family: model.get('family').oneOf(['sequence'] as const),
    algorithm: model.get('algorithm').text(),
    config: model.get('config').value as SequenceConfig,
    dtype: model.get('dtype').oneOf(DTYPES),
    events: model
      .get('events')
      .list()
      .map((event) => event.text()),
    sessionGapMinutes: model.get('sessionGapMinutes').number(),
    blendWeight: readShare(model.get('blendWeight')),
    weightFiles: model
      .get('weightFiles')
      .list()
      .map((file) => readPath(file, paths)),
    shards: readRowShards(model.get('shards'), itemCount, paths),
    inputShards: inputShards.isNull() ? null : readRowShards(inputShards, itemCount, paths),
    selfTests: model.get('selfTests').value as SequenceModelEntry['selfTests'],
  };
}

function readFoldIn(foldIn: Checker): FoldIn {
  const kind = foldIn.get('kind').oneOf(['als', 'non-negative', 'project', 'mean'] as const);
  if (kind === 'project' || kind === 'mean') return { kind };
  const regularization = foldIn.get('regularization').number();
  if (regularization < 0) foldIn.get('regularization').fail('0 or greater');
  if (kind === 'non-negative') return { kind, regularization };
  const targetBias = foldIn.get('targetBias');
  const isNonNegative = foldIn.get('isNonNegative');
  return {
    kind,
    gramScale: foldIn.get('gramScale').number(),
    matrixOffset: foldIn.get('matrixOffset').number(),
    matrixSlope: foldIn.get('matrixSlope').number(),
    targetOffset: foldIn.get('targetOffset').number(),
    targetSlope: foldIn.get('targetSlope').number(),
    regularization,
    regularizationExponent: foldIn.get('regularizationExponent').number(),
    regularizationOffset: foldIn.get('regularizationOffset').number(),
    ...(!targetBias.isNull() && { targetBias: targetBias.number() }),
    ...(!isNonNegative.isNull() && { isNonNegative: isNonNegative.boolean() }),
  };
}

function readNumbers(record: Checker): Record<string, number> {
  return Object.fromEntries(record.keys().map((name) => [name, record.get(name).number()]));
}

function readSelfTest(test: Checker, itemCount: number, dimensions: number): SelfTest {
  const query = test.get('query').numbers();
  if (query.length !== dimensions) test.get('query').fail(`a list of ${dimensions} numbers`);
  return { rule: test.get('rule').oneOf(RULES), query, ...readAnswer(test, itemCount) };
}

/** The rows and scores of a known answer. */
export function readAnswer(test: Checker, itemCount: number): Pick<SelfTest, 'itemIndexes' | 'scores'> {
  const itemIndexes = readIndexes(test.get('itemIndexes'), itemCount);
  const scores = test.get('scores').numbers();
  if (scores.length !== itemIndexes.length) test.get('scores').fail(`a list of ${itemIndexes.length} numbers, one for each of itemIndexes`);
  return { itemIndexes, scores };
}

/** Rows of the model, in a list. */
export function readIndexes(list: Checker, itemCount: number): number[] {
  return list.list().map((index) => index.integer(0, itemCount - 1));
}

function readShare(field: Checker): number {
  const share = field.number();
  if (share < 0 || share > 1) field.fail('a number from 0 to 1');
  return share;
}

export function readName(model: Checker): string {
  return model.get('name').match(/^[a-z0-9-]{1,40}$/, 'lower-case letters, digits and dashes');
}
