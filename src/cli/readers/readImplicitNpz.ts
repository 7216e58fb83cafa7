import { badInput } from '../cliIo.js';
import type { FactorSource } from './factorSource.js';
import { implicitAlsFoldIn, takeColumn, takeColumns, toMatrix } from './factorSource.js';
import { readNpy } from './readNpy.js';
import type { NpzMembers } from './readNpz.js';

/**
 * Reads a model that the Python library implicit saved, told by the names of its scalars; null when it is none.
 *
 * ALS: plain factors, alpha and regularization. BPR: the last item column is the bias (the user column beside it holds 1).
 * LMF: the last but one item column is the bias, the last holds 1. Neither BPR nor LMF can fold in a new user, so a page uses
 * the mean of item factors for them.
 */
export function readImplicitNpz(members: NpzMembers, file: string): FactorSource | null {
  if (!members.has('item_factors') || !members.has('user_factors')) return null;
  const kind = members.has('verify_negative_samples')
    ? 'bpr'
    : members.has('neg_prop')
      ? 'lmf'
      : members.has('alpha') || members.has('use_cg')
        ? 'als'
        : null;
  if (kind === null) return null;
  const read = (name: string) => readNpy(members.get(name)!, `${file}:${name}`);
  const itemArray = read('item_factors');
  const userArray = read('user_factors');
  const items = toMatrix(itemArray.shape, itemArray.values, `${file}:item_factors`);
  const users = toMatrix(userArray.shape, userArray.values, `${file}:user_factors`);
  if (items.columnCount !== users.columnCount) {
    throw badInput(
      `${file}: item_factors have ${items.columnCount} columns, user_factors ${users.columnCount}. They are not of one model; save it again.`,
      { file },
    );
  }
  const extra = { als: 0, bpr: 1, lmf: 2 }[kind];
  const dimensions = items.columnCount - extra;
  if (dimensions < 1)
    throw badInput(
      `${file}: ${items.columnCount} columns are too few for ${kind.toUpperCase()}, which keeps ${extra} of them for itself.`,
      { file },
    );
  const scalar = (name: string, fallback: number): number => (members.has(name) ? (read(name).values[0] ?? fallback) : fallback);
  return {
    algorithm: `implicit ${kind}`,
    origin: `${file}:item_factors`,
    items: takeColumns(items, 0, dimensions),
    biases: kind === 'als' ? null : takeColumn(items, dimensions),
    users: takeColumns(users, 0, dimensions),
    foldIn: kind === 'als' ? implicitAlsFoldIn(scalar('alpha', 1), scalar('regularization', 0.01)) : { kind: 'mean' },
  };
}
