import { readFile } from 'node:fs/promises';
import type { Tensor } from '../../core/artifact/safetensors.js';
import { float16ToNumber, readSafetensors } from '../../core/artifact/safetensors.js';
import { badInput } from '../cliIo.js';
import type { DenseMatrix, FactorSource } from './factorSource.js';
import { toMatrix } from './factorSource.js';
import { fileSize, readText } from './openText.js';
import { readImplicitNpz } from './readImplicitNpz.js';
import type { NumpyArray } from './readNpy.js';
import { readNpy } from './readNpy.js';
import type { NpzMembers } from './readNpz.js';
import { listMembers, readNpz } from './readNpz.js';
import { guessDelimiter } from '../../core/events/eventsFile.js';

/** Which arrays to take where a file holds several. */
export interface TensorNames {
  readonly tensor?: string;
  readonly userTensor?: string;
  readonly biasTensor?: string;
}

/** Node reads no larger file in one piece. */
const MAX_FILE_BYTES = 2 ** 31 - 1;

/** Names that item factors usually have, best first. */
const ITEM_NAMES = [
  'item_factors',
  'item_embeddings',
  'item_embedding.weight',
  'item_emb.weight',
  'qi',
  'i_factors',
  'items',
  'factors',
  'item',
];

/** Reads trained factors by what the file holds. Throws `cli/bad-input` naming what was seen. */
export async function readFactors(path: string, names: TensorNames): Promise<FactorSource> {
  if (fileSize(path) > MAX_FILE_BYTES)
    throw badInput(
      `${path} is larger than 2 GiB. Save the item factors alone as float32: numpy.save('items.npy', factors.astype('float32')).`,
      { path },
    );
  if (/\.csv$|\.tsv$|\.txt$/i.test(path)) return plainFactors('csv', path, await readCsvMatrix(path), null, null);
  const bytes = new Uint8Array(await readFile(path));
  const begins = (...magic: number[]): boolean => magic.every((byte, i) => bytes[i] === byte);
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
    return (names.tensor === undefined && readImplicitNpz(members, path)) || fromNpz(members, path, names);
  }
  if (begins(0x80) && bytes[1]! <= 5)
    throw badInput(
      `${path} is a Python pickle, which is never read because it could run code. In Python: numpy.save('items.npy', model.item_factors), then pack items.npy.`,
      { path },
    );
  if (/\.safetensors$/i.test(path)) return fromSafetensors(bytes, path, names);
  throw badInput(`${path} is of no known kind. Packed are .npz and .npy (numpy), .safetensors, and .csv with one row of numbers an item.`, {
    path,
  });
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

function fromNpz(members: NpzMembers, path: string, names: TensorNames): FactorSource {
  const read = (name: string): NumpyArray => {
    const member = members.get(name);
    if (!member) throw badInput(`${path} has no array ${JSON.stringify(name)}. It holds: ${listMembers(members, path)}.`, { path, name });
    return readNpy(member, `${path}:${name}`);
  };
  return fromArrays('npz', path, [...members.keys()], () => listMembers(members, path), read, names);
}

function fromSafetensors(bytes: Uint8Array, path: string, names: TensorNames): FactorSource {
  const tensors = readSafetensors(bytes, path);
  const list = (): string => [...tensors].map(([name, { shape, dtype }]) => `${name} (${shape.join(', ')}) ${dtype}`).join('; ');
  const read = (name: string): NumpyArray => {
    const tensor = tensors.get(name);
    if (!tensor) throw badInput(`${path} has no tensor ${JSON.stringify(name)}. It holds: ${list()}.`, { path, name });
    return { shape: tensor.shape, values: toFloat64(tensor, `${path}:${name}`) };
  };
  return fromArrays('safetensors', path, [...tensors.keys()], list, read, names);
}

function fromArrays(
  kind: string,
  path: string,
  present: readonly string[],
  list: () => string,
  read: (name: string) => NumpyArray,
  names: TensorNames,
): FactorSource {
  const name = names.tensor ?? (present.length === 1 ? present[0] : ITEM_NAMES.find((usual) => present.includes(usual)));
  if (name === undefined)
    throw badInput(`${path} holds several arrays; name the item factors with --tensor. It holds: ${list()}.`, { path });
  const matrix = (which: string): DenseMatrix => {
    const { shape, values } = read(which);
    return toMatrix(shape, values, `${path}:${which}`);
  };
  const items = matrix(name);
  const biases = names.biasTensor === undefined ? null : read(names.biasTensor).values;
  const users = names.userTensor === undefined ? null : matrix(names.userTensor);
  if (biases && biases.length !== items.rowCount)
    throw badInput(
      `${path}:${names.biasTensor} holds ${biases.length} values for ${items.rowCount} rows of ${name}. There must be one bias an item.`,
      { path },
    );
  if (users && users.columnCount !== items.columnCount) {
    throw badInput(
      `${path}:${names.userTensor} has ${users.columnCount} columns, ${name} has ${items.columnCount}. They are not of one model.`,
      { path },
    );
  }
  return plainFactors(kind, `${path}:${name}`, items, biases, users);
}

function toFloat64({ dtype, bytes }: Tensor, origin: string): Float64Array {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const from = (size: number, read: (at: number) => number): Float64Array =>
    Float64Array.from({ length: bytes.length / size }, (_, i) => read(i * size));
  switch (dtype) {
    case 'F64':
      return from(8, (at) => view.getFloat64(at, true));
    case 'F32':
      return from(4, (at) => view.getFloat32(at, true));
    case 'F16':
      return from(2, (at) => float16ToNumber(view.getUint16(at, true)));
    case 'BF16': {
      const word = new DataView(new ArrayBuffer(4));
      return from(2, (at) => {
        word.setUint16(0, view.getUint16(at, true));
        return word.getFloat32(0);
      });
    }
    default:
      throw badInput(`${origin} is of type ${dtype}; factors are F16, BF16, F32 or F64.`, { origin, dtype });
  }
}

async function readCsvMatrix(path: string): Promise<DenseMatrix> {
  const lines = (await readText(path)).split(/\r?\n/).filter((line) => line.trim() !== '');
  if (lines.length === 0) throw badInput(`${path} is empty. It must hold one row of numbers an item.`, { path });
  const delimiter = guessDelimiter(lines[0]!);
  const split = (line: string): number[] =>
    line.split(line.includes(delimiter) ? delimiter : /\s+/).map((cell) => (cell.trim() === '' ? NaN : Number(cell)));
  const isHeader = split(lines[0]!).some(Number.isNaN) && !/nan/i.test(lines[0]!);
  const rows = (isHeader ? lines.slice(1) : lines).map(split);
  const columnCount = rows[0]?.length ?? 0;
  const bad = rows.findIndex((row) => row.length !== columnCount);
  if (bad >= 0)
    throw badInput(
      `${path}: row ${bad} (counted from 0) has ${rows[bad]!.length} numbers, the first has ${columnCount}. All rows must be of one length.`,
      { path, row: bad },
    );
  return toMatrix([rows.length, columnCount], Float64Array.from(rows.flat()), path);
}
