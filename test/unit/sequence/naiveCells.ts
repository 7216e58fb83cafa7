/** The formulas of the papers on nested arrays, one gate at a time: slow, and nothing in common with the code under test. */
export type Matrix = readonly (readonly number[])[];

export const sigmoid = (x: number) => 1 / (1 + Math.exp(-x));

/** x W for a row vector x. */
export function times(x: readonly number[], w: Matrix): number[] {
  return (w[0] ?? []).map((_, j) => x.reduce((sum, value, i) => sum + value * w[i]![j]!, 0));
}

export const plus = (...vectors: readonly (readonly number[])[]) => vectors[0]!.map((_, j) => vectors.reduce((sum, v) => sum + v[j]!, 0));
export const mul = (a: readonly number[], b: readonly number[]) => a.map((value, j) => value * b[j]!);

/** One gate's weights. */
export interface Gate {
  readonly w: Matrix;
  readonly u: Matrix;
  readonly b: readonly number[];
  /** The recurrent bias. */
  readonly c: readonly number[];
}

export interface NaiveGates {
  readonly z: Gate;
  readonly r: Gate;
  readonly h: Gate;
}

export function naiveGru(x: readonly number[], h: readonly number[], gates: NaiveGates, resetAfter: boolean, s = sigmoid, f = Math.tanh) {
  const sum = ({ w, u, b, c }: Gate) => plus(times(x, w), times(h, u), b, c);
  const z = sum(gates.z).map((a) => s(a));
  const r = sum(gates.r).map((a) => s(a));
  const { w, u, b, c } = gates.h;
  const inner = resetAfter ? mul(r, plus(times(h, u), c)) : times(mul(r, h), u);
  const candidate = plus(times(x, w), b, inner).map((a) => f(a));
  return h.map((before, j) => z[j]! * before + (1 - z[j]!) * candidate[j]!);
}

export function naiveLstm(x: readonly number[], h: readonly number[], c: readonly number[], gates: Record<'i' | 'f' | 'c' | 'o', Gate>) {
  const sum = (gate: Gate) => plus(times(x, gate.w), times(h, gate.u), gate.b, gate.c);
  const carry = plus(
    mul(
      sum(gates.f).map((a) => sigmoid(a)),
      c,
    ),
    mul(
      sum(gates.i).map((a) => sigmoid(a)),
      sum(gates.c).map((a) => Math.tanh(a)),
    ),
  );
  const open = sum(gates.o).map((a) => sigmoid(a));
  return {
    h: mul(
      open,
      carry.map((a) => Math.tanh(a)),
    ),
    c: carry,
  };
}

/** Draws a gate; `random` in [0, 1). */
export function drawGate(inputs: number, units: number, random: () => number): Gate {
  const vector = (length: number) => Array.from({ length }, () => Math.fround(2 * random() - 1));
  const matrix = (rows: number) => Array.from({ length: rows }, () => vector(units));
  return { w: matrix(inputs), u: matrix(units), b: vector(units), c: vector(units) };
}

/** Lays matrices with equal rows side by side, C order. */
export function sideBySide(matrices: readonly Matrix[]): Float32Array {
  return Float32Array.from(matrices[0]!.flatMap((_, i) => matrices.flatMap((matrix) => [...matrix[i]!])));
}

export function transposed(matrix: Matrix): Matrix {
  return matrix[0]!.map((_, j) => matrix.map((row) => row[j]!));
}
