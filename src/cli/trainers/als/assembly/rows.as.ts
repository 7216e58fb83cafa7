import * as at from './layout.as';
import { dot, solve } from './cholesky.as';
import { GATHERED, gathered, matrix, right, roots, solution, zeros } from './scratch.as';
import { addProduct, addSquares, TILE } from './tile.as';

const NEGLIGIBLE: f64 = 1e-20;

/** Solves the rows of a task. */
export function solveTask(task: i32, thread: i32): void {
  const bounds = at.taskRows() + (<usize>(at.firstTask() + task) << 2);
  const end = load<u32>(bounds, 4);
  for (let row = load<u32>(bounds); row < end; row++) solveRow(row, thread);
}

/**
 * Solves (D + Σ r h h') x = Σ r h for one row, D = alpha0 · eigenvalues + lambda (n + alpha0 · columns)^nu. With n < d entries by
 * the n x n system of Woodbury's identity, x = D⁻¹ H' (R⁻¹ + H D⁻¹ H')⁻¹ 1; else by the d x d system itself.
 */
function solveRow(row: u32, thread: i32): void {
  const d = at.stride();
  const out = at.target() + <usize>row * (<usize>d << 2);
  const offset = at.offsets() + (<usize>row << 2);
  const start = load<u32>(offset);
  const n = <i32>(load<u32>(offset, 4) - start);
  if (n == 0) {
    memory.fill(out, 0, <usize>d << 2);
    return;
  }
  const alpha = at.unobservedWeight();
  const lambda = at.regularization() * Math.pow(<f64>n + alpha * <f64>at.sourceRows(), at.nu());
  const columns = at.columns() + (<usize>start << 2);
  const values = at.values() + (<usize>start << 2);
  const x = n < d ? solveSmall(columns, values, n, lambda, thread) : solveWhole(columns, values, n, lambda, thread);
  if (x == 0) {
    at.fail();
    return;
  }
  for (let j = 0; j < d; j++) store<f32>(out + (<usize>j << 2), flushed(load<f64>(x + (<usize>j << 3))));
}

/** Zeroes what no score can feel: factors that the events do not need shrink to denormals, which processors handle many times slower. */
// @ts-ignore: decorator
@inline
function flushed(value: f64): f32 {
  return abs(value) < NEGLIGIBLE ? 0 : <f32>value;
}

function solveWhole(columns: usize, values: usize, n: i32, lambda: f64, thread: i32): usize {
  const d = at.stride();
  const bytes = <usize>d << 3;
  const a = matrix(thread);
  const p = gathered(thread);
  const b = right(thread);
  memory.fill(a, 0, bytes * d);
  memory.fill(b, 0, bytes);
  for (let first = 0; first < n; first += GATHERED) {
    const count = min(GATHERED, n - first);
    for (let k = 0; k < count; k++) {
      const entry = <usize>(first + k) << 2;
      const h = at.source() + <usize>load<u32>(columns + entry) * (<usize>d << 2);
      const root = f64x2.splat(Math.sqrt(<f64>load<f32>(values + entry)));
      const to = p + <usize>k * bytes;
      for (let j: usize = 0; j < bytes; j += 16) {
        const scaled = f64x2.mul(root, f64x2.promote_low_f32x4(v128.load64_zero(h + (j >> 1))));
        v128.store(to + j, scaled);
        v128.store(b + j, f64x2.add(v128.load(b + j), f64x2.mul(root, scaled)));
      }
    }
    addSquares(a, p, count, d);
  }
  const alpha = at.unobservedWeight();
  for (let j = 0; j < d; j++) {
    const own = a + <usize>j * (bytes + 8);
    store<f64>(own, load<f64>(own) + alpha * load<f64>(at.eigenvalues() + (<usize>j << 3)) + lambda);
  }
  return solve(a, b, d) ? b : 0;
}

function solveSmall(columns: usize, values: usize, n: i32, lambda: f64, thread: i32): usize {
  const d = at.stride();
  const bytes = <usize>d << 3;
  const padded = (n + 3) & ~3;
  const paddedBytes = <usize>padded << 3;
  const a = matrix(thread);
  const p = gathered(thread);
  const z = right(thread);
  const shares = roots(thread);
  const x = solution(thread);
  const alpha = at.unobservedWeight();
  for (let j: usize = 0; j < bytes; j += 8) store<f64>(shares + j, 1 / Math.sqrt(alpha * load<f64>(at.eigenvalues() + j) + lambda));
  for (let k = 0; k < padded; k += TILE) gatherTurned(p + (<usize>k << 3), paddedBytes, columns, k, n, thread);
  memory.fill(a, 0, paddedBytes * padded);
  addSquares(a, p, d, padded);
  for (let k = 0; k < padded; k++) {
    const own = a + <usize>k * (paddedBytes + 8);
    const isEntry = k < n;
    store<f64>(own, load<f64>(own) + (isEntry ? 1 / <f64>load<f32>(values + (<usize>k << 2)) : 1));
    store<f64>(z + (<usize>k << 3), isEntry ? 1 : 0);
  }
  if (!solve(a, z, padded)) return 0;
  for (let j = 0; j < d; j++) {
    const place = <usize>j << 3;
    store<f64>(x + place, load<f64>(shares + place) * dot(p + <usize>j * paddedBytes, z, 0, padded));
  }
  return x;
}

/** Four entries as columns of `p` (d x padded), each number times the share of its line; zeros behind the last entry. */
function gatherTurned(p: usize, lineBytes: usize, columns: usize, k: i32, n: i32, thread: i32): void {
  const bytes = <usize>at.stride() << 2;
  const shares = roots(thread);
  const h0 = rowOf(columns, k, n, thread);
  const h1 = rowOf(columns, k + 1, n, thread);
  const h2 = rowOf(columns, k + 2, n, thread);
  const h3 = rowOf(columns, k + 3, n, thread);
  for (let j: usize = 0; j < bytes; j += 8) {
    const share = v128.load(shares + (j << 1));
    const x0 = f64x2.mul(share, f64x2.promote_low_f32x4(v128.load64_zero(h0 + j)));
    const x1 = f64x2.mul(share, f64x2.promote_low_f32x4(v128.load64_zero(h1 + j)));
    const x2 = f64x2.mul(share, f64x2.promote_low_f32x4(v128.load64_zero(h2 + j)));
    const x3 = f64x2.mul(share, f64x2.promote_low_f32x4(v128.load64_zero(h3 + j)));
    v128.store(p, v128.shuffle<f64>(x0, x1, 0, 2));
    v128.store(p, v128.shuffle<f64>(x2, x3, 0, 2), 16);
    p += lineBytes;
    v128.store(p, v128.shuffle<f64>(x0, x1, 1, 3));
    v128.store(p, v128.shuffle<f64>(x2, x3, 1, 3), 16);
    p += lineBytes;
  }
}

// @ts-ignore: decorator
@inline
function rowOf(columns: usize, k: i32, n: i32, thread: i32): usize {
  return k < n ? at.source() + <usize>load<u32>(columns + (<usize>k << 2)) * (<usize>at.stride() << 2) : zeros(thread);
}

/** One part of the source's gram matrix, upper triangle. Parts are cut alike whatever the number of threads. */
export function gramTask(part: i32, thread: i32): void {
  const d = at.stride();
  const bytes = <usize>d << 3;
  const sum = at.gramSums() + <usize>part * bytes * d;
  const p = gathered(thread);
  const rows = <i64>at.sourceRows();
  const end = <i32>((rows * (part + 1)) / at.gramParts());
  memory.fill(sum, 0, bytes * d);
  for (let first = <i32>((rows * part) / at.gramParts()); first < end; first += GATHERED) {
    const count = min(GATHERED, end - first);
    const h = at.source() + <usize>first * (<usize>d << 2);
    const all = <usize>count * bytes;
    for (let j: usize = 0; j < all; j += 16) v128.store(p + j, f64x2.promote_low_f32x4(v128.load64_zero(h + (j >> 1))));
    addSquares(sum, p, count, d);
  }
}

/** Rows that a turning task takes. */
export const TURNED: i32 = 256;

/** Multiplies rows of the source by the eigenvectors, four at a time. */
export function turnTask(task: i32, thread: i32): void {
  const d = at.stride();
  const first = (at.firstTask() + task) * TURNED;
  const end = min(first + TURNED, at.sourceRows());
  const p = gathered(thread);
  const out = matrix(thread);
  const bytes = <usize>d << 3;
  for (let row = first; row < end; row += TILE) {
    const live = min(TILE, end - row);
    for (let r = 0; r < TILE; r++) {
      const h = at.source() + <usize>(row + r) * (<usize>d << 2);
      for (let j = 0; j < d; j++) store<f64>(p + (<usize>(j * TILE + r) << 3), r < live ? load<f32>(h + (<usize>j << 2)) : 0);
    }
    memory.fill(out, 0, 4 * bytes);
    for (let j = 0; j < d; j += TILE) {
      const place = <usize>j << 3;
      addProduct(out + place, bytes, p, 32, at.turn() + place, bytes, d, 1);
    }
    for (let r = 0; r < live; r++) {
      const h = at.source() + <usize>(row + r) * (<usize>d << 2);
      for (let j = 0; j < d; j++) store<f32>(h + (<usize>j << 2), flushed(load<f64>(out + <usize>r * bytes + (<usize>j << 3))));
    }
  }
}
