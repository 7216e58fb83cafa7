import { RecommenderError } from '../../errors.js';
import { activationOf } from './activation.js';
import type { Cell } from './cell.js';
import { createCell } from './cell.js';
import { addProduct, setBias } from './denseProduct.js';
import type { ItemRows } from './itemRows.js';
import { arrayRows } from './itemRows.js';
import type { DenseLayerConfig, RecurrentConfig } from './sequenceConfig.js';
import { queryDimensions } from './sequenceConfig.js';
import type { SequenceModel, SequenceState } from './sequenceModel.js';
import { checkItem, copyState, restoreState } from './sequenceModel.js';
import type { SequenceTensors } from './sequenceTensors.js';
import { checkTensors, INPUT_ROWS, OUTPUT_BIAS, OUTPUT_ROWS } from './sequenceTensors.js';

/**
 * A stack of recurrent cells with its state carried from event to event: one step costs the same however long the history is, and
 * allocates nothing. The scores are not its work: hand {@link query} to the top-k kernels.
 */
export class RecurrentModel implements SequenceModel {
  readonly itemCount: number;
  readonly dimensions: number;
  readonly #cells: readonly Cell[];
  readonly #projections: readonly Projection[];
  readonly #input: ItemRows;
  readonly #x: Float32Array;
  readonly #stateSize: number;
  /** The longest vector between two layers. */
  readonly #between: Float32Array;

  /**
   * `inputRows`: the rows that go in, where they are not in `tensors` (tied to an item matrix, say). The tensors are not copied.
   * Throws `artifact/bad-tensor` on a tensor that is missing or does not fit, `artifact/bad-manifest` on a config that cannot be.
   */
  constructor(
    readonly config: RecurrentConfig,
    tensors: SequenceTensors,
    inputRows: ItemRows | null = null,
  ) {
    const inputName = config.input === 'tied' ? OUTPUT_ROWS : INPUT_ROWS;
    const elsewhere = [OUTPUT_BIAS, ...(inputName === OUTPUT_ROWS && !inputRows ? [] : [OUTPUT_ROWS]), ...(inputRows ? [INPUT_ROWS] : [])];
    checkTensors(config, tensors, elsewhere);
    const { itemCount, inputDimensions, layers, projections } = config;
    this.itemCount = itemCount;
    this.dimensions = queryDimensions(config);
    this.#input = inputRows ?? arrayRows(tensors.get(inputName)!.values, itemCount, inputDimensions);
    checkInput(this.#input, inputName, config);
    const values = (name: string) => tensors.get(name)?.values ?? null;
    const widths = [inputDimensions, ...layers.map(({ units }) => units), ...projections.map(({ units }) => units)];
    this.#cells = layers.map((layer, i) =>
      createCell(layer, widths[i]!, {
        kernel: i === 0 && config.input === 'one-hot' ? null : values(`layers.${i}.kernel`),
        recurrent: values(`layers.${i}.recurrent`)!,
        bias: layer.hasBias ? values(`layers.${i}.bias`) : null,
      }),
    );
    this.#projections = projections.map((layer, i) => {
      const bias = layer.hasBias ? values(`projections.${i}.bias`) : null;
      return createProjection(layer, widths[layers.length + i]!, values(`projections.${i}.kernel`)!, bias);
    });
    this.#stateSize = this.#cells.reduce((sum, cell) => sum + cell.stateSize, 0);
    this.#x = new Float32Array(inputDimensions);
    this.#between = new Float32Array(Math.max(...widths));
  }

  createState(): SequenceState {
    return { events: 0, values: new Float32Array(this.#stateSize), items: new Int32Array(0) };
  }

  step(state: SequenceState, item: number): SequenceState {
    checkItem(item, this.itemCount);
    this.#input.read(item, this.#x);
    let x = this.#x;
    let at = 0;
    for (const cell of this.#cells) {
      cell.step(x, state.values, at);
      for (let j = 0; j < cell.units; j++) this.#between[j] = state.values[at + j]!;
      x = this.#between;
      at += cell.stateSize;
    }
    state.events++;
    return state;
  }

  query(state: SequenceState, out = new Float32Array(this.dimensions)): Float32Array {
    if (state.events === 0) return out.fill(0);
    const last = this.#cells[this.#cells.length - 1]!;
    const at = this.#stateSize - last.stateSize;
    const values = this.#between;
    for (let j = 0; j < last.units; j++) values[j] = state.values[at + j]!;
    for (const project of this.#projections) project(values);
    for (let j = 0; j < this.dimensions; j++) out[j] = values[j]!;
    return out;
  }

  stateToArrays(state: SequenceState): SequenceState {
    return copyState(state);
  }

  stateFromArrays(stored: SequenceState): SequenceState {
    return restoreState(stored, this.createState());
  }
}

/** Replaces the layer's inputs, at the start of the array, by its outputs. */
type Projection = (values: Float32Array) => void;

function createProjection(
  { units, activation }: DenseLayerConfig,
  inputs: number,
  kernel: Float32Array,
  bias: Float32Array | null,
): Projection {
  const f = activationOf(activation)!;
  const sums = new Float64Array(units);
  return (values) => {
    setBias(sums, bias, 0, units);
    addProduct(values, 0, kernel, inputs, units, sums);
    for (let j = 0; j < units; j++) values[j] = f(sums[j]!);
  };
}

function checkInput(rows: ItemRows, name: string, { itemCount, inputDimensions }: RecurrentConfig): void {
  if (rows.itemCount === itemCount && rows.dimensions === inputDimensions) return;
  const [seen, expected] = [
    [rows.itemCount, rows.dimensions],
    [itemCount, inputDimensions],
  ];
  throw new RecommenderError('artifact/bad-tensor', `The rows ${name} are ${seen!.join(' x ')}; expected ${expected!.join(' x ')}.`, {
    name,
    seen,
    expected,
  });
}
