import { statSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { badInput } from '../cliIo.js';
import { fileSize, readText } from '../readers/openText.js';
import { guessDelimiter } from '../../core/events/eventsFile.js';
import { oneLine } from '../terminal.js';
import type { DenseMatrix, FactorSource } from './factorSource.js';
import { toMatrix } from './factorSource.js';
import type { NamedArrays } from './namedArrays.js';
import { arraysOfNpz, arraysOfSafetensors } from './namedArrays.js';
import { readImplicitKnn } from './readImplicitKnn.js';
import { readImplicitNpz } from './readImplicitNpz.js';
import { readLibraryFactors } from './readLibraryFactors.js';
import { readNpy } from './readNpy.js';
import { readNpz } from './readNpz.js';
import { readSparkAls } from './readSparkAls.js';

/** Which arrays to take where a file holds several, and what else a source needs to be told. */
export interface FactorOptions {
  readonly tensor?: string;
  readonly userTensor?: string;
  readonly biasTensor?: string;
  /** Whether all user factors are wanted, not only some to compare with. */
  readonly keepUsers?: boolean;
}

/** Node reads no larger file in one piece. */
const MAX_FILE_BYTES = 2 ** 31 - 1;

/** Names that item factors, user factors and item biases usually have, best first. */
const ITEM_NAMES = ['item_factors', 'item_embeddings', 'item_embedding.weight', 'item_emb.weight', 'items', 'factors', 'item'];
const USER_NAMES = ['user_factors', 'user_embeddings', 'user_embedding.weight', 'user_emb.weight', 'users', 'user'];
const BIAS_NAMES = ['item_biases', 'item_bias', 'item_bias.weight'];

/** Reads trained factors by what the file or folder holds. Throws `cli/bad-input` naming what was seen. */
export async function readFactors(path: string, options: FactorOptions): Promise<FactorSource> {
  if (statSync(path, { throwIfNoEntry: false })?.isDirectory()) return readSparkAls(path, options.keepUsers === true);
  if (fileSize(path) > MAX_FILE_BYTES)
    throw badInput(
      `${path} is larger than 2 GiB. Save the item factors alone as float32: numpy.save('items.npy', factors.astype('float32')).`,
      { path },
    );
  if (/\.csv$|\.tsv$|\.txt$/i.test(path)) return plainFactors('csv', path, await readCsvMatrix(path), null, null);
  const bytes = new Uint8Array(await readFile(path));
  const begins = (...magic: number[]): boolean => magic.every((byte, i) => bytes[i] === byte);
  if (bytes.length === 0) throw badInput(`${path} is empty. Save the model again, and wait until it is written.`, { path });
  if (begins(0x93, 0x4e, 0x55, 0x4d)) {
    const { shape, values } = readNpy(bytes, path);
    return plainFactors('npy', path, toMatrix(shape, values, path), null, null);
  }
  if (begins(0x50, 0x4b)) {
    const members = await readNpz(bytes, path);
    if (members.size === 0)
      throw badInput(
        `${path} is a zip without .npy arrays${/\.(pt|pth|bin|ckpt)$/i.test(path) ? ' (a PyTorch checkpoint is a pickle, which is never read)' : ''}. Save the factors with numpy.savez or as safetensors.`,
        { path },
      );
    return fromArrays(arraysOfNpz(members, path), options);
  }
  if (begins(0x80) && bytes[1]! <= 5)
    throw badInput(
      `${path} is a Python pickle, which is never read because it could run code. In Python: numpy.save('items.npy', model.item_factors), then pack items.npy.`,
      { path },
    );
  if (begins(0x50, 0x41, 0x52, 0x31))
    throw badInput(
      `${path} is one parquet file. Name the folder that Spark's model.save() wrote: it holds itemFactors/ and userFactors/.`,
      {
        path,
      },
    );
  if (begins(0x1f, 0x8b) || begins(0x28, 0xb5, 0x2f, 0xfd) || begins(0x42, 0x5a, 0x68) || begins(0xfd, 0x37, 0x7a))
    throw badInput(
      `${path} is compressed (${begins(0x1f, 0x8b) ? 'gzip' : begins(0x28, 0xb5) ? 'zstd' : begins(0x42, 0x5a) ? 'bzip2' : 'xz'}). Unpack it first; numpy.savez_compressed makes an .npz that is read as it is.`,
      { path },
    );
  if (/\.safetensors$/i.test(path)) return fromArrays(arraysOfSafetensors(bytes, path), options);
  throw badInput(
    `${path} is of no known kind. Packed are .npz and .npy (numpy), .safetensors, the folder of a Spark ALS model, and .csv with one row of numbers an item; shelfmate pack --snippet LIBRARY shows the Python that writes one.`,
    { path },
  );
}

function plainFactors(
  kind: string,
  origin: string,
  items: DenseMatrix,
  biases: Float64Array | null,
  users: DenseMatrix | null,
): FactorSource {
  return { algorithm: `factors from ${kind}`, origin, items, biases, users, foldIn: null };
}

function fromArrays(arrays: NamedArrays, { tensor, userTensor, biasTensor }: FactorOptions): FactorSource {
  const known = tensor === undefined ? (readImplicitNpz(arrays) ?? readImplicitKnn(arrays) ?? readLibraryFactors(arrays)) : null;
  if (known) return known;
  const usual = (names: readonly string[]): string | undefined => names.find((name) => arrays.has(name));
  const name = tensor ?? (arrays.names.length === 1 ? arrays.names[0] : usual(ITEM_NAMES));
  if (name === undefined)
    throw badInput(`${arrays.path} holds several arrays; name the item factors with --tensor. It holds: ${arrays.list()}.`, {
      path: arrays.path,
    });
  const items = arrays.matrix(name);
  // Where the person chose the items by name, what else belongs to them is theirs to name too.
  const userName = userTensor ?? (tensor === undefined ? usual(USER_NAMES) : undefined);
  const biasName = biasTensor ?? (tensor === undefined ? usual(BIAS_NAMES) : undefined);
  for (const chosen of [userTensor, biasTensor]) if (chosen !== undefined) arrays.read(chosen);
  const biases = biasName === undefined ? null : arrays.biases(biasName, items);
  const users = userName === undefined ? null : arrays.users(userName, items);
  return plainFactors(arrays.kind, `${arrays.path}:${name}`, items, biases, users);
}

async function readCsvMatrix(path: string): Promise<DenseMatrix> {
  const lines = (await readText(path)).split(/\r?\n/).filter((line) => line.trim() !== '');
  if (lines.length === 0) throw badInput(`${path} is empty. It must hold one row of numbers an item.`, { path });
  const delimiter = guessDelimiter(lines[0]!);
  const split = (line: string): number[] =>
    line.split(line.includes(delimiter) ? delimiter : /\s+/).map((cell) => (cell.trim() === '' ? NaN : Number(cell)));
  const isHeader = split(lines[0]!).some(Number.isNaN) && !/nan/i.test(lines[0]!);
  const rows = (isHeader ? lines.slice(1) : lines).map(split);
  const text = lines.slice(isHeader ? 1 : 0).find((line, row) => rows[row]!.some(Number.isNaN) && !/nan/i.test(line));
  if (text !== undefined)
    throw badInput(
      `${path} holds ${JSON.stringify(oneLine(text, 40))}, which is no row of numbers. A CSV of factors has one row of numbers an item; a CSV of events is for shelfmate train.`,
      { path },
    );
  const columnCount = rows[0]?.length ?? 0;
  const bad = rows.findIndex((row) => row.length !== columnCount);
  if (bad >= 0)
    throw badInput(
      `${path}: row ${bad} (counted from 0) has ${rows[bad]!.length} numbers, the first has ${columnCount}. All rows must be of one length.`,
      { path, row: bad },
    );
  return toMatrix([rows.length, columnCount], Float64Array.from(rows.flat()), path);
}
