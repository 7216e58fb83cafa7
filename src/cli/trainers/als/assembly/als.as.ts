/**
 * The three passes of ALS over the rows of a side, cut into tasks that all threads share. Compiled by build.mjs; `v128`, `f64x2` and the
 * like are AssemblyScript built-ins, one WebAssembly instruction each. Nothing is allocated; all arrays lie where layout.as.ts says.
 * A row is solved by one thread alone, so the results are equal to the last bit whatever the number of threads.
 */
import { runPhase, setTask } from '../../assembly/pool.as';
import { gramTask, solveTask, turnTask } from './rows.as';

export { serve, stop } from '../../assembly/pool.as';

const GRAM: i32 = 0;
const TURN: i32 = 1;
const SOLVE: i32 = 2;

setTask((phase: i32, task: i32, thread: i32): void => {
  if (phase == GRAM) gramTask(task, thread);
  else if (phase == TURN) turnTask(task, thread);
  else if (phase == SOLVE) solveTask(task, thread);
});

/** Sums the source's gram matrix in `parts` parts. */
export function gram(parts: i32): void {
  runPhase(GRAM, parts);
}

/** Turns the source into the basis of its eigenvectors: tasks firstTask .. firstTask + count - 1. */
export function turn(count: i32): void {
  runPhase(TURN, count);
}

/** Solves rows of the target: tasks firstTask .. firstTask + count - 1. */
export function solve(count: i32): void {
  runPhase(SOLVE, count);
}
