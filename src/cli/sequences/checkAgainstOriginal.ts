import { badInput } from '../cliIo.js';
import type { OriginalComparison } from './compareWithOriginal.js';
import { compareWithOriginal, PARITY } from './compareWithOriginal.js';
import { likelyCause } from './likelyCause.js';
import type { OriginalAnswers } from './selfTestFile.js';
import type { SequenceSource } from './sequenceSource.js';

/**
 * Compares a model that was read in with the answers of the original. Throws `cli/bad-input` when a score differs by more than
 * {@link PARITY} or a list is another, with the difference and the likely cause: the mistake under which the answers would agree.
 */
export function checkAgainstOriginal(
  source: SequenceSource,
  { cases, scoreKind }: OriginalAnswers,
  ids: readonly string[],
): OriginalComparison {
  const kind = scoreKind ?? source.scoreKind;
  const comparison = compareWithOriginal(source, cases, kind);
  const { largestDifference, hasSameLists, worst } = comparison;
  if (largestDifference <= PARITY && hasSameLists) return comparison;
  const cause = likelyCause(source, cases, kind);
  const hint = cause
    ? `They agree when ${cause}.`
    : 'No usual mistake explains it (tried: gate order, reset gate, activations, shifted rows, attention heads). Was the history padded without a mask, did dropout run, or are the answers of another training?';
  throw badInput(
    `The self-test fails: after case ${worst.case} item ${JSON.stringify(ids[worst.item] ?? worst.item)} gets ${format(worst.seen)}, the original gave ${format(worst.expected)} (largest relative difference ${largestDifference.toExponential(1)}, allowed ${PARITY}; ${hasSameLists ? 'the same lists' : 'other lists'}). ${hint} Read as: ${source.note}.`,
    { largestDifference, hasSameLists, cause, case: worst.case },
  );
}

function format(value: number): string {
  return String(Number(value.toPrecision(6)));
}
