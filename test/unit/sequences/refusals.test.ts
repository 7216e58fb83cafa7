import { copyFileSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { strToU8, unzipSync, zipSync } from 'fflate';
import { describe, expect, it } from 'vitest';
import type { Tensor } from '../../../src/core/artifact/safetensors.js';
import { f32Tensor, readSafetensors, writeSafetensors } from '../../../src/core/artifact/safetensors.js';
import type { SequenceReadOptions } from '../../../src/cli/sequences/sequenceSource.js';
import { readSequenceSource } from '../../../src/cli/sequences/readSequenceSource.js';
import { temporaryFile, temporaryFolder } from '../cli/captureIo.js';
import { fixture, IDS, modelFile, readFixture } from './sequenceFixtures.js';

type Tensors = Map<string, Tensor>;

const tensor = (...shape: number[]): Tensor => f32Tensor(new Float32Array(shape.reduce((a, b) => a * b, 1)), shape);

/** Reads a fixture after a change of its tensors. */
function changed(name: string, options: SequenceReadOptions, change: (tensors: Tensors) => void): Promise<unknown> {
  const tensors: Tensors = new Map(readSafetensors(readFileSync(modelFile(name)), name));
  change(tensors);
  return readSequenceSource(temporaryFile('model.safetensors', writeSafetensors(tensors)), { itemCount: IDS.length, ...options });
}

/** Reads a .keras fixture after a change of its config's text. */
function reconfigured(name: string, from: string | RegExp, to: string): Promise<unknown> {
  const members = unzipSync(readFileSync(modelFile(name)));
  const text = new TextDecoder().decode(members['config.json']);
  expect(text).toMatch(from);
  const path = temporaryFile('model.keras', zipSync({ ...members, 'config.json': strToU8(text.replace(from, to)) }));
  return readSequenceSource(path, { itemCount: IDS.length });
}

describe('state dicts that do not fit', () => {
  it.each<[string, string, SequenceReadOptions, (tensors: Tensors) => void, RegExp]>([
    [
      'a missing tensor',
      'gru4rec-constrained',
      { preset: 'gru4rec' },
      (t) => t.delete('G.0.weight_hh'),
      /no tensor "G\.0\.weight_hh".*holds: Wy\.weight \(30, 8\)/s,
    ],
    [
      'no recurrent layer at all',
      'gru4rec-constrained',
      { preset: 'gru4rec' },
      (t) => ['weight_ih', 'weight_hh', 'bias_ih', 'bias_hh'].forEach((part) => t.delete(`G.0.${part}`)),
      /no tensor "G\.0\.weight_ih"/,
    ],
    ['one bias of two', 'torch-gru', { preset: 'torch-gru' }, (t) => t.delete('rnn.bias_hh_l0'), /bias_hh is missing/],
    [
      'another cell',
      'torch-lstm',
      { preset: 'torch-gru' },
      () => {},
      /no GRU layer: .*shape \[32,8\]; expected \[24,8\].*4 gates are those of torch-lstm/,
    ],
    [
      'a layer too many',
      'torch-gru',
      { preset: 'torch-gru' },
      (t) => t.set('norm.weight', tensor(8)),
      /has no place for norm\.weight \(8\)/,
    ],
    [
      'two recurrent modules',
      'torch-gru',
      { preset: 'torch-gru' },
      (t) => t.set('other.weight_ih_l0', tensor(24, 6)),
      /has 2 tensors named \.\.\.weight_ih_l0/,
    ],
    [
      'a bidirectional network',
      'torch-gru',
      { preset: 'torch-gru' },
      (t) => t.set('rnn.weight_ih_l0_reverse', tensor(24, 6)),
      /bidirectional/,
    ],
    [
      'layers that do not chain',
      'torch-lstm',
      { preset: 'torch-lstm' },
      (t) => t.set('rnn.weight_ih_l1', tensor(32, 7)),
      /layers\.1\.kernel has shape \[7,32\]; expected \[8,32\].*Read as: embedding 30 x 6 -> LSTM 8/,
    ],
    [
      'an embedding of another width',
      'torch-gru',
      { preset: 'torch-gru' },
      (t) => t.set('emb.weight', tensor(31, 5)),
      /layers\.0\.kernel has shape \[6,24\]; expected \[5,24\]/,
    ],
    ['another preset', 'torch-gru', { preset: 'sasrec' }, () => {}, /no tensor "item_emb\.weight"/],
    [
      'a number that is none',
      'torch-gru',
      { preset: 'torch-gru' },
      (t) => t.set('fc.bias', f32Tensor(new Float32Array(31).fill(NaN), [31])),
      /fc\.bias.*NaN at position 0/,
    ],
    [
      'positions of another width',
      'sasrec',
      { preset: 'sasrec' },
      (t) => t.set('pos_emb.weight', tensor(6, 4)),
      /pos_emb\.weight has shape \(6, 4\); expected 8 columns/,
    ],
    ['heads that do not divide', 'sasrec', { preset: 'sasrec', heads: 3 }, () => {}, /headCount.*3; expected a divisor of 8/],
  ])('refuses %s', async (_, name, options, change, message) => {
    await expect(changed(name, options, change)).rejects.toThrow(message);
  });

  it('reads the names that wrappers put a prefix before', async () => {
    const source = changed('torch-gru', { preset: 'torch-gru' }, (tensors) => {
      const all = [...tensors];
      tensors.clear();
      for (const [name, value] of all) tensors.set(`module.model.${name}`, value);
    });
    await expect(source).resolves.toMatchObject({ algorithm: 'torch gru' });
  });

  it('asks for a preset or a description', async () => {
    await expect(readSequenceSource(modelFile('torch-gru'))).rejects.toThrow(
      /say what made it with --preset \(torch-rnn.*--describe.*emb\.weight \(31, 6\)/s,
    );
  });
});

describe('padding rows', () => {
  it.each<[string, SequenceReadOptions, number]>([
    ['keras3-gru', {}, 1],
    ['keras2-gru', {}, 0],
    ['recbole-gru4rec', { preset: 'recbole-gru4rec' }, 1],
    ['torch-gru', { preset: 'torch-gru', padRows: 1 }, 1],
    ['torch-gru', { preset: 'torch-gru', padRows: 2 }, 2],
  ])('are told without ids: %s %o', async (name, options, strippedRows) => {
    const source = await readSequenceSource(modelFile(name), options);
    expect(source.strippedRows).toBe(strippedRows);
  });

  it.each<[string, string, SequenceReadOptions, RegExp]>([
    [
      'fewer rows than ids',
      'keras2-gru',
      { itemCount: 31 },
      /the output has 30 rows, the input has 30 rows.*there are 31 ids.*Some id has no row/,
    ],
    ['far more rows than ids', 'keras2-gru', { itemCount: 27 }, /there are 27 ids\. At most two rows/],
    ['an id for the padding row', 'keras3-gru', { itemCount: 31 }, /keeps row 0 for padding, so there must be a row more than ids/],
    ['--pad-rows that does not fit', 'keras2-gru', { itemCount: 30, padRows: 1 }, /--pad-rows 1 does not fit: 0 rows are more than ids/],
  ])('refuses %s', async (_, name, options, message) => {
    await expect(readSequenceSource(modelFile(name), options)).rejects.toThrow(message);
  });
});

describe('Keras models that cannot be followed', () => {
  it.each([
    [
      'an unknown layer',
      'keras3-stack',
      '"class_name": "Dropout"',
      '"class_name": "LayerNormalization"',
      /LayerNormalization "dropout" is not supported.*Supported are Embedding, then SimpleRNN, GRU or LSTM/,
    ],
    [
      'a bidirectional one',
      'keras3-stack',
      '"class_name": "LSTM"',
      '"class_name": "Bidirectional"',
      /Bidirectional "lstm" is not supported/,
    ],
    [
      'an unknown activation',
      'keras3-stack',
      '"activation": "elu"',
      '"activation": "gelu"',
      /Dense "dense" has the activation "gelu"\. Supported are linear, tanh/,
    ],
    [
      'a history read backwards',
      'keras3-gru',
      '"go_backwards": false',
      '"go_backwards": true',
      /GRU "session" reads the history backwards/,
    ],
    [
      'weights of another layer',
      'keras3-gru',
      '"class_name": "GRU"',
      '"class_name": "LSTM"',
      /LSTM "session" has no kernel\. The file holds: .*layers\/gru\/cell\/vars\/0/,
    ],
    [
      'a bias of the other kind of GRU',
      'keras3-gru',
      '"reset_after": true',
      '"reset_after": false',
      /says reset_after false, but its bias has shape \(2, 24\)/,
    ],
    [
      'a subclassed model',
      'keras3-stack',
      '"class_name": "Sequential"',
      '"class_name": "MyModel"',
      /class "MyModel".*Supported are Sequential models/,
    ],
    [
      'a stack that gives one vector only',
      'keras3-stack',
      '"return_sequences": true',
      '"return_sequences": false',
      /SimpleRNN "simple_rnn" comes after lstm, which returns one vector only/,
    ],
    [
      'no head',
      'keras3-gru',
      '"output_layers": [["next_item", 0, 0]]',
      '"output_layers": [["session", 0, 0]]',
      /Dense "next_item" is not on the way from the input to the output/,
    ],
    [
      'two inputs',
      'keras3-gru',
      '"mask": {"class_name"',
      '"initial_state": {"class_name"',
      /GRU "session" has 2 inputs \(items, not_equal\)/,
    ],
    [
      'softmax in the middle',
      'keras3-stack',
      '"activation": "elu"',
      '"activation": "softmax"',
      /Dense "dense" has softmax but is not the last layer/,
    ],
  ])('refuses %s', async (_, name, from, to, message) => {
    await expect(reconfigured(name, from, to)).rejects.toThrow(message);
  });

  it('asks which Keras a bare file with a hard sigmoid is of', async () => {
    const layers = ['Embedding', { class_name: 'SimpleRNN', return_sequences: true, activation: 'hard_sigmoid' }, 'SimpleRNN', 'Dense'];
    const describe = temporaryFile('describe.json', JSON.stringify({ layers }));
    await expect(readSequenceSource(modelFile('keras3-weights'), { describe })).rejects.toThrow(/Keras 2 and Keras 3 compute differently/);
  });

  it('asks for a description of weights alone', async () => {
    await expect(readSequenceSource(modelFile('keras3-weights'))).rejects.toThrow(/weights without a model config.*--describe FILE/);
  });

  it.each([
    ['a cut file', readFileSync(modelFile('keras2-gru')).subarray(0, 4000), 'model.h5', /cannot be read/],
    ['a zip of something else', zipSync({ 'a.txt': strToU8('a') }), 'model.keras', /has no config\.json; it holds: a\.txt/],
    ['a torch checkpoint', zipSync({ 'archive/data.pkl': strToU8('x') }), 'model.pt', /pickle, which is never read.*save_file\(/],
    ['a pickle', Uint8Array.of(0x80, 2, 0x7d), 'model.safetensors', /pickle, which is never read/],
    ['another JSON', strToU8('{"a": 1}'), 'model.json', /no tfjs model/],
    ['text', strToU8('hello'), 'model.txt', /no known kind/],
  ])('refuses %s', async (_, bytes, name, message) => {
    await expect(readSequenceSource(temporaryFile(name, bytes))).rejects.toThrow(message);
  });
});

describe('tfjs models', () => {
  /** Copies a fixture into a new folder, with its model.json changed. */
  function copied(name: string, change: (model: TfjsModel, folder: string) => void): string {
    const folder = join(temporaryFolder(), name);
    mkdirSync(folder);
    const model = JSON.parse(readFileSync(fixture(name, 'model.json'), 'utf8')) as TfjsModel;
    for (const path of model.weightsManifest.flatMap(({ paths }) => paths)) copyFileSync(fixture(name, path), join(folder, path));
    change(model, folder);
    writeFileSync(join(folder, 'model.json'), JSON.stringify(model));
    return folder;
  }

  it('are read by the name of their folder', async () => {
    await expect(readSequenceSource(fixture('tfjs-rnn'), { itemCount: 30 })).resolves.toMatchObject({ algorithm: 'tfjs rnn' });
  });

  it.each(['uint8', 'uint16', 'float16'] as const)('are dequantised from %s', async (dtype) => {
    const { source } = await readFixture('tfjs-gru');
    const folder = copied('tfjs-gru', (model, folder) => quantize(model, folder, dtype));
    const { tensors } = await readSequenceSource(folder, { itemCount: 30 });
    for (const [name, { values }] of source.tensors) {
      const allowed = dtype === 'uint8' ? 0.02 : 0.002;
      tensors.get(name)!.values.forEach((value, i) => expect(Math.abs(value - values[i]!)).toBeLessThanOrEqual(allowed));
    }
  });

  it.each<[string, (model: TfjsModel, folder: string) => void, RegExp]>([
    [
      'a shard that is not there',
      (model) => void (model.weightsManifest[0]!.paths[0] = 'gone.bin'),
      /names the shard "gone\.bin", which cannot be read/,
    ],
    ['a shard outside the folder', (model) => void (model.weightsManifest[0]!.paths[0] = '../../secret.bin'), /outside its folder/],
    [
      'a shard that is cut',
      (model, folder) => writeFileSync(join(folder, model.weightsManifest[0]!.paths[0]!), new Uint8Array(10)),
      /hold 10 bytes, weight .* ends at byte/,
    ],
    ['a graph-model', (model) => void (model.format = 'graph-model'), /graph-model/],
    ['an unknown type of weights', (model) => void (model.weightsManifest[0]!.weights[0]!.dtype = 'complex64'), /of type complex64/],
  ])('refuse %s', async (_, change, message) => {
    await expect(readSequenceSource(copied('tfjs-gru', change))).rejects.toThrow(message);
  });
});

interface TfjsModel {
  format: string;
  weightsManifest: { paths: string[]; weights: { name: string; shape: number[]; dtype: string; quantization?: object }[] }[];
}

/** Quantises as the tfjs converter documents it: value = stored x scale + min. */
function quantize(model: TfjsModel, folder: string, dtype: 'uint8' | 'uint16' | 'float16'): void {
  const [group] = model.weightsManifest;
  const bytes = readFileSync(join(folder, group!.paths[0]!));
  const parts: Buffer[] = [];
  let at = 0;
  for (const weight of group!.weights) {
    const count = weight.shape.reduce((a, b) => a * b, 1);
    const values = Array.from({ length: count }, (_, i) => bytes.readFloatLE(at + 4 * i));
    at += 4 * count;
    if (dtype === 'float16') {
      weight.quantization = { dtype };
      parts.push(Buffer.concat(values.map(toHalf)));
      continue;
    }
    const steps = dtype === 'uint8' ? 255 : 65535;
    const min = Math.min(...values);
    const scale = (Math.max(...values) - min) / steps;
    weight.quantization = { dtype, scale, min };
    const stored = values.map((value) => Math.round((value - min) / scale));
    parts.push(Buffer.from(dtype === 'uint8' ? Uint8Array.from(stored) : new Uint8Array(Uint16Array.from(stored).buffer)));
  }
  writeFileSync(join(folder, group!.paths[0]!), Buffer.concat(parts));
}

/** IEEE 754 binary16 of a number of common size, by cutting. */
function toHalf(value: number): Buffer {
  const exponent = value === 0 ? -15 : Math.max(-14, Math.floor(Math.log2(Math.abs(value))));
  const fraction = value === 0 ? 0 : Math.max(0, Math.floor((Math.abs(value) / 2 ** exponent - 1) * 1024));
  const bits = (value < 0 ? 0x8000 : 0) | ((exponent + 15) << 10) | fraction;
  return Buffer.from([bits & 255, bits >> 8]);
}
