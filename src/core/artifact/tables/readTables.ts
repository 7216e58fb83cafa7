import { Checker } from '../checks.js';
import { RecommenderError } from '../../errors.js';
import type { Manifest, RowShard } from '../manifest.js';
import { MAX_DIMENSIONS, readName, readPath, readRowShards } from '../validateManifest.js';
import type { ContentEntry, FolderTables, NeighborTableEntry, PrototypeEntry, TrendTableEntry } from './tableEntries.js';
import { BASKET_SOURCES, MIN_ITEM_SUPPORT, MIN_PROTOTYPE_USERS, NEIGHBOR_KINDS, tablePaths } from './tableEntries.js';

export const MAX_NEIGHBORS = 1_000;
export const MAX_TERMS = 100_000;
const MAX_PROTOTYPES = 100_000;
/** All shards of one table together: a page decodes them into memory. */
const MAX_TABLE_BYTES = 256 * 2 ** 20;

/**
 * Checks the tables that a manifest lists, before any of their files is asked for. Keys that are absent read as no such table.
 * Apart from readManifest, so that a page that asks for no table does not carry it. Throws `artifact/bad-manifest`.
 */
export function readTables(manifest: Manifest, file = 'manifest.json'): FolderTables {
  const paths = new Map(manifest.files.map(({ path, sizeBytes }) => [path, sizeBytes]));
  const root = new Checker(file, manifest.tables ?? {}, 'tables');
  const within = <T extends { readonly shards: readonly RowShard[] }>(table: T, field: Checker): T => {
    const bytes = [...new Set(table.shards.map(({ path }) => path))].reduce((sum, path) => sum + paths.get(path)!, 0);
    if (bytes > MAX_TABLE_BYTES) {
      throw new RecommenderError(
        'artifact/bad-manifest',
        `${file}: the files of ${field.path} have ${bytes} bytes, at most ${MAX_TABLE_BYTES} are read. Pack fewer neighbours or items.`,
        { file, field: field.path, seen: bytes, expected: MAX_TABLE_BYTES },
      );
    }
    return table;
  };
  const optional = <T extends { readonly shards: readonly RowShard[] }>(key: string, read: (field: Checker) => T): T | null => {
    const field = root.get(key);
    return field.isNull() ? null : within(read(field), field);
  };
  const known = new Set(paths.keys());
  const { itemCount, models } = manifest;
  const neighbors = root.get('neighbors');
  const names = new Set<string>();
  const entries = (neighbors.isNull() ? [] : neighbors.list()).map((table) => {
    const entry = within(readNeighborEntry(table, itemCount, known), table);
    if (names.has(entry.name)) table.get('name').fail('a name of its own');
    names.add(entry.name);
    return entry;
  });
  const primary = root.get('primary');
  return {
    primary: primary.isNull() ? null : primary.oneOf([...names]),
    neighbors: entries,
    trends: optional('trends', (field) => readTrendEntry(field, itemCount, known)),
    content: optional('content', (field) => readContentEntry(field, itemCount, known, models)),
    prototypes: optional('prototypes', (field) => readPrototypeEntry(field, known)),
  };
}

/** Bytes of the tables' files: what a page does not load with the model. */
export function tableBytes(manifest: Manifest): number {
  const paths = new Set(tablePaths(readTables(manifest)));
  return manifest.files.reduce((sum, file) => sum + (paths.has(file.path) ? file.sizeBytes : 0), 0);
}

function readNeighborEntry(table: Checker, itemCount: number, paths: ReadonlySet<string>): NeighborTableEntry {
  const weights = table.get('eventWeights');
  const kind = table.get('kind').oneOf(NEIGHBOR_KINDS);
  const baskets = table.get('baskets');
  if (kind === 'co-purchase' && baskets.isNull()) baskets.fail('the number of baskets, because the kind is co-purchase');
  return {
    name: readName(table),
    kind,
    algorithm: table.get('algorithm').text(),
    maxNeighbors: table.get('maxNeighbors').integer(1, MAX_NEIGHBORS),
    historyItems: table.get('historyItems').integer(0, MAX_NEIGHBORS),
    decay: atLeast(table.get('decay'), 0),
    eventWeights: weights.isNull() ? null : Object.fromEntries(weights.keys().map((name) => [name, weights.get(name).number()])),
    baskets: baskets.isNull()
      ? null
      : { count: baskets.get('count').integer(1, 2 ** 32 - 1), source: baskets.get('source').oneOf(BASKET_SOURCES) },
    shards: readRowShards(table.get('shards'), itemCount, paths),
  };
}

function readTrendEntry(table: Checker, itemCount: number, paths: ReadonlySet<string>): TrendTableEntry {
  return {
    asOf: table.get('asOf').match(/^\d{4}-\d\d-\d\dT[\d:.]+Z$/, 'a time such as 2026-01-31T00:00:00.000Z'),
    halfLifeDays: atLeast(table.get('halfLifeDays'), Number.MIN_VALUE),
    priorEvents: atLeast(table.get('priorEvents'), 0),
    windowDays: atLeast(table.get('windowDays'), Number.MIN_VALUE),
    shards: readRowShards(table.get('shards'), itemCount, paths),
  };
}

function readContentEntry(table: Checker, itemCount: number, paths: ReadonlySet<string>, models: Manifest['models']): ContentEntry {
  const terms = table.get('terms');
  const termCount = terms.get('count').integer(1, MAX_TERMS);
  const map = table.get('factorMap');
  const target = map.isNull() ? null : models.find(({ name }) => name === map.get('model').value);
  if (target === undefined) map.get('model').fail(`one of ${models.map(({ name }) => name).join(', ')}`);
  if (target && map.get('dimensions').value !== target.dimensions)
    map.get('dimensions').fail(`${target.dimensions}, as ${target.name} has`);
  return {
    algorithm: table.get('algorithm').text(),
    dimensions: table.get('dimensions').integer(1, MAX_DIMENSIONS),
    fields: table
      .get('fields')
      .list()
      .map((field) => field.text()),
    shards: readRowShards(table.get('shards'), itemCount, paths),
    terms: {
      count: termCount,
      termShards: readRowShards(terms.get('termShards'), termCount, paths),
      shards: readRowShards(terms.get('shards'), termCount, paths),
    },
    factorMap: target ? { model: target.name, dimensions: target.dimensions, path: readPath(map.get('path'), paths) } : null,
    coldItems: table.get('coldItems').integer(0, itemCount),
  };
}

function readPrototypeEntry(table: Checker, paths: ReadonlySet<string>): PrototypeEntry {
  const count = table.get('count').integer(1, MAX_PROTOTYPES);
  return {
    algorithm: table.get('algorithm').text(),
    count,
    minUsers: table.get('minUsers').integer(MIN_PROTOTYPE_USERS, 1e9),
    minSupport: table.get('minSupport').integer(MIN_ITEM_SUPPORT, 1e9),
    maxUserItems: table.get('maxUserItems').integer(1, 1e6),
    maxItems: table.get('maxItems').integer(1, MAX_NEIGHBORS),
    shards: readRowShards(table.get('shards'), count, paths),
  };
}

function atLeast(field: Checker, least: number): number {
  const value = field.number();
  if (value < least) field.fail(least === 0 ? 'a number of at least 0' : 'a number above 0');
  return value;
}
