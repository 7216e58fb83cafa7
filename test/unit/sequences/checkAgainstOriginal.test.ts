import { describe, expect, it } from 'vitest';
import { permuteColumns } from '../../../src/core/models/sequence/canonicalize.js';
import type { LayerConfig, RecurrentConfig } from '../../../src/core/models/sequence/sequenceConfig.js';
import { checkAgainstOriginal } from '../../../src/cli/sequences/checkAgainstOriginal.js';
import { compareWithOriginal } from '../../../src/cli/sequences/compareWithOriginal.js';
import { readSelfTestFile } from '../../../src/cli/sequences/selfTestFile.js';
import type { SequenceReadOptions, SequenceSource } from '../../../src/cli/sequences/sequenceSource.js';
import { temporaryFile } from '../cli/captureIo.js';
import { IDS, readFixture } from './sequenceFixtures.js';

/** The source with another gate order in layer 0. */
function reordered(source: SequenceSource, order: readonly number[]): SequenceSource {
  const tensors = new Map(source.tensors);
  const { units } = (source.config as RecurrentConfig).layers[0]!;
  for (const part of ['kernel', 'recurrent', 'bias']) {
    const name = `layers.0.${part}`;
    tensors.set(name, permuteColumns(tensors.get(name)!, order, units));
  }
  return { ...source, tensors };
}

function relayered(source: SequenceSource, change: object): SequenceSource {
  const config = source.config as RecurrentConfig;
  return { ...source, config: { ...config, layers: config.layers.map((layer) => ({ ...layer, ...change }) as LayerConfig) } };
}

describe('checkAgainstOriginal', () => {
  it.each<[string, string, SequenceReadOptions, (source: SequenceSource) => SequenceSource, RegExp]>([
    [
      'a GRU whose gates are read in the wrong order',
      'torch-gru',
      { preset: 'torch-gru' },
      (source) => reordered(source, [1, 0, 2]),
      /The self-test fails: after case \d item "item-\d\d" gets .*, the original gave .* They agree when the gates of the GRU are taken in another order: where the file was read as z, r, h it has r, z, h\./,
    ],
    [
      'an LSTM whose gates are read in the wrong order',
      'tfjs-lstm',
      {},
      (source) => reordered(source, [0, 1, 3, 2]),
      /gates of the LSTM are taken in another order: where the file was read as i, f, c, o it has i, f, o, c/,
    ],
    [
      'the other hard sigmoid',
      'keras3-gru',
      {},
      (source) => relayered(source, { recurrentActivation: 'hard-sigmoid-fifth' }),
      /They agree when the gates of the GRU use hard-sigmoid-sixth as their activation/,
    ],
    [
      'another activation',
      'torch-rnn',
      { preset: 'torch-rnn' },
      (source) => relayered(source, { activation: 'relu' }),
      /They agree when the cells use tanh/,
    ],
    [
      'a number of heads left out',
      'sasrec-2-heads',
      { preset: 'sasrec' },
      (source) => source,
      /They agree when the attention has 2 heads \(--heads 2\)/,
    ],
    [
      'empty places that are not masked',
      'sasrec',
      { preset: 'sasrec' },
      (source) => ({ ...source, config: { ...source.config, embeddingScale: 1 } as SequenceSource['config'] }),
      /They agree when embeddings are multiplied by 2\.8284/,
    ],
    [
      'another training',
      'torch-gru',
      { preset: 'torch-gru' },
      (source) => ({ ...source, tensors: new Map(source.tensors).set('output.bias', { shape: [30], values: new Float32Array(30) }) }),
      /No usual mistake explains it \(tried: gate order.*Was the history padded without a mask/,
    ],
  ])('refuses %s and says what it is', async (_, name, options, change, message) => {
    const { source, answers } = await readFixture(name, options);
    expect(() => checkAgainstOriginal(change(source), answers, IDS)).toThrow(message);
  });

  it('finds a reset gate on the wrong side of the product', async () => {
    const { source, answers } = await readFixture('keras2-gru');
    const bias = source.tensors.get('layers.0.bias')!.values;
    const stacked = { shape: [2, 24], values: Float32Array.from({ length: 48 }, (_, i) => bias[i] ?? 0) };
    const wrong = relayered({ ...source, tensors: new Map(source.tensors).set('layers.0.bias', stacked) }, { resetAfter: true });
    expect(() => checkAgainstOriginal(wrong, answers, IDS)).toThrow(
      /They agree when the reset gate of the GRU is applied on the other side/,
    );
  });

  it('finds a padding row that was kept, or an item that was dropped', async () => {
    const { answers } = await readFixture('torch-gru', { preset: 'torch-gru' });
    const { source: kept } = await readFixture('torch-gru', { preset: 'torch-gru', itemCount: 31, padRows: 0 });
    expect(() => checkAgainstOriginal(kept, answers, IDS)).toThrow(/all rows are moved by one: a padding row was kept/);
    const short = await readFixture('torch-lstm', { preset: 'torch-lstm' });
    const { source: dropped } = await readFixture('torch-lstm', { preset: 'torch-lstm', itemCount: 29 });
    const cases = short.answers.cases.map(({ items, top, scores }) => {
      const kept = top.map((row, at) => ({ row, score: scores[at]! })).filter(({ row }) => row < 29);
      return { items: items.map((row) => Math.min(28, row)), top: kept.map(({ row }) => row), scores: kept.map(({ score }) => score) };
    });
    expect(() => checkAgainstOriginal(dropped, { cases: cases.slice(0, 2), scoreKind: null }, IDS)).toThrow(
      /a row that is no padding was dropped/,
    );
  });

  it('compares probabilities where the original gives them', async () => {
    const { source, answers } = await readFixture('torch-lstm', { preset: 'torch-lstm' });
    const cases = answers.cases.map(({ items, top, scores }) => {
      const all = compareProbabilities(source, items);
      return { items, top, scores: top.map((row) => all[row]!), raw: scores };
    });
    expect(checkAgainstOriginal(source, { cases, scoreKind: 'softmax' }, IDS).largestDifference).toBeLessThanOrEqual(1e-5);
    expect(compareWithOriginal(source, cases, 'score').largestDifference).toBeGreaterThan(1);
  });
});

/** Softmax of the scores, by the definition. */
function compareProbabilities(source: SequenceSource, items: readonly number[]): number[] {
  const scores = IDS.map((_, row) => {
    const probe = { items, top: [row], scores: [0] };
    return compareWithOriginal(source, [probe], 'score').worst.seen;
  });
  const total = scores.reduce((sum, score) => sum + Math.exp(score), 0);
  return scores.map((score) => Math.exp(score) / total);
}

describe('readSelfTestFile', () => {
  const read = (content: unknown) =>
    readSelfTestFile(temporaryFile('self-test.json', typeof content === 'string' ? content : JSON.stringify(content)), IDS);
  const good = { items: ['item-01'], top: ['item-02', 'item-03'], scores: [2, 1] };

  it('takes ids and the kind of scores', async () => {
    expect(await read({ cases: [good], scoreKind: 'softmax' })).toEqual({
      cases: [{ items: [1], top: [2, 3], scores: [2, 1] }],
      scoreKind: 'softmax',
    });
  });

  it.each<[string, unknown, RegExp]>([
    ['no JSON', '{', /not valid JSON/],
    ['no cases', { cases: [] }, /has no cases/],
    [
      'an unknown id',
      { cases: [good, { ...good, top: ['item-02', 77] }] },
      /case 1 \(counted from 0\): top names item 77, which is not among the ids/,
    ],
    ['an empty history', { cases: [{ ...good, items: [] }] }, /items is \[\]; expected a list of item ids/],
    ['scores of another number', { cases: [{ ...good, scores: [1] }] }, /scores must be 2 finite numbers/],
    ['an item twice', { cases: [{ ...good, top: ['item-02', 'item-02'] }] }, /names an item twice/],
    ['an unknown kind', { cases: [good], scoreKind: 'odds' }, /scoreKind is "odds"/],
  ])('refuses %s', async (_, content, message) => {
    await expect(read(content)).rejects.toThrow(message);
  });
});
