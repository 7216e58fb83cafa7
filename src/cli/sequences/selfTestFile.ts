import { readFile } from 'node:fs/promises';
import { show } from '../../core/errors.js';
import { badInput } from '../cliIo.js';
import type { ScoreKind } from './sequenceSource.js';
import { SCORE_KINDS } from './sequenceSource.js';

/** An answer of the original model: after `items`, oldest first, its best items and what it gave for each. Row numbers, not ids. */
export interface OriginalCase {
  readonly items: readonly number[];
  readonly top: readonly number[];
  readonly scores: readonly number[];
}

export interface OriginalAnswers {
  readonly cases: readonly OriginalCase[];
  /** What the scores are, where the file says; else as the model's head gives them. */
  readonly scoreKind: ScoreKind | null;
}

/**
 * Reads `{"cases": [{"items": [id, ...], "top": [id, ...], "scores": [...]}], "scoreKind": "softmax"}`; scoreKind may be left out.
 * Throws `cli/bad-input` naming the case, and the id that is not in `ids`.
 */
export async function readSelfTestFile(path: string, ids: readonly string[]): Promise<OriginalAnswers> {
  const text = await readFile(path, 'utf8').catch((cause: unknown) => {
    throw badInput(`--self-test ${path} cannot be read.`, { path }, cause);
  });
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (cause) {
    throw badInput(`${path} is not valid JSON (${(cause as Error).message}).`, { path }, cause);
  }
  const { cases, scoreKind = null } = (value ?? {}) as { cases?: unknown; scoreKind?: unknown };
  if (!Array.isArray(cases) || cases.length === 0)
    throw badInput(`${path} has no cases; expected {"cases": [{"items": [...], "top": [...], "scores": [...]}]}.`, { path });
  if (scoreKind !== null && !SCORE_KINDS.includes(scoreKind as ScoreKind))
    throw badInput(`${path}: scoreKind is ${show(scoreKind)}; expected one of ${SCORE_KINDS.join(', ')}.`, { path });
  const rows = new Map(ids.map((id, row) => [id, row]));
  return { cases: cases.map((entry, i) => readCase(path, i, entry, rows)), scoreKind: scoreKind as ScoreKind | null };
}

function readCase(path: string, number: number, entry: unknown, rows: ReadonlyMap<string, number>): OriginalCase {
  const { items, top, scores } = (entry ?? {}) as { items?: unknown; top?: unknown; scores?: unknown };
  const fail = (message: string): never => {
    throw badInput(`${path}: case ${number} (counted from 0): ${message}`, { path, case: number });
  };
  const toRows = (name: string, list: unknown): number[] => {
    if (!Array.isArray(list) || list.length === 0) return fail(`${name} is ${show(list)}; expected a list of item ids.`);
    return list.map((id: unknown) => {
      const row = rows.get(String(id));
      return (
        row ?? fail(`${name} names item ${show(id)}, which is not among the ids. Write ids, not row numbers, and none of the padding row.`)
      );
    });
  };
  const readItems = toRows('items', items);
  const readTop = toRows('top', top);
  if (
    !Array.isArray(scores) ||
    scores.length !== readTop.length ||
    !scores.every((score) => typeof score === 'number' && Number.isFinite(score))
  )
    return fail(`scores must be ${readTop.length} finite numbers, one for each item of top.`);
  if (new Set(readTop).size !== readTop.length) return fail('top names an item twice.');
  return { items: readItems, top: readTop, scores: scores as number[] };
}
