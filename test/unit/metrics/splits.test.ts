import { describe, expect, it } from 'vitest';
import type { EvaluationCase } from '../../../src/core/metrics/eventTable.js';
import { countUsersPerItem } from '../../../src/core/metrics/eventTable.js';
import { givenSplitCases } from '../../../src/core/metrics/givenSplit.js';
import { leaveLastOut } from '../../../src/core/metrics/leaveLastOut.js';
import { lastSessions, prefixTargetCases, sessionCases } from '../../../src/core/metrics/sessionCases.js';
import { temporalSplit } from '../../../src/core/metrics/temporalSplit.js';
import { table } from './eventTables.js';

const told = (cases: readonly EvaluationCase[]): string[] =>
  cases.map(({ items, targets, group }) => `${group}: ${[...items].join(' ')} -> ${[...targets].join(' ')}`);

describe('leaveLastOut', () => {
  it('holds out the item whose first event is the latest, and learns nothing from then on', () => {
    const split = leaveLastOut(
      table([
        [
          [1, 0],
          [2, 1],
          [3, 2],
          [2, 3],
        ],
        [
          [5, 0],
          [5, 1],
        ],
        [
          [1, 0],
          [4, 1],
        ],
      ]),
    );
    expect(told(split.cases)).toEqual(['0: 1 2 -> 3', '2: 1 -> 4']);
    expect([...split.train.items]).toEqual([1, 2, 5, 5, 1]);
  });
});

describe('temporalSplit', () => {
  const events = table([
    [
      [1, 0],
      [2, 1000],
      [3, 1010],
      [4, 2000],
    ],
    [[5, 10]],
    [[6, 1500]],
    [
      [1, 5],
      [7, 99_999],
    ],
  ]);
  const options = { startMs: 900 * 60_000, endMs: 9_000 * 60_000 };

  it('asks for the next visit, cut by a pause of half an hour', () => {
    const split = temporalSplit(events, { ...options, targets: 'next-visit' });
    expect(told(split.cases)).toEqual(['0: 1 -> 2 3', '2:  -> 6']);
    expect([...split.train.items]).toEqual([1, 5, 1]);
  });

  it('asks for everything after the date; what lies in the future counts in neither part', () => {
    expect(told(temporalSplit(events, { ...options, targets: 'all' }).cases)).toEqual(['0: 1 -> 2 3 4', '2:  -> 6']);
  });

  it('asks for the second half of every basket, given the first half alone', () => {
    const baskets = table([
      [
        [1, 0],
        [2, 1000],
        [3, 1000],
        [2, 1001],
        [4, 1002],
        [5, 1002],
        [6, 3000],
        [7, 5000],
        [8, 5000],
      ],
    ]);
    const split = temporalSplit(baskets, { ...options, targets: 'rest-of-visit' });
    expect(told(split.cases)).toEqual(['0: 2 3 2 -> 4 5', '0: 7 -> 8']);
    expect([...split.train.items]).toEqual([1]);
  });
});

describe('sessionCases', () => {
  it('asks after every prefix, and cuts sessions at long pauses where there are times', () => {
    const events = table([
      [
        [1, 0],
        [2, 1],
        [3, 2],
      ],
      [
        [4, 0],
        [5, 100],
        [6, 101],
      ],
    ]);
    expect(told(sessionCases(events, false))).toEqual(['0: 1 -> 2', '0: 1 2 -> 3', '1: 4 -> 5', '1: 4 5 -> 6']);
    expect(told(sessionCases(events, true))).toEqual(['0: 1 -> 2', '0: 1 2 -> 3', '2: 5 -> 6']);
  });

  it('holds out the newest sessions', () => {
    const split = lastSessions(
      table([
        [
          [1, 50],
          [2, 51],
        ],
        [
          [3, 0],
          [4, 1],
        ],
        [
          [5, 10],
          [6, 11],
        ],
      ]),
      0.3,
      true,
    );
    expect(told(split.cases)).toEqual(['0: 1 -> 2']);
    expect([...split.train.items]).toEqual([3, 4, 5, 6]);
  });
});

describe('prefixTargetCases', () => {
  it('takes the last id of a line for the answer; lines that begin each other are one session', () => {
    const lines = table([
      [
        [1, 0],
        [2, 1],
        [3, 2],
      ],
      [
        [1, 3],
        [2, 4],
      ],
      [
        [7, 5],
        [8, 6],
      ],
      [[9, 7]],
    ]);
    expect(told(prefixTargetCases(lines))).toEqual(['0: 1 2 -> 3', '0: 1 -> 2', '1: 7 -> 8']);
  });
});

describe('givenSplitCases', () => {
  it('joins the two files by user; unknown users have no history', () => {
    const cases = givenSplitCases(
      table([
        [
          [1, 0],
          [2, 1],
        ],
        [[3, 0]],
      ]),
      table([
        [
          [9, 0],
          [9, 1],
          [8, 2],
        ],
        [[4, 0]],
      ]),
      Int32Array.of(0, -1),
    );
    expect(told(cases)).toEqual(['0: 1 2 -> 9 8', '1:  -> 4']);
  });
});

describe('countUsersPerItem', () => {
  it('counts a user once', () => {
    expect([
      ...countUsersPerItem(
        table(
          [
            [
              [0, 0],
              [0, 1],
              [1, 2],
            ],
            [[0, 0]],
          ],
          3,
        ),
      ),
    ]).toEqual([2, 1, 0]);
  });
});
