import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { readModelFolder } from '../../../src/core/artifact/readModelFolder.js';
import { queryAfter } from '../../../src/core/artifact/readSequence.js';
import { readManifest } from '../../../src/core/artifact/validateManifest.js';
import { rowScorer } from '../../../src/core/kernels/topK.js';
import { readSelfTestFile } from '../../../src/cli/sequences/selfTestFile.js';
import { cli, temporaryFile, temporaryFolder } from '../cli/captureIo.js';
import { fixture, IDS, modelFile } from './sequenceFixtures.js';

const idsFile = (ids: readonly string[] = IDS): string => temporaryFile('items.json', JSON.stringify(ids));

async function pack(name: string, ...more: string[]) {
  const out = join(temporaryFolder(), 'model');
  const args = ['pack', modelFile(name), '--ids', idsFile(), '--self-test', fixture(name, 'self-test.json'), '--out', out];
  return { out, result: await cli([...args, ...more]) };
}

/** The share of the original's top 20 that the packed folder gives, over all cases. */
async function overlap(out: string, name: string): Promise<number> {
  const manifest = readManifest(readFileSync(join(out, 'manifest.json')));
  const { sequence, catalog } = await readModelFolder(manifest, (entry) => Promise.resolve(readFileSync(join(out, entry.path))), null);
  const { cases } = await readSelfTestFile(fixture(name, 'self-test.json'), IDS);
  let hits = 0;
  for (const { items, top } of cases) {
    const query = queryAfter(
      sequence!.model!,
      items.map((row) => catalog.indexOf(IDS[row]!)!),
    );
    const toScore = rowScorer(sequence!.matrix, query, 'dot');
    const scores = IDS.map((_, row) => toScore(row));
    const best = [...scores.keys()].sort((a, b) => scores[b]! - scores[a]!).slice(0, top.length);
    const expected = new Set(top.map((row) => IDS[row]));
    hits += best.filter((row) => expected.has(catalog.itemId(row))).length / top.length;
  }
  return hits / cases.length;
}

const SOURCES: readonly (readonly [string, ...string[]])[] = [
  ['keras3-gru'],
  ['keras2-gru'],
  ['keras3-weights', '--describe', fixture('keras3-weights', 'describe.json')],
  ['tfjs-lstm'],
  ['torch-lstm', '--preset', 'torch-lstm'],
  ['gru4rec-one-hot', '--preset', 'gru4rec'],
  ['recbole-gru4rec', '--preset', 'recbole-gru4rec'],
  ['sasrec', '--preset', 'sasrec'],
];

describe('shelfmate quantize of a folder with a sequence model', () => {
  it.each([['keras3-gru'], ['gru4rec-one-hot', '--preset', 'gru4rec'], ['sasrec', '--preset', 'sasrec']])(
    '%s: stores input and output rows anew and says what it costs',
    async (name, ...more) => {
      const { out: source } = await pack(name, '--dtype', 'float32', ...more);
      for (const dtype of ['int8', 'float16']) {
        const out = join(temporaryFolder(), 'quantized');
        const json = `${out}.json`;
        const { code, stdout, stderr } = await cli(['quantize', source, '--dtype', dtype, '--out', out, '--json', json]);
        expect([code, stderr]).toEqual([0, '']);
        expect(stdout).toMatch(/After 50 random sessions [\d.]+ % of the first 20 stay\. \d+ known answers agree on the new folder\./);
        const figures = JSON.parse(readFileSync(json, 'utf8')) as { from: string; to: string; sessionOverlap: number; selfTests: number };
        expect(figures).toMatchObject({ from: 'float32', to: dtype });
        expect(figures.sessionOverlap).toBeGreaterThanOrEqual(0.95);
        expect(figures.selfTests).toBeGreaterThanOrEqual(4);
        const manifest = readManifest(readFileSync(join(out, 'manifest.json')));
        expect(manifest.sequences[0]).toMatchObject({ dtype, events: ['view_item'], sessionGapMinutes: 30 });
        expect(manifest.models[0]!.shards).toEqual(manifest.sequences[0]!.shards);
        expect(await overlap(out, name)).toBeGreaterThanOrEqual(0.95);
        expect(await cli(['verify', out])).toMatchObject({ code: 0 });
      }
    },
  );

  it('keeps factors beside the session, and the weight between them', async () => {
    const events = temporaryFile(
      'events.csv',
      ['user_id,item_id,timestamp', ...Array.from({ length: 120 }, (_, n) => `u${n % 20},i${(n * 7) % 15},${1_700_000_000 + n * 60}`)].join(
        '\n',
      ),
    );
    const [source, out] = [join(temporaryFolder(), 'both'), join(temporaryFolder(), 'small')];
    const sizes = ['--units', '8', '--gru-epochs', '2', '--factors', '4', '--epochs', '2', '--dtype', 'float32'];
    expect(await cli(['train', events, '--model', 'both', '--out', source, ...sizes])).toMatchObject({ code: 0 });
    expect(await cli(['quantize', source, '--dtype', 'int8', '--out', out])).toMatchObject({ code: 0 });
    const [before, after] = [source, out].map((folder) => readManifest(readFileSync(join(folder, 'manifest.json'))));
    expect(after!.models.map(({ name, dtype }) => [name, dtype])).toEqual([['als', 'int8']]);
    expect(after!.sequences[0]).toMatchObject({ dtype: 'int8', blendWeight: before!.sequences[0]!.blendWeight });
  });
});

describe('shelfmate pack of a sequence model', () => {
  it.each(SOURCES)('%s: the folder answers as the original', async (name, ...more) => {
    const exact = await pack(name, '--dtype', 'float32', ...more);
    expect(exact.result).toMatchObject({ code: 0, stderr: '' });
    expect(exact.result.stdout).toMatch(/Original +answers alike: 4 cases, the same lists/);
    expect(await overlap(exact.out, name)).toBe(1);
    const small = await pack(name, ...more);
    expect(await overlap(small.out, name)).toBeGreaterThanOrEqual(0.95);
  });

  it('orders rows by popularity, takes the catalogue, events and the gap, and writes figures', async () => {
    const popularity = temporaryFile('popularity.csv', `item_id,count\n${IDS.map((id, i) => `${id},${i}`).join('\n')}\n`);
    const catalog = temporaryFile('products.csv', `id,title\n${IDS.map((id) => `${id},Title of ${id}`).join('\n')}\n`);
    const json = temporaryFile('figures.json', '');
    const { out, result } = await pack(
      'torch-gru',
      ...'--preset torch-gru --dtype float32 --events view_item,add_to_cart --session-gap 45 --model-name next --name shop'.split(' '),
      ...Object.entries({ '--popularity': popularity, '--catalog': catalog, '--json': json }).flat(),
    );
    expect(result).toMatchObject({ code: 0, stderr: '' });
    const manifest = readManifest(readFileSync(join(out, 'manifest.json')));
    expect(manifest).toMatchObject({ name: 'shop', sortedByPopularity: true });
    expect(manifest.sequences[0]).toMatchObject({
      name: 'next',
      algorithm: 'torch gru',
      events: ['view_item', 'add_to_cart'],
      sessionGapMinutes: 45,
    });
    expect(await overlap(out, 'torch-gru')).toBe(1);
    expect(JSON.parse(readFileSync(json, 'utf8'))).toMatchObject({
      items: 30,
      strippedRows: 1,
      catalogCoverage: 1,
      selfTest: { cases: 4 },
    });
  });

  it('packs without answers of the original, and says that nothing was compared', async () => {
    const out = join(temporaryFolder(), 'model');
    const result = await cli(['pack', fixture('tfjs-rnn'), '--ids', idsFile(), '--out', out]);
    expect(result.code).toBe(0);
    expect(result.stdout).toMatch(/Nothing was compared with the original model/);
    expect((await cli(['verify', out])).code).toBe(0);
  });

  it.each<[string, string, string[], number, RegExp]>([
    ['no ids', 'keras2-gru', ['--out', 'unused'], 2, /holds no item ids/],
    [
      'an id of the padding row',
      'torch-gru',
      ['--preset', 'torch-gru', '--ids', idsFile(['[PAD]', ...IDS])],
      1,
      /row 0 is called "\[PAD\]", which looks like a padding/,
    ],
    ['an unknown preset', 'torch-gru', ['--preset', 'keras'], 2, /--preset is one of: torch-rnn/],
    ['an unknown event', 'keras2-gru', ['--ids', idsFile(), '--events', 'look'], 2, /--events is one of/],
    ['a bad name', 'keras2-gru', ['--ids', idsFile(), '--model-name', 'A b'], 2, /--model-name "A b" must be/],
    [
      'answers of another model',
      'torch-lstm',
      ['--preset', 'torch-lstm', '--ids', idsFile(), '--self-test', fixture('torch-rnn', 'self-test.json')],
      1,
      /The self-test fails/,
    ],
  ])('refuses %s and writes nothing', async (_, name, args, code, message) => {
    const out = join(temporaryFolder(), 'model');
    const result = await cli([
      'pack',
      modelFile(name),
      '--out',
      out,
      ...args.filter((arg, at) => arg !== '--out' && args[at - 1] !== '--out'),
    ]);
    expect(result.stderr).toMatch(message);
    expect(result.code).toBe(code);
    expect(() => readFileSync(join(out, 'manifest.json'))).toThrow();
  });

  it('shows how to write weights, ids and answers', async () => {
    const { stdout } = await cli(['pack', '--help']);
    expect(stdout).toMatch(/save_file/);
    expect(stdout).toMatch(/--preset <preset>/);
  });
});
