import { readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { badInput, badUsage } from '../cliIo.js';
import { Description } from './description.js';
import { NamedTensors } from './namedTensors.js';
import { readDescribed } from './readDescribed.js';
import { readGru4Rec, readRecBoleGru4Rec } from './readGru4Rec.js';
import { readKerasArchive, readKerasH5 } from './readKerasFile.js';
import { readSasRec } from './readSasRec.js';
import { isTfjsModel, readTfjsModel } from './readTfjsModel.js';
import { readTorchModel } from './readTorchModel.js';
import type { SequenceReadOptions, SequenceSource } from './sequenceSource.js';
import { SEQUENCE_PRESETS } from './sequenceSource.js';
import { SAVE_STATE_DICT } from './snippets.js';

const HDF5_MAGIC = [0x89, 0x48, 0x44, 0x46];
const ZIP_MAGIC = [0x50, 0x4b];
/** Node reads no larger file in one piece. */
const MAX_FILE_BYTES = 2 ** 31 - 1;

/**
 * Reads a sequence model of another framework into the canonical form: `.keras` and `.h5` (Keras), `model.json` with its shards
 * (tfjs), safetensors with a preset or a description. Told by content, not by name. Throws `cli/bad-input` naming what was seen.
 */
export async function readSequenceSource(path: string, options: SequenceReadOptions = {}): Promise<SequenceSource> {
  const file = await findFile(path);
  const bytes = new Uint8Array(await readFile(file));
  const description = options.describe === undefined ? null : await readDescription(options.describe);
  const begins = (magic: readonly number[]): boolean => magic.every((byte, i) => bytes[i] === byte);
  if (begins(HDF5_MAGIC)) return readKerasH5(bytes, file, description, options);
  if (begins(ZIP_MAGIC)) {
    const { unzipSync } = await import('fflate');
    const members = attempt(file, () => unzipSync(bytes));
    if (Object.keys(members).some((name) => name.endsWith('data.pkl'))) throw pickleRefused(file);
    return readKerasArchive(members, file, options);
  }
  if (bytes[0] === 0x80 || /\.(pt|pth|ckpt|pkl|pickle|bin)$/i.test(file)) throw pickleRefused(file);
  if (bytes[0] === 0x7b) {
    const value = attempt(file, () => JSON.parse(new TextDecoder().decode(bytes)) as unknown);
    if (isTfjsModel(value)) return readTfjsModel(file, value as object, options);
    throw badInput(`${file} is no tfjs model: it has no modelTopology and weightsManifest. Name the model.json that model.save() wrote.`, {
      file,
    });
  }
  if (!/\.safetensors$/i.test(file))
    throw badInput(`${file} is of no known kind. Sequence models are read from .keras, .h5, a tfjs model.json, and .safetensors.`, {
      file,
    });
  return readTensors(NamedTensors.read(bytes, file), description, options);
}

function readTensors(
  named: NamedTensors,
  description: { readonly file: string; readonly value: unknown } | null,
  options: SequenceReadOptions,
): SequenceSource {
  if (description) return readDescribed(named, new Description(description.file, description.value), options);
  switch (options.preset) {
    case 'torch-rnn':
      return readTorchModel(named, 'rnn', options);
    case 'torch-gru':
      return readTorchModel(named, 'gru', options);
    case 'torch-lstm':
      return readTorchModel(named, 'lstm', options);
    case 'gru4rec':
      return readGru4Rec(named, options);
    case 'recbole-gru4rec':
      return readRecBoleGru4Rec(named, options);
    case 'sasrec':
      return readSasRec(named, options);
    case undefined:
      throw badUsage(
        `${named.origin}: say what made it with --preset (${SEQUENCE_PRESETS.join(', ')}), or describe it with --describe FILE. It holds: ${named.list()}.`,
      );
  }
}

/** The file itself, or the model.json of a folder. Throws `cli/bad-input`. */
export async function findFile(path: string): Promise<string> {
  const found = await stat(path).catch(() => null);
  if (!found) throw badInput(`${path} does not exist.`, { path });
  if (found.isDirectory()) {
    const inside = join(path, 'model.json');
    if (await stat(inside).catch(() => null)) return inside;
    throw badInput(`${path} is a folder without a model.json. Name the file of the model.`, { path });
  }
  if (found.size > MAX_FILE_BYTES)
    throw badInput(`${path} is larger than 2 GiB. Save the weights as float32, without the optimizer's state.`, { path });
  return path;
}

async function readDescription(file: string): Promise<{ readonly file: string; readonly value: unknown }> {
  const text = await readFile(file, 'utf8').catch((cause: unknown) => {
    throw badInput(`--describe ${file} cannot be read.`, { file }, cause);
  });
  const value = attempt(file, () => JSON.parse(text) as unknown);
  // `open(f, 'w').write(json.dumps(model.to_json()))` wraps the text once more.
  return { file, value: typeof value === 'string' ? attempt(file, () => JSON.parse(value) as unknown) : value };
}

function pickleRefused(path: string): Error {
  return badInput(
    `${path} is a Python pickle, which is never read because it could run code. In Python, with the model loaded: ${SAVE_STATE_DICT}. Then pack model.safetensors; shelfmate pack --help shows how to write ids and a self-test beside it.`,
    { path },
  );
}

function attempt<T>(file: string, read: () => T): T {
  try {
    return read();
  } catch (cause) {
    throw badInput(`${file} cannot be read (${(cause as Error).message}). Save or copy it again.`, { file }, cause);
  }
}
