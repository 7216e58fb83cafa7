import { mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { createModelServer } from '../../../src/cli/folder/modelServer.js';
import { headerWarnings } from '../../../src/cli/folder/publishedHeaders.js';
import type { SmallModelOptions } from '../../fixtures/smallModel.js';
import { smallFolder } from '../../fixtures/smallModel.js';
import { writeFolder } from '../../fixtures/writeFolder.js';
import { cli, temporaryFolder } from './captureIo.js';

const folder = async (options: SmallModelOptions = {}): Promise<string> => writeFolder(await smallFolder(options));
const newOut = (): string => join(temporaryFolder(), 'model');

describe('shelfmate diff', () => {
  it('finds nothing between a folder and itself', async () => {
    const path = await folder();
    const { code, stdout } = await cli(['diff', path, path]);
    expect(code).toBe(0);
    expect(stdout).toMatch(/Items added\s+none/);
    expect(stdout).toMatch(/shopper -> item 100\.0 %, item -> item 100\.0 %/);
    expect(stdout).not.toContain('more or less popular');
  });

  it('names items, fields, models and popularity that changed, and how much of the lists stays', async () => {
    const items = Array.from({ length: 100 }, (_, i) => ({ itemId: i < 95 ? `i${i}` : `new${i}`, title: `Item ${i}`, season: 'spring' }));
    const popularity = Float32Array.from({ length: 100 }, (_, i) => (i === 50 ? 5000 : 100 - i));
    const json = join(temporaryFolder(), 'diff.json');
    const { stdout } = await cli(['diff', await folder(), await folder({ items, popularity, seed: 2, dtype: 'float32' }), '--json', json]);
    const figures = JSON.parse(readFileSync(json, 'utf8')) as Record<string, unknown>;
    expect(figures['added']).toEqual(['new95', 'new96', 'new97', 'new98', 'new99']);
    expect(figures['removed']).toEqual(['i95', 'i96', 'i97', 'i98', 'i99']);
    expect(figures['fieldsAdded']).toEqual(['season (string)']);
    expect((figures['popularityShifts'] as { itemId: string }[])[0]!.itemId).toBe('i50');
    expect(figures['overlap']).toMatchObject({ commonItems: 95 });
    expect((figures['overlap'] as { itemOverlap: number }).itemOverlap).toBeLessThan(0.6);
    expect(stdout).toMatch(/Factors\s+16 as int8\s+16 as float32/);
  });

  it('says so when the folders share nothing', async () => {
    const items = Array.from({ length: 100 }, (_, i) => ({ itemId: `other${i}` }));
    expect((await cli(['diff', await folder(), await folder({ items })])).stdout).toContain('shopper -> item -, item -> item -');
  });
});

describe('shelfmate quantize', () => {
  it('writes a sound folder of the same items in fewer bytes, biases and users with them', async () => {
    const users = { ids: ['u1', 'u2'], factors: Float32Array.from({ length: 32 }, (_, i) => i / 32) };
    const source = await folder({ dtype: 'float32', biases: Float32Array.from({ length: 100 }, (_, i) => i / 1000), users });
    for (const dtype of ['int8', 'float16']) {
      const out = newOut();
      const json = `${out}.json`;
      const { code, stdout } = await cli(['quantize', source, '--dtype', dtype, '--out', out, '--json', json]);
      expect([code, stdout]).toEqual([0, expect.stringMatching(new RegExp(`float32 -> ${dtype}, .*stay \\(100 questions each\\)`, 's'))]);
      const figures = JSON.parse(readFileSync(json, 'utf8')) as {
        bytesBefore: number;
        bytesAfter: number;
        userOverlap: number;
        itemOverlap: number;
      };
      expect(figures.bytesAfter).toBeLessThan(figures.bytesBefore);
      expect(Math.min(figures.userOverlap, figures.itemOverlap)).toBeGreaterThan(0.95);
      expect(await cli(['verify', out])).toMatchObject({ code: 0 });
      expect(JSON.parse((await cli(['inspect', out, '--json'])).stdout)).toMatchObject({
        itemCount: 100,
        models: [{ dtype, hasBiases: true, users: { count: 2 } }],
      });
      expect((await cli(['diff', source, out])).stdout).toMatch(/Fields added\s+none/);
    }
  });

  it('says that bits lost are lost, and writes over nothing else', async () => {
    const source = await folder();
    expect((await cli(['quantize', source, '--dtype', 'float16', '--out', newOut()])).stdout).toContain('bring back nothing');
    const other = temporaryFolder();
    writeFileSync(join(other, 'notes.txt'), 'mine');
    expect(await cli(['quantize', source, '--dtype', 'int8', '--out', other])).toMatchObject({
      code: 1,
      stderr: expect.stringContaining('is no model folder'),
    });
  });
});

describe('shelfmate serve', () => {
  const closing: (() => void)[] = [];
  afterAll(() => closing.forEach((close) => close()));

  async function start(path: string): Promise<string> {
    const server = createModelServer(path).listen(0, '127.0.0.1');
    await once(server, 'listening');
    closing.push(() => server.close());
    return `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
  }

  it('serves a folder that verify, over the network, has nothing to say against', async () => {
    const url = await start(await folder());
    const { code, stdout } = await cli(['verify', url], { fetch: globalThis.fetch });
    expect([code, stdout]).toEqual([0, expect.stringContaining('is sound')]);
    expect(stdout).not.toContain('warning');
  });

  it('caches hashed files for ever, revalidates the manifest, lets every origin read', async () => {
    const path = await folder();
    const url = await start(path);
    const manifest = await fetch(`${url}manifest.json`);
    expect(Object.fromEntries(manifest.headers)).toMatchObject({
      'cache-control': 'no-cache',
      'access-control-allow-origin': '*',
      'content-type': 'application/json; charset=utf-8',
    });
    const again = await fetch(`${url}manifest.json`, { headers: { 'if-none-match': manifest.headers.get('etag')! } });
    expect(again.status).toBe(304);
    const { files } = (await manifest.json()) as { files: { path: string; sizeBytes: number }[] };
    const shard = await fetch(url + files[0]!.path, { method: 'HEAD' });
    expect(shard.headers.get('cache-control')).toBe('public, max-age=31536000, immutable');
    expect(shard.headers.get('content-length')).toBe(String(files[0]!.sizeBytes));
    expect((await fetch(url, { method: 'OPTIONS' })).status).toBe(204);
    expect((await fetch(url, { method: 'POST' })).status).toBe(405);
  });

  it('gives nothing outside of the folder, no hidden file, no listing', async () => {
    const outer = temporaryFolder();
    mkdirSync(join(outer, 'public'));
    writeFileSync(join(outer, 'secret.txt'), 'secret');
    writeFileSync(join(outer, 'public', '.env'), 'secret');
    symlinkSync(join(outer, 'secret.txt'), join(outer, 'public', 'link.txt'));
    const url = await start(join(outer, 'public'));
    for (const path of ['', '..%2fsecret.txt', '%2e%2e/secret.txt', '.env', 'link.txt', '%00', 'none.json']) {
      const response = await fetch(url + path);
      expect([path, response.status, await response.text()]).toEqual([path, 404, 'No such file.\n']);
    }
  });

  it('runs until Ctrl-C and says when it cannot', async () => {
    const stopping = new AbortController();
    const path = await folder();
    let text = '';
    const stdout = { write: (part: string) => ((text += part), part.includes('In a page') && stopping.abort()) };
    expect(await cli(['serve', path, '--port', '0'], { stdout, signal: stopping.signal })).toMatchObject({ code: 0 });
    expect(text).toMatch(/Serving .* at http:\/\/127\.0\.0\.1:\d+\//);
    const taken = new URL(await start(path)).port;
    expect(await cli(['serve', path, '--port', taken])).toMatchObject({
      code: 1,
      stderr: expect.stringContaining(`Port ${taken} is taken`),
    });
    expect(await cli(['serve', '/no/such/folder'])).toMatchObject({ code: 1, stderr: expect.stringContaining('There is no folder') });
  });
});

describe('headerWarnings', () => {
  const FILE = 'als-000.0123456789ab.safetensors';
  const warnings = (manifest: Record<string, string>, file: Record<string, string>): string[] =>
    headerWarnings(
      new Map([
        ['manifest.json', new Headers(manifest)],
        [FILE, new Headers(file)],
      ]),
    );
  const cors = { 'access-control-allow-origin': '*' };

  it.each([
    ['everything right', { ...cors, 'cache-control': 'no-cache' }, { ...cors, 'cache-control': 'public, max-age=31536000, immutable' }, []],
    ['a short manifest', { ...cors, 'cache-control': 'max-age=60' }, { ...cors, 'cache-control': 'max-age=31536000' }, []],
    [
      'no header at all',
      {},
      {},
      [/2 files without Access-Control/, /may not be cached for long/, /Cache-Control \(none\): shoppers may keep an old model/],
    ],
    [
      'an immutable manifest',
      { ...cors, 'cache-control': 'max-age=31536000, immutable' },
      { ...cors, 'cache-control': 'immutable' },
      [/shoppers may keep an old model/],
    ],
    [
      'files that are not cached',
      { ...cors, 'cache-control': 'no-cache' },
      { ...cors, 'cache-control': 'no-cache' },
      [/1 hashed file may not be cached/],
    ],
  ] as const)('tells of %s', (_, manifest, file, expected) => {
    const seen = warnings(manifest, file);
    expect(seen).toHaveLength(expected.length);
    expected.forEach((pattern, i) => expect(seen[i]).toMatch(pattern));
  });
});
