import { readFile } from 'node:fs/promises';
import { show } from '../../core/errors.js';
import type { NetworkConfig, NetworkFiles } from '../../core/models/sequence/network.js';
import { NETWORK_OUTPUTS, PADDING_SIDES } from '../../core/models/sequence/network.js';
import type { FloatTensor } from '../../core/models/sequence/sequenceTensors.js';
import { badInput } from '../cliIo.js';
import { findFile } from './readSequenceSource.js';
import { isTfjsModel, placeWeights, readShards } from './readTfjsModel.js';

/** A tfjs model of any architecture, with what was declared of it. */
export interface NetworkSource {
  readonly config: NetworkConfig;
  readonly files: NetworkFiles;
  /** f32, items x dimensions: for neighbours, and for the vector where that is the output. */
  readonly itemRows: FloatTensor;
  /** Name of the weight that they are. */
  readonly itemRowsName: string;
}

/** What is allowed in a declaration, with the default of each; null: none. */
const DEFAULTS = {
  length: null,
  gives: 'scores',
  input: '',
  output: '',
  padding: 0,
  padSide: 'left',
  indexOffset: 0,
  outputOffset: 0,
  itemRows: null,
  itemRowsOffset: null,
} as const;
type Declared = Record<keyof typeof DEFAULTS, unknown>;

/** Reads `model.json` with its shards, and the declaration. Throws `cli/bad-input` naming the value and what is expected. */
export async function readNetwork(path: string, declarationPath: string, itemCount: number): Promise<NetworkSource> {
  const file = await findFile(path);
  const value = parse(file, await readText(file)) as Record<string, unknown>;
  if (!isTfjsModel(value)) throw badInput(`${file} is no tfjs model: it has no modelTopology and weightsManifest.`, { file });
  const declared = readDeclaration(declarationPath, parse(declarationPath, await readText(declarationPath)));
  const fail = (name: keyof Declared, expected: string): never => {
    throw badInput(`${declarationPath}: ${name} is ${show(declared[name])}; expected ${expected}.`, { path: declarationPath, name });
  };
  const whole = (name: keyof Declared, least: number): number => {
    const number = declared[name];
    return Number.isSafeInteger(number) && (number as number) >= least
      ? (number as number)
      : fail(name, `a whole number of at least ${least}`);
  };
  const text = (name: keyof Declared): string => (typeof declared[name] === 'string' ? declared[name] : fail(name, 'a name'));
  const oneOf = <Value extends string>(name: keyof Declared, values: readonly Value[]): Value =>
    values.includes(declared[name] as Value) ? (declared[name] as Value) : fail(name, `one of ${values.join(', ')}`);

  const indexOffset = whole('indexOffset', 0);
  const rowsOffset = declared.itemRowsOffset === null ? indexOffset : whole('itemRowsOffset', 0);
  const weights = await placeWeights(file, value['weightsManifest']);
  const itemRowsName = declared.itemRows === null ? '' : text('itemRows');
  const tensor = weights.paths.includes(itemRowsName) ? weights.read(itemRowsName) : null;
  if (!tensor || tensor.shape.length !== 2 || tensor.shape[0]! < rowsOffset + itemCount)
    return fail(
      'itemRows',
      `the name of a weight of at least ${rowsOffset + itemCount} rows, one for each item: they serve "similar products". There are: ${show(weights.paths, 400)}`,
    );
  const dimensions = tensor.shape[1]!;
  return {
    config: {
      kind: 'network',
      itemCount,
      dimensions,
      format: value['format'] === 'graph-model' ? 'graph-model' : 'layers-model',
      input: text('input'),
      length: whole('length', 1),
      paddingValue: whole('padding', -1),
      paddingSide: oneOf('padSide', PADDING_SIDES),
      indexOffset,
      output: text('output'),
      gives: oneOf('gives', NETWORK_OUTPUTS),
      outputOffset: whole('outputOffset', 0),
      hasOutputBias: false,
    },
    files: await readFiles(file, value),
    itemRows: {
      shape: [itemCount, dimensions],
      values: tensor.values.slice(rowsOffset * dimensions, (rowsOffset + itemCount) * dimensions),
    },
    itemRowsName,
  };
}

/** Everything as tfjs' own loader takes it: the groups of the weights one after the other. */
async function readFiles(file: string, value: Record<string, unknown>): Promise<NetworkFiles> {
  // placeWeights has read and checked the same groups.
  const groups = value['weightsManifest'] as readonly { readonly paths: readonly string[]; readonly weights: readonly object[] }[];
  const parts: Uint8Array[] = [];
  for (const { paths } of groups) parts.push(await readShards(file, paths));
  return {
    modelTopology: value['modelTopology'] as object,
    weightSpecs: groups.flatMap(({ weights }) => weights),
    weights: new Uint8Array(Buffer.concat(parts)),
  };
}

function readDeclaration(path: string, value: unknown): Declared {
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    throw badInput(
      `${path} holds ${show(value)}; expected an object such as {"length": 5, "gives": "scores", "itemRows": "embedding/embeddings"}.`,
      {
        path,
      },
    );
  const unknown = Object.keys(value).filter((name) => !Object.hasOwn(DEFAULTS, name));
  if (unknown.length > 0)
    throw badInput(`${path} declares ${unknown.join(', ')}; there are: ${Object.keys(DEFAULTS).join(', ')}.`, { path, unknown });
  return { ...DEFAULTS, ...value };
}

async function readText(path: string): Promise<string> {
  return readFile(path, 'utf8').catch((cause: unknown) => {
    throw badInput(`${path} cannot be read.`, { path }, cause);
  });
}

function parse(path: string, text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw badInput(`${path} is not valid JSON (${(cause as Error).message}).`, { path }, cause);
  }
}
