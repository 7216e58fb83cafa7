/** A sparse matrix, row by row (CSR). Row r holds columns[offsets[r] .. offsets[r + 1] - 1], each column once. */
export interface SparseRows {
  readonly rowCount: number;
  readonly columnCount: number;
  /** u32, rowCount + 1. */
  readonly offsets: Uint32Array;
  /** u32, one per entry. */
  readonly columns: Uint32Array;
  /** f32, one per entry, above 0. */
  readonly values: Float32Array;
}

/** Turns rows into columns: the same entries, sorted by row within each column. */
export function transpose({ rowCount, columnCount, offsets, columns, values }: SparseRows): SparseRows {
  const next = new Uint32Array(columnCount + 1);
  for (const column of columns) next[column + 1]!++;
  for (let column = 0; column < columnCount; column++) next[column + 1]! += next[column]!;
  const turned = {
    rowCount: columnCount,
    columnCount: rowCount,
    offsets: next.slice(),
    columns: new Uint32Array(columns.length),
    values: new Float32Array(columns.length),
  };
  for (let row = 0; row < rowCount; row++) {
    for (let at = offsets[row]!; at < offsets[row + 1]!; at++) {
      const to = next[columns[at]!]!++;
      turned.columns[to] = row;
      turned.values[to] = values[at]!;
    }
  }
  return turned;
}
