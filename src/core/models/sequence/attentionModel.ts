import { RecommenderError } from '../../errors.js';
import type { AttentionBlock, KeyValueCache } from './attentionBlock.js';
import { createAttentionBlock, normalize } from './attentionBlock.js';
import type { ItemRows } from './itemRows.js';
import { arrayRows } from './itemRows.js';
import type { AttentionConfig } from './sequenceConfig.js';
import type { SequenceModel, SequenceState } from './sequenceModel.js';
import { checkItem, copyState, restoreState } from './sequenceModel.js';
import type { SequenceTensors } from './sequenceTensors.js';
import { checkTensors, OUTPUT_BIAS, OUTPUT_ROWS } from './sequenceTensors.js';

/**
 * SASRec (Kang & McAuley 2018) step by step. The state holds the keys and values of the events in the window, so that a new event
 * attends to them without computing them again.
 *
 * A key depends on its event's position. With alignment `left` an event keeps its position until the window is full: a step costs one
 * row (and attends to at most `maxLength`). From then on, and with alignment `right` always, each event moves all positions by one:
 * the cache is rebuilt, at the cost of the window's length in rows. That is never more than `maxLength` steps, whatever the history.
 *
 * With `attendsPadding` the empty places before the first event count as keys. They are all alike, so one key and value for each block
 * stands for them, weighed by their number: the result is that of a run over the full padded length.
 */
export class AttentionModel implements SequenceModel {
  readonly itemCount: number;
  readonly dimensions: number;
  readonly #rows: ItemRows;
  readonly #positions: Float32Array;
  readonly #blocks: readonly AttentionBlock[];
  readonly #gain: Float32Array;
  readonly #bias: Float32Array;
  readonly #row: Float32Array;
  readonly #x: Float64Array;

  /**
   * `outputRows`: the item rows, where they are not in `tensors`. The tensors are not copied. Throws `artifact/bad-tensor` on a tensor
   * that is missing or does not fit, `artifact/bad-manifest` on a config that cannot be.
   */
  constructor(
    readonly config: AttentionConfig,
    tensors: SequenceTensors,
    outputRows: ItemRows | null = null,
  ) {
    checkTensors(config, tensors, outputRows ? [OUTPUT_ROWS, OUTPUT_BIAS] : [OUTPUT_BIAS]);
    const { itemCount, dimensions: d, blockCount, attendsPadding } = config;
    this.itemCount = itemCount;
    this.dimensions = d;
    const values = (name: string) => tensors.get(name)!.values;
    this.#rows = outputRows ?? arrayRows(values(OUTPUT_ROWS), itemCount, d);
    if (this.#rows.itemCount !== itemCount || this.#rows.dimensions !== d) {
      const seen = [this.#rows.itemCount, this.#rows.dimensions];
      throw new RecommenderError('artifact/bad-tensor', `The rows ${OUTPUT_ROWS} are ${seen.join(' x ')}; expected ${itemCount} x ${d}.`, {
        name: OUTPUT_ROWS,
        seen,
        expected: [itemCount, d],
      });
    }
    this.#positions = values('positions');
    this.#gain = values('lastNorm.gain');
    this.#bias = values('lastNorm.bias');
    this.#row = new Float32Array(d);
    this.#x = new Float64Array(d);
    // What an empty place holds on its way up: each block's padding key comes from it.
    const padding = attendsPadding ? Float64Array.from(values('padding')) : null;
    this.#blocks = Array.from({ length: blockCount }, (_, i) => createAttentionBlock(config, `blocks.${i}`, values, padding));
  }

  createState(): SequenceState {
    const { maxLength, blockCount, dimensions } = this.config;
    // The query, then keys and values of each block.
    const size = dimensions + blockCount * 2 * maxLength * dimensions;
    return { events: 0, values: new Float32Array(size), items: new Int32Array(maxLength) };
  }

  step(state: SequenceState, item: number): SequenceState {
    checkItem(item, this.itemCount);
    const { maxLength, alignment } = this.config;
    const { items } = state;
    const held = Math.min(state.events, maxLength);
    const slides = held === maxLength;
    if (slides) items.copyWithin(0, 1);
    const last = slides ? maxLength - 1 : held;
    items[last] = item;
    state.events++;
    const firstPosition = alignment === 'right' ? maxLength - 1 - last : 0;
    const isCached = alignment === 'left' && !slides;
    for (let at = isCached ? last : 0; at <= last; at++) this.#run(state, at, firstPosition);
    normalize(this.#x, this.#gain, this.#bias, this.config.normEpsilon);
    for (let j = 0; j < this.dimensions; j++) state.values[j] = this.#x[j]!;
    return state;
  }

  query(state: SequenceState, out = new Float32Array(this.dimensions)): Float32Array {
    for (let j = 0; j < this.dimensions; j++) out[j] = state.values[j]!;
    return out;
  }

  stateToArrays(state: SequenceState): SequenceState {
    return copyState(state);
  }

  stateFromArrays(stored: SequenceState): SequenceState {
    return restoreState(stored, this.createState());
  }

  /** Carries the window's event `at` through all blocks into #x; the cache holds those before it. */
  #run(state: SequenceState, at: number, firstPosition: number): void {
    const { dimensions: d, embeddingScale, maxLength } = this.config;
    const x = this.#x;
    this.#rows.read(state.items[at]!, this.#row);
    const position = (firstPosition + at) * d;
    for (let j = 0; j < d; j++) x[j] = this.#row[j]! * embeddingScale + this.#positions[position + j]!;
    this.#blocks.forEach((block, i) => {
      const keysAt = d + i * 2 * maxLength * d;
      const cache: KeyValueCache = { values: state.values, keysAt, valuesAt: keysAt + maxLength * d };
      block.run(x, at, firstPosition, cache);
    });
  }
}
