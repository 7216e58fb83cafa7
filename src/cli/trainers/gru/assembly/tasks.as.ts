import { backwardRows, forwardRows } from './cell.as';
import { gradientChunk, rankChunk, scoreChunk } from './head.as';
import { updateCellRows, updateItemChunk } from './update.as';

export const FORWARD: i32 = 0;
export const SCORES: i32 = 1;
export const GRADIENTS: i32 = 2;
export const BACKWARD: i32 = 3;
export const UPDATE_CELL: i32 = 4;
export const UPDATE_ITEMS: i32 = 5;
export const RANKS: i32 = 6;
export const INFER: i32 = 7;
/** Gradients of the cell without the update: for tests. */
export const CELL_GRADIENTS: i32 = 8;

/** Runs task `task` of a phase on the thread `thread`. */
export function runTask(phase: i32, task: i32, thread: i32): void {
  if (phase == FORWARD) forwardRows(task, true);
  else if (phase == SCORES) scoreChunk(task);
  else if (phase == GRADIENTS) gradientChunk(task);
  else if (phase == BACKWARD) backwardRows(task);
  else if (phase == UPDATE_CELL) updateCellRows(task, true);
  else if (phase == UPDATE_ITEMS) updateItemChunk(task);
  else if (phase == RANKS) rankChunk(task, thread);
  else if (phase == INFER) forwardRows(task, false);
  else if (phase == CELL_GRADIENTS) updateCellRows(task, false);
}
