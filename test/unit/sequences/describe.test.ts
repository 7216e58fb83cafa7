import { describe, expect, it } from 'vitest';
import { checkAgainstOriginal } from '../../../src/cli/sequences/checkAgainstOriginal.js';
import { temporaryFile } from '../cli/captureIo.js';
import { IDS, readFixture } from './sequenceFixtures.js';

type Json = Record<string, unknown>;

const transposed = (from: unknown) => ({ from, transpose: true });

const TORCH_GRU: Json = {
  layers: [{ cell: 'gru', resetAfter: true, gates: 'rzn' }],
  tensors: {
    'input.rows': 'emb.weight',
    'layers.0.kernel': transposed('rnn.weight_ih_l0'),
    'layers.0.recurrent': transposed('rnn.weight_hh_l0'),
    'layers.0.bias': { from: ['rnn.bias_ih_l0', 'rnn.bias_hh_l0'] },
    'output.rows': 'fc.weight',
    'output.bias': 'fc.bias',
  },
};

const lstmLayer = (i: number): Json => ({
  [`layers.${i}.kernel`]: transposed(`rnn.weight_ih_l${i}`),
  [`layers.${i}.recurrent`]: transposed(`rnn.weight_hh_l${i}`),
  [`layers.${i}.bias`]: { from: [`rnn.bias_ih_l${i}`, `rnn.bias_hh_l${i}`] },
});

const TORCH_LSTM: Json = {
  layers: [{ cell: 'lstm', gates: 'ifgo' }, { cell: 'lstm' }],
  tensors: { 'input.rows': 'emb.weight', ...lstmLayer(0), ...lstmLayer(1), 'output.rows': 'fc.weight', 'output.bias': 'fc.bias' },
};

const gruLayer = (i: number): Json => ({
  [`layers.${i}.kernel`]: transposed(`gru_layers.weight_ih_l${i}`),
  [`layers.${i}.recurrent`]: transposed(`gru_layers.weight_hh_l${i}`),
});

const RECBOLE: Json = {
  padRows: 1,
  layers: [0, 1].map(() => ({ cell: 'gru', resetAfter: true, gates: 'rzh' })),
  projections: [{}],
  tensors: {
    ...gruLayer(0),
    ...gruLayer(1),
    'projections.0.kernel': transposed('dense.weight'),
    'projections.0.bias': 'dense.bias',
    'output.rows': 'item_embedding.weight',
  },
};

const read = (name: string, description: Json) =>
  readFixture(name, { describe: temporaryFile('describe.json', JSON.stringify(description)) });

describe('a described safetensors file', () => {
  it.each([
    ['torch-gru', TORCH_GRU],
    ['torch-lstm', TORCH_LSTM],
    ['recbole-gru4rec', RECBOLE],
  ])('answers as the original: %s', async (name, description) => {
    const { source, answers } = await read(name, description);
    expect(checkAgainstOriginal(source, answers, IDS).largestDifference).toBeLessThanOrEqual(1e-5);
  });

  it('may be an attention model, its stacked projections cut by rows', async () => {
    const tensors: Json = {
      'output.rows': 'item_emb.weight',
      positions: 'pos_emb.weight',
      'lastNorm.gain': 'last_layernorm.weight',
      'lastNorm.bias': 'last_layernorm.bias',
    };
    for (const i of [0, 1]) {
      const part = (name: string, at: number) => {
        tensors[`blocks.${i}.${name}.kernel`] = {
          from: `attention_layers.${i}.in_proj_weight`,
          rows: [8 * at, 8 * at + 8],
          transpose: true,
        };
        tensors[`blocks.${i}.${name}.bias`] = { from: `attention_layers.${i}.in_proj_bias`, rows: [8 * at, 8 * at + 8] };
      };
      ['query', 'key', 'value'].forEach(part);
      for (const [ours, theirs] of [
        ['out', `attention_layers.${i}.out_proj`],
        ['feed1', `forward_layers.${i}.conv1`],
        ['feed2', `forward_layers.${i}.conv2`],
      ]) {
        tensors[`blocks.${i}.${ours}.kernel`] = transposed(`${theirs}.weight`);
        tensors[`blocks.${i}.${ours}.bias`] = `${theirs}.bias`;
      }
      for (const [ours, theirs] of [
        ['attentionNorm', `attention_layernorms.${i}`],
        ['feedNorm', `forward_layernorms.${i}`],
      ]) {
        tensors[`blocks.${i}.${ours}.gain`] = `${theirs}.weight`;
        tensors[`blocks.${i}.${ours}.bias`] = `${theirs}.bias`;
      }
    }
    const full: Json = {
      kind: 'attention',
      attendsPadding: true,
      tensors: { ...tensors, positions: { from: 'pos_emb.weight', rows: [1, 6] } },
    };
    // The padding vector is no tensor of its own in this file, so the description cannot give it.
    await expect(read('sasrec', full)).rejects.toThrow(/tensor padding is missing/);
    const { source, answers } = await read('sasrec', { ...full, attendsPadding: false });
    // A history as long as the window has no empty places: there it answers as the original.
    const long = answers.cases.filter(({ items }) => items.length >= 5);
    expect(long).toHaveLength(1);
    expect(checkAgainstOriginal(source, { ...answers, cases: long }, IDS).largestDifference).toBeLessThanOrEqual(1e-5);
    expect(() => checkAgainstOriginal(source, answers, IDS)).toThrow(/The self-test fails/);
  });

  it.each<[string, Json, RegExp]>([
    ['an unknown cell', { ...TORCH_GRU, layers: [{ cell: 'mgu' }] }, /layers\[0\]\.cell is "mgu"; expected rnn, gru, lstm/],
    [
      'a GRU without its reset gate',
      { ...TORCH_GRU, layers: [{ cell: 'gru' }] },
      /layers\[0\]\.resetAfter is undefined; expected true or false/,
    ],
    [
      'an unknown activation',
      { ...TORCH_GRU, layers: [{ cell: 'gru', resetAfter: true, activation: 'gelu' }] },
      /activation is "gelu"; expected linear, tanh/,
    ],
    [
      'gates of another cell',
      { ...TORCH_GRU, layers: [{ cell: 'gru', resetAfter: true, gates: 'ifco' }] },
      /gates of .* are "ifco"; expected the letters zrh/,
    ],
    [
      'a tensor that is not there',
      { ...TORCH_GRU, tensors: { ...(TORCH_GRU['tensors'] as Json), 'output.rows': 'head' } },
      /no tensor "head"/,
    ],
    [
      'a canonical name left out',
      { ...TORCH_GRU, tensors: { ...(TORCH_GRU['tensors'] as Json), 'layers.0.kernel': undefined } },
      /tensors\.layers\.0\.kernel is undefined; expected the name of a tensor/,
    ],
    [
      'a matrix that is not transposed',
      { ...TORCH_GRU, tensors: { ...(TORCH_GRU['tensors'] as Json), 'layers.0.recurrent': 'rnn.weight_hh_l0' } },
      /layers\.0\.recurrent has shape \(24, 8\).*3 gates x units.*transpose/,
    ],
    [
      'a tensor that nothing uses',
      { ...TORCH_GRU, tensors: { ...(TORCH_GRU['tensors'] as Json), 'output.bias': undefined } },
      /no place for fc\.bias/,
    ],
    ['no object at all', [] as unknown as Json, /expected an object/],
  ])('refuses %s', async (_, description, message) => {
    await expect(read('torch-gru', description)).rejects.toThrow(message);
  });
});
