import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { RecommenderError } from '../../../src/core/errors.js';
import { InteractionLog } from '../../../src/core/events/interactionLog.js';
import { parseTime } from '../../../src/core/events/parseTime.js';
import { readEvents } from '../../../src/core/events/readEvents.js';
import { readFactors } from '../../../src/cli/factors/readFactors.js';
import { readNpy } from '../../../src/cli/factors/readNpy.js';
import { relabel } from '../../../src/cli/factors/relabel.js';
import { readPrice } from '../../../src/cli/readers/catalogValues.js';
import { openEventsFile } from '../../../src/cli/readers/openEventsFile.js';
import { plainText } from '../../../src/cli/readers/plainText.js';
import { readCatalog } from '../../../src/cli/readers/readCatalog.js';
import { readIds } from '../../../src/cli/readers/readIds.js';
import { readPopularity } from '../../../src/cli/readers/readPopularity.js';
import { NOW_MS, temporaryFolder } from './captureIo.js';

/** `npm run test:fuzz -- --cli-runs N` asks for more: a file is some milliseconds. */
const numRuns = Number(process.env['SHELFMATE_CLI_FUZZ_RUNS'] ?? 1_000);
const TIMEOUT_MS = 120_000 * Math.ceil(numRuns / 1_000);
const fixture = (name: string): Buffer => readFileSync(new URL(`../../fixtures/${name}`, import.meta.url));

const shops = [
  'ga4.csv',
  'ga4.jsonl',
  'shopify-orders.csv',
  'shopify-products-new.csv',
  'shopify-products-old.csv',
  'woocommerce-orders.csv',
  'woocommerce-orders-wide.csv',
  'woocommerce-products.csv',
  'feed.tsv',
  'feed-rss.xml',
  'feed-atom.xml',
  'sample.inter',
  'pages/p/mug.html',
].map((name) => fixture(`shops/${name}`));
const models = ['implicit-als.npz', 'surprise-svd.npz', 'recbole.safetensors', 'sklearn-nmf.npz', 'implicit-cosine.npz'].map((name) =>
  fixture(`factors/${name}`),
);

/** What breaks parsers: quotes, separators, marks, keys of Object.prototype, numbers that are none. */
const NASTY = [
  '"',
  '""',
  ',',
  ';',
  '\t',
  '\n',
  '\r\n',
  '\0',
  '\uFEFF',
  '{',
  '}',
  '[',
  ']',
  '<',
  '>',
  '&',
  '__proto__',
  'constructor',
  'toString',
  'NaN',
  '1e999',
  '-1',
  '{"__proto__":{"polluted":1}}',
  'user,item\n',
  'id,title\n',
  '0x10',
  '\ud800',
];
const scraps = fc
  .array(fc.oneof(fc.constantFrom(...NASTY), fc.string({ maxLength: 12 }), fc.integer().map(String)), { maxLength: 40 })
  .map((parts) => Buffer.from(parts.join('')));

/** A sound file with bytes changed, taken out, put in or cut off. */
function damaged(files: readonly Buffer[]): fc.Arbitrary<Buffer> {
  const edit = fc.record({
    at: fc.nat(2 ** 20),
    length: fc.nat(40),
    text: fc.oneof(fc.constantFrom(...NASTY), fc.string({ maxLength: 6 })),
    kind: fc.constantFrom('replace', 'insert', 'cut', 'flip'),
  });
  return fc.tuple(fc.constantFrom(...files), fc.array(edit, { maxLength: 4 })).map(([file, edits]) =>
    edits.reduce<Buffer>((bytes, { at, length, text, kind }) => {
      const start = at % (bytes.length + 1);
      if (kind === 'cut') return bytes.subarray(0, start);
      if (kind === 'flip') return Buffer.from(bytes.map((byte, i) => (i === start ? byte ^ (1 << (length % 8)) : byte)));
      return Buffer.concat([bytes.subarray(0, start), Buffer.from(text), bytes.subarray(start + (kind === 'insert' ? 0 : length))]);
    }, Buffer.from(file)),
  );
}

const textFile = fc.oneof(
  scraps,
  damaged(shops),
  damaged(shops.map((file) => gzipSync(file))),
  fc.uint8Array({ maxLength: 200 }).map((bytes) => Buffer.from(bytes)),
);
const factorsFile = fc.oneof(
  damaged(models),
  fc.uint8Array({ maxLength: 200 }).map((bytes) => Buffer.from(bytes)),
  scraps,
);

const folder = temporaryFolder();
const prototypeKeys = Reflect.ownKeys(Object.prototype).length;

/** Whatever the file holds, `read` gives a result or one of our own errors, in one sentence that is no dump. */
function holds(read: (path: string) => Promise<unknown>, name: string, file: fc.Arbitrary<Buffer>): Promise<void> {
  const path = join(folder, name);
  return fc.assert(
    fc.asyncProperty(file, async (content) => {
      writeFileSync(path, content);
      try {
        await read(path);
      } catch (error) {
        if (!(error instanceof RecommenderError)) throw error;
        expect(error.code).toMatch(/^(cli\/(bad-input|usage)|input\/(bad-file|invalid)|artifact\/bad-(tensor|file))$/);
        expect(error.message.length).toBeLessThan(4_000);
      }
      expect(Reflect.ownKeys(Object.prototype)).toHaveLength(prototypeKeys);
    }),
    { numRuns, seed: 7 },
  );
}

describe('whatever a file holds, it is read or refused in our own words:', () => {
  const signal = new AbortController().signal;
  const events = (path: string) =>
    readEvents(openEventsFile(path), new InteractionLog(NOW_MS), { format: null, columns: new Map(), signal });
  const cases: readonly (readonly [string, (path: string) => Promise<unknown>, string, fc.Arbitrary<Buffer>])[] = [
    ['events', events, 'events', textFile],
    ['a catalogue', (path) => readCatalog(path), 'catalog', textFile],
    ['ids', readIds, 'ids', textFile],
    ['popularity', (path) => readPopularity(path, ['1', 'a', 'MUG-BLUE']), 'popularity', textFile],
    ['ids of numbers', (path) => relabel(['0', '1'], path), 'labels', textFile],
    ['factors', (path) => readFactors(path, {}), 'factors', factorsFile],
    ['factors by the name .safetensors', (path) => readFactors(path, {}), 'factors.safetensors', factorsFile],
    ['factors by the name .csv', (path) => readFactors(path, {}), 'factors.csv', textFile],
  ];
  it.each(cases)('%s', (_, read, name, file) => holds(read, name, file), TIMEOUT_MS);

  it('a .npy array', () => {
    const header = fc.record({
      descr: fc.constantFrom('<f4', '<f8', '>f4', '|O', '<U3', 'f4', '<i8', '|b1'),
      shape: fc.oneof(
        fc.constantFrom('(2, 3)', '(-1, 4)', '(1e9, 1e9)', '(2,)', '()', '(a, b)', '(0, 3)', '(2.5, 2)', '(9007199254740993, 2)'),
        fc.string({ maxLength: 10 }),
      ),
      order: fc.constantFrom('True', 'False', 'Maybe'),
      body: fc.uint8Array({ maxLength: 64 }),
      length: fc.option(fc.nat(70_000)),
      version: fc.nat(4),
    });
    fc.assert(
      fc.property(header, ({ descr, shape, order, body, length, version }) => {
        const text = `{'descr': '${descr}', 'fortran_order': ${order}, 'shape': ${shape}, }\n`;
        const sizes = Buffer.alloc(version >= 2 ? 4 : 2);
        if (version >= 2) sizes.writeUInt32LE(length ?? text.length);
        else sizes.writeUInt16LE((length ?? text.length) % 65_536);
        const bytes = Buffer.concat([Buffer.from([0x93, 0x4e, 0x55, 0x4d, 0x50, 0x59, version, 0]), sizes, Buffer.from(text), body]);
        try {
          const { shape: read, values } = readNpy(bytes, 'a.npy');
          expect(values.length).toBe(read.reduce((product, size) => product * size, 1));
        } catch (error) {
          if (!(error instanceof RecommenderError)) throw error;
        }
      }),
      { numRuns, seed: 7 },
    );
  });

  it('a time, a price, a text with tags', () => {
    fc.assert(
      fc.property(
        fc.oneof(
          fc.string(),
          fc.double(),
          fc.anything(),
          fc.date().map(String),
          fc.nat().map((n) => `${n}`.repeat(3)),
        ),
        (value) => {
          const time = parseTime(value);
          expect(Number.isNaN(time) || !Number.isNaN(new Date(time).getTime())).toBe(true);
          const price = readPrice(value);
          expect(price === null || Number.isFinite(price.amount)).toBe(true);
          if (typeof value === 'string') expect(plainText(value).length).toBeLessThanOrEqual(500);
        },
      ),
      { numRuns: 10 * numRuns, seed: 7 },
    );
  });
});
