import type { Room } from './pool.js';

export interface ChooseOptions {
  /** u32: the pool. */
  readonly rows: Uint32Array;
  readonly limit: number;
  readonly room: Room | null;
}

export interface WeighedOptions extends ChooseOptions {
  /** Of likeness against relevance, 0 to 1. */
  readonly weight: number;
}

/**
 * Takes the position of highest gain again and again, as far as there is room; ties go to the earlier position. `onChosen` is told
 * each choice, and which positions are out of the question by then (1), so that gains can be brought up to date.
 */
export function chooseGreedily(
  { rows, limit, room }: ChooseOptions,
  gainOf: (at: number) => number,
  onChosen: (at: number, isOut: Uint8Array) => void,
): number[] {
  room?.clear();
  const isOut = new Uint8Array(rows.length);
  const chosen: number[] = [];
  while (chosen.length < limit) {
    let best = -1;
    let bestGain = -Infinity;
    for (let at = 0; at < rows.length; at++) {
      if (isOut[at] === 1) continue;
      const gain = gainOf(at);
      if (gain <= bestGain) continue;
      // What has no room now never gets it again: counts only grow.
      if (room && !room.allows(rows[at]!)) isOut[at] = 1;
      else [best, bestGain] = [at, gain];
    }
    if (best < 0) break;
    chosen.push(best);
    isOut[best] = 1;
    room?.take(rows[best]!);
    onChosen(best, isOut);
  }
  return chosen;
}
