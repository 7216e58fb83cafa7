import { addProduct, TILE } from './tile.as';

/**
 * Solves A x = b: A symmetric positive definite, n x n, f64, n a multiple of 4; only its upper triangle is read, and overwritten by U of
 * A = U'U. `b` becomes x. Four rows of U at a time: what all rows above take from them is one product, so most of the work is done in
 * registers (Golub & Van Loan, Matrix Computations, section 4.2.6). Returns false when A is not positive definite to rounding.
 */
export function solve(a: usize, b: usize, n: i32): bool {
  const bytes = <usize>n << 3;
  for (let i = 0; i < n; i += TILE) {
    const above = a + (<usize>i << 3);
    const line = a + <usize>i * bytes;
    if (i > 0) {
      for (let j = i; j < n; j += TILE) {
        const at = <usize>j << 3;
        addProduct(line + at, bytes, above, bytes, a + at, bytes, i, -1);
      }
    }
    for (let r = 0; r < TILE; r++) if (!finishRow(a, i, i + r, n)) return false;
  }
  // U'y = b, then U x = y.
  for (let i = 0; i < n; i++) {
    const row = a + <usize>i * bytes;
    const own = b + (<usize>i << 3);
    const y = load<f64>(own) / load<f64>(row + (<usize>i << 3));
    store<f64>(own, y);
    addScaled(b, row, -y, i + 1, n);
  }
  for (let i = n - 1; i >= 0; i--) {
    const row = a + <usize>i * bytes;
    const own = b + (<usize>i << 3);
    store<f64>(own, (load<f64>(own) - dot(row, b, i + 1, n)) / load<f64>(row + (<usize>i << 3)));
  }
  return true;
}

/** Takes the rows first .. i - 1 from row i and divides it by the root of its pivot. */
function finishRow(a: usize, first: i32, i: i32, n: i32): bool {
  const bytes = <usize>n << 3;
  const row = a + <usize>i * bytes;
  const at = <usize>i << 3;
  for (let k = first; k < i; k++) {
    const upper = a + <usize>k * bytes;
    addScaled(row, upper, -load<f64>(upper + at), i, n);
  }
  const pivot = load<f64>(row + at);
  if (!(pivot > 0)) return false;
  const share = f64x2.splat(1 / Math.sqrt(pivot));
  for (let j = <usize>(i & ~1) << 3; j < bytes; j += 16) v128.store(row + j, f64x2.mul(v128.load(row + j), share));
  return true;
}

/** out[j] += factor · v[j] for from <= j < n, n even. */
// @ts-ignore: decorator
@inline
function addScaled(out: usize, v: usize, factor: f64, from: i32, n: i32): void {
  if (from & 1) {
    const at = <usize>from << 3;
    store<f64>(out + at, load<f64>(out + at) + factor * load<f64>(v + at));
    from++;
  }
  const f = f64x2.splat(factor);
  const end = <usize>n << 3;
  for (let j = <usize>from << 3; j < end; j += 16) v128.store(out + j, f64x2.add(v128.load(out + j), f64x2.mul(f, v128.load(v + j))));
}

/** Σ u[j] v[j] for from <= j < n, n even. */
// @ts-ignore: decorator
@inline
export function dot(u: usize, v: usize, from: i32, n: i32): f64 {
  let sum: f64 = 0;
  if (from & 1) {
    const at = <usize>from << 3;
    sum = load<f64>(u + at) * load<f64>(v + at);
    from++;
  }
  let pair = f64x2.splat(0);
  const end = <usize>n << 3;
  for (let j = <usize>from << 3; j < end; j += 16) pair = f64x2.add(pair, f64x2.mul(v128.load(u + j), v128.load(v + j)));
  return sum + f64x2.extract_lane(pair, 0) + f64x2.extract_lane(pair, 1);
}
