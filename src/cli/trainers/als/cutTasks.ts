/** Multiplications of one task, about: half a millisecond of work. */
const TASK_COST = 1_000_000;

/**
 * Cuts the rows of a side into tasks of about equal work. Returns the first row of each task and the row count behind the last: u32,
 * tasks + 1. `offsets` are those of the side's sparse rows.
 */
export function cutTasks(offsets: Uint32Array, d: number): Uint32Array {
  const rowCount = offsets.length - 1;
  const starts = [0];
  let cost = 0;
  for (let row = 0; row < rowCount; row++) {
    const own = rowCost(offsets[row + 1]! - offsets[row]!, d);
    // A row with much work stands alone.
    if (cost > 0 && cost + own > TASK_COST) {
      starts.push(row);
      cost = 0;
    }
    cost += own;
  }
  return Uint32Array.from(rowCount > 0 ? [...starts, rowCount] : [0]);
}

/** Multiplications to set up and solve a row of n entries, see assembly/rows.as.ts. */
function rowCost(n: number, d: number): number {
  return n < d ? d * (4 + 8 * n) + (n * n * d) / 2 + n ** 3 / 6 : (n * d * d) / 2 + d ** 3 / 6;
}
