/**
 * Solves A x = b for a symmetric positive definite A (n x n, row-major, f64) by Cholesky factorisation.
 * `a` and `b` are overwritten; the solution is left in `b`. Returns false, with `b` undefined, when A is
 * not positive definite to rounding. (Golub & Van Loan, Matrix Computations, section 4.2)
 */
export function solvePositiveDefinite(a: Float64Array, b: Float64Array, n: number): boolean {
  for (let i = 0; i < n; i++) {
    const rowI = i * n;
    for (let j = 0; j < i; j++) {
      const rowJ = j * n;
      let sum = a[rowI + j]!;
      for (let k = 0; k < j; k++) sum -= a[rowI + k]! * a[rowJ + k]!;
      a[rowI + j] = sum / a[rowJ + j]!;
    }
    let diagonal = a[rowI + i]!;
    for (let k = 0; k < i; k++) diagonal -= a[rowI + k]! * a[rowI + k]!;
    if (!(diagonal > 0)) return false;
    a[rowI + i] = Math.sqrt(diagonal);
    // Forward substitution rides along: L y = b.
    let sum = b[i]!;
    for (let k = 0; k < i; k++) sum -= a[rowI + k]! * b[k]!;
    b[i] = sum / a[rowI + i]!;
  }
  solveTransposed(a, b, n);
  return true;
}

/** Solves L L' x = b with the factor that {@link solvePositiveDefinite} left in the lower triangle of `l`. */
export function solveWithFactor(l: Float64Array, b: Float64Array, n: number): void {
  for (let i = 0; i < n; i++) {
    let sum = b[i]!;
    for (let k = 0; k < i; k++) sum -= l[i * n + k]! * b[k]!;
    b[i] = sum / l[i * n + i]!;
  }
  solveTransposed(l, b, n);
}

function solveTransposed(l: Float64Array, b: Float64Array, n: number): void {
  for (let i = n - 1; i >= 0; i--) {
    // Column-wise, so that the rows of l are read in order.
    const x = (b[i]! /= l[i * n + i]!);
    for (let k = 0; k < i; k++) b[k]! -= l[i * n + k]! * x;
  }
}
