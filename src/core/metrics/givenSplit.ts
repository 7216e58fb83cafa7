import type { EvaluationCase, EventTable } from './eventTable.js';
import { toCase } from './eventTable.js';

/**
 * One question per test user: the history is the same user's training events, the answers are the test items.
 * `trainUsers[u]` is the row in `train` of test user u, -1 when there is none (then the history is empty).
 */
export function givenSplitCases(train: EventTable, test: EventTable, trainUsers: Int32Array): EvaluationCase[] {
  const cases: EvaluationCase[] = [];
  for (let user = 0; user < test.userCount; user++) {
    const from = test.offsets[user]!;
    const end = test.offsets[user + 1]!;
    if (from === end) continue;
    const row = trainUsers[user]!;
    const targets = test.items.subarray(from, end);
    cases.push(row < 0 ? toCase(train, user, 0, 0, targets) : toCase(train, user, train.offsets[row]!, train.offsets[row + 1]!, targets));
  }
  return cases;
}
