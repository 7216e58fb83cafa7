/**
 * One training step of the GRU recommender, cut into phases of tasks that all threads share. Compiled by build.mjs; `v128`, `f32x4` and
 * the like are AssemblyScript built-ins, one WebAssembly instruction each. Nothing is allocated; all arrays lie where layout.as.ts says.
 * The sums of a phase are cut in the same places whatever the number of threads, so the results are equal to the last bit.
 */
import * as at from './layout.as';
import { TASK_ROWS } from './cell.as';
import { CHUNK } from './head.as';
import { runPhase, setTask } from '../../assembly/pool.as';
import { BACKWARD, CELL_GRADIENTS, FORWARD, GRADIENTS, INFER, RANKS, runTask, SCORES, UPDATE_CELL, UPDATE_ITEMS } from './tasks.as';
import { CELL_ROWS } from './update.as';

export { serve, setAlone, stop } from '../../assembly/pool.as';

setTask(runTask);

/** Runs forwards and backwards over the batch. Returns the mean loss of its live rows. With `apply` the weights are updated. */
export function step(apply: bool): f64 {
  const rowTasks = at.paddedRows() / TASK_ROWS;
  const chunks = (at.columns() + CHUNK - 1) / CHUNK;
  runPhase(FORWARD, rowTasks);
  runPhase(SCORES, chunks);
  const loss = at.lossKind() == 0 ? combineEntropy(chunks) : combineBprMax(chunks);
  runPhase(GRADIENTS, chunks);
  runPhase(BACKWARD, rowTasks);
  addInputGradients();
  runPhase(apply ? UPDATE_CELL : CELL_GRADIENTS, 2 * (at.stride() / CELL_ROWS) + 1);
  if (apply) runPhase(UPDATE_ITEMS, (at.touched() + CHUNK - 1) / CHUNK);
  return loss;
}

/** Carries the states one event on, without dropout, and leaves output and target scores. */
export function infer(): void {
  runPhase(INFER, at.paddedRows() / TASK_ROWS);
}

/** Counts what ranks before the targets, by chunk, after `infer`. */
export function rank(): void {
  runPhase(RANKS, (at.itemCount() + CHUNK - 1) / CHUNK);
}

/**
 * Cross-entropy: -(s_t + o_t) + log sum exp(s_j + o_j). Replaces each chunk's maximum by the factor that turns its exponentials
 * into gradients, exp(chunk maximum - maximum) / (sum · live rows).
 */
function combineEntropy(chunks: i32): f64 {
  const width = (<usize>at.paddedRows()) << 2;
  const live = at.rows();
  let loss: f64 = 0;
  for (let row = 0; row < at.paddedRows(); row++) {
    const lane = at.chunkSums() + ((<usize>row) << 2);
    if (row >= live) {
      for (let chunk = 0; chunk < chunks; chunk++) store<f32>(lane + <usize>chunk * 5 * width, 0);
      continue;
    }
    let largest: f32 = -Infinity;
    for (let chunk = 0; chunk < chunks; chunk++) largest = max(largest, load<f32>(lane + <usize>chunk * 5 * width));
    let sum: f64 = 0;
    for (let chunk = 0; chunk < chunks; chunk++) {
      const p = lane + <usize>chunk * 5 * width;
      sum += Math.exp(load<f32>(p) - largest) * load<f32>(p + width);
    }
    for (let chunk = 0; chunk < chunks; chunk++) {
      const p = lane + <usize>chunk * 5 * width;
      store<f32>(p, <f32>(Math.exp(load<f32>(p) - largest) / (sum * live)));
    }
    const own = load<f32>(at.targetScores() + ((<usize>row) << 2)) + load<f32>(at.targetOffsets() + ((<usize>row) << 2));
    loss += <f64>largest + Math.log(sum) - <f64>own;
  }
  return loss / <f64>live;
}

/**
 * BPR-max (Hidasi & Karatzoglou 2018, section 3.3.3) with w_j the softmax over the negatives:
 * -log sum w_j sigmoid(s_t - s_j) + penalty sum w_j s_j². Leaves in `totals`: maximum, 1 / (sum of e · live rows), and the
 * w-weighted means of sigmoid, of its slope and of s².
 */
function combineBprMax(chunks: i32): f64 {
  const width = (<usize>at.paddedRows()) << 2;
  const live = at.rows();
  let loss: f64 = 0;
  for (let row = 0; row < at.paddedRows(); row++) {
    const lane = at.chunkSums() + ((<usize>row) << 2);
    const total = at.totals() + ((<usize>row) << 2);
    let largest: f32 = -Infinity;
    for (let chunk = 0; chunk < chunks; chunk++) largest = max(largest, load<f32>(lane + <usize>chunk * 5 * width));
    let sum: f64 = 0;
    let wins: f64 = 0;
    let slope: f64 = 0;
    let square: f64 = 0;
    for (let chunk = 0; chunk < chunks; chunk++) {
      const p = lane + <usize>chunk * 5 * width;
      const factor = Math.exp(load<f32>(p) - largest);
      sum += factor * load<f32>(p + width);
      wins += factor * load<f32>(p + 2 * width);
      slope += factor * load<f32>(p + 3 * width);
      square += factor * load<f32>(p + 4 * width);
    }
    // A target that beats nothing: its gradient would be without limit.
    const mean = max<f64>(wins / sum, 1e-12);
    store<f32>(total, largest);
    store<f32>(total + width, row < live ? <f32>(1 / (sum * live)) : 0);
    store<f32>(total + 2 * width, <f32>mean);
    store<f32>(total + 3 * width, <f32>(slope / sum));
    store<f32>(total + 4 * width, <f32>(square / sum));
    if (row < live) loss += at.scorePenalty() * (square / sum) - Math.log(mean);
  }
  return loss / <f64>live;
}

/** Adds the gradients of the embedded inputs to the touched rows they came from. */
function addInputGradients(): void {
  const rowBytes = (<usize>at.stride()) << 2;
  const columnBytes = (<usize>at.paddedRows()) << 2;
  const units = <usize>at.units();
  const extra = at.itemGradients() + <usize>at.columns() * rowBytes;
  memory.fill(extra, 0, <usize>(at.touched() - at.columns()) * rowBytes);
  const hasDropout = at.embeddingDropout() > 0;
  for (let row = 0; row < at.rows(); row++) {
    const to = at.itemGradients() + <usize>load<i32>(at.inputColumns() + ((<usize>row) << 2)) * rowBytes;
    const from = at.embeddedGradients() + ((<usize>row) << 2);
    const mask = at.embeddedMask() + <usize>row * rowBytes;
    for (let j: usize = 0; j < units; j++) {
      let g = load<f32>(from + j * columnBytes);
      if (hasDropout) g *= load<f32>(mask + (j << 2));
      store<f32>(to + (j << 2), load<f32>(to + (j << 2)) + g);
    }
  }
}
