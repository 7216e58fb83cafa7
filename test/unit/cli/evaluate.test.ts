import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { smallFolder } from '../../fixtures/smallModel.js';
import { writeFolder } from '../../fixtures/writeFolder.js';
import { cli, temporaryFile, temporaryFolder, twoGroupsCsv } from './captureIo.js';

/** Four items on a quarter circle; whoever met a is most like b, then d, then c. */
async function tinyFolder(popularity: readonly number[] = [4, 3, 2, 1]): Promise<string> {
  const items = ['a', 'b', 'c', 'd'].map((itemId, i) => ({ itemId, category: i < 2 ? 'warm' : 'cold' }));
  return writeFolder(
    await smallFolder({
      items,
      popularity: Float32Array.from(popularity),
      dimensions: 2,
      dtype: 'float32',
      factors: Float32Array.of(1, 0, 0.9, 0.1, 0, 1, 0.1, 0.9),
      foldIn: { kind: 'mean' },
      name: 'tiny',
    }),
  );
}

const csv = (lines: readonly string[]): string => temporaryFile('events.csv', `user,item,time\n${lines.join('\n')}\n`);
/** u1's last item is b (rank 1 for a model that knows a), u2's c (rank 3 after a), u3 has one item only. */
const EVENTS = ['u1,a,1700000000', 'u1,b,1700000060', 'u2,a,1700000000', 'u2,c,1700000060', 'u3,d,1700000000'];

interface Figures {
  readonly protocol: string;
  readonly cases: number;
  readonly seconds: number;
  readonly results: Record<string, Record<string, { value: number; low: number; high: number }>>;
  readonly [more: string]: unknown;
}

async function evaluate(argv: readonly string[]): Promise<Figures & { stdout: string }> {
  const json = join(temporaryFolder(), 'figures.json');
  const { code, stdout, stderr } = await cli(['evaluate', ...argv, '--json', json]);
  expect([code, stderr.replace(/^(Reading|Ranking|Intervals).*\n/gm, '')]).toEqual([0, '']);
  return { ...(JSON.parse(readFileSync(json, 'utf8')) as Figures), stdout };
}

describe('shelfmate evaluate', () => {
  it('gives the known answers of a tiny folder, with the JSON other programs read', async () => {
    const figures = await evaluate([await tinyFolder(), '--events', csv(EVENTS), '--at', '1,3']);
    expect(figures).toMatchObject({ protocol: 'leave-last-out', cases: 2, seconds: 0 });
    const als = figures.results['tiny']!;
    expect(Object.keys(als)).toEqual(['recall@1', 'hr@1', 'ndcg@1', 'mrr@1', 'recall@3', 'hr@3', 'ndcg@3', 'mrr@3']);
    expect(als['recall@1']).toEqual({ value: 0.5, low: 0, high: 1 });
    expect(als['recall@3']!.value).toBe(1);
    expect(als['mrr@3']!.value).toBeCloseTo((1 + 1 / 3) / 2, 6);
    expect(als['ndcg@3']!.value).toBeCloseTo((1 + 1 / 2) / 2, 6);
    expect(Object.keys(figures.results)).toEqual(['tiny', 'popularity', 'item-knn', 'last-item']);
    // Learned: a twice, d once. Popularity without a: d, b, c; b is found at rank 2, c at rank 3.
    expect(figures.results['popularity']!['mrr@3']!.value).toBeCloseTo((1 / 2 + 1 / 3) / 2, 6);
    expect(figures['lists']).toMatchObject({ tiny: { 'coverage@3': 0.75, 'categoryDiversity@3': 2 / 3 } });
    expect(figures['comparisons']).toHaveLength(3);
    expect(figures.stdout).toMatch(/tiny\s+\.5000 ±\.5000/);
  });

  it('reads a test file of prefixes and answers; nothing seen is left out', async () => {
    const test = temporaryFile('test.tsv', 'a b\tb\na\ta\na\tzzz\n');
    const figures = await evaluate([
      await tinyFolder(),
      '--events',
      csv(EVENTS),
      '--test',
      test,
      '--test-format',
      'prefix-target',
      '--protocol',
      'session-prefixes',
      '--at',
      '1',
    ]);
    // The vector of {a, b} lies between them: a scores 0.95, b 0.855 + 0.005. The vector of a is nearest to a. zzz is unknown: a miss.
    expect(figures.results['tiny']!['hr@1']!.value).toBeCloseTo(1 / 3, 6);
    expect(figures.stdout).toContain('1 right answers are items the folder does not know');
    expect(Object.keys(figures.results)).toContain('own-items');
  });

  it('masks training items under given-split and averages over users', async () => {
    const train = temporaryFile('train.txt', '1 a\n2 c\n');
    const test = temporaryFile('test.txt', '1 b c\n2 d a\n');
    const formats = ['--format', 'user-items', '--test-format', 'user-items'];
    const figures = await evaluate([
      await tinyFolder(),
      '--events',
      train,
      '--test',
      test,
      ...formats,
      '--protocol',
      'given-split',
      '--at',
      '1,2',
    ]);
    expect(figures.results['tiny']!['recall@1']!.value).toBe(0.5);
    expect(figures.results['tiny']!['ndcg@1']!.value).toBe(1);
    // After a: b, d. After c: d, b. One of two found for each.
    expect(figures.results['tiny']!['recall@2']!.value).toBe(0.5);
    expect(figures.results['tiny']!['ndcg@2']!.value).toBeCloseTo(1 / (1 + 1 / Math.log2(3)), 6);
  });

  it('splits by time, and writes the training part without user ids', async () => {
    const days = (lines: readonly [string, string, number][]) =>
      csv(lines.map(([user, item, day]) => `${user},${item},${new Date(Date.UTC(2026, 0, 1 + day)).toISOString()}`));
    const events = days([
      ['ana@shop.example', 'a', 0],
      ['ana@shop.example', 'b', 50],
      ['ben', 'c', 10],
      ['ana@shop.example', 'a', 50],
    ]);
    const train = join(temporaryFolder(), 'train.csv');
    const written = await cli(['evaluate', '--events', events, '--protocol', 'temporal', '--write-train', train]);
    expect(written).toMatchObject({ code: 0, stdout: expect.stringContaining('2 events') });
    expect(readFileSync(train, 'utf8')).toBe('user_id,item_id,timestamp\nu0,a,2026-01-01T00:00:00.000Z\nu1,c,2026-01-11T00:00:00.000Z\n');
    const figures = await evaluate([await tinyFolder(), '--events', events, '--protocol', 'temporal', '--at', '2']);
    expect(figures).toMatchObject({ cases: 1, results: { tiny: { 'recall@2': { value: 1 } } } });
  });

  it('says when the folder has seen the answers', async () => {
    // Users per item of all events: a 2, b 1, c 1, d 1.
    const { stdout } = await evaluate([await tinyFolder([2, 1, 1, 1]), '--events', csv(EVENTS), '--at', '1']);
    expect(stdout).toMatch(/seems to be trained on the test part too.*--write-train/);
  });

  it('tests only the models asked for', async () => {
    const figures = await evaluate([await tinyFolder(), '--events', csv(EVENTS), '--models', 'tiny,popularity']);
    expect(Object.keys(figures.results)).toEqual(['tiny', 'popularity']);
  });

  it('measures lists made more different beside the plain ones, and holds them against each other', async () => {
    const more = ['--events', csv(EVENTS), '--at', '1,3', '--diversity', '1', '--rerank', 'mmr'];
    const figures = await evaluate([await tinyFolder(), ...more]);
    expect(Object.keys(figures.results).slice(0, 2)).toEqual(['tiny', 'tiny+mmr']);
    expect(figures['settings']).toMatchObject({ diversity: 1, rerank: 'mmr' });
    expect((figures['comparisons'] as { model: string; versus: string }[])[0]).toMatchObject({ model: 'tiny+mmr', versus: 'tiny' });
    // After a the model gives b, d, c; b stays first, and c is as far from it as can be, so that u2 finds it at rank 2.
    expect(figures.results['tiny']!['mrr@3']!.value).toBeCloseTo((1 + 1 / 3) / 2, 6);
    expect(figures.results['tiny+mmr']!['mrr@3']!.value).toBeCloseTo((1 + 1 / 2) / 2, 6);
  });

  it('compares two folders on the same questions, though their items differ', async () => {
    const second = writeFolder(
      await smallFolder({
        itemCount: 4,
        items: ['x', 'c', 'b', 'a'].map((itemId) => ({ itemId })),
        dimensions: 2,
        factors: Float32Array.of(5, 5, 1, 1, 0, 1, 1, 0.5),
        foldIn: { kind: 'mean' },
        popularity: null,
      }),
    );
    const figures = await evaluate([
      await tinyFolder(),
      '--compare',
      second,
      '--events',
      csv(EVENTS),
      '--at',
      '1,3',
      '--min-coverage',
      '0.1',
    ]);
    const name = Object.keys(figures.results)[1]!;
    expect(name).toMatch(/^shelfmate-model-\w+\/als$/);
    // After a the second folder gives x, c, b.
    expect(figures.results[name]!['mrr@3']!.value).toBeCloseTo((1 / 3 + 1 / 2) / 2, 6);
    const comparison = (
      figures['comparisons'] as {
        model: string;
        versus: string;
        metrics: Record<string, { difference: { value: number }; wins: number; losses: number }>;
      }[]
    )[0]!;
    expect(comparison).toMatchObject({ model: 'tiny', versus: name, metrics: { 'mrr@3': { wins: 0.5, losses: 0.5 } } });
    expect(figures.stdout).toContain('Side by side');
  });

  it('is deterministic, --max-cases and intervals included', async () => {
    const argv = [
      await tinyFolder(),
      '--events',
      temporaryFile(
        'e.csv',
        twoGroupsCsv().replaceAll('item-0', 'a').replaceAll('item-1', 'b').replaceAll('item-2', 'c').replaceAll('item-3', 'd'),
      ),
      '--max-cases',
      '7',
      '--min-coverage',
      '0',
      '--seed',
      '3',
    ];
    const [first, second] = [await evaluate(argv), await evaluate(argv)];
    expect(first).toEqual(second);
    expect(first).toMatchObject({ cases: 7, eligibleCases: 12 });
  });

  it('writes a page that needs nothing else and escapes names', async () => {
    const html = join(temporaryFolder(), 'report.html');
    await evaluate([await tinyFolder(), '--events', csv(EVENTS), '--html', html]);
    const page = readFileSync(html, 'utf8');
    expect(page).toContain('<svg');
    expect(page).toContain('prefers-color-scheme: dark');
    expect(page).not.toMatch(/https?:\/\/|<script|<link|@import|url\(/);
    expect(page.match(/<svg/g)!.length).toBeLessThan(page.match(/<table/g)!.length);
  });

  it.each([
    ['no folder', [], ['--events', 'EVENTS'], 2, /Name the model folder/],
    ['an unknown protocol', ['DIR'], ['--events', 'EVENTS', '--protocol', 'random'], 2, /one of: leave-last-out, temporal/],
    ['given-split without --test', ['DIR'], ['--events', 'EVENTS', '--protocol', 'given-split'], 2, /needs --test FILE/],
    ['leave-last-out with --test', ['DIR'], ['--events', 'EVENTS', '--test', 'EVENTS'], 2, /Leave --test out/],
    ['bad cutoffs', ['DIR'], ['--events', 'EVENTS', '--at', '10,many'], 2, /whole numbers from 1 to 200/],
    ['an unknown model', ['DIR'], ['--events', 'EVENTS', '--models', 'gru'], 2, /--models names gru; there are: tiny, popularity/],
    ['one user with one item', ['DIR'], ['--events', 'user,item\nu,a\n'], 1, /no shopper has two different items \(1 users, 1 items\)/],
    ['events without times', ['DIR'], ['--events', 'user,item\nu,a\nu,b\n', '--protocol', 'temporal'], 1, /has no times.*--columns time=/],
    ['a span that is too short', ['DIR'], ['--events', 'EVENTS', '--protocol', 'temporal'], 1, /spans 0\.0 days.*--test-days/],
    [
      'items of another shop',
      ['DIR'],
      ['--events', 'user,item\nu,1\nu,2\nu,3\n'],
      1,
      /Only 0\.0 % of the events.*lacks: 1, 2, 3\. Ids in the folder: a, b, c, d\. Ids on one side are numbers, on the other texts/,
    ],
    [
      'other users in the test',
      ['DIR'],
      ['--events', 'EVENTS', '--test', 'user,item\nx,a\n', '--protocol', 'given-split'],
      1,
      /No user of .* Users there: u1, u2, u3; here: x/,
    ],
  ] as const)('explains %s', async (_, folder, argv, code, message) => {
    const paths = argv.map((word) => (word === 'EVENTS' ? csv(EVENTS) : word.includes('\n') ? temporaryFile('e.csv', word) : word));
    const result = await cli(['evaluate', ...(folder.length > 0 ? [await tinyFolder()] : []), ...paths]);
    expect([
      result.code,
      result.stderr
        .split('\n')
        .filter((line) => !/^(Reading|Ranking|Intervals)/.test(line))
        .join(' '),
    ]).toEqual([code, expect.stringMatching(message)]);
  });

  it('stops with 130 on Ctrl-C', async () => {
    expect(await cli(['evaluate', await tinyFolder(), '--events', csv(EVENTS)], { signal: AbortSignal.abort() })).toMatchObject({
      code: 130,
    });
  });
});
