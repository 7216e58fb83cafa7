/**
 * The top-k scan in AssemblyScript: int8 rows x int16 query -> score -> running best `capacity` rows, in one pass.
 *
 * Compiled twice by build.mjs: plainly, and with relaxed SIMD, whose dot product of int8 with 7-bit values is one instruction where there
 * were six (VPDPBUSD on x86, SDOT on ARM). Of the query it takes two planes of `stride` bytes instead of int16, level =
 * (high - 64) * 128 + low with both from 0 to 127, where every processor agrees. Both compute the same integers.
 * `v128`, `i32x4` and the like are AssemblyScript built-ins, one WebAssembly instruction each.
 * All pointers are byte offsets into the imported memory. Nothing is allocated.
 *
 * The rows kept are a binary min-heap whose root is the worst one (lowest score; among equal scores the highest row).
 * Rows come in ascending order and only a strictly higher score replaces the root, so ties keep the lower row.
 * `score > root` is false for NaN, so NaN never enters.
 */

/** f32, the heap's scores. */
let heapScores: usize = 0;
/** u32, the heap's rows. */
let heapRows: usize = 0;
let capacity: i32 = 0;
let size: i32 = 0;
/** The score to beat: the root's once the heap is full, before that -Infinity. */
let threshold: f32 = -Infinity;
/** Takes what `touchFour` loads, which would be dropped as useless otherwise. */
let touched: i32 = 0;

/** How far ahead of the rows being scored their successors are touched: the processor's own prefetching alone leaves memory idle. */
const TOUCH_AHEAD_BYTES: usize = 1024;

/**
 * Sets the heap: `scores` and `rows` are 4 * `count` bytes each, `count` at least 1. The first `held` entries are already a
 * heap, left by an earlier scan over lower rows; 0 for an empty one.
 */
export function setHeap(scores: usize, rows: usize, count: i32, held: i32): void {
  heapScores = scores;
  heapRows = rows;
  capacity = count;
  size = held;
  threshold = held == count ? load<f32>(scores) : -Infinity;
}

/** How many rows the heap holds. */
export function heapSize(): i32 {
  return size;
}

/**
 * Scores rows [start, end) and keeps the best. `start` is a multiple of 32.
 * matrix: int8, `stride` bytes a row, a multiple of 16. query: int16, `stride` values, or its two planes; 16-byte aligned.
 * scales, biases: f32 by row; biases 0 when there are none. excluded: bitmap of 32-bit words, 0 when there is none.
 * score = dot * step * scale + bias.
 */
export function scan(
  matrix: usize,
  stride: usize,
  query: usize,
  step: f32,
  scales: usize,
  biases: usize,
  excluded: usize,
  start: i32,
  end: i32,
): void {
  // Most models have 64 or 32 factors. Their query fits the registers, and a constant stride leaves no inner loop.
  if (stride == 64) scanRows(true, matrix, 64, query, step, scales, biases, excluded, start, end);
  else if (stride == 32) scanRows(true, matrix, 32, query, step, scales, biases, excluded, start, end);
  else scanRows(false, matrix, stride, query, step, scales, biases, excluded, start, end);
}

/** Inlined once for each call above, where `fitsRegisters` and often `stride` are constants. */
// @ts-ignore: decorator
@inline
function scanRows(
  fitsRegisters: bool,
  matrix: usize,
  stride: usize,
  query: usize,
  step: f32,
  scales: usize,
  biases: usize,
  excluded: usize,
  start: i32,
  end: i32,
): void {
  const steps = f32x4.splat(step);
  const q0 = v128.load(query);
  const q1 = v128.load(query, 16);
  const q2 = v128.load(query, 32);
  const q3 = v128.load(query, 48);
  const q4 = v128.load(query, 64);
  const q5 = v128.load(query, 80);
  const q6 = v128.load(query, 96);
  const q7 = v128.load(query, 112);
  let limit = f32x4.splat(threshold);
  let touches: i32 = 0;
  for (let block = start; block < end; block += 32) {
    const mask: u32 = excluded ? load<u32>(excluded + ((<usize>block >> 5) << 2)) : 0;
    if (mask == 0xffffffff) continue;
    const blockEnd = min(block + 32, end);
    let row = block;
    for (; row + 4 <= blockEnd; row += 4) {
      // A list with boosts scans a few rows of each block at a time.
      if (((mask >> (row & 31)) & 15) == 15) continue;
      const first = matrix + <usize>row * stride;
      let dots: v128;
      if (fitsRegisters) {
        touches |= touchFour(first + TOUCH_AHEAD_BYTES, stride);
        dots = sumLanes(
          dotInRegisters(first, stride, q0, q1, q2, q3, q4, q5, q6, q7),
          dotInRegisters(first + stride, stride, q0, q1, q2, q3, q4, q5, q6, q7),
          dotInRegisters(first + 2 * stride, stride, q0, q1, q2, q3, q4, q5, q6, q7),
          dotInRegisters(first + 3 * stride, stride, q0, q1, q2, q3, q4, q5, q6, q7),
        );
      } else {
        dots = dotFour(first, stride, query);
      }
      const at = <usize>row << 2;
      let scores = f32x4.mul(f32x4.mul(f32x4.convert_i32x4_s(dots), steps), v128.load(scales + at));
      if (biases) scores = f32x4.add(scores, v128.load(biases + at));
      const better = f32x4.gt(scores, limit);
      if (v128.any_true(better)) {
        const allowed = i32x4.bitmask(better) & ~(mask >> (row & 31));
        if (allowed & 1) offer(row, f32x4.extract_lane(scores, 0));
        if (allowed & 2) offer(row + 1, f32x4.extract_lane(scores, 1));
        if (allowed & 4) offer(row + 2, f32x4.extract_lane(scores, 2));
        if (allowed & 8) offer(row + 3, f32x4.extract_lane(scores, 3));
        limit = f32x4.splat(threshold);
      }
    }
    for (; row < blockEnd; row++) {
      if ((mask >> (row & 31)) & 1) continue;
      const at = <usize>row << 2;
      let score: f32 = <f32>dotOne(matrix + <usize>row * stride, stride, query) * step * load<f32>(scales + at);
      if (biases) score += load<f32>(biases + at);
      offer(row, score);
      limit = f32x4.splat(threshold);
    }
  }
  touched = touches;
}

/**
 * Brings the four rows at `a` into the cache, one load for each line of 64 bytes. Behind the last row it reads what lies
 * there: the scales, and the scratch bytes that every matrix has at its end.
 */
// @ts-ignore: decorator
@inline
function touchFour(a: usize, stride: usize): i32 {
  const two = load<i32>(a) | load<i32>(a, 64);
  return stride == 64 ? two | load<i32>(a, 128) | load<i32>(a, 192) : two;
}

/** The dot product of the row of 32 or 64 bytes at `a` with the query in q0 to q7, as four lanes to be summed. */
// @ts-ignore: decorator
@inline
function dotInRegisters(a: usize, stride: usize, q0: v128, q1: v128, q2: v128, q3: v128, q4: v128, q5: v128, q6: v128, q7: v128): v128 {
  if (ASC_FEATURE_RELAXED_SIMD) {
    // Of 32 factors the planes are q0, q1 and q2, q3; of 64 they are q0 to q3 and q4 to q7.
    const zero = i32x4.splat(0);
    const offset = i8x16.splat(64);
    const a0 = v128.load(a);
    const a1 = v128.load(a, 16);
    const is64 = stride == 64;
    let sums = relaxedDot(a1, offset, relaxedDot(a0, offset, zero));
    let highs = relaxedDot(a1, q1, relaxedDot(a0, q0, zero));
    let lows = relaxedDot(a1, is64 ? q5 : q3, relaxedDot(a0, is64 ? q4 : q2, zero));
    if (is64) {
      const a2 = v128.load(a, 32);
      const a3 = v128.load(a, 48);
      sums = relaxedDot(a3, offset, relaxedDot(a2, offset, sums));
      highs = relaxedDot(a3, q3, relaxedDot(a2, q2, highs));
      lows = relaxedDot(a3, q7, relaxedDot(a2, q6, lows));
    }
    return joinPlanes(highs, lows, sums);
  }
  let sum = i32x4.dot_i16x8_s(v128.load8x8_s(a), q0);
  sum = i32x4.add(sum, i32x4.dot_i16x8_s(v128.load8x8_s(a, 8), q1));
  sum = i32x4.add(sum, i32x4.dot_i16x8_s(v128.load8x8_s(a, 16), q2));
  sum = i32x4.add(sum, i32x4.dot_i16x8_s(v128.load8x8_s(a, 24), q3));
  if (stride == 64) {
    sum = i32x4.add(sum, i32x4.dot_i16x8_s(v128.load8x8_s(a, 32), q4));
    sum = i32x4.add(sum, i32x4.dot_i16x8_s(v128.load8x8_s(a, 40), q5));
    sum = i32x4.add(sum, i32x4.dot_i16x8_s(v128.load8x8_s(a, 48), q6));
    sum = i32x4.add(sum, i32x4.dot_i16x8_s(v128.load8x8_s(a, 56), q7));
  }
  return sum;
}

/** The four dot products of the rows at `a`, `a + stride`, ... with the query. */
// @ts-ignore: decorator
@inline
function dotFour(a: usize, stride: usize, query: usize): v128 {
  if (ASC_FEATURE_RELAXED_SIMD) {
    return sumLanes(
      dotPlanes(a, stride, query),
      dotPlanes(a + stride, stride, query),
      dotPlanes(a + 2 * stride, stride, query),
      dotPlanes(a + 3 * stride, stride, query),
    );
  }
  const b = a + stride;
  const c = b + stride;
  const d = c + stride;
  let sumA = i32x4.splat(0);
  let sumB = i32x4.splat(0);
  let sumC = i32x4.splat(0);
  let sumD = i32x4.splat(0);
  for (let j: usize = 0; j < stride; j += 16) {
    const low = v128.load(query + (j << 1));
    const high = v128.load(query + (j << 1), 16);
    sumA = i32x4.add(sumA, i32x4.dot_i16x8_s(v128.load8x8_s(a + j), low));
    sumB = i32x4.add(sumB, i32x4.dot_i16x8_s(v128.load8x8_s(b + j), low));
    sumC = i32x4.add(sumC, i32x4.dot_i16x8_s(v128.load8x8_s(c + j), low));
    sumD = i32x4.add(sumD, i32x4.dot_i16x8_s(v128.load8x8_s(d + j), low));
    sumA = i32x4.add(sumA, i32x4.dot_i16x8_s(v128.load8x8_s(a + j, 8), high));
    sumB = i32x4.add(sumB, i32x4.dot_i16x8_s(v128.load8x8_s(b + j, 8), high));
    sumC = i32x4.add(sumC, i32x4.dot_i16x8_s(v128.load8x8_s(c + j, 8), high));
    sumD = i32x4.add(sumD, i32x4.dot_i16x8_s(v128.load8x8_s(d + j, 8), high));
  }
  return sumLanes(sumA, sumB, sumC, sumD);
}

/** The dot product of the row at `a` with the query's planes, as four lanes to be summed. */
// @ts-ignore: decorator
@inline
function dotPlanes(a: usize, stride: usize, query: usize): v128 {
  const offset = i8x16.splat(64);
  let sums = i32x4.splat(0);
  let highs = i32x4.splat(0);
  let lows = i32x4.splat(0);
  for (let j: usize = 0; j < stride; j += 16) {
    const row = v128.load(a + j);
    sums = relaxedDot(row, offset, sums);
    highs = relaxedDot(row, v128.load(query + j), highs);
    lows = relaxedDot(row, v128.load(query + stride + j), lows);
  }
  return joinPlanes(highs, lows, sums);
}

/** sum + row · values, four products to a lane; int8 `row`, `values` from 0 to 127. */
// @ts-ignore: decorator
@inline
function relaxedDot(row: v128, values: v128, sum: v128): v128 {
  return i32x4.relaxed_dot_i8x16_i7x16_add_s(row, values, sum);
}

/** What the planes of a query stand for; `sums` are the row's own values times 64, which is in every `high` too much. */
// @ts-ignore: decorator
@inline
function joinPlanes(highs: v128, lows: v128, sums: v128): v128 {
  return i32x4.add(i32x4.shl(i32x4.sub(highs, sums), 7), lows);
}

/** [sum of a's lanes, of b's, of c's, of d's]. */
// @ts-ignore: decorator
@inline
function sumLanes(a: v128, b: v128, c: v128, d: v128): v128 {
  const ab = i32x4.add(v128.shuffle<i32>(a, b, 0, 4, 1, 5), v128.shuffle<i32>(a, b, 2, 6, 3, 7));
  const cd = i32x4.add(v128.shuffle<i32>(c, d, 0, 4, 1, 5), v128.shuffle<i32>(c, d, 2, 6, 3, 7));
  return i32x4.add(v128.shuffle<i64>(ab, cd, 0, 2), v128.shuffle<i64>(ab, cd, 1, 3));
}

function dotOne(a: usize, stride: usize, query: usize): i32 {
  let sum = i32x4.splat(0);
  if (ASC_FEATURE_RELAXED_SIMD) {
    sum = dotPlanes(a, stride, query);
  } else {
    for (let j: usize = 0; j < stride; j += 8) {
      sum = i32x4.add(sum, i32x4.dot_i16x8_s(v128.load8x8_s(a + j), v128.load(query + (j << 1))));
    }
  }
  return i32x4.extract_lane(sum, 0) + i32x4.extract_lane(sum, 1) + i32x4.extract_lane(sum, 2) + i32x4.extract_lane(sum, 3);
}

/** Takes the row if it beats the score to beat. */
function offer(row: i32, score: f32): void {
  if (!(score > threshold)) return;
  if (size < capacity) siftUp(size++, row, score);
  else siftDown(row, score);
  if (size == capacity) threshold = load<f32>(heapScores);
}

function siftUp(start: i32, row: i32, score: f32): void {
  let at = start;
  while (at > 0) {
    const parent = (at - 1) >> 1;
    if (!isWorse(row, score, parent)) break;
    move(parent, at);
    at = parent;
  }
  put(at, row, score);
}

function siftDown(row: i32, score: f32): void {
  let at = 0;
  for (let child = 1; child < size; child = 2 * at + 1) {
    const right = child + 1;
    if (right < size && isWorse(rowAt(right), scoreAt(right), child)) child = right;
    if (isWorse(row, score, child)) break;
    move(child, at);
    at = child;
  }
  put(at, row, score);
}

// @ts-ignore: decorator
@inline
function isWorse(row: i32, score: f32, than: i32): bool {
  const other = scoreAt(than);
  return score < other || (score == other && row > rowAt(than));
}

// @ts-ignore: decorator
@inline
function scoreAt(at: i32): f32 {
  return load<f32>(heapScores + (<usize>at << 2));
}

// @ts-ignore: decorator
@inline
function rowAt(at: i32): i32 {
  return load<i32>(heapRows + (<usize>at << 2));
}

// @ts-ignore: decorator
@inline
function move(from: i32, to: i32): void {
  put(to, rowAt(from), scoreAt(from));
}

// @ts-ignore: decorator
@inline
function put(at: i32, row: i32, score: f32): void {
  store<i32>(heapRows + (<usize>at << 2), row);
  store<f32>(heapScores + (<usize>at << 2), score);
}
