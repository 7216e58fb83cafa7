import * as at from './layout.as';

/** Rows that are gathered side by side. */
export const GATHERED: i32 = 64;

/** f64, stride x stride: the equation of the row being solved. */
export function matrix(thread: i32): usize {
  return at.scratch() + <usize>thread * at.scratchBytes();
}
/** f64, max(stride, 64) x stride: rows gathered, or turned. */
export function gathered(thread: i32): usize {
  return matrix(thread) + square();
}
/** f64, stride each. */
export function right(thread: i32): usize {
  return gathered(thread) + max(square(), (<usize>(at.stride() * GATHERED)) << 3);
}
export function roots(thread: i32): usize {
  return right(thread) + ((<usize>at.stride()) << 3);
}
export function solution(thread: i32): usize {
  return roots(thread) + ((<usize>at.stride()) << 3);
}
/** f32, stride: zeros. */
export function zeros(thread: i32): usize {
  return solution(thread) + ((<usize>at.stride()) << 3);
}

function square(): usize {
  return (<usize>(at.stride() * at.stride())) << 3;
}
