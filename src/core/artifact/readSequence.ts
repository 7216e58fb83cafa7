import { RecommenderError } from '../errors.js';
import type { ItemMatrix } from '../kernels/topK.js';
import { createSequenceModel } from '../models/sequence/createSequenceModel.js';
import { matrixRows } from '../models/sequence/itemRows.js';
import type { KnownConfig } from '../models/sequence/sequenceConfig.js';
import { queryDimensions } from '../models/sequence/sequenceConfig.js';
import type { SequenceModel } from '../models/sequence/sequenceModel.js';
import type { FloatTensor, SequenceTensors } from '../models/sequence/sequenceTensors.js';
import { checkConfig } from '../models/sequence/sequenceTensors.js';
import { Checker } from './checks.js';
import type { SelfTest, SequenceModelEntry } from './manifest.js';
import type { AllocateRows, MatrixRows, MatrixShape } from './readModelFolder.js';
import { NetworkReader } from './networkFiles.js';
import { readSafetensors, toFloat32 } from './safetensors.js';
import { readAnswer, readIndexes } from './validateManifest.js';

/** The matrices of a sequence model and what reads its weights. */
export interface SequenceParts {
  /** Output rows: the query of the model is scored against these. The factors' own matrix where the folder shares it. */
  readonly matrix: ItemMatrix;
  readonly inputMatrix: ItemMatrix | null;
  /** The matrices that are the sequence model's own, and the shards that fill them. */
  readonly rows: readonly MatrixRows[];
  /** Whether `matrix` holds a network's scores instead of rows. */
  readonly isColumn: boolean;
  readonly reader: SequenceReader | NetworkReader;
}

/**
 * Makes room for a sequence model. `shared`: the factors' matrix where its rows are the model's output rows, else null.
 * Throws `artifact/bad-manifest` when the entry cannot be: what `readManifest` left unread is checked here.
 */
export function allocateSequence(
  entry: SequenceModelEntry,
  itemCount: number,
  shared: ItemMatrix | null,
  allocate: AllocateRows,
): SequenceParts {
  checkSequenceEntry(entry, itemCount);
  const { config, dtype, shards, inputShards } = entry;
  const rows: MatrixRows[] = [];
  const own = (shape: MatrixShape, isScored: boolean, from: SequenceModelEntry['shards']): ItemMatrix => {
    const matrix = allocate(shape, isScored, from);
    rows.push({ matrix, shape, shards: from });
    return matrix;
  };
  if (config.kind === 'network' && config.gives === 'scores') {
    const column = allocate({ dimensions: 1, dtype: 'float32', hasBiases: false }, false, []);
    column.scales.fill(1); // Every item is known.
    return { matrix: column, inputMatrix: null, rows, isColumn: true, reader: new NetworkReader(entry, config, column) };
  }
  const output = { dimensions: queryDimensions(config), dtype, hasBiases: config.hasOutputBias };
  const matrix = shared ?? own(output, true, shards);
  const inputMatrix =
    inputShards && config.kind === 'recurrent'
      ? own({ dimensions: config.inputDimensions, dtype, hasBiases: false }, false, inputShards)
      : null;
  const reader = config.kind === 'network' ? new NetworkReader(entry, config, null) : new SequenceReader(entry, config);
  return { matrix, inputMatrix, rows, isColumn: false, reader };
}

/** Checks what `readManifest` takes as it stands: the config and the known answers. Throws `artifact/bad-manifest`. */
export function checkSequenceEntry(entry: SequenceModelEntry, itemCount: number): void {
  const model = new Checker('manifest.json', entry, 'sequences[0]');
  const config = model.get('config');
  if (typeof config.value !== 'object' || config.value === null) config.fail('the description of a sequence model');
  checkConfig(entry.config);
  if (entry.config.itemCount !== itemCount) config.get('itemCount').fail(`${itemCount}, the number of items`);
  const hasInputRows = entry.config.kind === 'recurrent' && entry.config.input !== 'tied';
  if (hasInputRows === (entry.inputShards === null))
    model.get('inputShards').fail(hasInputRows ? 'shards of input rows' : 'null, because the input rows are the output rows');
  for (const test of model.get('selfTests').list()) {
    readIndexes(test.get('items'), itemCount);
    readAnswer(test, itemCount);
  }
}

/** Reads the weights of a sequence model file by file; {@link finish} gives the model. */
export class SequenceReader {
  readonly #tensors = new Map<string, FloatTensor>();

  constructor(
    readonly entry: SequenceModelEntry,
    readonly config: KnownConfig,
  ) {}

  /** Takes in one of the entry's weight files. */
  add(bytes: Uint8Array, file: string): void {
    for (const [name, tensor] of readSafetensors(bytes, file)) {
      const values = toFloat32(tensor, name, file).slice();
      const { base, isFirst } = splitName(name);
      const known = this.#tensors.get(base);
      if (isFirst !== (known === undefined)) {
        throw new RecommenderError('artifact/bad-tensor', `${file}: the parts of tensor ${base} are out of order. Pack the model again.`, {
          file,
        });
      }
      this.#tensors.set(base, known ? joinRows(known, values, tensor.shape) : { shape: tensor.shape, values });
    }
  }

  /** The weights read so far by their canonical names: all but the rows of items. */
  get tensors(): SequenceTensors {
    return this.#tensors;
  }

  /** `rows`: the matrix of input rows, or of output rows where they are the same. */
  finish(rows: ItemMatrix): SequenceModel {
    return createSequenceModel(this.config, this.#tensors, matrixRows(rows));
  }
}

/** Runs the model over `items` and returns its query, null before the first. */
export function queryAfter(model: SequenceModel, items: readonly number[]): Float32Array {
  const state = model.createState();
  for (const item of items) model.step(state, item);
  return model.query(state);
}

/** The known answers of a sequence model as questions to its output rows, each made when it is asked: a network's scores are those of its last query. */
export function* sequenceSelfTests(model: SequenceModel, { selfTests }: SequenceModelEntry): Generator<SelfTest> {
  for (const { items, itemIndexes, scores } of selfTests) yield { rule: 'dot', query: [...queryAfter(model, items)], itemIndexes, scores };
}

function splitName(name: string): { base: string; isFirst: boolean } {
  const at = name.indexOf('@');
  return at < 0 ? { base: name, isFirst: true } : { base: name.slice(0, at), isFirst: false };
}

function joinRows(known: FloatTensor, values: Float32Array, shape: readonly number[]): FloatTensor {
  const joined = new Float32Array(known.values.length + values.length);
  joined.set(known.values);
  joined.set(values, known.values.length);
  return { shape: [known.shape[0]! + shape[0]!, ...known.shape.slice(1)], values: joined };
}
