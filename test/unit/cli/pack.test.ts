import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { LoadedModel } from '../../../src/core/artifact/readModelFolder.js';
import { readModelFolder, readUserVector } from '../../../src/core/artifact/readModelFolder.js';
import { f32Tensor, writeSafetensors } from '../../../src/core/artifact/safetensors.js';
import { readManifest } from '../../../src/core/artifact/validateManifest.js';
import { rowScorer } from '../../../src/core/kernels/topK.js';
import { readNpy } from '../../../src/cli/factors/readNpy.js';
import fixtures from '../../fixtures/numpyFixtures.json' with { type: 'json' };
import type { CliResult } from './captureIo.js';
import { cli, temporaryFile, temporaryFolder } from './captureIo.js';

const IDS = ['a', 'b', 'c', 'd', 'e', 'f', 'g'];
const file = (name: string, base64: string): string => temporaryFile(name, Buffer.from(base64, 'base64'));
const idsFile = (ids: readonly string[] = IDS): string => temporaryFile('ids.txt', `${ids.join('\n')}\n`);

describe('readNpy', () => {
  it.each(['npy', 'npyFortran', 'npyFloat64', 'npyBigEndian'] as const)('reads %s to the same numbers', (name) => {
    const { shape, values } = readNpy(new Uint8Array(Buffer.from(fixtures[name], 'base64')), name);
    expect(shape).toEqual([7, 3]);
    expect([...values]).toEqual(fixtures.items.flat());
  });

  it('reads float16 to its precision', () => {
    const { values } = readNpy(new Uint8Array(Buffer.from(fixtures.npyFloat16, 'base64')), 'half');
    fixtures.items
      .flat()
      .forEach((value, i) => expect(Math.abs(values[i]! - value)).toBeLessThanOrEqual(Math.abs(value) * 2 ** -11 + 1e-7));
  });

  it.each([
    ['npyObjects', /pickle.*never read/],
    ['npyText', /type <U1; numbers are needed/],
  ] as const)('refuses %s', (name, message) => {
    expect(() => readNpy(new Uint8Array(Buffer.from(fixtures[name], 'base64')), name)).toThrow(message);
  });

  it('refuses a file that is cut', () => {
    expect(() => readNpy(new Uint8Array(Buffer.from(fixtures.npy, 'base64').subarray(0, 140)), 'cut')).toThrow(/is cut/);
  });
});

describe('shelfmate pack', () => {
  it.each(['als', 'alsCompressed'] as const)("reads implicit's ALS (%s) with its own fold-in", async (name) => {
    const { model } = await packed(file('model.npz', fixtures[name]));
    expect(model.factors.entry).toMatchObject({
      algorithm: 'implicit als',
      hasBiases: false,
      foldIn: {
        kind: 'als',
        gramScale: 1,
        matrixOffset: -1,
        matrixSlope: 2,
        targetOffset: 0,
        targetSlope: 2,
        regularization: 0.05,
        regularizationExponent: 0,
      },
    });
    expectScores(model, (u, i) => dot(fixtures.users[u]!, fixtures.items[i]!));
  });

  it.each(['bpr', 'lmf'] as const)("reads implicit's %s with its item biases and folds in by the mean", async (name) => {
    const { model } = await packed(file('model.npz', fixtures[name]));
    expect(model.factors.entry).toMatchObject({ algorithm: `implicit ${name}`, dimensions: 3, hasBiases: true, foldIn: { kind: 'mean' } });
    expectScores(model, (u, i) => dot(fixtures.users[u]!, fixtures.items[i]!) + fixtures.bias[i]!);
  });

  it.each(['npy', 'npyFortran', 'npyFloat64'] as const)('packs a plain matrix (%s)', async (name) => {
    const { model } = await packed(file('items.npy', fixtures[name]));
    expectScores(model, (u, i) => dot(fixtures.users[u]!, fixtures.items[i]!));
  });

  it('takes named arrays of an .npz, user rows and biases too', async () => {
    const ids = Array.from({ length: 40 }, (_, i) => `i${i}`);
    const users = temporaryFile('users.json', JSON.stringify(Array.from({ length: 9 }, (_, u) => `u${u}`)));
    const path = file('two.npz', fixtures.npzTwo);
    const { model, folder, result } = await packed(path, ids, [
      '--tensor',
      'first',
      '--bias-tensor',
      'item_bias',
      '--user-tensor',
      'user_rows',
      '--keep-users',
      '--user-ids',
      users,
      '--fold-in',
      'als',
      '--alpha',
      '40',
    ]);
    expect(model.factors.entry).toMatchObject({
      dimensions: 6,
      hasBiases: true,
      users: { count: 9 },
      foldIn: { kind: 'als', matrixSlope: 40, targetOffset: 1 },
    });
    expect(result.stderr).toContain('A published folder is public');
    const vector = await readUserVector(model.manifest, async (entry) => readFileSync(join(folder, entry.path)), 'u4');
    fixtures.wide[4]!.forEach((value, j) => expect(vector[j]).toBeCloseTo(value, 5));
  });

  it('packs safetensors and CSV', async () => {
    const values = Float32Array.from(fixtures.items.flat());
    const tensors = writeSafetensors([
      ['item_embedding.weight', f32Tensor(values, [7, 3])],
      ['other', f32Tensor(new Float32Array(2), [2])],
    ]);
    const csv = fixtures.items.map((row) => row.join(',')).join('\n');
    for (const path of [
      temporaryFile('model.safetensors', tensors),
      temporaryFile('items.csv', csv),
      temporaryFile('items.csv', `f0,f1,f2\n${csv}\n`),
    ]) {
      expectScores((await packed(path)).model, (u, i) => dot(fixtures.users[u]!, fixtures.items[i]!));
    }
  });

  it('sorts rows by --popularity and joins the catalogue', async () => {
    const popularity = temporaryFile('popularity.csv', 'item,count\nc,9\na,4\n');
    const catalog = temporaryFile('catalog.csv', 'id,title\nc,Lamp\n');
    const options = ['--popularity', popularity, '--catalog', catalog, '--min-coverage', '0'];
    const { model } = await packed(file('items.npy', fixtures.npy), IDS, options);
    expect(model.catalog.itemId(0)).toBe('c');
    expect(model.catalog.itemId(1)).toBe('a');
    expect(model.catalog.title(0)).toBe('Lamp');
  });

  it('says how well the written lists agree with the source', async () => {
    const ids = Array.from({ length: 40 }, (_, i) => `i${i}`);
    const { result } = await packed(file('two.npz', fixtures.npzTwo), ids, ['--tensor', 'first']);
    expect(result.stdout).toMatch(/Top 20\s+100\.0 % shopper -> item, 100\.0 % item -> item/);
  });

  it.each<[string, 'npy' | 'npyNan' | 'npyObjects' | 'npzTwo', readonly string[], RegExp]>([
    ['one row more than ids', 'npy', IDS.slice(1), /7 rows.*6 ids.*padding or "unknown" row/],
    ['one id more than rows', 'npy', [...IDS, 'h'], /7 rows.*8 ids.*heading/],
    ['a duplicate id', 'npy', ['a', 'b', 'c', 'd', 'e', 'f', 'a'], /id "a" stands at rows 0 and 6/],
    ['an id that names padding', 'npy', ['[PAD]', 'b', 'c', 'd', 'e', 'f', 'g'], /looks like a padding/],
    ['NaN factors', 'npyNan', IDS, /factor 1 of row 1 is NaN.*diverge/],
    ['pickled objects', 'npyObjects', IDS, /never read/],
    ['several arrays', 'npzTwo', IDS, /name the item factors with --tensor.*first \(40, 6\) <f4/],
  ])('refuses %s', async (_, name, ids, message) => {
    const out = join(temporaryFolder(), 'out');
    const result = await cli(['pack', file('source', fixtures[name]), '--ids', idsFile(ids), '--out', out]);
    expect(result.code).toBe(1);
    expect(result.stderr).toMatch(message);
    expect(result.stderr.trim().split('\n')).toHaveLength(1);
    expect(existsSync(out)).toBe(false);
  });

  it.each([
    ['a pickle', Uint8Array.of(0x80, 4, 0x95, 0), /Python pickle, which is never read/],
    ['an unknown file', 'hello', /no known kind/],
    ['a broken zip', Uint8Array.of(0x50, 0x4b, 3, 4, 0, 0), /no readable \.npz/],
  ])('refuses %s', async (_, content, message) => {
    const result = await cli(['pack', temporaryFile('source', content), '--ids', idsFile(), '--out', join(temporaryFolder(), 'out')]);
    expect([result.code, result.stderr]).toEqual([1, expect.stringMatching(message)]);
  });

  it('asks for --ids with exit code 2', async () => {
    const result = await cli(['pack', file('items.npy', fixtures.npy), '--out', join(temporaryFolder(), 'out')]);
    expect([result.code, result.stderr]).toEqual([2, expect.stringMatching(/7 rows but no item ids. Say --ids FILE/)]);
  });
});

async function packed(
  path: string,
  ids: readonly string[] = IDS,
  options: readonly string[] = [],
): Promise<{ model: LoadedModel; folder: string; result: CliResult }> {
  const folder = join(temporaryFolder(), 'out');
  const result = await cli(['pack', path, '--ids', idsFile(ids), '--out', folder, '--dtype', 'float32', ...options]);
  expect(result).toMatchObject({ code: 0 });
  const manifest = readManifest(readFileSync(join(folder, 'manifest.json')));
  return { folder, result, model: await readModelFolder(manifest, async (entry) => readFileSync(join(folder, entry.path)), null) };
}

/** The folder scores every user row as `expected(user, item)` does. */
function expectScores({ factors }: LoadedModel, expected: (user: number, item: number) => number): void {
  fixtures.users.forEach((user, u) => {
    const score = rowScorer(factors.matrix, Float32Array.from(user), factors.entry.userRule);
    IDS.forEach((_, i) => expect(score(i)).toBeCloseTo(expected(u, i), 5));
  });
}

function dot(a: readonly number[], b: readonly number[]): number {
  return a.reduce((sum, value, j) => sum + value * b[j]!, 0);
}
