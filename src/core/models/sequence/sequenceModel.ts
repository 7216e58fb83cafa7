import { RecommenderError, show } from '../../errors.js';

/**
 * What a sequence model knows of the events so far: plain values, so that it can be stored with the history as it is (it survives
 * structured cloning). Its arrays belong to the state and are overwritten by `step`.
 */
export interface SequenceState {
  /** Events taken in since the state was fresh. */
  events: number;
  /** f32: hidden (and cell) states of all layers, or cached keys and values. */
  readonly values: Float32Array;
  /** i32: the last items, oldest first, where the model needs them; else empty. */
  readonly items: Int32Array;
}

/**
 * Predicts the next item from the items before it, one step for each event. The score of item i is query · row_i + bias_i over the
 * model's output rows, so that all items are ranked by the top-k kernels.
 */
export interface SequenceModel {
  readonly itemCount: number;
  /** Length of the query. */
  readonly dimensions: number;
  /** A fresh state: nothing has happened. */
  createState(): SequenceState;
  /** Takes in one event. Changes and returns `state`. Throws `input/unknown-item` for an index outside the model; the state is as before then. */
  step(state: SequenceState, item: number): SequenceState;
  /** Writes the query of a state, f32, into `out` and returns it; a new array by default. Zeros before the first event. */
  query(state: SequenceState, out?: Float32Array): Float32Array;
  /** Copies a state for storing. */
  stateToArrays(state: SequenceState): SequenceState;
  /** Copies a stored state for use. Throws `artifact/bad-tensor` when it is not one of this model's. */
  stateFromArrays(stored: SequenceState): SequenceState;
}

/** Copies a state. */
export function copyState({ events, values, items }: SequenceState): SequenceState {
  return { events, values: values.slice(), items: items.slice() };
}

/** Copies `stored` when its arrays are as long as those of a fresh state. Throws `artifact/bad-tensor` with both lengths when they are not. */
export function restoreState(stored: SequenceState, fresh: SequenceState): SequenceState {
  for (const name of ['values', 'items'] as const) {
    if (stored[name].length === fresh[name].length) continue;
    throw new RecommenderError(
      'artifact/bad-tensor',
      `The stored state has ${stored[name].length} ${name}; this model has ${fresh[name].length}. Replay the history instead.`,
      { name, seen: stored[name].length, expected: fresh[name].length },
    );
  }
  return copyState(stored);
}

/** Throws `input/unknown-item` unless 0 <= item < itemCount. */
export function checkItem(item: number, itemCount: number): void {
  if (Number.isInteger(item) && item >= 0 && item < itemCount) return;
  throw new RecommenderError('input/unknown-item', `The sequence model has no item ${show(item)}; it has ${itemCount}. Skip the event.`, {
    seen: item,
    itemCount,
  });
}
