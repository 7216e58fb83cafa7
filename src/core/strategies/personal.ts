import { isZeroRow, readRow } from '../kernels/itemMatrix.js';
import type { ItemMatrix, LoadedMatrix, ScoringRule } from '../kernels/topK.js';
import { rowScorer } from '../kernels/topK.js';
import { matrixSource } from '../ranking/candidateSource.js';
import { RowSet } from '../ranking/rowSet.js';
import type { UserState } from '../userState.js';
import { deriveUserState } from '../userState.js';
import { blendedCandidates } from './blended.js';
import type { Candidates, Contribution } from './candidates.js';
import type { Ask, Shop } from './shop.js';
import { NotHere } from './shop.js';

/** Ranks by what is known of the shopper: a given vector; session and taste blended; either alone. */
export async function personal(shop: Shop, { userVector, limit }: Ask, allowed: RowSet): Promise<Candidates | NotHere> {
  const { model, loaded, session } = shop.context;
  const { matrix, entry } = model.factors;
  if (userVector) {
    return {
      strategy: 'personal',
      ...scanned({ loaded, matrix, query: userVector, rule: entry.userRule }),
      explain: (_, score) => [{ cause: { kind: 'profile' }, contribution: score }],
    };
  }
  const sequence = model.sequence;
  const isShared = sequence?.matrix === matrix;
  if (session && sequence && (isShared || sequence.entry.blendWeight === 1)) return ofSession(shop);
  const state = isShared ? null : deriveUserState(model.factors, shop.history, model.catalog);
  if (session && sequence) return state ? blendedCandidates(shop, state, limit, allowed) : ofSession(shop);
  if (!state) return new NotHere('nothing is known of the shopper yet');
  return {
    strategy: 'personal',
    ...scanned({ loaded, matrix, query: state.vector, rule: entry.userRule }),
    explain: tasteContributions(shop, state),
  };
}

export interface Scan {
  readonly loaded: LoadedMatrix;
  readonly matrix: ItemMatrix;
  readonly query: Float32Array;
  readonly rule: ScoringRule;
}

/** Candidates by one scan of a matrix; rows of zeros, of which it knows nothing, are left out. */
export function scanned(scan: Scan): Pick<Candidates, 'source' | 'scoreOf'> {
  const { matrix, query, rule } = scan;
  const toScore = rowScorer(matrix, query, rule);
  return {
    source: (allowed) => matrixSource({ ...scan, excluded: leftOut(allowed, matrix) }),
    scoreOf: (row) => (isZeroRow(matrix, row) ? null : toScore(row)),
  };
}

/** Rows that the kernels may not give: not allowed, or all zero. */
export function leftOut(allowed: RowSet, matrix: ItemMatrix): Uint32Array {
  const zero = zeroRows(matrix);
  return (zero.isEmpty ? allowed : allowed.without(zero)).complement().words;
}

const ZERO_ROWS = new WeakMap<ItemMatrix, RowSet>();

/** Rows of which a matrix knows nothing, looked up once: a matrix in service stays as it is. */
function zeroRows(matrix: ItemMatrix): RowSet {
  let rows = ZERO_ROWS.get(matrix);
  if (!rows) {
    rows = new RowSet(matrix.itemCount);
    for (let row = 0; row < matrix.itemCount; row++) if (isZeroRow(matrix, row)) rows.add(row);
    ZERO_ROWS.set(matrix, rows);
  }
  return rows;
}

function ofSession({ context }: Shop): Candidates {
  const { current, loaded } = context.session!;
  const { matrix } = context.model.sequence!;
  return {
    strategy: 'session',
    ...scanned({ loaded, matrix, query: current.query, rule: 'dot' }),
    explain: (_, score) => [sessionContribution(context, score, 1)],
  };
}

export function sessionContribution({ session, model }: Shop['context'], contribution: number, share: number): Contribution {
  const { itemId } = session!.current.last;
  const title = model.catalog.title(model.catalog.indexOf(itemId)!);
  return { cause: { kind: 'session', itemId, title, share }, contribution };
}

/** Tells what each item of the history adds to the score of a row, and the row's own bias: exact where the fold-in is linear. */
export function tasteContributions({ context }: Shop, state: UserState): (row: number, score: number) => Contribution[] {
  const { factors, catalog } = context.model;
  const isCosine = factors.entry.userRule === 'cosine';
  const causes = state.items.map(
    ({ entry: { event, itemId }, itemIndex }) => ({ kind: 'history', event, itemId, title: catalog.title(itemIndex) }) as const,
  );
  const vector = new Float32Array(factors.matrix.dimensions);
  return (row, score) => {
    const shares = state.explain?.(readRow(factors.matrix, row, vector));
    if (!shares) return [{ cause: { kind: 'profile' }, contribution: score }];
    // Under the cosine rule the dot product, and so each share, is divided by both norms.
    const scale = isCosine ? score / (shares.reduce((total, share) => total + share, 0) || 1) : 1;
    const contributions: Contribution[] = causes.map((cause, at) => ({ cause, contribution: shares[at]! * scale }));
    const bias = isCosine ? 0 : (factors.matrix.biases?.[row] ?? 0);
    return bias === 0 ? contributions : [...contributions, { cause: { kind: 'bias' }, contribution: bias }];
  };
}
