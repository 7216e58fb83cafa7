import { cpSync, existsSync, mkdirSync, readdirSync, renameSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parquetWriteBuffer } from 'hyparquet-writer';
import { describe, expect, it } from 'vitest';
import { cli, temporaryFile, temporaryFolder } from '../cli/captureIo.js';
import { factorFixture, packed } from './factorFixtures.js';

const SNAPPY = factorFixture('spark-snappy');
/** Its ids are 1, 4, 7, ... 268. */
const GZIP = factorFixture('spark-gzip');

describe('shelfmate pack of a Spark ALS folder', () => {
  it('takes the ids from the StringIndexer saved inside, the factors in their order', async () => {
    const { model } = await packed([SNAPPY, '--dtype', 'float32']);
    expect(model.catalog.itemId(0)).toBe('sku-0');
    expect(model.catalog.itemId(89)).toBe('sku-89');
    expect(model.factors.entry.foldIn).toMatchObject({ matrixSlope: 10, targetOffset: 1, regularization: 0.05, regularizationExponent: 1 });
  });

  it("keeps Spark's numbers as ids where nothing else is known, and says so", async () => {
    const { model, result } = await packed([GZIP]);
    expect([model.catalog.itemId(0), model.catalog.itemId(1)]).toEqual(['1', '4']);
    expect(result.stdout).toContain("The ids are Spark's own numbers (1, 4, 7, ...). If a StringIndexer made them, say --ids");
  });

  it.each([
    ['CSV', 'index.csv', (rows: [number, string][]) => `item_id,item_index\n${rows.map(([n, id]) => `${id},${n}.0\n`).join('')}`],
    [
      'a list',
      'ids.txt',
      (rows: [number, string][]) => Array.from({ length: 270 }, (_, n) => rows.find(([m]) => m === n)?.[1] ?? `x${n}`).join('\n'),
    ],
    [
      'parquet',
      'index.parquet',
      (rows: [number, string][]) =>
        new Uint8Array(
          parquetWriteBuffer({
            columnData: [
              { name: 'item', data: rows.map(([n]) => BigInt(n)), type: 'INT64' },
              { name: 'label', data: rows.map(([, id]) => id), type: 'STRING' },
            ],
          }),
        ),
    ],
  ])('reads the ids of the numbers from %s', async (_, name, write) => {
    const rows = Array.from({ length: 90 }, (_, row): [number, string] => [3 * row + 1, `A-${row}`]);
    const { model } = await packed([GZIP, '--ids', temporaryFile(name, write(rows))]);
    expect([model.catalog.itemId(0), model.catalog.itemId(89)]).toEqual(['A-0', 'A-89']);
  });

  it('ships the users under their numbers or their own ids', async () => {
    const ids = temporaryFile('users.csv', `index,user_id\n${Array.from({ length: 40 }, (_, u) => `${u},shopper ${u}\n`).join('')}`);
    const { model } = await packed([GZIP, '--keep-users', '--user-ids', ids]);
    expect(model.factors.entry.users).toMatchObject({ count: 40 });
  });

  it('says what it takes for granted without the estimator, and lets options say otherwise', async () => {
    const folder = copyOf(SNAPPY);
    rmSync(join(folder, 'estimator'), { recursive: true });
    const plain = await packed([folder]);
    expect(plain.result.stdout).toMatch(/estimator is not there, so the fold-in takes implicitPrefs=True, alpha=1, regParam=0\.1/);
    const told = await packed([folder, '--alpha', '10', '--regularization', '0.05']);
    expect(told.model.factors.entry.foldIn).toEqual((await packed([SNAPPY])).model.factors.entry.foldIn);
  });

  it('refuses --alpha for a model of ratings', async () => {
    const result = await cli(['pack', GZIP, '--alpha', '3', '--out', join(temporaryFolder(), 'out')]);
    expect([result.code, result.stderr]).toEqual([
      2,
      expect.stringContaining('--alpha means nothing to the fold-in of spark als (ratings)'),
    ]);
  });

  it.each<[string, string, RegExp]>([
    [
      'numbers without an id',
      'index,id\n0,a\n1,b\n',
      /has no id for 88 of the model's 90 numbers: 2, 3, 4, 5, 6, 7, 8, 9, 10, 11\. It knows 2: 0, 1/,
    ],
    ['an id given twice', `index,id\n${Array.from({ length: 90 }, (_, n) => `${n},a\n`).join('')}`, /gives the id "a" to 0 and to 1/],
    ['a header alone', 'index,id\n', /has no id for 90 of the model's 90/],
  ])('explains %s', async (_, ids, message) => {
    await expectRefusal([SNAPPY, '--ids', temporaryFile('index.csv', ids)], message);
  });

  it.each<[string, (folder: string) => unknown, RegExp]>([
    [
      'a folder of something else',
      (folder) => rmSync(join(folder, 'itemFactors'), { recursive: true }),
      /is a folder without itemFactors\//,
    ],
    ['a PipelineModel', (folder) => renameSync(join(folder, 'itemFactors'), join(folder, 'stages')), /under stages\/ whose name holds ALS/],
    ['a job that did not end', (folder) => mkdirSync(join(folder, 'itemFactors', '_temporary')), /was not written to its end/],
    [
      'a folder without part files',
      (folder) => (rmSync(join(folder, 'itemFactors'), { recursive: true }), mkdirSync(join(folder, 'itemFactors'))),
      /holds no \.parquet files \(seen: nothing\)/,
    ],
    ['a damaged part', (folder) => truncateSync(partOf(folder), 300), /cannot be read as parquet/],
    ['an empty part', (folder) => truncateSync(partOf(folder), 0), /cannot be read as parquet/],
    [
      'part files of two trainings',
      (folder) => cpSync(partOf(folder), join(folder, 'itemFactors', 'part-9.parquet')),
      /id 0 stands in two rows. Are part files of two trainings/,
    ],
    [
      'other columns',
      (folder) => writeFactors(partOf(folder), [{ name: 'user', data: [1] }]),
      /has no column id and no features. It has: user/,
    ],
    [
      'NaN',
      (folder) => writeFactors(partOf(folder), [ONE_ID, { name: 'features', data: [[1, NaN, 0, 0, 0, 0]] }], FACTORS_SCHEMA),
      /factor 1 of row \d+ is NaN/,
    ],
    [
      'a short row',
      (folder) => writeFactors(partOf(folder), [ONE_ID, { name: 'features', data: [[1, 2]] }], FACTORS_SCHEMA),
      /id 0 has 2 factors, id \d+ has 6|has 6 factors, id 0 has 2/,
    ],
    ['a broken estimator', (folder) => writeFileSync(join(folder, 'estimator', 'metadata', 'part-00000'), '{'), /is not valid JSON/],
  ])('explains %s', async (_, spoil, message) => {
    const folder = copyOf(SNAPPY);
    spoil(folder);
    await expectRefusal([folder], message);
  });

  it('explains a part file named instead of the folder', () =>
    expectRefusal([partOf(SNAPPY)], /is one parquet file. Name the folder that Spark's model\.save\(\) wrote/));
});

async function expectRefusal(argv: readonly string[], message: RegExp): Promise<void> {
  const out = join(temporaryFolder(), 'out');
  const result = await cli(['pack', ...argv, '--out', out]);
  expect([result.code, result.stderr]).toEqual([1, expect.stringMatching(message)]);
  expect(result.stderr.trim().split('\n')).toHaveLength(1);
  expect(existsSync(out)).toBe(false);
}

type WriteOptions = Parameters<typeof parquetWriteBuffer>[0];

function writeFactors(path: string, columnData: WriteOptions['columnData'], schema?: WriteOptions['schema']): void {
  writeFileSync(path, new Uint8Array(parquetWriteBuffer({ columnData, ...(schema && { schema }) })));
}

const ONE_ID = { name: 'id', data: [0] };
const FACTORS_SCHEMA = [
  { name: 'spark_schema', num_children: 2 },
  { name: 'id', type: 'INT32', repetition_type: 'REQUIRED' },
  { name: 'features', repetition_type: 'OPTIONAL', num_children: 1, converted_type: 'LIST' },
  { name: 'list', repetition_type: 'REPEATED', num_children: 1 },
  { name: 'element', type: 'FLOAT', repetition_type: 'REQUIRED' },
] satisfies WriteOptions['schema'];

function copyOf(folder: string): string {
  const copy = join(temporaryFolder(), 'model');
  cpSync(folder, copy, { recursive: true });
  return copy;
}

function partOf(folder: string): string {
  const items = join(folder, 'itemFactors');
  return join(
    items,
    readdirSync(items).find((name) => name.startsWith('part-'))!,
  );
}
