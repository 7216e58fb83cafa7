import { RecommenderError } from '../../errors.js';
import type { ItemMatrix } from '../../kernels/topK.js';
import type { Network, NetworkConfig } from './network.js';
import type { SequenceModel, SequenceState } from './sequenceModel.js';
import { checkItem, copyState, restoreState } from './sequenceModel.js';

/** Stands in a state where no event is. */
const EMPTY = -1;
const ONE = Float32Array.of(1);

/**
 * A network as a sequence model: the state is the last items, and a query is a run. Where the network gives scores, they are written
 * into `column`, an item matrix one value wide, and the query is the number 1: so they pass through the same selection, exclusions and
 * blend as all scores do. The column holds the scores of the last query only.
 */
export class NetworkModel implements SequenceModel {
  readonly itemCount: number;
  readonly dimensions: number;

  /** `sources`: for each row of the folder the item's place in the network, from 0. `column`: null where the network gives a vector. */
  constructor(
    readonly config: NetworkConfig,
    readonly network: Network,
    readonly sources: ArrayLike<number>,
    readonly column: ItemMatrix | null,
  ) {
    this.itemCount = config.itemCount;
    this.dimensions = column ? 1 : config.dimensions;
  }

  createState(): SequenceState {
    return { events: 0, values: new Float32Array(0), items: new Int32Array(this.config.length).fill(EMPTY) };
  }

  step(state: SequenceState, item: number): SequenceState {
    checkItem(item, this.itemCount);
    state.items.copyWithin(0, 1);
    state.items[state.items.length - 1] = item;
    state.events++;
    return state;
  }

  query(state: SequenceState, out = new Float32Array(this.dimensions)): Float32Array {
    if (state.events === 0) return out.fill(0);
    const given = this.network.run(this.#input(state));
    if (!this.column) {
      out.set(given);
      return out;
    }
    const { exactRows } = this.column;
    for (let row = 0; row < this.itemCount; row++) exactRows![row] = given[this.sources[row]! + this.config.outputOffset]!;
    out.set(ONE);
    return out;
  }

  stateToArrays(state: SequenceState): SequenceState {
    return copyState(state);
  }

  stateFromArrays(stored: SequenceState): SequenceState {
    const state = restoreState(stored, this.createState());
    for (const item of state.items) if (item !== EMPTY) checkItem(item, this.itemCount);
    return state;
  }

  #input({ items }: SequenceState): Int32Array {
    const { paddingValue, paddingSide, indexOffset, length } = this.config;
    const met = Array.from(items.subarray(Math.max(0, items.lastIndexOf(EMPTY) + 1)), (item) => this.sources[item]! + indexOffset);
    const padding = Array.from({ length: length - met.length }, () => paddingValue);
    return Int32Array.from(paddingSide === 'left' ? [...padding, ...met] : [...met, ...padding]);
  }
}

/** Checks what came out of a run against the declaration. Throws `artifact/bad-tensor` with the shapes seen and expected. */
export function checkNetworkOutput(shape: readonly number[], { gives, itemCount, dimensions, outputOffset }: NetworkConfig): void {
  const width = shape.at(-1) ?? 0;
  const isFlat = shape.slice(0, -1).every((size) => size === 1);
  const isRight = gives === 'vector' ? width === dimensions : width >= outputOffset + itemCount;
  if (isFlat && isRight) return;
  const expected =
    gives === 'vector' ? `[1, ${dimensions}], an item row's length` : `[1, ${outputOffset + itemCount}] or wider, a score for each item`;
  throw new RecommenderError('artifact/bad-tensor', `The network's output has shape [${shape.join(', ')}]; expected ${expected}.`, {
    name: 'output',
    seen: shape,
    expected,
  });
}
