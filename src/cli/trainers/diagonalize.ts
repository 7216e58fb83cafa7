const MAX_SWEEPS = 40;
/** Off-diagonal values below this share of the trace are left: far under the rounding of f32 factors. */
const TOLERANCE = 1e-11;

/**
 * Diagonalises a symmetric matrix by cyclic Jacobi rotations (Golub & Van Loan, Matrix Computations, section 8.5).
 * `a` (n x n, row-major, f64) is overwritten; its diagonal holds the eigenvalues. Returns the eigenvectors, one per ROW (n x n).
 * An almost diagonal matrix costs one or two sweeps.
 */
export function diagonalize(a: Float64Array, n: number): Float64Array {
  const vectors = new Float64Array(n * n);
  let trace = 0;
  for (let i = 0; i < n; i++) {
    vectors[i * n + i] = 1;
    trace += Math.abs(a[i * n + i]!);
  }
  const limit = TOLERANCE * trace;
  for (let sweep = 0, isDone = false; !isDone && sweep < MAX_SWEEPS; sweep++) {
    isDone = true;
    for (let p = 0; p < n; p++) {
      for (let q = p + 1; q < n; q++) {
        if (Math.abs(a[p * n + q]!) <= limit) continue;
        isDone = false;
        rotate(a, vectors, n, p, q);
      }
    }
  }
  return vectors;
}

function rotate(a: Float64Array, vectors: Float64Array, n: number, p: number, q: number): void {
  const apq = a[p * n + q]!;
  const tau = (a[q * n + q]! - a[p * n + p]!) / (2 * apq);
  const t = (tau >= 0 ? 1 : -1) / (Math.abs(tau) + Math.sqrt(1 + tau * tau));
  const c = 1 / Math.sqrt(1 + t * t);
  const s = t * c;
  a[p * n + p]! -= t * apq;
  a[q * n + q]! += t * apq;
  a[p * n + q] = a[q * n + p] = 0;
  for (let k = 0; k < n; k++) {
    if (k !== p && k !== q) {
      const x = a[p * n + k]!;
      const y = a[q * n + k]!;
      a[k * n + p] = a[p * n + k] = c * x - s * y;
      a[k * n + q] = a[q * n + k] = s * x + c * y;
    }
    const x = vectors[p * n + k]!;
    const y = vectors[q * n + k]!;
    vectors[p * n + k] = c * x - s * y;
    vectors[q * n + k] = s * x + c * y;
  }
}
