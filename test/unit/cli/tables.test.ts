import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { Manifest } from '../../../src/core/artifact/manifest.js';
import type { FolderTables } from '../../../src/core/artifact/tables/tableEntries.js';
import { createRandom } from '../../fixtures/random.js';
import { cli, temporaryFile, temporaryFolder } from './captureIo.js';

/** 120 shoppers of two tastes, 24 items, and 4 items of the catalogue that nobody met. */
function shop(userCount = 120): { events: string; catalog: string } {
  const random = createRandom(6);
  const lines = ['user_id,item_id,timestamp'];
  for (let user = 0; user < userCount; user++) {
    for (let step = 0; step < 8; step++) {
      const item = (user % 2) * 12 + Math.floor(random() ** 2 * 12);
      lines.push(`u${user},i${item},${1_770_000_000 + user * 3_600 + step * 60}`);
    }
  }
  const items = Array.from({ length: 28 }, (_, i) => {
    const isCamera = i < 12 || i === 24 || i === 25;
    return `i${i},${isCamera ? `Camera lens kit ${i}` : `Audio headphone case ${i}`},${isCamera ? 'Cameras' : 'Audio'}`;
  });
  return {
    events: temporaryFile('events.csv', `${lines.join('\n')}\n`),
    catalog: temporaryFile('catalog.csv', `id,title,category\n${items.join('\n')}\n`),
  };
}

async function train(more: readonly string[] = [], { events, catalog } = shop()) {
  const out = join(temporaryFolder(), 'm');
  const result = await cli(['train', events, '--catalog', catalog, '--factors', '8', '--out', out, ...more]);
  if (result.code !== 0) return { ...result, out, manifest: null!, tables: null! };
  const manifest = JSON.parse(readFileSync(join(out, 'manifest.json'), 'utf8')) as Manifest;
  return { ...result, out, manifest, tables: manifest.tables as FolderTables };
}

describe('shelfmate train --tables', () => {
  it('writes every table by default, says what they came to, and verify, inspect and evaluate know them', async () => {
    const files = shop();
    const { out, tables, stdout } = await train(['--no-evaluate'], files);
    expect(tables.neighbors.map(({ name, kind }) => [name, kind])).toEqual([
      ['knn', 'cosine'],
      ['bought-together', 'co-purchase'],
    ]);
    expect(tables).toMatchObject({
      primary: null,
      trends: { halfLifeDays: 14 },
      content: { coldItems: 4 },
      prototypes: { count: 1, minUsers: 120 },
    });
    expect(stdout).toMatch(/Tables\s+knn: .* neighbours of 28 items/);
    expect(stdout).toMatch(/4 items without events placed by content/);
    expect(stdout).toMatch(/of them [\d.]+ KiB tables/);
    const verified = await cli(['verify', out]);
    expect(verified).toMatchObject({ code: 0, stdout: expect.stringMatching(/ok\s+table prototypes\s+1 group of at least 120 users/) });
    expect((await cli(['inspect', out])).stdout).toMatch(/bought-together\s+co-purchase: .* baskets \(visits\)/);
    const json = join(temporaryFolder(), 'figures.json');
    const { code } = await cli(['evaluate', out, '--events', files.events, '--json', json, '-q', '--resamples', '0']);
    expect(code).toBe(0);
    const { results } = JSON.parse(readFileSync(json, 'utf8')) as { results: Record<string, Record<string, { value: number }>> };
    expect(Object.keys(results).slice(0, 6)).toEqual(['als', 'knn', 'bought-together', 'content', 'prototypes', 'trending']);
    for (const name of ['als', 'knn', 'bought-together', 'content'])
      expect(results[name]!['recall@10']!.value).toBeGreaterThan(results['popularity']!['recall@10']!.value);
    const wrong = await cli(['evaluate', out, '--events', files.events, '--models', 'als,ease']);
    expect(wrong).toMatchObject({ code: 2, stderr: expect.stringContaining('names ease; there are: als, knn, bought-together, content') });
  });

  it('writes only what is asked for, and refuses a name it does not know', async () => {
    expect((await train(['--no-evaluate', '--tables', 'none'])).tables).toMatchObject({
      neighbors: [],
      trends: null,
      content: null,
      prototypes: null,
    });
    expect((await train(['--no-evaluate', '--tables', 'trend,copurchase'])).tables).toMatchObject({
      neighbors: [{ name: 'bought-together' }],
      content: null,
    });
    expect(await train(['--tables', 'knn'])).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('--tables names knn; there are: none, neighbors'),
    });
  });

  it('makes no prototypes of fewer than 50 shoppers and says so', async () => {
    const { tables, stdout } = await train(['--no-evaluate'], shop(30));
    expect(tables.prototypes).toBeNull();
    expect(stdout).toContain('prototypes: none, fewer than 50 users met two items or more');
  });

  it('gives items nobody met a row, and leaves the fold-in as it was', async () => {
    const files = shop();
    const [plain, placed] = [
      await train(['--no-evaluate', '--tables', 'none'], files),
      await train(['--no-evaluate', '--tables', 'content'], files),
    ];
    // The gram matrix is over the items that were met: the same file.
    expect(placed.manifest.models[0]!.stateFile).toBe(plain.manifest.models[0]!.stateFile);
    expect(placed.manifest.models[0]!.shards).not.toEqual(plain.manifest.models[0]!.shards);
    const halved = join(temporaryFolder(), 'q');
    expect(await cli(['quantize', placed.out, '--dtype', 'float16', '--out', halved])).toMatchObject({ code: 0 });
    const after = JSON.parse(readFileSync(join(halved, 'manifest.json'), 'utf8')) as Manifest;
    expect(after.tables).toEqual(placed.manifest.tables);
    expect(await cli(['verify', halved])).toMatchObject({ code: 0 });
  });
});

describe('shelfmate train --model', () => {
  it.each([
    ['bpr', 'mean', null],
    ['nmf', 'non-negative', null],
    ['svd', 'project', null],
    ['popularity', 'mean', null],
    ['knn', 'als', 'knn'],
    ['ease', 'als', 'ease'],
  ])('%s writes factors that fold in by %s and beats chance in its own test', async (model, foldIn, primary) => {
    const json = join(temporaryFolder(), 'train.json');
    const { out, manifest, tables, stdout } = await train(['--model', model, '--tables', 'none', '--json', json]);
    expect(manifest.models[0]!.foldIn.kind).toBe(foldIn);
    expect(tables.primary).toBe(primary);
    expect(tables.neighbors.map(({ name }) => name)).toEqual(primary ? [primary] : []);
    const { evaluation } = JSON.parse(readFileSync(json, 'utf8')) as { evaluation: Record<'model' | 'popularity', { ndcgAt10: number }> };
    if (model === 'popularity') expect(evaluation.model.ndcgAt10).toBeCloseTo(evaluation.popularity.ndcgAt10, 6);
    else expect(evaluation.model.ndcgAt10).toBeGreaterThan(evaluation.popularity.ndcgAt10);
    if (primary) expect(stdout).toContain(`the table ${primary} is marked as the one that ranks`);
    expect(await cli(['verify', out])).toMatchObject({ code: 0 });
  });
});
