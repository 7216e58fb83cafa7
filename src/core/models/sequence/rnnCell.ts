import { activationOf } from './activation.js';
import type { Cell, CellTensors } from './cell.js';
import { addInput, addProduct, setBias } from './denseProduct.js';
import type { RnnLayerConfig } from './sequenceConfig.js';

/** Elman's network (1990), Keras' SimpleRNN: h' = f(x K + b + h U). Sums in float64. */
export function createRnnCell({ units, activation }: RnnLayerConfig, inputs: number, { kernel, recurrent, bias }: CellTensors): Cell {
  const f = activationOf(activation)!;
  const sums = new Float64Array(units);
  return {
    units,
    stateSize: units,
    step: (x, state, at) => {
      setBias(sums, bias, 0, units);
      addInput(x, kernel, inputs, units, sums);
      addProduct(state, at, recurrent, units, units, sums);
      for (let j = 0; j < units; j++) state[at + j] = f(sums[j]!);
    },
  };
}
