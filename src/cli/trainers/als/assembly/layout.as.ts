/**
 * Where everything lies in the shared memory. The first 256 bytes belong to the thread pool; at 256 comes a failure flag; then come the
 * words below in the order of `WORDS` in alsEngine.ts, which fills them: reals f64, then values and pointers u32. A pointer is a byte
 * offset, 16-byte aligned. A row of factors is padded to `stride`, a multiple of 4; padding is zero.
 */
const FAILED: usize = 256;
const REALS: usize = 264;
const WORDS: usize = 288;

// @ts-ignore: decorator
@inline
function word(index: usize): usize {
  return <usize>load<u32>(WORDS + (index << 2));
}

/** Marks that an equation had no solution. */
export function fail(): void {
  atomic.store<i32>(FAILED, 1);
}

/** alpha0. */
export function unobservedWeight(): f64 { return load<f64>(REALS); }
/** lambda. */
export function regularization(): f64 { return load<f64>(REALS + 8); }
export function nu(): f64 { return load<f64>(REALS + 16); }

/** Floats of a padded row. */
export function stride(): i32 { return <i32>word(0); }
/** The task that is task 0 of the running phase. */
export function firstTask(): i32 { return <i32>word(1); }
/** Rows of the side that is kept. */
export function sourceRows(): i32 { return <i32>word(2); }
/** Parts of the gram matrix's sum. */
export function gramParts(): i32 { return <i32>word(3); }
/** f32, rows x stride: the side that is solved, and the side that is kept. */
export function target(): usize { return word(4); }
export function source(): usize { return word(5); }
/** Entries of the target's rows: u32 rows + 1, u32, f32. */
export function offsets(): usize { return word(6); }
export function columns(): usize { return word(7); }
export function values(): usize { return word(8); }
/** u32, tasks + 1: the first row of each task of the solving phase. */
export function taskRows(): usize { return word(9); }
/** f64, stride: eigenvalues of the source's gram matrix. */
export function eigenvalues(): usize { return word(10); }
/** f64, stride x stride: eigenvectors, one per column. */
export function turn(): usize { return word(11); }
/** f64, parts x stride x stride. */
export function gramSums(): usize { return word(12); }
/** `scratchBytes` for each thread, see scratch.as.ts. */
export function scratch(): usize { return word(13); }
export function scratchBytes(): usize { return word(14); }
