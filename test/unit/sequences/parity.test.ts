import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { createSequenceModel } from '../../../src/core/models/sequence/createSequenceModel.js';
import { checkAgainstOriginal } from '../../../src/cli/sequences/checkAgainstOriginal.js';
import { scoreAll } from '../../../src/cli/sequences/compareWithOriginal.js';
import type { SequenceReadOptions } from '../../../src/cli/sequences/sequenceSource.js';
import { fixture, IDS, readFixture } from './sequenceFixtures.js';

interface Format {
  readonly algorithm: string;
  readonly strippedRows: number;
  readonly input: 'tied' | 'separate' | 'one-hot' | null;
  readonly cells: readonly string[];
}

const format = (algorithm: string, strippedRows: number, input: Format['input'], ...cells: string[]): Format => ({
  algorithm,
  strippedRows,
  input,
  cells,
});

/** Every format that is read, with what it must be read as. The answers come from the frameworks named in test/fixtures/sequences. */
const FORMATS: Readonly<Record<string, Format>> = {
  'keras3-gru': format('keras gru', 1, 'separate', 'gru'),
  'keras3-stack': format('keras lstm+rnn', 0, 'separate', 'lstm', 'rnn'),
  'keras3-weights': format('keras rnn', 1, 'separate', 'rnn', 'rnn'),
  'keras2-gru': format('keras gru', 0, 'separate', 'gru'),
  'tfjs-rnn': format('tfjs rnn', 0, 'separate', 'rnn', 'rnn'),
  'tfjs-gru': format('tfjs gru', 1, 'separate', 'gru'),
  'tfjs-lstm': format('tfjs lstm+gru', 0, 'separate', 'lstm', 'gru'),
  'torch-rnn': format('torch rnn', 1, 'separate', 'rnn'),
  'torch-gru': format('torch gru', 1, 'separate', 'gru'),
  'torch-gru-tied': format('torch gru', 0, 'tied', 'gru', 'gru'),
  'torch-gru-half': format('torch gru', 0, 'separate', 'gru'),
  'torch-lstm': format('torch lstm', 0, 'separate', 'lstm', 'lstm'),
  'gru4rec-constrained': format('gru4rec', 0, 'tied', 'gru'),
  'gru4rec-separate': format('gru4rec', 0, 'separate', 'gru'),
  'gru4rec-one-hot': format('gru4rec', 0, 'one-hot', 'gru', 'gru'),
  'recbole-gru4rec': format('recbole gru4rec', 1, 'tied', 'gru', 'gru'),
  sasrec: format('sasrec', 1, null),
  'sasrec-2-heads': format('sasrec', 1, null),
};

/** What `pack` must be told to read a fixture; `npm run parity` reads the same. */
const READ_OPTIONS = JSON.parse(readFileSync(fixture('readOptions.json'), 'utf8')) as Record<string, SequenceReadOptions>;

function readOptions(name: string): SequenceReadOptions {
  const { describe: description, ...options } = READ_OPTIONS[name]!;
  return { ...options, ...(description && { describe: fixture(name, description) }) };
}

describe('sequence models of other frameworks', () => {
  it('are all in the table that `npm run parity` prints', () => {
    expect(Object.keys(READ_OPTIONS)).toEqual(Object.keys(FORMATS));
  });

  it.each(Object.entries(FORMATS))('%s answers as the original', async (name, { algorithm, strippedRows, input, cells }) => {
    const { source, answers } = await readFixture(name, readOptions(name));
    expect(source).toMatchObject({ algorithm, strippedRows, config: { itemCount: IDS.length } });
    if (source.config.kind === 'recurrent') {
      expect(source.config.input).toBe(input);
      expect(source.config.layers.map(({ cell }) => cell)).toEqual(cells);
    } else expect(input).toBeNull();
    const { largestDifference, hasSameLists, caseCount } = checkAgainstOriginal(source, answers, IDS);
    expect(caseCount).toBe(4);
    expect(largestDifference).toBeLessThanOrEqual(1e-5);
    expect(hasSameLists).toBe(true);
    // Not even items of nearly the same score trade places in these lists.
    const model = createSequenceModel(source.config, source.tensors);
    for (const { items, top } of answers.cases) {
      const scores = scoreAll(source, model, items);
      expect([...scores.keys()].sort((a, b) => scores[b]! - scores[a]!).slice(0, 20)).toEqual(top);
    }
  });
});
