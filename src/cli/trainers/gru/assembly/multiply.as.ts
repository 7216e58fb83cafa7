/**
 * Sets c[i, j] = sum over k of a[i, k] b[k, j]. `rowCount` is a multiple of 4, `columnCount` of 8. Strides are in bytes: a's rows and
 * steps are apart by `aRow` and `aStep` (so either matrix of a transposed product fits), b's steps by `bStep`, c's rows by `cRow`.
 * Every sum runs over k in ascending order, in one f32: its value does not depend on how the work is cut up.
 */
export function multiply(
  a: usize,
  aRow: usize,
  aStep: usize,
  b: usize,
  bStep: usize,
  c: usize,
  cRow: usize,
  rowCount: i32,
  columnCount: i32,
  steps: i32,
): void {
  for (let i = 0; i < rowCount; i += 4) {
    const aTile = a + <usize>i * aRow;
    const cTile = c + <usize>i * cRow;
    for (let j = 0; j < columnCount; j += 8) {
      let a0 = aTile;
      let a1 = a0 + aRow;
      let a2 = a1 + aRow;
      let a3 = a2 + aRow;
      let at = b + ((<usize>j) << 2);
      let c00 = f32x4.splat(0);
      let c01 = c00;
      let c10 = c00;
      let c11 = c00;
      let c20 = c00;
      let c21 = c00;
      let c30 = c00;
      let c31 = c00;
      for (let k = 0; k < steps; k++) {
        const b0 = v128.load(at);
        const b1 = v128.load(at, 16);
        let x = v128.load32_splat(a0);
        c00 = f32x4.add(c00, f32x4.mul(x, b0));
        c01 = f32x4.add(c01, f32x4.mul(x, b1));
        x = v128.load32_splat(a1);
        c10 = f32x4.add(c10, f32x4.mul(x, b0));
        c11 = f32x4.add(c11, f32x4.mul(x, b1));
        x = v128.load32_splat(a2);
        c20 = f32x4.add(c20, f32x4.mul(x, b0));
        c21 = f32x4.add(c21, f32x4.mul(x, b1));
        x = v128.load32_splat(a3);
        c30 = f32x4.add(c30, f32x4.mul(x, b0));
        c31 = f32x4.add(c31, f32x4.mul(x, b1));
        a0 += aStep;
        a1 += aStep;
        a2 += aStep;
        a3 += aStep;
        at += bStep;
      }
      let out = cTile + ((<usize>j) << 2);
      v128.store(out, c00);
      v128.store(out, c01, 16);
      out += cRow;
      v128.store(out, c10);
      v128.store(out, c11, 16);
      out += cRow;
      v128.store(out, c20);
      v128.store(out, c21, 16);
      out += cRow;
      v128.store(out, c30);
      v128.store(out, c31, 16);
    }
  }
}
