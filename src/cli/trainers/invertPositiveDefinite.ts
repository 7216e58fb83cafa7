import { RecommenderError } from '../../core/errors.js';
import type { TrainerHooks } from './trainerHooks.js';

const BLOCK_ROWS = 64;

/**
 * Inverts a symmetric positive definite matrix in place (n x n, row-major, f64): Cholesky A = L L', M = L^-1, A^-1 = M' M
 * (Golub & Van Loan, Matrix Computations, section 4.2), n³ multiplications. Throws `input/invalid` when it is not positive definite.
 */
export async function invertPositiveDefinite(a: Float64Array, n: number, { onProgress, pause }: TrainerHooks = {}): Promise<void> {
  const tell = async (phase: number, row: number): Promise<void> => {
    if (row % BLOCK_ROWS !== 0) return;
    // Each phase costs about the cube of the share of rows done.
    onProgress?.((phase + (row / n) ** 3) / 3);
    await pause?.();
  };
  for (let i = 0; i < n; i++) {
    await tell(0, i);
    for (let j = 0; j < i; j++) a[i * n + j] = (a[i * n + j]! - dotRows(a, i * n, j * n, 0, j)) / a[j * n + j]!;
    const pivot = a[i * n + i]! - dotRows(a, i * n, i * n, 0, i);
    if (!(pivot > 0)) throw new RecommenderError('input/invalid', 'The matrix has no inverse. Use a larger --regularization.', { row: i });
    a[i * n + i] = Math.sqrt(pivot);
  }
  // M' takes the upper triangle, row by row: M'[c, r] = M[r, c], from L M = I. The diagonal of L is kept apart.
  const diagonal = Float64Array.from({ length: n }, (_, i) => a[i * n + i]!);
  for (let r = 0; r < n; r++) {
    await tell(1, r);
    for (let c = 0; c < r; c++) {
      // Σ_{k=c}^{r} L[r, k] M[k, c] = 0; M[c, c] = 1 / L[c, c].
      const sum = a[r * n + c]! / diagonal[c]! + dotRows(a, r * n, c * n, c + 1, r);
      a[c * n + r] = -sum / diagonal[r]!;
    }
    a[r * n + r] = 1 / diagonal[r]!;
  }
  // (M'M)[i, j] = Σ_{k >= j} M'[i, k] M'[j, k] for j >= i: row i of the result needs rows i and below, and goes under the diagonal first.
  for (let i = 0; i < n; i++) {
    await tell(2, i);
    for (let j = i; j < n; j++) a[j * n + i] = dotRows(a, i * n, j * n, j, n);
    for (let j = i; j < n; j++) a[i * n + j] = a[j * n + i]!;
  }
}

/** Σ a[x + k] a[y + k] over k from .. end - 1. Four sums at once, because one would wait for each addition before the next. */
function dotRows(a: Float64Array, x: number, y: number, from: number, end: number): number {
  let sum0 = 0;
  let sum1 = 0;
  let sum2 = 0;
  let sum3 = 0;
  let k = from;
  for (; k + 3 < end; k += 4) {
    sum0 += a[x + k]! * a[y + k]!;
    sum1 += a[x + k + 1]! * a[y + k + 1]!;
    sum2 += a[x + k + 2]! * a[y + k + 2]!;
    sum3 += a[x + k + 3]! * a[y + k + 3]!;
  }
  for (; k < end; k++) sum0 += a[x + k]! * a[y + k]!;
  return sum0 + sum1 + (sum2 + sum3);
}
