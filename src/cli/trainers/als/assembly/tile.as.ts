/** Numbers of a tile's side. */
export const TILE: i32 = 4;

/**
 * Adds a product to 4 x 4 numbers: out += factor · Σ_k a[k][0..3]' b[k][0..3]. All f64; the rows of `out`, `a`, `b` lie `outBytes`,
 * `aBytes`, `bBytes` apart. The sixteen sums stay in registers. `factor` is 1 or -1.
 */
export function addProduct(
  out: usize, outBytes: usize, a: usize, aBytes: usize, b: usize, bBytes: usize, count: i32, factor: f64,
): void {
  let s00 = f64x2.splat(0), s01 = s00, s10 = s00, s11 = s00, s20 = s00, s21 = s00, s30 = s00, s31 = s00;
  for (let k = 0; k < count; k++) {
    const b0 = v128.load(b);
    const b1 = v128.load(b, 16);
    const a0 = v128.load64_splat(a);
    s00 = f64x2.add(s00, f64x2.mul(a0, b0));
    s01 = f64x2.add(s01, f64x2.mul(a0, b1));
    const a1 = v128.load64_splat(a, 8);
    s10 = f64x2.add(s10, f64x2.mul(a1, b0));
    s11 = f64x2.add(s11, f64x2.mul(a1, b1));
    const a2 = v128.load64_splat(a, 16);
    s20 = f64x2.add(s20, f64x2.mul(a2, b0));
    s21 = f64x2.add(s21, f64x2.mul(a2, b1));
    const a3 = v128.load64_splat(a, 24);
    s30 = f64x2.add(s30, f64x2.mul(a3, b0));
    s31 = f64x2.add(s31, f64x2.mul(a3, b1));
    a += aBytes;
    b += bBytes;
  }
  const f = f64x2.splat(factor);
  addPair(out, f, s00, s01);
  addPair(out + outBytes, f, s10, s11);
  addPair(out + 2 * outBytes, f, s20, s21);
  addPair(out + 3 * outBytes, f, s30, s31);
}

// @ts-ignore: decorator
@inline
function addPair(out: usize, factor: v128, first: v128, second: v128): void {
  v128.store(out, f64x2.add(v128.load(out), f64x2.mul(factor, first)));
  v128.store(out, f64x2.add(v128.load(out, 16), f64x2.mul(factor, second)), 16);
}

/** Adds Σ_k p[k]' p[k] to the upper triangle of `sum`, n x n; `p` holds `count` rows of n, n a multiple of 4. */
export function addSquares(sum: usize, p: usize, count: i32, n: i32): void {
  const bytes = <usize>n << 3;
  for (let i = 0; i < n; i += TILE) {
    const a = p + (<usize>i << 3);
    const line = sum + <usize>i * bytes;
    for (let j = i; j < n; j += TILE) {
      const at = <usize>j << 3;
      addProduct(line + at, bytes, a, bytes, p + at, bytes, count, 1);
    }
  }
}
