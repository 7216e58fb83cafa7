import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { VERSION } from '../../../src/core/version.js';
import { cli, temporaryFile, temporaryFolder, twoGroupsCsv } from './captureIo.js';

const SMALL = ['--factors', '4', '--epochs', '4'];
const newOut = (): string => join(temporaryFolder(), 'model');
const events = (text = twoGroupsCsv()): string => temporaryFile('events.csv', text);
const catalog = (): string =>
  temporaryFile('catalog.csv', `id,title,price\n${Array.from({ length: 14 }, (_, i) => `item-${i},Lamp ${i},${i} EUR\n`).join('')}`);

describe('shelfmate train', () => {
  it('writes a folder that verify finds sound and inspect shows', async () => {
    const out = newOut();
    const figures = join(dirname(out), 'figures.json');
    const trained = await cli(['train', events(), '--catalog', catalog(), '--out', out, '--json', figures, ...SMALL]);
    expect(trained).toMatchObject({ code: 0 });
    expect(trained.stdout).toMatch(/Items\s+14, 2 of them without events/);
    expect(trained.stdout).toMatch(/covers 100\.0 % of the events/);
    expect(trained.stdout).toMatch(/HR@20\s+\d\.\d{4}\s+\d\.\d{4}/);
    expect(JSON.parse(readFileSync(figures, 'utf8'))).toMatchObject({
      events: 60,
      users: 12,
      items: 14,
      itemsWithoutEvents: 2,
      coverage: 1,
      evaluation: { cases: 12 },
    });

    const verified = await cli(['verify', out]);
    expect(verified).toMatchObject({ code: 0, stderr: '' });
    expect(verified.stdout).toContain('self-tests on wasm');
    const inspected = await cli(['inspect', out]);
    expect(inspected.stdout).toMatch(/title\s+string\s+100\.0 %\s+Lamp/);
    expect(JSON.parse((await cli(['inspect', out, '--json'])).stdout)).toMatchObject({ itemCount: 14, popular: expect.any(Array) });
  });

  it('is deterministic: the same input and date give the same bytes', async () => {
    const path = events();
    const [first, second] = [newOut(), newOut()];
    for (const out of [first, second])
      expect(await cli(['train', path, '--out', out, '--created-at', '2026-01-01', ...SMALL])).toMatchObject({ code: 0 });
    expect(readFileSync(join(first, 'manifest.json'), 'utf8')).toBe(readFileSync(join(second, 'manifest.json'), 'utf8'));
  });

  it('takes titles from the events where there is no catalogue', async () => {
    const out = newOut();
    const path = events('CustomerID,StockCode,Description\n1,A,LAMP\n1,B,VASE\n2,A,LAMP\n2,B,VASE\n');
    expect(await cli(['train', path, '--out', out, ...SMALL])).toMatchObject({ code: 0 });
    expect((await cli(['inspect', out])).stdout).toContain('LAMP');
  });

  it('trains on one shopper and on one item, and says that it means little', async () => {
    const one = await cli(['train', events('user,item\na,x\na,y\n'), '--out', newOut(), ...SMALL]);
    expect([one.code, one.stdout]).toEqual([0, expect.stringContaining('All events are of one shopper')]);
    const item = await cli(['train', events('user,item\na,x\nb,x\n'), '--out', newOut(), ...SMALL]);
    expect([item.code, item.stdout]).toEqual([0, expect.stringContaining('There is only one item')]);
  });

  it('keeps the most met items with --max-items', async () => {
    const out = newOut();
    await cli(['train', events('user,item\na,x\nb,x\na,y\nb,y\na,z\n'), '--out', out, '--max-items', '2', ...SMALL]);
    expect(JSON.parse((await cli(['inspect', out, '--json'])).stdout)).toMatchObject({ itemCount: 2 });
  });

  it('fails on a catalogue of other ids, with examples of both and a guess', async () => {
    const upper = temporaryFile('catalog.csv', `id,title\n${Array.from({ length: 12 }, (_, i) => `ITEM-${i},Lamp\n`).join('')}`);
    const out = newOut();
    const { code, stderr } = await cli(['train', events(), '--catalog', upper, '--out', out]);
    expect(code).toBe(1);
    expect(stderr).toMatch(/Only 0\.0 % of the events/);
    expect(stderr.match(/item-\d/g)!.length).toBeGreaterThanOrEqual(10);
    expect(stderr.match(/ITEM-\d/g)).toHaveLength(10);
    expect(stderr).toContain('differ only in upper and lower case');
    expect(readdirSync(dirname(out))).toEqual([]);
  });

  it('notes events in the future', async () => {
    const { stdout } = await cli(['train', events(`${twoGroupsCsv()}u1,item-1,4102444800\n`), '--out', newOut(), ...SMALL]);
    expect(stdout).toContain('1 event lies in the future');
  });

  it('says when nothing is left to learn from', async () => {
    const { code, stderr } = await cli(['train', events('user,item,event\na,x,remove_from_cart\n'), '--out', newOut(), ...SMALL]);
    expect([code, stderr]).toEqual([1, expect.stringContaining('nothing is left to learn from')]);
  });

  it('replaces an older model folder, but nothing else without --force', async () => {
    const out = newOut();
    const path = events();
    expect(await cli(['train', path, '--out', out, ...SMALL])).toMatchObject({ code: 0 });
    expect(await cli(['train', path, '--out', out, '--seed', '2', ...SMALL])).toMatchObject({ code: 0 });
    expect(await cli(['verify', out])).toMatchObject({ code: 0 });
    expect(readdirSync(dirname(out))).toEqual(['model']);

    const other = newOut();
    mkdirSync(other);
    writeFileSync(join(other, 'notes.txt'), 'mine');
    const refused = await cli(['train', path, '--out', other, ...SMALL]);
    expect([refused.code, refused.stderr]).toEqual([1, expect.stringMatching(/holds 1 files \(notes\.txt\) and is no model folder/)]);
    expect(readFileSync(join(other, 'notes.txt'), 'utf8')).toBe('mine');
    expect(await cli(['train', path, '--out', other, '--force', ...SMALL])).toMatchObject({ code: 0 });
    expect(existsSync(join(other, 'notes.txt'))).toBe(false);
  });

  it('leaves no folder and exits with 130 when it is interrupted', async () => {
    const out = newOut();
    const stopping = new AbortController();
    const stderr = { write: (text: string) => text.includes('Test training: done') && stopping.abort() };
    const { code } = await cli(['train', events(), '--out', out, ...SMALL], { signal: stopping.signal, stderr });
    expect(code).toBe(130);
    expect(readdirSync(dirname(out))).toEqual([]);
  });

  it.each([
    ['a missing file', ['train', '/no/such/file.csv', '--out', '/tmp/never'], 1, /There is no file \/no\/such\/file\.csv/],
    ['a folder for a file', ['train', '/', '--out', '/tmp/never'], 1, /is a folder; a file is needed/],
    ['no --out', ['train', 'x.csv'], 2, /required option '-o, --out <folder>'/],
    ['a bad number', ['train', 'x.csv', '--out', 'y', '--factors', 'many'], 2, /whole number from 1 to 1000/],
    ['an unknown format', ['train', 'x.csv', '--out', 'y', '--format', 'xml'], 2, /one of: table, jsonl, ga4, .*sequences/],
    ['an odd --columns', ['train', 'x.csv', '--out', 'y', '--columns', 'buyer'], 2, /Write role=column/],
    ['an unknown command', ['tain'], 2, /unknown command 'tain'\n\(Did you mean train\?\)/],
    ['an unknown option', ['train', 'x', '--out', 'y', '--factor', '3'], 2, /unknown option '--factor'\n\(Did you mean --factors\?\)/],
  ] as const)('explains %s', async (_, argv, code, message) => {
    const result = await cli(argv);
    expect([result.code, result.stderr]).toEqual([code, expect.stringMatching(message)]);
  });

  it('prints no stack unless DEBUG is set', async () => {
    const quiet = await cli(['train', '/no/such/file.csv', '--out', '/tmp/never']);
    const loud = await cli(['train', '/no/such/file.csv', '--out', '/tmp/never'], { env: { DEBUG: '1' } });
    expect(quiet.stderr.trim().split('\n')).toHaveLength(1);
    expect(loud.stderr).toMatch(/\n\s+at /);
  });

  it('colours only on a terminal without NO_COLOR', async () => {
    const text = { out: '' };
    const stdout = { isTTY: true, write: (part: string) => (text.out += part) };
    const out = newOut();
    await cli(['train', events(), '--out', out, '--quiet', ...SMALL]);
    await cli(['inspect', out], { stdout });
    expect(text.out).toContain('\u001b[1m');
    text.out = '';
    await cli(['inspect', out], { stdout, env: { NO_COLOR: '1' } });
    expect(text.out).not.toContain('\u001b');
  });
});

describe('shelfmate verify', () => {
  it('finds a changed, a missing and a foreign file, and exits with 1', async () => {
    const out = newOut();
    await cli(['train', events(), '--out', out, '--quiet', ...SMALL]);
    const rows = readdirSync(out).find((name) => name.startsWith('als-000'))!;
    const bytes = readFileSync(join(out, rows));
    bytes[bytes.length - 1]! ^= 1;
    writeFileSync(join(out, rows), bytes);
    const changed = await cli(['verify', out]);
    expect([changed.code, changed.stdout]).toEqual([1, expect.stringMatching(/failed {2}als-000.*SHA-256/)]);
    expect(changed.stderr).toContain('1 check failed');
    writeFileSync(join(out, 'manifest.json'), '<html>');
    expect(await cli(['verify', out])).toMatchObject({ code: 1, stdout: expect.stringContaining('looks like an HTML page') });
    expect(await cli(['verify', temporaryFolder()])).toMatchObject({ code: 1, stdout: expect.stringContaining('has no manifest.json') });
    expect(await cli(['verify', '/no/such/folder'])).toMatchObject({ code: 1, stderr: expect.stringContaining('There is no folder') });
  });

  it('checks a published folder, and says what the server did wrong', async () => {
    const out = newOut();
    await cli(['train', events(), '--out', out, '--quiet', ...SMALL]);
    const serve =
      (answer: (name: string) => Response): typeof fetch =>
      async (url) =>
        answer(String(url).split('/').at(-1)!);
    const good = await cli(['verify', 'https://shop.example/model'], {
      fetch: serve((name) => new Response(readFileSync(join(out, name)))),
    });
    expect([good.code, good.stdout]).toEqual([0, expect.stringContaining('https://shop.example/model is sound')]);
    const cases: [() => Response, RegExp][] = [
      [() => new Response('', { status: 404 }), /no such file \(404\)/],
      [() => new Response('', { status: 403, statusText: 'Forbidden' }), /answered 403 Forbidden/],
      [() => new Response('<!doctype html>', { headers: { 'content-type': 'text/html' } }), /HTML page instead of the file/],
      [
        () => {
          throw new TypeError('fetch failed', { cause: new Error('ECONNREFUSED') });
        },
        /cannot be reached \(ECONNREFUSED\)/,
      ],
    ];
    for (const [answer, message] of cases) {
      expect(await cli(['verify', 'https://shop.example/model/'], { fetch: serve(answer) })).toMatchObject({
        code: 1,
        stdout: expect.stringMatching(message),
      });
    }
  });
});

describe('shelfmate', () => {
  it('prints its version, and help with an example for every command', async () => {
    expect(await cli(['--version'])).toEqual({ code: 0, stdout: `${VERSION}\n`, stderr: '' });
    for (const command of ['train', 'pack', 'evaluate', 'inspect', 'verify', 'diff', 'quantize', 'serve']) {
      expect(await cli([command, '--help'])).toMatchObject({
        code: 0,
        stdout: expect.stringContaining(`Example:\n  shelfmate ${command}`),
      });
    }
  });

  it('runs as a process of its own and passes its exit code on', () => {
    const program = fileURLToPath(new URL('../../../build/src/cli/index.js', import.meta.url));
    const tsc = fileURLToPath(new URL('../../../node_modules/typescript/bin/tsc', import.meta.url));
    const project = fileURLToPath(new URL('../../../src/cli', import.meta.url));
    expect(spawnSync(process.execPath, [tsc, '-b', project], { encoding: 'utf8' })).toMatchObject({ status: 0 });
    const run = (...argv: string[]) => spawnSync(process.execPath, [program, ...argv], { encoding: 'utf8' });
    expect(run('--version')).toMatchObject({ status: 0, stdout: `${VERSION}\n` });
    expect(run('train', '/no/such/file.csv', '--out', newOut())).toMatchObject({
      status: 1,
      stderr: expect.stringContaining('There is no file'),
    });
    expect(run('tain')).toMatchObject({ status: 2 });
  }, 60_000);
});
