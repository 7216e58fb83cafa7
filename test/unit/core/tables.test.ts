import { describe, expect, it } from 'vitest';
import type { Manifest } from '../../../src/core/artifact/manifest.js';
import { MAX_SHARD_BYTES, readingOrder } from '../../../src/core/artifact/manifest.js';
import type { ReadFile } from '../../../src/core/artifact/readModelFolder.js';
import { readContent, readContentTerms, readFactorMap } from '../../../src/core/artifact/tables/contentTable.js';
import { basketEvidence, readNeighbors, readNeighborShard } from '../../../src/core/artifact/tables/neighborTable.js';
import { readPrototypes } from '../../../src/core/artifact/tables/prototypeTable.js';
import { readTables, tableBytes } from '../../../src/core/artifact/tables/readTables.js';
import { tablePaths } from '../../../src/core/artifact/tables/tableEntries.js';
import { readTrends } from '../../../src/core/artifact/tables/trendTable.js';
import type { TablesInput } from '../../../src/core/artifact/tables/writeTables.js';
import { float16ToNumber, numberToFloat16, writeSafetensors, readSafetensors } from '../../../src/core/artifact/safetensors.js';
import { readManifest } from '../../../src/core/artifact/validateManifest.js';
import { writeModelFolder } from '../../../src/core/artifact/writeModelFolder.js';
import { readRow } from '../../../src/core/kernels/itemMatrix.js';
import { readFolder, sha256, smallModelInput } from '../../fixtures/smallModel.js';
import { randomSparse, smallTables } from '../../fixtures/smallTables.js';

const ITEMS = 100;
/** Popularity turns the order round: row r of the folder is item ITEMS - 1 - r of the input. */
const rising = Float32Array.from({ length: ITEMS }, (_, i) => i + 1);
const placeOf = (item: number): number => ITEMS - 1 - item;

async function written(tables: Partial<TablesInput> = {}, itemCount = ITEMS) {
  const popularity = itemCount === ITEMS ? rising : null;
  const folder = await writeModelFolder(
    { ...smallModelInput({ itemCount, popularity }), tables: { ...smallTables(itemCount), ...tables } },
    sha256,
  );
  const bytesOf = new Map(folder.files.map(({ path, bytes }) => [path, bytes]));
  // As the command line reads: a Node Buffer, whose memory is shared and begins anywhere.
  const read: ReadFile = async ({ path }) => Buffer.concat([Buffer.alloc(3), bytesOf.get(path)!]).subarray(3);
  const manifest = readManifest(bytesOf.get('manifest.json')!);
  return { folder, manifest, read, bytesOf, tables: readTables(manifest) };
}

const half = (value: number): number => float16ToNumber(numberToFloat16(value));

describe('tables of a model folder', () => {
  it('give back neighbours with the items in the rows of the folder, best first, ties to the lower row', async () => {
    const input = smallTables(ITEMS).neighbors[1]!;
    const { manifest, read, tables } = await written();
    const entry = tables.neighbors.find(({ name }) => name === 'bought-together')!;
    const table = await readNeighbors(manifest, entry, read);
    for (let item = 0; item < ITEMS; item++) {
      const { offsets, columns, values, counts } = input.table;
      const expected = [];
      for (let at = offsets[item]!; at < offsets[item + 1]!; at++)
        expected.push({ row: placeOf(columns[at]!), value: half(values[at]!), count: counts![at]! });
      expected.sort((a, b) => b.value - a.value || a.row - b.row);
      const [from, to] = [table.offsets[placeOf(item)]!, table.offsets[placeOf(item) + 1]!];
      const got = [];
      for (let at = from; at < to; at++) got.push({ row: table.columns[at]!, value: table.values[at]!, count: table.counts![at]! });
      expect(got).toEqual(expected);
      expect(table.itemBaskets![placeOf(item)]).toBe(10 + item);
      if (to > from) {
        const { count } = expected[0]!;
        const other = placeOf(expected[0]!.row);
        const evidence = basketEvidence(table, placeOf(item), from)!;
        expect(evidence.count).toBe(count);
        expect(evidence.confidence).toBeCloseTo(count / (10 + item), 10);
        expect(evidence.lift).toBeCloseTo((count * 500) / (10 + item) / (10 + other), 8);
      }
    }
  });

  it('give back trends, content, terms, the map and prototypes', async () => {
    const input = smallTables(ITEMS);
    const { manifest, read, tables } = await written();
    const trends = await readTrends(manifest, tables.trends!, read);
    const content = await readContent(manifest, tables.content!, read);
    const row = new Float32Array(6);
    for (let item = 0; item < ITEMS; item++) {
      expect(trends.trends[placeOf(item)]).toBe(input.trends!.trends[item]);
      expect(trends.recentRates[placeOf(item)]).toBe(input.trends!.recentRates[item]);
      expect(trends.recentCounts[placeOf(item)]).toBe(3 * item);
      readRow(content.matrix, placeOf(item), row);
      row.forEach((value, j) => expect(Math.abs(value - input.content!.rows[item * 6 + j]!)).toBeLessThan(0.005));
    }
    const terms = await readContentTerms(manifest, tables.content!, read);
    expect([...terms.rowOf.keys()]).toEqual(input.content!.terms);
    expect([...terms.idf]).toEqual([1, 2, 3]);
    expect(await readFactorMap(manifest, tables.content!, read)).toEqual(input.content!.factorMap!.values);
    const prototypes = await readPrototypes(manifest, tables.prototypes!, read);
    expect([...prototypes.userCounts]).toEqual([50, 51, 52, 53, 54, 55, 56]);
    expect(prototypes.counts).toBeNull();
    expect(tables.prototypes).toMatchObject({ count: 7, minUsers: 50, minSupport: Math.min(...input.prototypes!.table.counts) });
    const { offsets, columns } = input.prototypes!.table;
    const named = (offsets: Uint32Array, columns: Uint32Array, p: number): number[] => [...columns.subarray(offsets[p], offsets[p + 1])];
    for (let p = 0; p < 7; p++)
      expect(named(prototypes.offsets, prototypes.columns, p).sort()).toEqual(named(offsets, columns, p).map(placeOf).sort());
  });

  it('stand beside the way to the first list, and one shard answers for one item', async () => {
    const { manifest, read, tables } = await written({}, 70_000);
    const paths = tablePaths(tables);
    expect(readingOrder(manifest).filter((path) => paths.includes(path))).toEqual([]);
    expect(tableBytes(manifest)).toBe(
      manifest.files.filter(({ path }) => paths.includes(path)).reduce((sum, { sizeBytes }) => sum + sizeBytes, 0),
    );
    const entry = tables.neighbors[0]!;
    expect(entry.shards.length).toBeGreaterThan(1);
    for (const { sizeBytes } of manifest.files) expect(sizeBytes).toBeLessThanOrEqual(MAX_SHARD_BYTES);
    const whole = await readNeighbors(manifest, entry, read);
    const shard = entry.shards[1]!;
    const part = await readNeighborShard(manifest, entry, shard, read);
    for (const own of [0, 7, shard.rowCount - 1]) {
      const row = shard.rowStart + own;
      expect(part.columns.subarray(part.offsets[own], part.offsets[own + 1])).toEqual(
        whole.columns.subarray(whole.offsets[row], whole.offsets[row + 1]),
      );
    }
    // Ids beyond 65,535 need four bytes.
    expect(Math.max(...whole.columns.subarray(0, 50_000))).toBeGreaterThan(65_535);
  });

  it('are none where the manifest has no such key, and change no other byte of the folder', async () => {
    const plain = await writeModelFolder(smallModelInput({ itemCount: ITEMS, popularity: rising }), sha256);
    const { tables: _, ...older } = JSON.parse(new TextDecoder().decode(plain.files.at(-1)!.bytes)) as Manifest;
    const manifest = readManifest(new TextEncoder().encode(JSON.stringify(older)));
    expect(readTables(manifest)).toEqual({ primary: null, neighbors: [], trends: null, content: null, prototypes: null });
    const { folder } = await written();
    const paths = new Set(folder.files.map(({ path }) => path));
    for (const { path } of plain.files) if (path !== 'manifest.json') expect(paths).toContain(path);
    expect((await readFolder(folder.files)).catalog.itemCount).toBe(ITEMS);
  });

  it.each([
    ['users', { userCounts: Uint32Array.of(50, 49, 50, 50, 50, 50, 50) }, '49 users'],
    ['support', { table: { ...randomSparse(7, ITEMS, 9, 6, true), counts: new Uint32Array(1_000).fill(4) } }, '4 of its users'],
  ])('refuse prototypes with too few %s', async (_, change, message) => {
    const prototypes = { ...smallTables(ITEMS).prototypes!, ...(change as object) };
    await expect(written({ prototypes })).rejects.toMatchObject({ code: 'input/too-few-users', message: expect.stringContaining(message) });
  });

  it.each<[string, (tables: any) => void, string]>([
    ['a group under 50 users', (tables) => (tables.prototypes.minUsers = 49), 'tables.prototypes.minUsers'],
    ['items under 5 users', (tables) => (tables.prototypes.minSupport = 4), 'tables.prototypes.minSupport'],
    ['an unknown kind', (tables) => (tables.neighbors[0].kind = 'pearson'), 'tables.neighbors[0].kind'],
    ['a name twice', (tables) => (tables.neighbors[1].name = 'knn'), 'tables.neighbors[1].name'],
    ['rows too few', (tables) => tables.neighbors[0].shards.pop(), 'tables.neighbors[0].shards'],
    ['a file nowhere listed', (tables) => (tables.trends.shards[0].path = 'x.safetensors'), 'tables.trends.shards[0].path'],
    ['a map to no model', (tables) => (tables.content.factorMap.model = 'bpr'), 'tables.content.factorMap.model'],
    ['a table that ranks and is not there', (tables) => (tables.primary = 'ease'), 'tables.primary'],
    ['co-purchase without baskets', (tables) => (tables.neighbors[1].baskets = null), 'tables.neighbors[1].baskets'],
  ])('refuse a manifest that names %s', async (_, change, field) => {
    const { manifest } = await written();
    const tables = structuredClone(manifest.tables);
    change(tables);
    expect(() => readTables({ ...manifest, tables })).toThrow(`field ${field} `);
  });

  it.each<[string, (tensors: Map<string, { shape: number[]; bytes: Uint8Array }>) => void, string]>([
    ['ids beyond the items', (tensors) => new DataView(tensors.get('columns')!.bytes.buffer).setUint16(0, ITEMS, true), 'columns'],
    ['offsets that fall', (tensors) => new DataView(tensors.get('offsets')!.bytes.buffer).setUint32(8, 99_999, true), 'offsets'],
    ['values that are not finite', (tensors) => new DataView(tensors.get('values')!.bytes.buffer).setUint16(0, 0x7c00, true), 'values'],
    ['values that rise', (tensors) => tensors.get('values')!.bytes.set([0, 0, 0, 0x3c]), 'values'],
    ['values too few', (tensors) => Object.assign(tensors.get('values')!, { bytes: new Uint8Array(2), shape: [1] }), 'values'],
  ])('refuse a shard with %s', async (_, change, tensor) => {
    const { manifest, bytesOf, tables } = await written();
    const entry = tables.neighbors[0]!;
    const file = bytesOf.get(entry.shards[0]!.path)!;
    const tensors = new Map(
      [...readSafetensors(file, 'x')].map(([name, { dtype, shape, bytes }]) => [name, { dtype, shape: [...shape], bytes: bytes.slice() }]),
    );
    change(tensors);
    const read: ReadFile = async () => writeSafetensors(tensors);
    await expect(readNeighbors(manifest, entry, read)).rejects.toMatchObject({
      code: 'artifact/bad-tensor',
      message: expect.stringContaining(`"${tensor}"`),
    });
  });
});
