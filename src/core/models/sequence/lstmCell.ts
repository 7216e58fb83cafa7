import { activationOf } from './activation.js';
import type { Cell, CellTensors } from './cell.js';
import { addInput, addProduct, setBias } from './denseProduct.js';
import type { LstmLayerConfig } from './sequenceConfig.js';

/**
 * Long short-term memory (Hochreiter & Schmidhuber 1997, with the forget gate of Gers et al. 2000), gate order i, f, c, o, with s and
 * g the two activations: c' = s(f) c + s(i) g(c~), h' = s(o) g(c'). The state is h, then c. Sums in float64.
 */
export function createLstmCell(
  { units, activation, recurrentActivation }: LstmLayerConfig,
  inputs: number,
  { kernel, recurrent, bias }: CellTensors,
): Cell {
  const g = activationOf(activation)!;
  const s = activationOf(recurrentActivation)!;
  const width = 4 * units;
  const sums = new Float64Array(width);
  return {
    units,
    stateSize: 2 * units,
    step: (x, state, at) => {
      setBias(sums, bias, 0, width);
      addInput(x, kernel, inputs, width, sums);
      addProduct(state, at, recurrent, units, width, sums);
      for (let j = 0; j < units; j++) {
        const carry = s(sums[units + j]!) * state[at + units + j]! + s(sums[j]!) * g(sums[2 * units + j]!);
        state[at + units + j] = carry;
        state[at + j] = s(sums[3 * units + j]!) * g(carry);
      }
    },
  };
}
