import * as at from './layout.as';
import { CHUNK } from './head.as';
import { multiply } from './multiply.as';

/** Rows of a cell kernel that one task takes. */
export const CELL_ROWS: i32 = 8;
/** A velocity below this is zero: it would shrink to a denormal number. */
const NEGLIGIBLE: f32 = 1e-20;

/**
 * Adagrad (Duchi, Hazan & Singer 2011) with momentum on `bytes` / 4 values, a multiple of 4 of them:
 * s += g², v = momentum v - rate g / sqrt(s + epsilon), w += v.
 */
// @ts-ignore: decorator
@inline
function adagrad(values: usize, squares: usize, velocities: usize, gradients: usize, bytes: usize): void {
  const rate = f32x4.splat(at.learningRate());
  const momentum = f32x4.splat(at.momentum());
  const epsilon = f32x4.splat(at.epsilon());
  const small = f32x4.splat(NEGLIGIBLE);
  for (let j: usize = 0; j < bytes; j += 16) {
    const g = v128.load(gradients + j);
    const s = f32x4.add(v128.load(squares + j), f32x4.mul(g, g));
    const step = f32x4.div(f32x4.mul(rate, g), f32x4.sqrt(f32x4.add(s, epsilon)));
    const raw = f32x4.sub(f32x4.mul(momentum, v128.load(velocities + j)), step);
    const v = v128.and(raw, f32x4.gt(f32x4.abs(raw), small));
    v128.store(squares + j, s);
    v128.store(velocities + j, v);
    v128.store(values + j, f32x4.add(v128.load(values + j), v));
  }
}

/** Updates the touched items [64 task, 64 task + 64) and no other row. Biases belong to columns only. */
export function updateItemChunk(task: i32): void {
  const rowBytes = <usize>at.stride() << 2;
  const first = task * CHUNK;
  const end = min(first + CHUNK, at.touched());
  const columns = at.columns();
  for (let column = first; column < end; column++) {
    const item = <usize>load<i32>(at.columnItems() + (<usize>column << 2));
    const offset = item * rowBytes;
    const gradients = at.itemGradients() + <usize>column * rowBytes;
    adagrad(at.items() + offset, at.itemSquares() + offset, at.itemVelocities() + offset, gradients, rowBytes);
    if (column < columns) updateBias(item << 2, load<f32>(at.biasGradients() + (<usize>column << 2)));
  }
}

// @ts-ignore: decorator
@inline
function updateBias(offset: usize, g: f32): void {
  const s: f32 = load<f32>(at.biasSquares() + offset) + g * g;
  let v: f32 = at.momentum() * load<f32>(at.biasVelocities() + offset) - (at.learningRate() * g) / sqrt<f32>(s + at.epsilon());
  if (abs(v) < NEGLIGIBLE) v = 0;
  store<f32>(at.biasSquares() + offset, s);
  store<f32>(at.biasVelocities() + offset, v);
  store<f32>(at.biases() + offset, load<f32>(at.biases() + offset) + v);
}

/**
 * Gradients, and with `apply` the update, of rows [8 task, 8 task + 8) of the kernel or, further on, of the recurrent kernel; the last
 * task takes the biases.
 */
export function updateCellRows(task: i32, apply: bool): void {
  const stride = at.stride();
  const rowBytes = <usize>stride << 2;
  const gateBytes = rowBytes * 3;
  const perKernel = stride / CELL_ROWS;
  const isBias = task >= 2 * perKernel;
  const isInput = task < perKernel;
  const offset = <usize>(isBias ? 2 * stride : task * CELL_ROWS) * gateBytes;
  const gradients = at.cellGradients() + offset;
  if (isBias) {
    sumRows(at.inputGateGradients(), gradients, gateBytes);
    sumRows(at.stateGateGradients(), gradients + gateBytes, gateBytes);
  } else {
    const row = <usize>(isInput ? task : task - perKernel) * CELL_ROWS;
    const from = (isInput ? at.embedded() : at.stateBefore()) + (row << 2);
    const to = isInput ? at.inputGateGradients() : at.stateGateGradients();
    multiply(from, 4, rowBytes, to, gateBytes, gradients, gateBytes, CELL_ROWS, stride * 3, at.rows());
  }
  if (!apply) return;
  const bytes = gateBytes * (isBias ? 2 : CELL_ROWS);
  adagrad(at.cell() + offset, at.cellSquares() + offset, at.cellVelocities() + offset, gradients, bytes);
}

/** out = the sum of the batch's live rows. */
function sumRows(values: usize, out: usize, bytes: usize): void {
  const live = at.rows();
  for (let j: usize = 0; j < bytes; j += 16) {
    let sum = f32x4.splat(0);
    for (let row = 0; row < live; row++) sum = f32x4.add(sum, v128.load(values + <usize>row * bytes + j));
    v128.store(out + j, sum);
  }
}
