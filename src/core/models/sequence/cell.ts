import type { LayerConfig } from './sequenceConfig.js';
import { createGruCell } from './gruCell.js';
import { createLstmCell } from './lstmCell.js';
import { createRnnCell } from './rnnCell.js';

/** The weights of one recurrent layer, f32, in Keras' order. */
export interface CellTensors {
  /** [inputs, gates x units]; null for the first layer of a one-hot model, whose input is a row of this kernel. */
  readonly kernel: Float32Array | null;
  /** [units, gates x units]. */
  readonly recurrent: Float32Array;
  /** [gates x units], or [2, 3 units] for a GRU that resets after; null: none. */
  readonly bias: Float32Array | null;
}

/** One recurrent layer. It keeps no state of its own, only buffers. */
export interface Cell {
  readonly units: number;
  /** Values of its state: units, and as many again for an LSTM's carry. The output is the first `units` of them. */
  readonly stateSize: number;
  /**
   * Takes in the input x[0 .. inputs) (for one-hot: the input's share of the gate sums) and overwrites the state at
   * state[at .. at + stateSize). Allocates nothing.
   */
  step(x: Float32Array, state: Float32Array, at: number): void;
}

/** Creates a cell over weights whose shapes have been checked. `inputs`: length of x. */
export function createCell(layer: LayerConfig, inputs: number, tensors: CellTensors): Cell {
  switch (layer.cell) {
    case 'rnn':
      return createRnnCell(layer, inputs, tensors);
    case 'gru':
      return createGruCell(layer, inputs, tensors);
    case 'lstm':
      return createLstmCell(layer, inputs, tensors);
  }
}
