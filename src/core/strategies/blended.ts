import { isZeroRow } from '../kernels/itemMatrix.js';
import { rowScorer, topK } from '../kernels/topK.js';
import type { CandidateSource } from '../ranking/candidateSource.js';
import { rankedSource } from '../ranking/candidateSource.js';
import type { RowSet } from '../ranking/rowSet.js';
import type { UserState } from '../userState.js';
import type { Candidates } from './candidates.js';
import type { Scan } from './personal.js';
import { leftOut, sessionContribution, tasteContributions } from './personal.js';
import type { Shop } from './shop.js';

/** As in the plain blend: candidates of each model per wanted item, at most so many. */
const CANDIDATES_PER_ITEM = 5;
const MOST_CANDIDATES = 200;

/** One model's scores brought to a common measure: less their mean, over their deviation. */
interface Standard {
  readonly toScore: (row: number) => number;
  readonly mean: number;
  readonly deviation: number;
}

/**
 * Session and long-term taste, standardised over the candidates of both and added with the folder's weight: the list that the plain
 * call makes, which can be asked for more rows. All others come after the candidates, scored by the same measure.
 */
export async function blendedCandidates(shop: Shop, state: UserState, limit: number, allowed: RowSet): Promise<Candidates> {
  const { model, loaded, session } = shop.context;
  const { factors, sequence } = model;
  const weight = sequence!.entry.blendWeight;
  const scans: readonly Scan[] = [
    { loaded: session!.loaded, matrix: sequence!.matrix, query: session!.current.query, rule: 'dot' },
    { loaded, matrix: factors.matrix, query: state.vector, rule: factors.entry.userRule },
  ];
  const k = Math.min(MOST_CANDIDATES, limit * CANDIDATES_PER_ITEM);
  const found = new Set<number>();
  for (const { loaded: on, ...scan } of scans)
    for (const row of (await topK(on, scan.matrix, { ...scan, k, excluded: leftOut(allowed, scan.matrix) })).indexes) found.add(row);
  const near = [...found].sort((a, b) => a - b);
  const [ofSession, ofTaste] = scans.map((scan) => standardOver(near, scan)) as [Standard, Standard];
  const sessionPart = (row: number): number => (weight * (ofSession.toScore(row) - ofSession.mean)) / ofSession.deviation;
  const tasteScale = (1 - weight) / ofTaste.deviation;
  const tastePart = (row: number): number => tasteScale * (ofTaste.toScore(row) - ofTaste.mean);
  const scoreOf = (row: number): number => Math.fround(sessionPart(row) + tastePart(row));
  const tasteOf = tasteContributions(shop, state);
  const isUnknown = (row: number): boolean => isZeroRow(factors.matrix, row) && isZeroRow(sequence!.matrix, row);
  return {
    strategy: 'blended',
    source: (wanted) => {
      const first = rankedSource(Uint32Array.from(near.filter((row) => wanted.has(row))), scoreOf);
      let others: CandidateSource | null = null;
      return {
        next: async (count, open = null) => {
          const part = await first.next(count, open);
          if (part.rows.length === count) return part;
          others ??= rankedSource(
            wanted.toRows().filter((row) => !found.has(row) && !isUnknown(row)),
            scoreOf,
          );
          const more = await others.next(count - part.rows.length, open);
          return {
            rows: [...Array.from(part.rows), ...Array.from(more.rows)],
            scores: [...Array.from(part.scores), ...Array.from(more.scores)],
          };
        },
      };
    },
    scoreOf,
    explain: (row) => {
      const share = Math.abs(sessionPart(row)) / (Math.abs(sessionPart(row)) + Math.abs(tastePart(row)) || 1);
      return [
        sessionContribution(shop.context, sessionPart(row), share),
        ...tasteOf(row, ofTaste.toScore(row)).map((one) => ({
          ...one,
          contribution: one.contribution * tasteScale,
        })),
        { cause: { kind: 'rest' }, contribution: -ofTaste.mean * tasteScale },
      ];
    },
  };
}

function standardOver(rows: readonly number[], { matrix, query, rule }: Scan): Standard {
  const toScore = rowScorer(matrix, query, rule);
  const scores = rows.map(toScore);
  const mean = scores.reduce((sum, score) => sum + score, 0) / (rows.length || 1);
  const variance = scores.reduce((sum, score) => sum + (score - mean) ** 2, 0) / (rows.length || 1);
  return { toScore, mean, deviation: Math.sqrt(variance) || 1 };
}
