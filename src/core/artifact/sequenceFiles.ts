import { matrixRows } from '../models/sequence/itemRows.js';
import { createSequenceModel } from '../models/sequence/createSequenceModel.js';
import { queryDimensions } from '../models/sequence/sequenceConfig.js';
import type { NetworkFiles, OpenNetwork } from '../models/sequence/network.js';
import type { KnownConfig, SequenceConfig } from '../models/sequence/sequenceConfig.js';
import type { SequenceModel } from '../models/sequence/sequenceModel.js';
import type { SequenceTensors } from '../models/sequence/sequenceTensors.js';
import { INPUT_ROWS, OUTPUT_BIAS, OUTPUT_ROWS, checkTensors } from '../models/sequence/sequenceTensors.js';
import { rowScorer } from '../kernels/topK.js';
import type { ItemMatrix } from '../kernels/topK.js';
import type { FactorDtype, SequenceModelEntry, SequenceSelfTest } from './manifest.js';
import { MAX_SHARD_BYTES } from './manifest.js';
import type { AddFile } from './rowShards.js';
import { fillMatrix, writeRows } from './rowShards.js';
import { queryAfter } from './readSequence.js';
import { f32Tensor, writeSafetensors } from './safetensors.js';

/** A model that predicts the next item, as a trainer or a packer hands it in. Rows are in the order of the folder's `items`. */
export interface SequenceModelInput {
  readonly name: string;
  readonly algorithm: string;
  readonly config: SequenceConfig;
  /** All tensors of the config, the rows of items among them. */
  readonly tensors: SequenceTensors;
  readonly dtype: FactorDtype;
  /** Events that the model takes in; others leave its state as it is. */
  readonly events: readonly string[];
  /** So long without an event begins a new session. */
  readonly sessionGapMinutes: number;
  /** See `SequenceModelEntry`. Default 1. */
  readonly blendWeight?: number;
  /** The files of a network, and what runs it; for a config of kind `network`. */
  readonly network?: { readonly files: NetworkFiles; readonly open: OpenNetwork };
}

const WEIGHTS_BYTES = MAX_SHARD_BYTES - 2 ** 16;
const SELF_TEST_LENGTH = 5;
const TOP = 20;

/** Writes a sequence model with its rows in `order`. Throws `artifact/bad-tensor` when tensors and config do not fit. */
export async function writeSequenceModel(
  input: SequenceModelInput,
  config: KnownConfig,
  order: Uint32Array,
  add: AddFile,
): Promise<SequenceModelEntry> {
  const { name, tensors, dtype } = input;
  checkTensors(config, tensors);
  const biases = tensors.get(OUTPUT_BIAS)?.values ?? null;
  const output = fillMatrix({ dimensions: queryDimensions(config), dtype, factors: tensors.get(OUTPUT_ROWS)!.values, biases }, order);
  const inputTensor = tensors.get(INPUT_ROWS);
  const inputRows = inputTensor
    ? fillMatrix({ dimensions: inputTensor.shape[1]!, dtype, factors: inputTensor.values, biases: null }, order)
    : null;
  const weights = new Map([...tensors].filter(([tensor]) => tensor !== OUTPUT_ROWS && tensor !== OUTPUT_BIAS && tensor !== INPUT_ROWS));
  const weightFiles: string[] = [];
  for (const part of splitTensors(weights)) weightFiles.push(await add(`${name}-weights-${weightFiles.length}`, 'safetensors', part));
  const model = createSequenceModel(config, weights, matrixRows(inputRows ?? output));
  return {
    name,
    family: 'sequence',
    algorithm: input.algorithm,
    config,
    dtype,
    events: input.events,
    sessionGapMinutes: input.sessionGapMinutes,
    blendWeight: input.blendWeight ?? 1,
    weightFiles,
    shards: await writeRows(name, output, dtype, add),
    inputShards: inputRows ? await writeRows(`${name}-input`, inputRows, dtype, add) : null,
    selfTests: [makeSelfTest(model, output, 0), makeSelfTest(model, output, output.itemCount >> 1)],
  };
}

/** Files of at most 4 MiB; a tensor that is larger is cut along its first axis, its parts named `name@1`, `name@2` after the first. */
function* splitTensors(tensors: SequenceTensors): Generator<Uint8Array<ArrayBuffer>> {
  let file: [string, ReturnType<typeof f32Tensor>][] = [];
  let bytes = 0;
  for (const [name, { shape, values }] of tensors) {
    const rows = shape[0] ?? 1;
    const rowLength = values.length / rows;
    const rowsPerPart = Math.max(1, Math.floor(WEIGHTS_BYTES / (4 * rowLength)));
    for (let start = 0, part = 0; start < rows; start += rowsPerPart, part++) {
      const end = Math.min(rows, start + rowsPerPart);
      const tensor = f32Tensor(values.slice(start * rowLength, end * rowLength), [end - start, ...shape.slice(1)]);
      if (file.length > 0 && bytes + tensor.bytes.length > WEIGHTS_BYTES) {
        yield writeSafetensors(file);
        file = [];
        bytes = 0;
      }
      file.push([part === 0 ? name : `${name}@${part}`, tensor]);
      bytes += tensor.bytes.length;
    }
  }
  if (file.length > 0) yield writeSafetensors(file);
}

/** Makes a known answer: the best rows after a few neighbouring items. */
export function makeSelfTest(model: SequenceModel, output: ItemMatrix, start: number): SequenceSelfTest {
  const items = Array.from({ length: Math.min(SELF_TEST_LENGTH, output.itemCount - start) }, (_, i) => start + i);
  const query = queryAfter(model, items);
  const toScore = rowScorer(output, query, 'dot');
  const scores = Float32Array.from({ length: output.itemCount }, (_, row) => toScore(row));
  const best = Array.from(scores.keys())
    .sort((a, b) => scores[b]! - scores[a]! || a - b)
    .slice(0, TOP);
  return { items, itemIndexes: best, scores: best.map((row) => scores[row]!) };
}
