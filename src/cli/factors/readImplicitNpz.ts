import { badInput } from '../cliIo.js';
import type { FactorSource } from './factorSource.js';
import { implicitAlsFoldIn, takeColumn, takeColumns } from './factorSource.js';
import type { NamedArrays } from './namedArrays.js';

/**
 * Reads a model that the Python library implicit saved, told by the names of its scalars; null when it is none.
 *
 * ALS: plain factors, alpha and regularization. BPR: the last item column is the bias (the user column beside it holds 1).
 * LMF: the last but one item column is the bias, the last holds 1. Neither BPR nor LMF can fold in a new user, so a page uses
 * the mean of item factors for them.
 */
export function readImplicitNpz(arrays: NamedArrays): FactorSource | null {
  if (!arrays.has('item_factors', 'user_factors')) return null;
  const kind = arrays.has('verify_negative_samples')
    ? 'bpr'
    : arrays.has('neg_prop')
      ? 'lmf'
      : arrays.has('alpha') || arrays.has('use_cg')
        ? 'als'
        : null;
  if (kind === null) return null;
  const items = arrays.matrix('item_factors');
  const users = arrays.users('user_factors', items)!;
  const extra = { als: 0, bpr: 1, lmf: 2 }[kind];
  const dimensions = items.columnCount - extra;
  if (dimensions < 1)
    throw badInput(
      `${arrays.path}: ${items.columnCount} columns are too few for ${kind.toUpperCase()}, which keeps ${extra} of them for itself.`,
      { path: arrays.path },
    );
  return {
    algorithm: `implicit ${kind}`,
    origin: `${arrays.path}:item_factors`,
    items: takeColumns(items, 0, dimensions),
    biases: kind === 'als' ? null : takeColumn(items, dimensions),
    users: takeColumns(users, 0, dimensions),
    foldIn: kind === 'als' ? implicitAlsFoldIn(arrays.scalar('alpha', 1), arrays.scalar('regularization', 0.01)) : { kind: 'mean' },
  };
}
