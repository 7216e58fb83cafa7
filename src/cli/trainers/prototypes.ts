import type { PrototypeInput } from '../../core/artifact/tables/prototypeTable.js';
import { MIN_ITEM_SUPPORT, MIN_PROTOTYPE_USERS } from '../../core/artifact/tables/tableEntries.js';
import { seededRandom } from './seededRandom.js';
import { bestItems, SparseTableBuilder } from './sparseTable.js';
import type { UserSequences } from './userSequences.js';

export interface PrototypeOptions {
  /** Groups are split until they are no larger than twice this, or would fall under `minUsers`. */
  readonly targetUsers: number;
  /** At least {@link MIN_PROTOTYPE_USERS}. */
  readonly minUsers: number;
  readonly minSupport: number;
  /** Of each user the newest so many items. */
  readonly maxUserItems: number;
  readonly maxItems: number;
  readonly seed: number;
}

export const PROTOTYPE_DEFAULTS = {
  minUsers: MIN_PROTOTYPE_USERS,
  minSupport: MIN_ITEM_SUPPORT,
  maxUserItems: 50,
  maxItems: 200,
} as const;

const ITERATIONS = 12;

/**
 * Groups like-minded users by bisecting spherical 2-means (Steinbach, Karypis & Kumar 2000) over their mean item factors, and describes each
 * group by the share of its users who met an item. Users with fewer than 2 items are left out; every group keeps `minUsers` or more, and
 * an item is named only where `minSupport` or more met it. Null where there are not users enough for one group.
 * `factors`: f32, items x dimensions.
 */
export function makePrototypes(
  sequences: UserSequences,
  { factors, dimensions }: { readonly factors: Float32Array; readonly dimensions: number },
  options: PrototypeOptions,
): PrototypeInput | null {
  const { offsets, items, itemCount } = sequences;
  const { minUsers, minSupport, maxUserItems, maxItems, targetUsers, seed } = options;
  const from = (user: number): number => Math.max(offsets[user]!, offsets[user + 1]! - maxUserItems);
  const users: number[] = [];
  const vectors: Float64Array[] = [];
  for (let user = 0; user < sequences.userCount; user++) {
    if (offsets[user + 1]! - offsets[user]! < 2) continue;
    const vector = new Float64Array(dimensions);
    for (let at = from(user); at < offsets[user + 1]!; at++)
      for (let j = 0; j < dimensions; j++) vector[j]! += factors[items[at]! * dimensions + j]!;
    if (!normalize(vector)) continue;
    users.push(user);
    vectors.push(vector);
  }
  if (users.length < minUsers) return null;
  const random = seededRandom(seed);
  const groups: number[][] = [];
  const waiting = [[...users.keys()]];
  while (waiting.length > 0) {
    const group = waiting.pop()!;
    if (group.length < 2 * Math.max(minUsers, targetUsers)) groups.push(group);
    else waiting.push(...bisect(group, vectors, minUsers, random));
  }
  const table = new SparseTableBuilder(itemCount, true);
  const counts = new Uint32Array(itemCount);
  for (const group of groups) {
    const met: number[] = [];
    for (const member of group) {
      const user = users[member]!;
      for (let at = from(user); at < offsets[user + 1]!; at++) if (counts[items[at]!]!++ === 0) met.push(items[at]!);
    }
    const named = met.filter((item) => counts[item]! >= minSupport);
    for (const item of bestItems(named, counts, maxItems)) table.add(item, counts[item]! / group.length, counts[item]!);
    for (const item of met) counts[item] = 0;
    table.endRow();
  }
  const built = table.build();
  return {
    entry: { algorithm: 'bisecting 2-means of mean item factors', maxUserItems },
    table: { ...built, counts: built.counts! },
    userCounts: Uint32Array.from(groups, (group) => group.length),
  };
}

/** Splits a group in two by 2-means; the cut is moved where a part would hold fewer than `least`. */
function bisect(group: readonly number[], vectors: readonly Float64Array[], least: number, random: () => number): [number[], number[]] {
  const pick = (): Float64Array => vectors[group[Math.floor(random() * group.length)]!]!;
  let [left, right] = [pick().slice(), pick().slice()];
  const lean = new Float64Array(group.length);
  for (let iteration = 0; iteration < ITERATIONS; iteration++) {
    const sums = [new Float64Array(left.length), new Float64Array(left.length)] as const;
    group.forEach((member, at) => {
      const vector = vectors[member]!;
      lean[at] = dot(vector, right) - dot(vector, left);
      const sum = sums[lean[at]! > 0 ? 1 : 0];
      for (let j = 0; j < vector.length; j++) sum[j]! += vector[j]!;
    });
    if (!normalize(sums[0]) || !normalize(sums[1])) break;
    [left, right] = sums;
  }
  const order = Array.from(group.keys()).sort((a, b) => lean[a]! - lean[b]! || group[a]! - group[b]!);
  const wanted = lean.reduce((sum, value) => sum + (value > 0 ? 0 : 1), 0);
  const cut = Math.min(Math.max(wanted, least), group.length - least);
  const part = (from: number, to: number): number[] => order.slice(from, to).map((at) => group[at]!);
  return [part(0, cut), part(cut, group.length)];
}

function dot(a: Float64Array, b: Float64Array): number {
  let sum = 0;
  for (let j = 0; j < a.length; j++) sum += a[j]! * b[j]!;
  return sum;
}

/** Brings a vector to length 1; false where it has none. */
function normalize(vector: Float64Array): boolean {
  const norm = Math.sqrt(dot(vector, vector));
  if (!(norm > 0)) return false;
  for (let j = 0; j < vector.length; j++) vector[j]! /= norm;
  return true;
}
