import { RecommenderError } from '../errors.js';
import { createItemMatrix } from '../kernels/itemMatrix.js';
import type { ItemMatrix } from '../kernels/topK.js';
import type { NetworkConfig, NetworkFiles } from '../models/sequence/network.js';
import { NetworkModel } from '../models/sequence/networkModel.js';
import { checkTensors, OUTPUT_ROWS } from '../models/sequence/sequenceTensors.js';
import type { SequenceModelEntry } from './manifest.js';
import { MAX_SHARD_BYTES } from './manifest.js';
import { SOURCES } from './networkFiles.js';
import type { AddFile } from './rowShards.js';
import { fillMatrix, writeRows } from './rowShards.js';
import { f32Tensor, writeSafetensors } from './safetensors.js';
import type { SequenceModelInput } from './sequenceFiles.js';
import { makeSelfTest } from './sequenceFiles.js';

/** Writes a network with the rows of its items in `order`; runs it for the known answers. Throws `artifact/bad-tensor`, `input/invalid`. */
export async function writeNetworkModel(
  input: SequenceModelInput,
  config: NetworkConfig,
  order: Uint32Array,
  add: AddFile,
): Promise<SequenceModelEntry> {
  const { name, tensors, dtype, network: given } = input;
  if (!given) throw new RecommenderError('input/invalid', `Model ${name} is a network without its files.`, { name });
  checkTensors(config, tensors);
  const rows = fillMatrix({ dimensions: config.dimensions, dtype, factors: tensors.get(OUTPUT_ROWS)!.values, biases: null }, order);
  const column = config.gives === 'scores' ? createScoreColumn(config.itemCount) : null;
  const network = await given.open(given.files, config);
  try {
    const model = new NetworkModel(config, network, order, column);
    const selfTests = [0, config.itemCount >> 1].map((start) => makeSelfTest(model, column ?? rows, start));
    return {
      name,
      family: 'sequence',
      algorithm: input.algorithm,
      config,
      dtype,
      events: input.events,
      sessionGapMinutes: input.sessionGapMinutes,
      blendWeight: input.blendWeight ?? 1,
      weightFiles: await writeNetworkFiles(name, given.files, order, add),
      shards: await writeRows(name, rows, dtype, add),
      inputShards: null,
      selfTests,
    };
  } finally {
    network.dispose();
  }
}

/**
 * Writes a network's files: topology and specs as JSON, weights in parts, each at most 4 MiB, and where the folder's rows are in the
 * network. Returns their names in the order they are read in.
 */
async function writeNetworkFiles(name: string, files: NetworkFiles, order: Uint32Array, add: AddFile): Promise<string[]> {
  const { modelTopology, weightSpecs, weights } = files;
  const described = new TextEncoder().encode(JSON.stringify({ modelTopology, weightSpecs, weightBytes: weights.length }));
  const sources = writeSafetensors([[SOURCES, f32Tensor(Float32Array.from(order), [order.length])]]);
  const paths = [await add(`${name}-sources`, 'safetensors', sources), await add(`${name}-network`, 'json', described)];
  for (let start = 0, part = 0; start < weights.length; start += MAX_SHARD_BYTES, part++)
    paths.push(await add(`${name}-network-${part}`, 'bin', weights.slice(start, start + MAX_SHARD_BYTES)));
  return paths;
}

/** Makes the matrix that takes a network's scores: one value an item, every item known. */
export function createScoreColumn(itemCount: number): ItemMatrix {
  const column = createItemMatrix({ itemCount, dimensions: 1, hasBiases: false, hasExactRows: true, wasmScratchBytes: null });
  column.scales.fill(1);
  return column;
}
