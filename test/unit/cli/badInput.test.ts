import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { cli, temporaryFile, temporaryFolder, twoGroupsCsv } from './captureIo.js';

const SMALL = ['--factors', '2', '--epochs', '1', '--no-evaluate'];
const newOut = (): string => join(temporaryFolder(), 'model');
const bytes = (...values: number[]): Uint8Array => Uint8Array.from([...values, ...Buffer.alloc(20)]);
const ZSTD = bytes(0x28, 0xb5, 0x2f, 0xfd);
const ZIP = bytes(0x50, 0x4b, 3, 4);

describe('a file that is not what it should be', () => {
  it.each<[string, string | Uint8Array, RegExp]>([
    ['an empty file', '', /is empty/],
    ['an empty gzip', gzipSync(''), /is empty/],
    ['a zip or a workbook', ZIP, /is a zip archive or an Excel workbook\. Unpack it, or save the sheet as CSV in UTF-8\./],
    ['an old workbook', bytes(0xd0, 0xcf, 0x11, 0xe0), /is an Excel workbook\. Save the sheet as CSV/],
    ['zstd', ZSTD, /is compressed with zstd, and only gzip is unpacked here\. Unpack it first: zstd -d/],
    ['zstd inside gzip', gzipSync(ZSTD), /is compressed with zstd/],
    ['bzip2', bytes(0x42, 0x5a, 0x68), /is compressed with bzip2.*bunzip2/],
    ['xz', bytes(0xfd, 0x37, 0x7a, 0x58, 0x5a), /is compressed with xz.*unxz/],
    ['parquet', bytes(0x50, 0x41, 0x52, 0x31), /is a parquet file\. Write it as CSV/],
    ['UTF-16 without a mark', Buffer.from('user\titem\na\tx\n', 'utf16le'), /zero bytes: UTF-16 without a byte order mark\?/],
  ])('is named to every reader: %s', async (_, content, message) => {
    const path = temporaryFile('file', content);
    const events = temporaryFile('events.csv', twoGroupsCsv());
    const factors = temporaryFile('factors.csv', '1,2\n3,4\n');
    for (const argv of [
      ['train', path],
      ['train', events, '--catalog', path],
      ['evaluate', '--events', path, '--write-train', join(temporaryFolder(), 'train.csv')],
      ['pack', factors, '--ids', path],
    ]) {
      const out = newOut();
      const result = await cli(argv[0] === 'evaluate' ? argv : [...argv, '--out', out]);
      expect([result.code, result.stderr], argv.join(' ')).toEqual([1, expect.stringMatching(message)]);
      expect(result.stderr.trim().split('\n').at(-1)).toMatch(/^shelfmate: /);
      expect(readdirSync(dirname(out))).toEqual([]);
    }
  });

  it.each<[string, string | Uint8Array, RegExp]>([
    ['an empty file', '', /is empty/],
    ['gzip', gzipSync('x'), /is compressed \(gzip\)/],
    ['zstd', ZSTD, /is compressed \(zstd\)/],
    ['a zip without arrays', ZIP, /is no readable \.npz|zip without \.npy arrays/],
  ])('is named to pack as a model: %s', async (_, content, message) => {
    const result = await cli(['pack', temporaryFile('model', content), '--ids', temporaryFile('ids.txt', 'a\n'), '--out', newOut()]);
    expect([result.code, result.stderr]).toEqual([1, expect.stringMatching(message)]);
  });

  it('is named to pack when it is a CSV of events', async () => {
    const path = temporaryFile('events.csv', 'user,item\na,x\nb,y\n');
    const result = await cli(['pack', path, '--ids', temporaryFile('ids.txt', 'a\nb\n'), '--out', newOut()]);
    expect([result.code, result.stderr]).toEqual([1, expect.stringContaining('"a,x", which is no row of numbers. A CSV of factors')]);
  });

  it.each([
    ['train', (folder: string) => ['train', folder, '--out', newOut()]],
    ['evaluate', (folder: string) => ['evaluate', '--events', folder, '--write-train', join(temporaryFolder(), 'x.csv')]],
    ['pack --ids', (folder: string) => ['pack', temporaryFile('f.csv', '1,2\n'), '--ids', folder, '--out', newOut()]],
  ])('may be a folder: %s', async (_, argv) => {
    const result = await cli(argv(temporaryFolder()));
    expect([result.code, result.stderr]).toEqual([1, expect.stringMatching(/is a folder; a file is needed here/)]);
  });

  it.each(['utf16le', 'utf16be'] as const)('is read as it is in %s with a byte order mark, packed or plain', async (encoding) => {
    const text = Buffer.from(
      `\uFEFFuser\titem\ttitle\n${Array.from({ length: 400 }, (_, i) => `u${i % 9}\ti${i % 7}\tVäse ${i % 7} 花瓶\n`).join('')}`,
      'utf16le',
    );
    if (encoding === 'utf16be') text.swap16();
    for (const content of [text, gzipSync(text)]) {
      const out = newOut();
      expect(await cli(['train', temporaryFile('events.tsv', content), '--out', out, ...SMALL])).toMatchObject({ code: 0 });
      expect((await cli(['inspect', out])).stdout).toContain('Väse 0 花瓶');
    }
  });

  it('names the line at which a quote is opened and never closed, far from the end', async () => {
    const lines = Array.from({ length: 3_000 }, (_, i) => `u${i % 9},i${i % 7}`);
    lines[1_233] = 'u1,"i1';
    const { code, stderr } = await cli(['train', temporaryFile('e.csv', `user,item\n${lines.join('\n')}\n`), '--out', newOut()]);
    expect([code, stderr]).toEqual([1, expect.stringContaining('the quoting is broken at line 1235 or not far below')]);
  });
});

describe('mixed kinds of ids', () => {
  it.each([
    ['a,1001\na,1001.0\nb,7\n', /1 item id differs from another only in a decimal "\.0" at the end \(1001 and 1001\.0\) and count/],
    ['a,A-7\na,a-7\nb,7\n', /1 item id differs from another only in upper and lower case \(A-7 and a-7\)/],
    ['a,0042\na,42\nb,43\nb,0043\n', /2 item ids differ from others only in leading zeros \(0042 and 42; 43 and 0043\)/],
    ['17850,x\n17850.0,y\n', /1 shopper id differs from another only in a decimal "\.0"/],
  ])('are told after training: %j', async (lines, message) => {
    const { code, stdout } = await cli(['train', temporaryFile('e.csv', `user,item\n${lines}`), '--out', newOut(), ...SMALL]);
    expect([code, stdout]).toEqual([0, expect.stringMatching(message)]);
  });

  it('say nothing where ids differ in earnest', async () => {
    const { stdout } = await cli(['train', temporaryFile('e.csv', 'user,item\n1,85123A\n2,22423\n2,POST\n'), '--out', newOut(), ...SMALL]);
    expect(stdout).not.toContain('differ');
  });

  it('of JSON, numbers and texts, are one', async () => {
    const path = temporaryFile('e.jsonl', '{"user":1,"item":5}\n{"user":"1","item":"5"}\n{"user":2,"item":6}\n');
    expect((await cli(['train', path, '--out', newOut(), ...SMALL])).stdout).toMatch(/Shoppers\s+2\s+Items\s+2/);
  });
});

describe('one of everything', () => {
  it('packs one item, and evaluates to a sentence', async () => {
    const out = newOut();
    const packed = await cli(['pack', temporaryFile('f.csv', '1,2\n'), '--ids', temporaryFile('ids.txt', 'x\n'), '--out', out]);
    expect(packed).toMatchObject({ code: 0 });
    const one = await cli(['evaluate', out, '--events', temporaryFile('e.csv', 'user,item\na,x\n')]);
    expect([one.code, one.stderr]).toEqual([1, expect.stringContaining('gives nothing to test: no shopper has two different items')]);
  });
});

describe('a join that fails', () => {
  it('shows ten ids of the model and ten of the catalogue, and a guess', async () => {
    const rows = Array.from({ length: 14 }, (_, i) => i);
    const out = newOut();
    const { code, stderr } = await cli([
      'pack',
      temporaryFile('f.csv', rows.map((i) => `${i},1\n`).join('')),
      '--ids',
      temporaryFile('ids.txt', rows.map((i) => `item-${i}\n`).join('')),
      '--catalog',
      temporaryFile('c.csv', `id,title\nitem-0,Lamp\n${rows.map((i) => `ITEM-${i},Lamp\n`).join('')}`),
      '--out',
      out,
    ]);
    expect(code).toBe(1);
    expect(stderr).toMatch(/Only 7\.1 % of the model's 14 items are in .*c\.csv \(at least 50\.0 % are needed, --min-coverage\)/);
    expect(stderr.match(/item-\d/g)!.length).toBe(11);
    expect(stderr.match(/ITEM-\d/g)).toHaveLength(9);
    expect(stderr).toContain('differ only in upper and lower case');
    expect(readdirSync(dirname(out))).toEqual([]);
  });
});

describe('a place that cannot be written', () => {
  it.each([
    [
      '--json',
      '/no/such/folder/figures.json',
      /--json \/no\/such\/folder\/figures\.json: there is no folder \/no\/such\/folder\. Make it first/,
    ],
    ['--json', '/tmp', /--json \/tmp is a folder; name a file/],
  ])('is told before any work: %s %s', async (option, path, message) => {
    const out = newOut();
    const result = await cli(['train', temporaryFile('e.csv', twoGroupsCsv()), '--out', out, option, path]);
    expect([result.code, result.stderr]).toEqual([1, expect.stringMatching(message)]);
    expect(result.stderr).not.toContain('Reading');
  });

  it('may lie under a file', async () => {
    const events = temporaryFile('e.csv', twoGroupsCsv());
    const result = await cli(['train', events, '--out', `${events}/model`]);
    expect([result.code, result.stderr]).toEqual([1, expect.stringContaining('what stands before its last name is a file')]);
    expect(readFileSync(events, 'utf8')).toBe(twoGroupsCsv());
  });
});
