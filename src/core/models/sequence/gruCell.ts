import { activationOf } from './activation.js';
import type { Cell, CellTensors } from './cell.js';
import { addInput, addProduct, setBias } from './denseProduct.js';
import type { GruLayerConfig } from './sequenceConfig.js';

/**
 * Gated recurrent unit (Cho et al. 2014, equations 5 to 8), with s and f the two activations:
 *
 *   z = s(x K_z + h U_z + b_z)    r = s(x K_r + h U_r + b_r)    h' = z h + (1 - z) c
 *   reset after:   c = f(x K_h + b_h + r * (h U_h + b'_h))
 *   reset before:  c = f(x K_h + b_h + (r * h) U_h)
 *
 * With reset after, z and r have recurrent biases too. Sums in float64.
 */
export function createGruCell(
  { units, activation, recurrentActivation, resetAfter }: GruLayerConfig,
  inputs: number,
  { kernel, recurrent, bias }: CellTensors,
): Cell {
  const f = activationOf(activation)!;
  const s = activationOf(recurrentActivation)!;
  const width = 3 * units;
  const x3 = new Float64Array(width);
  const h3 = new Float64Array(width);
  const reset = new Float64Array(units);
  return {
    units,
    stateSize: units,
    step: (x, state, at) => {
      setBias(x3, bias, 0, width);
      addInput(x, kernel, inputs, width, x3);
      if (resetAfter) {
        setBias(h3, bias, width, width);
        addProduct(state, at, recurrent, units, width, h3);
        for (let j = 0; j < units; j++) {
          const r = s(x3[units + j]! + h3[units + j]!);
          x3[2 * units + j]! += r * h3[2 * units + j]!;
        }
      } else {
        h3.fill(0);
        addProduct(state, at, recurrent, units, width, h3, 0, 2 * units);
        for (let j = 0; j < units; j++) reset[j] = s(x3[units + j]! + h3[units + j]!) * state[at + j]!;
        addProduct(reset, 0, recurrent, units, width, h3, 2 * units, width);
        for (let j = 2 * units; j < width; j++) x3[j]! += h3[j]!;
      }
      for (let j = 0; j < units; j++) {
        const z = s(x3[j]! + h3[j]!);
        state[at + j] = z * state[at + j]! + (1 - z) * f(x3[2 * units + j]!);
      }
    },
  };
}
