/**
 * out[j] += sum over i of x[i] kernel[i, j] for the columns from <= j < to, with kernel f32 [inputs, width] and x read from `xStart`.
 */
export function addProduct(
  x: ArrayLike<number>,
  xStart: number,
  kernel: Float32Array,
  inputs: number,
  width: number,
  out: Float64Array,
  from = 0,
  to = width,
): void {
  let i = 0;
  // Four rows at a time: a sum is read and written once for four products. Their order stays.
  for (; i + 4 <= inputs; i += 4) {
    const x0 = x[xStart + i]!;
    const x1 = x[xStart + i + 1]!;
    const x2 = x[xStart + i + 2]!;
    const x3 = x[xStart + i + 3]!;
    if (x0 === 0 && x1 === 0 && x2 === 0 && x3 === 0) continue;
    const row0 = i * width;
    const row1 = row0 + width;
    const row2 = row1 + width;
    const row3 = row2 + width;
    for (let j = from; j < to; j++) {
      out[j] = out[j]! + x0 * kernel[row0 + j]! + x1 * kernel[row1 + j]! + x2 * kernel[row2 + j]! + x3 * kernel[row3 + j]!;
    }
  }
  for (; i < inputs; i++) {
    const value = x[xStart + i]!;
    const row = i * width;
    for (let j = from; j < to; j++) out[j]! += value * kernel[row + j]!;
  }
}

/** Adds a layer's input to its gate sums: x times the kernel, or x itself where it is a row of the kernel already. */
export function addInput(x: Float32Array, kernel: Float32Array | null, inputs: number, width: number, out: Float64Array): void {
  if (kernel) addProduct(x, 0, kernel, inputs, width, out);
  else for (let j = 0; j < width; j++) out[j]! += x[j]!;
}

/** out[j] = bias[start + j] for j < length, or 0 without a bias. */
export function setBias(out: Float64Array, bias: Float32Array | null, start: number, length: number): void {
  if (!bias) out.fill(0, 0, length);
  else for (let j = 0; j < length; j++) out[j] = bias[start + j]!;
}
