import * as at from './layout.as';
import { hash4, sigmoid4, tanh4 } from './lanes.as';
import { multiply } from './multiply.as';

/** Batch rows of one task. */
export const TASK_ROWS: i32 = 8;
const MASK_KEY: u32 = 0x9e3779b9;

/**
 * Rows [8 task, 8 task + 8) of the batch: input rows of the item matrix (with dropout when training), the GRU (reset after the recurrent
 * product), its output (with dropout) and each target's exact score.
 *
 *   z, r = sigmoid(x K + b + h U + b')    c = tanh(x K_h + b_h + r * (h U_h + b'_h))    h' = z h + (1 - z) c
 */
export function forwardRows(task: i32, training: bool): void {
  const stride = <usize>at.stride();
  const rowBytes = stride << 2;
  const first = task * TASK_ROWS;
  const live = at.rows();
  for (let row = first; row < first + TASK_ROWS; row++) {
    const x = at.embedded() + <usize>row * rowBytes;
    if (row >= live) {
      memory.fill(x, 0, rowBytes);
      memory.fill(at.stateBefore() + <usize>row * rowBytes, 0, rowBytes);
      continue;
    }
    memory.copy(x, at.items() + <usize>load<i32>(at.inputs() + (<usize>row << 2)) * rowBytes, rowBytes);
    if (training) drop(x, at.embeddedMask(), row, rowBytes, at.embeddingDropout(), at.randomKey());
  }
  const gates = stride * 3;
  const gateBytes = gates << 2;
  const kernel = at.cell();
  const recurrent = kernel + stride * gateBytes;
  const inputBias = recurrent + stride * gateBytes;
  const start = <usize>first * rowBytes;
  const gateStart = <usize>first * gateBytes;
  const a = at.inputGates() + gateStart;
  const b = at.stateGates() + gateStart;
  multiply(at.embedded() + start, rowBytes, 4, kernel, gateBytes, a, gateBytes, TASK_ROWS, <i32>gates, at.units());
  multiply(at.stateBefore() + start, rowBytes, 4, recurrent, gateBytes, b, gateBytes, TASK_ROWS, <i32>gates, at.units());
  for (let row = 0; row < TASK_ROWS; row++) {
    gateRow(a + <usize>row * gateBytes, b + <usize>row * gateBytes, inputBias, first + row, rowBytes);
    finishRow(first + row, live, rowBytes, training);
  }
}

/** Turns a row's sums into gates (z, r, c in `a`; the recurrent part of c stays in `b`) and the next state. */
function gateRow(a: usize, b: usize, bias: usize, row: i32, rowBytes: usize): void {
  const recurrentBias = bias + 3 * rowBytes;
  const before = at.stateBefore() + <usize>row * rowBytes;
  const after = at.stateAfter() + <usize>row * rowBytes;
  const one = f32x4.splat(1);
  for (let z: usize = 0; z < rowBytes; z += 16) {
    const r = z + rowBytes;
    const c = r + rowBytes;
    const zs = sigmoid4(sumOf(a, b, bias, recurrentBias, z));
    const rs = sigmoid4(sumOf(a, b, bias, recurrentBias, r));
    const inner = f32x4.add(v128.load(b + c), v128.load(recurrentBias + c));
    const cs = tanh4(f32x4.add(f32x4.add(v128.load(a + c), v128.load(bias + c)), f32x4.mul(rs, inner)));
    v128.store(a + z, zs);
    v128.store(a + r, rs);
    v128.store(a + c, cs);
    v128.store(b + c, inner);
    v128.store(after + z, f32x4.add(f32x4.mul(zs, v128.load(before + z)), f32x4.mul(f32x4.sub(one, zs), cs)));
  }
}

// @ts-ignore: decorator
@inline
function sumOf(a: usize, b: usize, bias: usize, recurrentBias: usize, at: usize): v128 {
  const input = f32x4.add(v128.load(a + at), v128.load(bias + at));
  return f32x4.add(input, f32x4.add(v128.load(b + at), v128.load(recurrentBias + at)));
}

/** The row's output from its state, as a row and as a column, and its target's score. A padding row gets zeros. */
function finishRow(row: i32, live: i32, rowBytes: usize, training: bool): void {
  const y = at.output() + <usize>row * rowBytes;
  if (row >= live) {
    memory.fill(at.stateAfter() + <usize>row * rowBytes, 0, rowBytes);
    memory.fill(y, 0, rowBytes);
  } else {
    memory.copy(y, at.stateAfter() + <usize>row * rowBytes, rowBytes);
    if (training) drop(y, at.outputMask(), row, rowBytes, at.hiddenDropout(), at.randomKey() ^ MASK_KEY);
  }
  const turned = at.outputTurned() + (<usize>row << 2);
  const columnBytes = <usize>at.paddedRows() << 2;
  const units = at.units();
  for (let j = 0; j < units; j++) store<f32>(turned + <usize>j * columnBytes, load<f32>(y + (<usize>j << 2)));
  if (row >= live) return;
  const target = <usize>load<i32>(at.targets() + (<usize>row << 2));
  const item = at.items() + target * rowBytes;
  // In the order of `multiply`, so that the target ties with itself.
  let score: f32 = 0;
  for (let j = 0; j < units; j++) score += load<f32>(item + (<usize>j << 2)) * load<f32>(y + (<usize>j << 2));
  store<f32>(at.targetScores() + (<usize>row << 2), score + load<f32>(at.biases() + (target << 2)));
}

/** Zeroes each value of a row with the probability `share` and scales the others by 1 / (1 - share); keeps the factors in `mask`. */
function drop(values: usize, mask: usize, row: i32, rowBytes: usize, share: f32, key: u32): void {
  if (share == 0) return;
  const kept = f32x4.splat(1 / (1 - share));
  const limit = i32x4.splat(<i32>(<f64>share * 2147483648.0));
  const factors = mask + <usize>row * rowBytes;
  let counters = i32x4.add(i32x4.splat(<i32>(key + <u32>row * <u32>(rowBytes >> 2))), i32x4(0, 1, 2, 3));
  for (let j: usize = 0; j < rowBytes; j += 16) {
    const keep = i32x4.ge_s(i32x4.shr_u(hash4(counters), 1), limit);
    const factor = v128.and(keep, kept);
    v128.store(factors + j, factor);
    v128.store(values + j, f32x4.mul(v128.load(values + j), factor));
    counters = i32x4.add(counters, i32x4.splat(4));
  }
}

/**
 * The same rows backwards, one step of backpropagation: output gradients are summed over the chunks in their order, then carried through
 * the gates to the sums and to the embedded inputs. The state before counts as a constant.
 */
export function backwardRows(task: i32): void {
  const stride = <usize>at.stride();
  const rowBytes = stride << 2;
  const gateBytes = rowBytes * 3;
  const columnBytes = <usize>at.paddedRows() << 2;
  const first = task * TASK_ROWS;
  for (let row = first; row < first + TASK_ROWS; row++) gateGradients(row, rowBytes, gateBytes, columnBytes);
  // turned[g, row] -> gradients of the inputs, units x rows.
  multiply(
    at.cell(),
    gateBytes,
    4,
    at.turnedGradients() + (<usize>first << 2),
    columnBytes,
    at.embeddedGradients() + (<usize>first << 2),
    columnBytes,
    <i32>stride,
    TASK_ROWS,
    <i32>stride * 3,
  );
}

function gateGradients(row: i32, rowBytes: usize, gateBytes: usize, columnBytes: usize): void {
  const chunkBytes = <usize>at.paddedRows() * rowBytes;
  const chunkCount = (at.columns() + 63) >> 6;
  const partial = at.chunkOutputGradients() + <usize>row * rowBytes;
  const gates = at.inputGates() + <usize>row * gateBytes;
  const inner = at.stateGates() + <usize>row * gateBytes + 2 * rowBytes;
  const before = at.stateBefore() + <usize>row * rowBytes;
  const mask = at.outputMask() + <usize>row * rowBytes;
  const outA = at.inputGateGradients() + <usize>row * gateBytes;
  const outB = at.stateGateGradients() + <usize>row * gateBytes;
  const one = f32x4.splat(1);
  const hasDropout = at.hiddenDropout() > 0;
  for (let z: usize = 0; z < rowBytes; z += 16) {
    const r = z + rowBytes;
    const c = r + rowBytes;
    let d = f32x4.splat(0);
    for (let chunk = 0; chunk < chunkCount; chunk++) d = f32x4.add(d, v128.load(partial + <usize>chunk * chunkBytes + z));
    if (hasDropout) d = f32x4.mul(d, v128.load(mask + z));
    const zs = v128.load(gates + z);
    const rs = v128.load(gates + r);
    const cs = v128.load(gates + c);
    const dc = f32x4.mul(f32x4.mul(d, f32x4.sub(one, zs)), f32x4.sub(one, f32x4.mul(cs, cs)));
    const dz = f32x4.mul(f32x4.mul(d, f32x4.sub(v128.load(before + z), cs)), f32x4.mul(zs, f32x4.sub(one, zs)));
    const dr = f32x4.mul(f32x4.mul(dc, v128.load(inner + z)), f32x4.mul(rs, f32x4.sub(one, rs)));
    v128.store(outA + z, dz);
    v128.store(outA + r, dr);
    v128.store(outA + c, dc);
    v128.store(outB + z, dz);
    v128.store(outB + r, dr);
    v128.store(outB + c, f32x4.mul(dc, rs));
  }
  let turned = at.turnedGradients() + (<usize>row << 2);
  for (let g: usize = 0; g < gateBytes; g += 4) {
    store<f32>(turned, load<f32>(outA + g));
    turned += columnBytes;
  }
}
