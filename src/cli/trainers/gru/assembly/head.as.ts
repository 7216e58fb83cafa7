import * as at from './layout.as';
import { exp4, sigmoid4 } from './lanes.as';
import { multiply } from './multiply.as';

/** Columns, or items, of one task: their rows and all that belongs to them stay in the processor's first caches. */
export const CHUNK: i32 = 64;
/** Score of what takes no part: its exponential is nothing, its square still a number. */
const ABSENT: f32 = -30_000;
/** Gradients of scores below this are zero: their squares would be denormal numbers. */
const NEGLIGIBLE: f32 = 1e-12;

/** Scores columns [64 task, 64 task + 64) for the whole batch and sums up, for each batch row, what the loss needs of them. */
export function scoreChunk(task: i32): void {
  const rowBytes = <usize>at.stride() << 2;
  const columnBytes = <usize>at.paddedRows() << 2;
  const first = task * CHUNK;
  const end = min(first + CHUNK, at.columns());
  const paddedEnd = (end + 3) & ~3;
  for (let column = first; column < paddedEnd; column++) {
    const to = at.gathered() + <usize>column * rowBytes;
    if (column < end) memory.copy(to, at.items() + <usize>load<i32>(at.columnItems() + (<usize>column << 2)) * rowBytes, rowBytes);
    else memory.fill(to, 0, rowBytes);
  }
  const scores = at.scores() + <usize>first * columnBytes;
  const from = at.gathered() + <usize>first * rowBytes;
  multiply(from, rowBytes, 4, at.outputTurned(), columnBytes, scores, columnBytes, paddedEnd - first, at.paddedRows(), at.units());
  const entropy = at.lossKind() == 0;
  for (let column = first; column < paddedEnd; column++) {
    let add = ABSENT;
    if (column < end) {
      add = load<f32>(at.biases() + (<usize>load<i32>(at.columnItems() + (<usize>column << 2)) << 2));
      if (entropy) add += load<f32>(at.columnOffsets() + (<usize>column << 2));
    }
    addToRow(at.scores() + <usize>column * columnBytes, add, columnBytes);
  }
  const live = at.rows();
  for (let row = 0; row < live; row++) {
    const column = load<i32>(at.targetColumns() + (<usize>row << 2));
    if (column < first || column >= end) continue;
    // The target's own weight; where it was drawn as a negative of its own row, that draw does not count.
    const own = load<f32>(at.targetScores() + (<usize>row << 2)) + load<f32>(at.targetOffsets() + (<usize>row << 2));
    store<f32>(at.scores() + <usize>column * columnBytes + (<usize>row << 2), entropy ? own : ABSENT);
  }
  const sums = at.chunkSums() + <usize>task * 5 * columnBytes;
  if (entropy) sumExponentials(scores, paddedEnd - first, columnBytes, sums);
  else sumBprMax(scores, first, paddedEnd - first, columnBytes, sums);
}

// @ts-ignore: decorator
@inline
function addToRow(values: usize, add: f32, bytes: usize): void {
  const four = f32x4.splat(add);
  for (let j: usize = 0; j < bytes; j += 16) v128.store(values + j, f32x4.add(v128.load(values + j), four));
}

/** Replaces scores by exp(score - chunk maximum); sums: maximum, sum. */
function sumExponentials(scores: usize, count: i32, columnBytes: usize, sums: usize): void {
  for (let j: usize = 0; j < columnBytes; j += 16) {
    const end = scores + j + <usize>count * columnBytes;
    let largest = f32x4.splat(-Infinity);
    for (let p = scores + j; p < end; p += columnBytes) largest = f32x4.max(largest, v128.load(p));
    let sum = f32x4.splat(0);
    for (let p = scores + j; p < end; p += columnBytes) {
      const e = exp4(f32x4.sub(v128.load(p), largest));
      v128.store(p, e);
      sum = f32x4.add(sum, e);
    }
    v128.store(sums + j, largest);
    v128.store(sums + columnBytes + j, sum);
  }
}

/** Leaves the scores; sums: maximum, sum of e, of e sigmoid(t - s), of e sigmoid', of e s², with e = weight exp(s - maximum). */
function sumBprMax(scores: usize, first: i32, count: i32, columnBytes: usize, sums: usize): void {
  const one = f32x4.splat(1);
  for (let j: usize = 0; j < columnBytes; j += 16) {
    const end = scores + j + <usize>count * columnBytes;
    const target = v128.load(at.targetScores() + j);
    let largest = f32x4.splat(-Infinity);
    for (let p = scores + j; p < end; p += columnBytes) largest = f32x4.max(largest, v128.load(p));
    let sum = f32x4.splat(0);
    let better = sum;
    let slope = sum;
    let square = sum;
    let offset = at.columnOffsets() + (<usize>first << 2);
    for (let p = scores + j; p < end; p += columnBytes) {
      const s = v128.load(p);
      const e = exp4(f32x4.add(f32x4.sub(s, largest), v128.load32_splat(offset)));
      const wins = sigmoid4(f32x4.sub(target, s));
      const won = f32x4.mul(e, wins);
      sum = f32x4.add(sum, e);
      better = f32x4.add(better, won);
      slope = f32x4.add(slope, f32x4.mul(won, f32x4.sub(one, wins)));
      square = f32x4.add(square, f32x4.mul(e, f32x4.mul(s, s)));
      offset += 4;
    }
    v128.store(sums + j, largest);
    v128.store(sums + columnBytes + j, sum);
    v128.store(sums + 2 * columnBytes + j, better);
    v128.store(sums + 3 * columnBytes + j, slope);
    v128.store(sums + 4 * columnBytes + j, square);
  }
}

/** Gradients of the chunk's scores, rows and biases, and the chunk's share of the output gradients. */
export function gradientChunk(task: i32): void {
  const rowBytes = <usize>at.stride() << 2;
  const columnBytes = <usize>at.paddedRows() << 2;
  const first = task * CHUNK;
  const end = min(first + CHUNK, at.columns());
  const paddedEnd = (end + 3) & ~3;
  const sums = at.chunkSums() + <usize>task * 5 * columnBytes;
  if (at.lossKind() == 0) {
    for (let column = first; column < paddedEnd; column++) {
      const g = at.scores() + <usize>column * columnBytes;
      for (let j: usize = 0; j < columnBytes; j += 16) v128.store(g + j, f32x4.mul(v128.load(g + j), v128.load(sums + j)));
    }
  } else {
    bprMaxGradients(first, paddedEnd, columnBytes);
  }
  setTargetGradients(first, end, columnBytes);
  const small = f32x4.splat(NEGLIGIBLE);
  for (let column = first; column < paddedEnd; column++) {
    const g = at.scores() + <usize>column * columnBytes;
    let sum = f32x4.splat(0);
    for (let j: usize = 0; j < columnBytes; j += 16) {
      const raw = v128.load(g + j);
      const value = v128.and(raw, f32x4.gt(f32x4.abs(raw), small));
      v128.store(g + j, value);
      sum = f32x4.add(sum, value);
    }
    const total = f32x4.extract_lane(sum, 0) + f32x4.extract_lane(sum, 1) + (f32x4.extract_lane(sum, 2) + f32x4.extract_lane(sum, 3));
    store<f32>(at.biasGradients() + (<usize>column << 2), total);
  }
  const g = at.scores() + <usize>first * columnBytes;
  const width = at.stride();
  const toItems = at.itemGradients() + <usize>first * rowBytes;
  multiply(g, columnBytes, 4, at.output(), rowBytes, toItems, rowBytes, paddedEnd - first, width, at.rows());
  const toOutput = at.chunkOutputGradients() + <usize>task * <usize>at.paddedRows() * rowBytes;
  const from = at.gathered() + <usize>first * rowBytes;
  multiply(g, 4, columnBytes, from, rowBytes, toOutput, rowBytes, at.paddedRows(), width, end - first);
}

/** d loss / d score of the negatives (see `combineBprMax` for the totals). */
function bprMaxGradients(first: i32, end: i32, columnBytes: usize): void {
  const one = f32x4.splat(1);
  const penalty = f32x4.splat(at.scorePenalty());
  const two = f32x4.splat(2);
  for (let j: usize = 0; j < columnBytes; j += 16) {
    const target = v128.load(at.targetScores() + j);
    const totals = at.totals() + j;
    const largest = v128.load(totals);
    // 1 / (sum of e · live rows), 0 for a padding row.
    const factor = v128.load(totals + columnBytes);
    const mean = v128.load(totals + 2 * columnBytes);
    const square = v128.load(totals + 4 * columnBytes);
    const inverse = f32x4.div(one, mean);
    for (let column = first; column < end; column++) {
      const p = at.scores() + <usize>column * columnBytes + j;
      const s = v128.load(p);
      const e = exp4(f32x4.add(f32x4.sub(s, largest), v128.load32_splat(at.columnOffsets() + (<usize>column << 2))));
      const wins = sigmoid4(f32x4.sub(target, s));
      const rise = f32x4.sub(f32x4.sub(wins, mean), f32x4.mul(wins, f32x4.sub(one, wins)));
      const pull = f32x4.add(f32x4.sub(f32x4.mul(s, s), square), f32x4.mul(two, s));
      const slope = f32x4.sub(f32x4.mul(penalty, pull), f32x4.mul(rise, inverse));
      v128.store(p, f32x4.mul(f32x4.mul(e, factor), slope));
    }
  }
}

function setTargetGradients(first: i32, end: i32, columnBytes: usize): void {
  const live = at.rows();
  const entropy = at.lossKind() == 0;
  for (let row = 0; row < live; row++) {
    const column = load<i32>(at.targetColumns() + (<usize>row << 2));
    if (column < first || column >= end) continue;
    const lane = <usize>row << 2;
    const p = at.scores() + <usize>column * columnBytes + lane;
    if (entropy) store<f32>(p, load<f32>(p) - 1 / <f32>live);
    else store<f32>(p, -load<f32>(at.totals() + 3 * columnBytes + lane) / (load<f32>(at.totals() + 2 * columnBytes + lane) * <f32>live));
  }
}

/** Counts, for each batch row, the items of [64 task, 64 task + 64) that rank before its target: higher score, or equal and lower index. */
export function rankChunk(task: i32, thread: i32): void {
  const rowBytes = <usize>at.stride() << 2;
  const columnBytes = <usize>at.paddedRows() << 2;
  const first = task * CHUNK;
  const end = min(first + CHUNK, at.itemCount());
  const scores = at.threadScratch() + <usize>thread * <usize>CHUNK * columnBytes;
  const counts = at.chunkRanks() + <usize>task * columnBytes;
  const from = at.items() + <usize>first * rowBytes;
  // Behind the last row lies the next array: its products are not looked at.
  multiply(from, rowBytes, 4, at.outputTurned(), columnBytes, scores, columnBytes, (end - first + 3) & ~3, at.paddedRows(), at.units());
  for (let j: usize = 0; j < columnBytes; j += 16) {
    const target = v128.load(at.targetScores() + j);
    const targetItems = v128.load(at.targets() + j);
    let count = i32x4.splat(0);
    for (let item = first; item < end; item++) {
      const bias = v128.load32_splat(at.biases() + (<usize>item << 2));
      const s = f32x4.add(v128.load(scores + <usize>(item - first) * columnBytes + j), bias);
      const lower = v128.and(f32x4.eq(s, target), i32x4.lt_s(i32x4.splat(item), targetItems));
      // A true lane is -1.
      count = i32x4.sub(count, v128.or(f32x4.gt(s, target), lower));
    }
    v128.store(counts + j, count);
  }
}
