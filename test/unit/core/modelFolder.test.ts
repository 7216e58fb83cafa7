import { describe, expect, it } from 'vitest';
import { MAX_SHARD_BYTES } from '../../../src/core/artifact/manifest.js';
import { readUserVector } from '../../../src/core/artifact/readModelFolder.js';
import { runSelfTests } from '../../../src/core/artifact/selfTest.js';
import { readManifest } from '../../../src/core/artifact/validateManifest.js';
import { writeModelFolder } from '../../../src/core/artifact/writeModelFolder.js';
import { RecommenderError } from '../../../src/core/errors.js';
import { readRow } from '../../../src/core/kernels/itemMatrix.js';
import { createCpuBackend } from '../../../src/core/kernels/topK.cpu.js';
import { IMPLICIT_FOLD_IN, readFolder, sha256, smallFolder, smallModelInput } from '../../fixtures/smallModel.js';

async function errorOf(work: () => unknown): Promise<RecommenderError> {
  try {
    await work();
  } catch (error) {
    expect(error).toBeInstanceOf(RecommenderError);
    return error as RecommenderError;
  }
  throw new Error('nothing was thrown');
}

describe('model folder', () => {
  it.each([
    ['int8', 0.009],
    ['float16', 5e-4],
    ['float32', 0],
  ] as const)('gives back %s factors to within the rounding of the type', async (dtype, tolerance) => {
    const input = smallModelInput({ dtype, dimensions: 19 });
    const model = await readFolder((await writeModelFolder(input, sha256)).files);
    const row = new Float32Array(19);
    for (let item = 0; item < 100; item++) {
      readRow(model.factors.matrix, item, row);
      row.forEach((value, j) => expect(Math.abs(value - input.models[0]!.factors[item * 19 + j]!)).toBeLessThanOrEqual(tolerance));
    }
  });

  it('gives back ids, fields and popularity, sorted by falling popularity', async () => {
    const popularity = Float32Array.from({ length: 100 }, (_, i) => (i === 42 ? 1000 : 1));
    const model = await readFolder((await smallFolder({ popularity })).files);
    expect(model.catalog.itemId(0)).toBe('i42');
    expect(model.catalog.itemId(1)).toBe('i0');
    expect(model.catalog.indexOf('i42')).toBe(0);
    expect(model.catalog.indexOf('nothing')).toBeUndefined();
    expect(model.catalog.popularity(0)).toBe(1000);
    expect(model.catalog.item(0)).toEqual({
      itemId: 'i42',
      title: 'Item 42',
      category: 'Cameras',
      brand: 'Aro',
      price: 52,
      inStock: true,
      tags: ['new'],
    });
    expect(model.factors.matrix.itemCount).toBe(100);
  });

  it('writes the same bytes for the same input', async () => {
    const [first, second] = [await smallFolder(), await smallFolder()];
    expect(first.files.map((file) => file.path)).toEqual(second.files.map((file) => file.path));
    first.files.forEach((file, i) => expect(Buffer.compare(file.bytes, second.files[i]!.bytes)).toBe(0));
  });

  it('splits factors and catalogue into shards of at most 4 MiB, the first one small', async () => {
    const itemCount = 30_000;
    const items = Array.from({ length: itemCount }, (_, i) => ({ itemId: `item-${i}`, description: `${i} ${'x'.repeat(300)}` }));
    const folder = await smallFolder({ itemCount, items, dimensions: 100, dtype: 'float32', foldIn: { kind: 'mean' } });
    const { manifest } = folder;
    expect(Math.max(...manifest.files.map((file) => file.sizeBytes))).toBeLessThanOrEqual(MAX_SHARD_BYTES);
    expect(manifest.models[0]!.shards[0]!.rowCount).toBe(4096);
    expect(manifest.models[0]!.shards.length).toBeGreaterThan(2);
    expect(manifest.catalog.shards.length).toBeGreaterThan(2);
    const model = await readFolder(folder.files);
    expect(model.catalog.itemId(itemCount - 1)).toBe(`item-${itemCount - 1}`);
  });

  it('names every file after its own hash', async () => {
    for (const { path, bytes } of (await smallFolder()).files) {
      if (path !== 'manifest.json') expect(path).toContain((await sha256(bytes)).slice(0, 12));
    }
  });

  it('drops user rows unless asked, and finds a packed one by id', async () => {
    const without = await smallFolder();
    expect(without.manifest.models[0]!.users).toBeNull();
    const users = { ids: ['ann', 'bob'], factors: Float32Array.from({ length: 32 }, (_, i) => i / 32) };
    const folder = await smallFolder({ users, dtype: 'float32' });
    const read = async (entry: { path: string }): Promise<Uint8Array> => folder.files.find((file) => file.path === entry.path)!.bytes;
    expect(await readUserVector(folder.manifest, read, 'bob')).toEqual(users.factors.slice(16));
    expect((await errorOf(() => readUserVector(folder.manifest, read, 'eve'))).code).toBe('input/unknown-user');
    expect((await errorOf(() => readUserVector(without.manifest, read, 'bob'))).message).toMatch(/--keep-users/);
  });

  it('carries self-tests that the reference passes and a wrong folder fails', async () => {
    const model = await readFolder((await smallFolder({ itemCount: 500 })).files);
    const { matrix, entry } = model.factors;
    const loaded = await createCpuBackend().load(matrix);
    await runSelfTests(loaded, matrix, entry.selfTests);
    matrix.scales[entry.selfTests[0]!.itemIndexes[0]!]! *= 1.01;
    const error = await errorOf(() => runSelfTests(loaded, matrix, entry.selfTests));
    expect(error.code).toBe('artifact/self-test-failed');
  });
});

describe('model folder with a fault', () => {
  it.each(['flipped', 'short', 'long'])('refuses a %s shard before use, naming the file', async (fault) => {
    const folder = await smallFolder();
    const shard = folder.manifest.models[0]!.shards[0]!.path;
    const files = folder.files.map(({ path, bytes }) => {
      if (path !== shard) return { path, bytes };
      const bad = new Uint8Array(fault === 'long' ? bytes.length + 1 : bytes.length - (fault === 'short' ? 1 : 0));
      bad.set(bytes.subarray(0, bad.length));
      if (fault === 'flipped') bad[bytes.length >> 1]! ^= 1;
      return { path, bytes: bad };
    });
    const error = await errorOf(() => readFolder(files));
    expect(error.code).toBe('artifact/bad-checksum');
    expect(error.details['file']).toBe(shard);
    expect(error.message).toContain(shard);
  });

  type Change = (manifest: any) => void;
  it.each<[string, Change, string, RegExp]>([
    ['another format', (m) => (m.format = 'onnx'), 'format', /is "onnx"/],
    ['a later format version', (m) => (m.formatVersion = 2), '', /reads format 1/],
    ['no items', (m) => (m.itemCount = 0), 'itemCount', /from 1 to 1000000, but is 0/],
    ['a revision of another shape', (m) => (m.revision = 'v2'), 'revision', /20260131235959-0123abcd/],
    ['a path out of the folder', (m) => (m.files[0].path = '../secret'), 'files[0].path', /plain file name/],
    ['an absolute path', (m) => (m.files[0].path = 'https://evil.example/x'), 'files[0].path', /plain file name/],
    ['a file twice', (m) => (m.files[1].path = m.files[0].path), 'files[1].path', /only once/],
    ['a shard over 4 MiB', (m) => (m.files[0].sizeBytes = 5e6), 'files[0].sizeBytes', /4194304/],
    ['a hash that is none', (m) => (m.files[0].sha256 = 'abc'), 'files[0].sha256', /64 hexadecimal/],
    ['no models', (m) => (m.models = []), 'models', /at least one/],
    ['a negative dimension', (m) => (m.models[0].dimensions = -1), 'models[0].dimensions', /but is -1/],
    ['an unknown dtype', (m) => (m.models[0].dtype = 'int4'), 'models[0].dtype', /"int8", "float16", "float32"/],
    ['an unknown rule', (m) => (m.models[0].userRule = 'l2'), 'models[0].userRule', /"dot", "cosine"/],
    ['shards with a gap', (m) => (m.models[0].shards[0].rowStart = 1), 'models[0].shards[0].rowStart', /but is 1/],
    ['shards that end early', (m) => (m.models[0].shards[0].rowCount = 99), 'models[0].shards', /rows 0 to 99; these hold 99/],
    ['a shard that is not listed', (m) => (m.models[0].shards[0].path = 'x'), 'models[0].shards[0].path', /listed under files/],
    ['als without gram', (m) => (m.models[0].stateFile = null), 'models[0].stateFile', /gram/],
    ['a NaN in fold-in', (m) => (m.models[0].foldIn.gramScale = null), 'models[0].foldIn.gramScale', /finite number, but is null/],
    ['an unknown fold-in', (m) => (m.models[0].foldIn.kind = 'magic'), 'models[0].foldIn.kind', /"als", "non-negative"/],
    ['a self-test of another length', (m) => m.models[0].selfTests[0].query.pop(), 'models[0].selfTests[0].query', /16 numbers/],
    [
      'a self-test on an unknown row',
      (m) => (m.models[0].selfTests[0].itemIndexes[0] = 100),
      'models[0].selfTests[0].itemIndexes[0]',
      /0 to 99/,
    ],
  ])('refuses a manifest with %s, naming the field', async (_, change, field, message) => {
    const manifest: unknown = JSON.parse(JSON.stringify((await smallFolder()).manifest));
    change(manifest);
    const error = await errorOf(() => readManifest(new TextEncoder().encode(JSON.stringify(manifest))));
    expect(error.code).toMatch(/^artifact\//);
    expect(error.message).toMatch(message);
    if (field) expect(error.details['field']).toBe(field);
  });

  it.each([
    ['nothing', '', /not valid JSON/],
    ['HTML', '<!doctype html><title>Not found</title>', /HTML page/],
    ['half a manifest', '{"format":"shelfmate-model","formatVer', /not valid JSON/],
    ['a list', '[]', /must be an object/],
    ['null', 'null', /must be an object/],
  ])('refuses %s as a manifest', async (_, text, message) => {
    const error = await errorOf(() => readManifest(new TextEncoder().encode(text)));
    expect(error.code).toBe('artifact/bad-manifest');
    expect(error.message).toMatch(message);
  });

  it('does not take fields from the prototype', async () => {
    const text = JSON.stringify((await smallFolder()).manifest).replace('{"format"', '{"__proto__":{"polluted":true},"format"');
    readManifest(new TextEncoder().encode(text));
    expect(({} as Record<string, unknown>)['polluted']).toBeUndefined();
  });

  it('keeps hostile field names out of items', async () => {
    const hostile = JSON.parse('{"itemId":"a","title":"A","__proto__":"x","constructor":"y"}') as { itemId: string };
    const folder = await smallFolder({ itemCount: 1, items: [hostile], popularity: null });
    const model = await readFolder(folder.files);
    expect(model.catalog.item(0)).toEqual({ itemId: 'a', title: 'A' });
  });

  it('refuses to write NaN factors, rows without ids, and repeated ids', async () => {
    const factors = new Float32Array(1600);
    factors[37] = NaN;
    expect((await errorOf(() => smallFolder({ factors }))).message).toMatch(/factor 5 of row 2 \(item "i2"\) is NaN/);
    expect((await errorOf(() => smallFolder({ factors: new Float32Array(1616) }))).message).toMatch(
      /101 rows of factors for 100 item ids.*padding/,
    );
    const items = [{ itemId: 'a' }, { itemId: 'a' }];
    const repeated = await errorOf(() => smallFolder({ itemCount: 2, items, popularity: null }));
    expect(repeated.message).toMatch(/"a" stands at rows 0 and 1/);
  });

  it('refuses a fold-in that has no solution', async () => {
    const foldIn = { ...IMPLICIT_FOLD_IN, regularization: 0 };
    const model = await readFolder((await smallFolder({ factors: new Float32Array(1600), foldIn })).files);
    expect(() => model.factors.foldIn([{ itemIndex: 0, weight: 1 }])).toThrow(/not positive definite/);
  });
});
