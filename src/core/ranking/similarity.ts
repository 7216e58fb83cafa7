/** Reads the vector of a row into `out`: factors, content, whatever says how alike two items are. */
export type ReadVector = (row: number, out: Float32Array) => void;

/** Cosines between the rows of a pool. */
export interface Similarity {
  readonly size: number;
  /** Cosine of the pool's positions a and b; 0 where a vector is zero, 1 for a == b. */
  cosine(a: number, b: number): number;
}

/** Gathers the vectors of `rows`, brought to length 1 (f32, rows x dimensions). */
export function gatherSimilarity(rows: Uint32Array, dimensions: number, readVector: ReadVector): Similarity {
  const units = new Float32Array(rows.length * dimensions);
  rows.forEach((row, at) => {
    const unit = units.subarray(at * dimensions, (at + 1) * dimensions);
    readVector(row, unit);
    let sum = 0;
    for (const value of unit) sum += value * value;
    const scale = sum > 0 ? 1 / Math.sqrt(sum) : 0;
    for (let j = 0; j < dimensions; j++) unit[j]! *= scale;
  });
  return {
    size: rows.length,
    cosine: (a, b) => {
      if (a === b) return 1;
      let sum = 0;
      for (let j = 0, i = a * dimensions, k = b * dimensions; j < dimensions; j++) sum += units[i + j]! * units[k + j]!;
      return sum;
    },
  };
}

/** How different the items of a list are: mean of 1 - cosine over its pairs (Ziegler et al. 2005); 0 for lists of less than two. */
export function intraListDiversity(similarity: Similarity, positions: readonly number[]): number {
  let sum = 0;
  for (let a = 1; a < positions.length; a++) for (let b = 0; b < a; b++) sum += 1 - similarity.cosine(positions[a]!, positions[b]!);
  return positions.length < 2 ? 0 : sum / ((positions.length * (positions.length - 1)) / 2);
}
