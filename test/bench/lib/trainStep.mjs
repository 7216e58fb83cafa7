/**
 * One training step of a GRU recommender: a batch of rows one event on, scores of its targets and of extra negatives, softmax
 * cross-entropy, gradients, Adagrad. Item rows are input and output. Both sides see batches drawn alike.
 */
import { createRequire } from 'node:module';
import { GruEngine } from '../../../build/src/cli/trainers/gru/gruEngine.js';
import { drawWeights, loadSlot } from '../../../build/src/cli/trainers/gru/gruWeights.js';
import { DEFAULT_GRU_OPTIONS } from '../../../build/src/cli/trainers/gru/gruOptions.js';
import { ScoredColumns } from '../../../build/src/cli/trainers/gru/scoredColumns.js';
import { stepKey } from '../../../build/src/cli/trainers/gru/counterRandom.js';
import { seededRandom } from '../../../build/src/core/seededRandom.js';

const LEARNING_RATE = 0.05;

/** Draws the items of a batch, evenly. */
function createBatches({ itemCount, batchSize }) {
  const random = seededRandom(3);
  const draw = () => Int32Array.from({ length: batchSize }, () => Math.floor(random() * itemCount));
  return () => ({ inputs: draw(), targets: draw() });
}

/** Ours, on one thread. */
export async function createOurs(shape) {
  const { itemCount, units, batchSize, negatives } = shape;
  const engine = new GruEngine({ ...shape, threads: 1 });
  loadSlot(engine, 'weights', drawWeights(itemCount, units, 1));
  engine.set({ lossKind: 0, learningRate: LEARNING_RATE, momentum: 0, epsilon: 1e-4, hiddenDropout: 0, embeddingDropout: 0 });
  const sampling = { ...DEFAULT_GRU_OPTIONS, negatives, logQ: 0, sampleAlpha: 0 };
  const columns = new ScoredColumns(new Uint32Array(itemCount).fill(1), sampling, batchSize);
  const nextBatch = createBatches(shape);
  let at = 0;
  return {
    step: () => {
      const { inputs, targets } = nextBatch();
      columns.choose(inputs, targets, batchSize, stepKey(1, at++, 1), engine.arrays);
      engine.arrays.inputs.set(inputs);
      engine.arrays.targets.set(targets);
      engine.set({ rows: batchSize, columns: columns.columns, touched: columns.touched });
      const loss = engine.step();
      engine.carryStates();
      return loss;
    },
    close: () => engine.close(),
  };
}

/** Stock TensorFlow.js in Node: its cpu or its wasm backend. */
export async function createTfjs(backend, shape) {
  const { itemCount, units, batchSize, negatives } = shape;
  const require = createRequire(new URL('../package.json', import.meta.url));
  const tf = require('@tensorflow/tfjs');
  if (backend === 'wasm') {
    const { setThreadsCount } = require('@tensorflow/tfjs-backend-wasm');
    setThreadsCount(1);
  }
  if (!(await tf.setBackend(backend))) throw new Error(`tfjs has no ${backend} backend here`);
  await tf.ready();
  const glorot = (rows, columns) => {
    const limit = Math.sqrt(6 / (rows + columns));
    return tf.variable(tf.randomUniform([rows, columns], -limit, limit));
  };
  const items = glorot(itemCount, units);
  const biases = tf.variable(tf.zeros([itemCount]));
  const kernel = glorot(units, 3 * units);
  const recurrent = glorot(units, 3 * units);
  const bias = tf.variable(tf.zeros([3 * units]));
  const optimizer = tf.train.adagrad(LEARNING_RATE);
  const nextBatch = createBatches(shape);
  const random = seededRandom(4);
  const labels = tf.oneHot(tf.range(0, batchSize, 1, 'int32'), batchSize + negatives);
  let state = tf.zeros([batchSize, units]);
  // The wasm backend has no gradient of gather (UnsortedSegmentSum), so there rows are looked up by a product with ones.
  const rowsOf = (matrix, indexes) =>
    backend === 'wasm' ? tf.matMul(tf.cast(tf.oneHot(indexes, itemCount), 'float32'), matrix) : tf.gather(matrix, indexes);
  const step = () => {
    const { inputs, targets } = nextBatch();
    const drawn = Int32Array.from({ length: negatives }, () => Math.floor(random() * itemCount));
    const before = state;
    const cost = optimizer.minimize(() => {
      const x = rowsOf(items, tf.tensor1d(inputs, 'int32'));
      const fromInput = tf.add(tf.matMul(x, kernel), bias);
      const fromState = tf.matMul(before, recurrent);
      const part = (tensor, gate) => tf.slice(tensor, [0, gate * units], [batchSize, units]);
      const z = tf.sigmoid(tf.add(part(fromInput, 0), part(fromState, 0)));
      const r = tf.sigmoid(tf.add(part(fromInput, 1), part(fromState, 1)));
      const fresh = tf.tanh(tf.add(part(fromInput, 2), tf.mul(r, part(fromState, 2))));
      const after = tf.add(tf.mul(z, before), tf.mul(tf.sub(1, z), fresh));
      state = tf.keep(after.clone());
      const columns = tf.tensor1d(Int32Array.from([...targets, ...drawn]), 'int32');
      const ofColumns = tf.reshape(rowsOf(tf.reshape(biases, [itemCount, 1]), columns), [1, batchSize + negatives]);
      const scores = tf.add(tf.matMul(after, rowsOf(items, columns), false, true), ofColumns);
      const shares = tf.logSoftmax(scores);
      return tf.neg(tf.mean(tf.sum(tf.mul(labels, shares), 1)));
    }, true);
    before.dispose();
    const loss = cost.dataSync()[0];
    cost.dispose();
    return loss;
  };
  return { step };
}
