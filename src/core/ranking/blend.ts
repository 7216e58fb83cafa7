/** How the session and long-term taste become one list: one code for the page and for the fit of the weight between them. */
import type { ItemMatrix, LoadedMatrix, ScoringRule } from '../kernels/topK.js';
import type { rowScorer, topK } from '../kernels/topK.js';

/** Candidates of each part per wanted item, up to what the kernels find in one go. */
const CANDIDATES_PER_ITEM = 5;
const MOST_CANDIDATES = 200;

/** Handed in: the page has them loaded already. */
export interface Scoring {
  readonly topK: typeof topK;
  readonly rowScorer: typeof rowScorer;
}

/** One of the two models with its question. */
export interface BlendSide {
  readonly loaded: LoadedMatrix;
  readonly matrix: ItemMatrix;
  readonly query: Float32Array;
  readonly rule: ScoringRule;
  readonly excluded: Uint32Array | null;
}

/** The candidates of both models, lower row first, and what each model gives them: scores less their mean, over their deviation. */
export interface BlendParts {
  readonly rows: readonly number[];
  readonly session: Float64Array;
  readonly taste: Float64Array;
}

export interface BlendedRow {
  readonly row: number;
  /** The session's and the taste's part of the score; they add up to it. */
  readonly session: number;
  readonly taste: number;
  readonly score: number;
}

/** Lets both models find candidates for a list of `limit` and score their union. */
export async function findBlendParts(session: BlendSide, taste: BlendSide, limit: number, scoring: Scoring): Promise<BlendParts> {
  const k = Math.min(MOST_CANDIDATES, limit * CANDIDATES_PER_ITEM);
  const found = [];
  for (const { loaded, matrix, query, rule, excluded } of [session, taste])
    found.push(...(await scoring.topK(loaded, matrix, { query, rule, k, excluded })).indexes);
  const rows = [...new Set(found)].sort((a, b) => a - b);
  return { rows, session: standardised(rows, session, scoring), taste: standardised(rows, taste, scoring) };
}

/** Adds the two parts, `weight` (0 to 1) for the session, and returns the best `limit` rows, ties by the lower row. */
export function blendParts({ rows, session, taste }: BlendParts, weight: number, limit: number): BlendedRow[] {
  return rows
    .map((row, at) => ({ row, session: weight * session[at]!, taste: (1 - weight) * taste[at]! }))
    .map((part) => ({ ...part, score: Math.fround(part.session + part.taste) }))
    .sort((a, b) => b.score - a.score || a.row - b.row)
    .slice(0, limit);
}

/** What two models give becomes comparable. */
function standardised(rows: readonly number[], { matrix, query, rule }: BlendSide, { rowScorer }: Scoring): Float64Array {
  const scores = Float64Array.from(rows, rowScorer(matrix, query, rule));
  const mean = scores.reduce((sum, score) => sum + score, 0) / rows.length;
  const deviation = Math.sqrt(scores.reduce((sum, score) => sum + (score - mean) ** 2, 0) / rows.length) || 1;
  return scores.map((score) => (score - mean) / deviation);
}
