import { RecommenderError } from '../../core/errors.js';
import type { SparseTable } from '../../core/artifact/tables/sparseShards.js';
import { bestItems, SparseTableBuilder } from './sparseTable.js';
import type { TrainerHooks } from './trainerHooks.js';
import type { UserSequences } from './userSequences.js';
import { itemPlaces } from './userSequences.js';

export interface KnnOptions {
  /** The best so many are kept. */
  readonly neighbors: number;
  /** Similarities of pairs with n shared users are multiplied by n / (n + shrinkage): few witnesses, little trust. */
  readonly shrinkage: number;
  /** A user with n items counts n^-userDamping: who met everything tells little. 0: all alike, the plain cosine. */
  readonly userDamping: number;
  /** A pair met d places apart counts closeness^(d - 1). 1: however far apart. */
  readonly closeness: number;
  /** What a pair counts whose second item was met before the first, beside 1 in the order met. */
  readonly backward: number;
}

const BLOCK_ITEMS = 256;

/**
 * Item-item cosine over who met what (Sarwar et al. 2001; shrinkage as in Bell & Koren 2007, section 4.1):
 *
 *   s(i, j) = Σ_u w_u c(u, i, j) / sqrt(Σ_u∋i w_u · Σ_u∋j w_u) · n / (n + shrinkage)
 *
 * with w_u = n_u^-userDamping and c = closeness^(distance - 1), times `backward` where j came first. Items nobody met have no row.
 */
export async function trainKnn(sequences: UserSequences, options: KnnOptions, hooks: TrainerHooks = {}): Promise<SparseTable> {
  checkOptions(options);
  const { neighbors, shrinkage, userDamping, closeness, backward } = options;
  const { itemCount, userCount, offsets, items } = sequences;
  const byItem = itemPlaces(sequences);
  const userWeights = Float64Array.from(
    { length: userCount },
    (_, user) => Math.max(1, offsets[user + 1]! - offsets[user]!) ** -userDamping,
  );
  const masses = new Float64Array(itemCount);
  for (let item = 0; item < itemCount; item++)
    for (let at = byItem.offsets[item]!; at < byItem.offsets[item + 1]!; at++) masses[item]! += userWeights[byItem.users[at]!]!;
  const fading = Float64Array.from({ length: 1_001 }, (_, distance) => closeness ** Math.max(0, distance - 1));
  const sums = new Float64Array(itemCount);
  const shared = new Uint32Array(itemCount);
  const table = new SparseTableBuilder(itemCount, false);
  for (let item = 0; item < itemCount; item++) {
    const met: number[] = [];
    for (let at = byItem.offsets[item]!; at < byItem.offsets[item + 1]!; at++) {
      const user = byItem.users[at]!;
      const place = byItem.places[at]!;
      const weight = userWeights[user]!;
      for (let other = offsets[user]!; other < offsets[user + 1]!; other++) {
        if (other === place) continue;
        const column = items[other]!;
        if (shared[column]!++ === 0) met.push(column);
        sums[column]! += other > place ? weight * fading[other - place]! : backward * weight * fading[place - other]!;
      }
    }
    for (const other of met) sums[other]! *= shared[other]! / (shared[other]! + shrinkage) / Math.sqrt(masses[item]! * masses[other]!);
    const useful = met.filter((other) => sums[other]! > 0);
    for (const other of bestItems(useful, sums, neighbors)) table.add(other, sums[other]!);
    for (const other of met) sums[other] = shared[other] = 0;
    table.endRow();
    if (item % BLOCK_ITEMS === 0) {
      hooks.onProgress?.(item / itemCount);
      await hooks.pause?.();
    }
  }
  return table.build();
}

function checkOptions({ neighbors, shrinkage, closeness, backward }: KnnOptions): void {
  const check = (name: string, value: number, isGood: boolean, expected: string): void => {
    if (!isGood) throw new RecommenderError('input/invalid', `${name} is ${value}; it must be ${expected}.`, { name, seen: value });
  };
  check('neighbors', neighbors, Number.isInteger(neighbors) && neighbors >= 1, 'a whole number of at least 1');
  check('shrinkage', shrinkage, shrinkage >= 0 && Number.isFinite(shrinkage), '0 or above');
  check('closeness', closeness, closeness > 0 && closeness <= 1, 'above 0, at most 1');
  check('backward', backward, backward >= 0 && backward <= 1, 'from 0 to 1');
}
