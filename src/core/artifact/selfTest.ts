import { RecommenderError } from '../errors.js';
import { readRow } from '../kernels/itemMatrix.js';
import type { ItemMatrix, LoadedMatrix, ScoringRule, TopK } from '../kernels/topK.js';
import { selectTopK, topK } from '../kernels/topK.js';
import type { SelfTest } from './manifest.js';

const TOP = 20;
/** Relative to the largest score of the list; f32 sums in another order stay well inside. */
const TOLERANCE = 1e-5;

/**
 * Makes known answers with the reference: the mean of the first, the middle and the last items as user
 * vectors, and one item as a query for its neighbours.
 */
export function makeSelfTests(matrix: ItemMatrix, rules: { readonly userRule: ScoringRule; readonly itemRule: ScoringRule }): SelfTest[] {
  const last = matrix.itemCount - 1;
  const middle = last >> 1;
  return [
    makeSelfTest(matrix, rules.userRule, meanRow(matrix, [0, Math.min(1, last), Math.min(2, last)])),
    makeSelfTest(matrix, rules.userRule, meanRow(matrix, [middle, last])),
    makeSelfTest(matrix, rules.itemRule, meanRow(matrix, [middle])),
  ];
}

function makeSelfTest(matrix: ItemMatrix, rule: ScoringRule, query: Float32Array): SelfTest {
  const everyRow = Uint32Array.from({ length: matrix.itemCount }, (_, row) => row);
  const { indexes, scores } = selectTopK(matrix, { query, rule, k: TOP, excluded: null }, everyRow);
  return { rule, query: [...query], itemIndexes: [...indexes], scores: [...scores] };
}

/** Runs the folder's known answers. Throws `artifact/self-test-failed` with the first difference. */
export async function runSelfTests(loaded: LoadedMatrix, matrix: ItemMatrix, tests: Iterable<SelfTest>): Promise<void> {
  let number = 0;
  for (const test of tests) {
    number++;
    const answer = await topK(loaded, matrix, {
      query: Float32Array.from(test.query),
      rule: test.rule,
      k: test.itemIndexes.length,
      excluded: null,
    });
    const at = firstDifference(test, answer);
    if (at !== null) {
      const expected = `item ${test.itemIndexes[at]} (${test.scores[at]})`;
      const seen = `item ${answer.indexes[at] ?? 'none'} (${answer.scores[at] ?? 'none'})`;
      throw new RecommenderError(
        'artifact/self-test-failed',
        `Self-test ${number} of the model gives ${seen} at rank ${at + 1}, expected ${expected}. The backend computes wrongly, or the folder mixes files of two models.`,
        { test: number - 1, rank: at + 1, expected, seen },
      );
    }
  }
}

function firstDifference(test: SelfTest, answer: TopK): number | null {
  const tolerance = TOLERANCE * Math.max(1e-6, ...test.scores.map(Math.abs));
  for (let at = 0; at < test.itemIndexes.length; at++) {
    const isClose = Math.abs(test.scores[at]! - (answer.scores[at] ?? NaN)) <= tolerance;
    // Rows whose scores agree within the tolerance may trade places.
    const isTied = test.scores.some(
      (score, other) => test.itemIndexes[other] === answer.indexes[at] && Math.abs(score - test.scores[at]!) <= tolerance,
    );
    const isCut = Math.abs(test.scores[at]! - test.scores.at(-1)!) <= tolerance;
    if (!isClose || !(answer.indexes[at] === test.itemIndexes[at] || isTied || isCut)) return at;
  }
  return null;
}

function meanRow(matrix: ItemMatrix, rows: readonly number[]): Float32Array {
  const mean = new Float32Array(matrix.dimensions);
  const row = new Float32Array(matrix.dimensions);
  for (const index of rows) readRow(matrix, index, row).forEach((value, j) => (mean[j]! += value / rows.length));
  return mean;
}
