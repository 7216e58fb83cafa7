/** Our GRU: one event to the state, the state to the best 20 of all items; or the best 20 alone. */
import { createItemMatrix, setRow } from '../build/src/core/kernels/itemMatrix.js';
import { topK } from '../build/src/core/kernels/topK.js';
import { createWasmBackend, wasmScratchBytes } from '../build/src/core/kernels/topK.wasm.js';
import { createSequenceModel } from '../build/src/core/models/sequence/createSequenceModel.js';
import { matrixRows } from '../build/src/core/models/sequence/itemRows.js';
import { expectedShapes } from '../build/src/core/models/sequence/sequenceTensors.js';
import { seededRandom } from '../build/src/core/seededRandom.js';
import { answer } from './rpc.js';

let model = null;
let matrix = null;
let loaded = null;
let state = null;
let event = 0;

answer({
  async prepare({ itemCount, units }) {
    const random = seededRandom(1);
    const draw = (length) => Float32Array.from({ length }, () => (2 * random() - 1) / Math.sqrt(units));
    matrix = createItemMatrix({
      itemCount,
      dimensions: units,
      hasBiases: false,
      hasExactRows: false,
      wasmScratchBytes: wasmScratchBytes(itemCount, units),
    });
    for (let row = 0; row < itemCount; row++) setRow(matrix, row, draw(units));
    const layer = { cell: 'gru', units, activation: 'tanh', recurrentActivation: 'sigmoid', resetAfter: true, hasBias: true };
    const config = {
      kind: 'recurrent',
      itemCount,
      input: 'tied',
      inputDimensions: units,
      layers: [layer],
      projections: [],
      hasOutputBias: false,
    };
    const tensors = new Map();
    for (const [name, shape] of expectedShapes(config))
      if (name !== 'output.rows') tensors.set(name, { shape, values: draw(shape.reduce((product, size) => product * size, 1)) });
    model = createSequenceModel(config, tensors, matrixRows(matrix));
    state = model.createState();
    loaded = await createWasmBackend().load(matrix);
  },
  async run({ kind, count, repeats }) {
    let query = model.query(model.step(state, 7));
    const startMs = performance.now();
    for (let n = 0; n < repeats; n++) {
      if (kind === 'step') query = model.query(model.step(state, (event++ * 7919) % matrix.itemCount));
      const { indexes } = await topK(loaded, matrix, { query, rule: 'dot', k: count, excluded: null });
      if (indexes.length !== count) throw new Error('the list is too short');
    }
    return { ms: (performance.now() - startMs) / repeats };
  },
});
