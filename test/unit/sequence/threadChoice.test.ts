import { describe, expect, it } from 'vitest';
import { ThreadChoice } from '../../../src/cli/trainers/gru/threadChoice.js';

/** Runs so many blocks whose speed depends on whether they run alone; returns which did. */
function run(choice: ThreadChoice, blocks: number, rateOf: (isAlone: boolean) => number): boolean[] {
  return Array.from({ length: blocks }, () => {
    const { isAlone } = choice;
    choice.add(1000, 1000 / rateOf(isAlone));
    return isAlone;
  });
}

describe('ThreadChoice', () => {
  it('tries both and keeps to the faster', () => {
    for (const [together, expected] of [
      [2, false],
      [1.05, true],
      [0.5, true],
    ] as const) {
      const choice = new ThreadChoice();
      const trials = run(choice, 6, (isAlone) => (isAlone ? 1 : together));
      expect(trials).toEqual([false, true, false, true, false, true]);
      expect(new Set(run(choice, 120, () => 1))).toEqual(new Set([expected]));
    }
  });

  it('is not misled by a block that something else slowed down', () => {
    const choice = new ThreadChoice();
    let block = 0;
    run(choice, 6, (isAlone) => (block++ === 2 ? 0.01 : isAlone ? 1 : 1.8));
    expect(choice.isAlone).toBe(false);
  });

  it('measures anew when the other cores have become busy', () => {
    const choice = new ThreadChoice();
    run(choice, 126, (isAlone) => (isAlone ? 1 : 1.8));
    run(choice, 6, (isAlone) => (isAlone ? 1 : 0.6));
    expect(choice.isAlone).toBe(true);
  });
});
