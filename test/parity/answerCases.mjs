/** Answers the cases of an imported sequence model on one backend. Runs in Node and in the page alike. */
import { fillMatrix } from '../../build/src/core/artifact/rowShards.js';
import { topK } from '../../build/src/core/kernels/topK.js';
import { createSequenceModel } from '../../build/src/core/models/sequence/createSequenceModel.js';
import { matrixRows } from '../../build/src/core/models/sequence/itemRows.js';
import { queryDimensions } from '../../build/src/core/models/sequence/sequenceConfig.js';

/**
 * `source`: config and tensors, `{name: {shape, values}}` with plain arrays as values; `histories`: lists of items. Resolves to all items of each
 * history's list and their scores, best first, with the rows stored as `dtype`.
 */
export async function answerCases(backend, source, histories, dtype) {
  const { config } = source;
  const tensors = new Map(
    Object.entries(source.tensors).map(([name, { shape, values }]) => [name, { shape, values: Float32Array.from(values) }]),
  );
  const order = Uint32Array.from({ length: config.itemCount }, (_, row) => row);
  const toMatrix = (name, dimensions) => {
    const biases = name === 'output.rows' ? (tensors.get('output.bias')?.values ?? null) : null;
    return fillMatrix({ dimensions, dtype, factors: tensors.get(name).values, biases }, order);
  };
  const output = toMatrix('output.rows', queryDimensions(config));
  const inputRows = tensors.get('input.rows');
  const model = createSequenceModel(config, tensors, matrixRows(inputRows ? toMatrix('input.rows', inputRows.shape[1]) : output));
  const loaded = await backend.load(output);
  const answers = [];
  for (const items of histories) {
    const state = model.createState();
    for (const item of items) model.step(state, item);
    const query = model.query(state);
    const { indexes, scores } = await topK(loaded, output, { query, rule: 'dot', k: config.itemCount, excluded: null });
    answers.push({ items: [...indexes], scores: [...scores] });
  }
  loaded.dispose();
  return answers;
}
