/** What is known of items, for the figures that need no right answer. Arrays have one entry per row of the test. */
export interface ItemFacts {
  /** u32: users who met the item in the training part. */
  readonly userCounts: Uint32Array;
  /** Users of the training part. */
  readonly userCount: number;
  /** How many items can be recommended. */
  readonly candidateCount: number;
  /** The item's category, null where none is known; null as a whole: the folder has no categories. */
  readonly categories: readonly (string | null)[] | null;
  /** Cosine of two items' factors; null: the folder has none. */
  readonly similarity: ((a: number, b: number) => number) | null;
}

/** Lists whose diversity is measured: every pair costs a dot product, and so many say enough. */
const MAX_DIVERSITY_LISTS = 2_000;

/**
 * Gathers, over all lists of one model and at each cutoff k:
 *
 * - coverage: share of all items that stand in at least one list;
 * - novelty: mean of log2(users / users who met the item), in bits (Zhou et al. 2010); an item nobody met counts as met by one;
 * - popularityLift: mean users per recommended item / mean users per item of the histories - 1 (Abdollahpouri et al. 2019);
 *   0: as popular as what people choose themselves;
 * - factorDiversity, categoryDiversity: mean over pairs within a list of 1 - cosine, or of "another category" (Ziegler et al. 2005).
 */
export class ListStatistics {
  readonly #lists: { shown: Uint8Array; shownCount: number; positions: number; bits: number; users: number }[];
  readonly #pairs: { pairs: number; distance: number; categoryPairs: number; otherCategory: number }[];
  #historyUsers = 0;
  #historyItems = 0;

  constructor(
    readonly facts: ItemFacts,
    readonly cutoffs: readonly number[],
  ) {
    this.#lists = cutoffs.map(() => ({ shown: new Uint8Array(facts.userCounts.length), shownCount: 0, positions: 0, bits: 0, users: 0 }));
    this.#pairs = cutoffs.map(() => ({ pairs: 0, distance: 0, categoryPairs: 0, otherCategory: 0 }));
  }

  /** Whether the diversity of case number `at` of `count` is measured: they are taken evenly. */
  static isSampled(at: number, count: number): boolean {
    return at % Math.ceil(count / MAX_DIVERSITY_LISTS) === 0;
  }

  add(list: Uint32Array, history: Uint32Array, isSampled: boolean): void {
    const { userCounts, userCount } = this.facts;
    this.cutoffs.forEach((k, c) => {
      const sums = this.#lists[c]!;
      for (let rank = 0; rank < Math.min(k, list.length); rank++) {
        const item = list[rank]!;
        if (sums.shown[item] === 0) sums.shownCount++;
        sums.shown[item] = 1;
        sums.positions++;
        sums.users += userCounts[item]!;
        sums.bits += Math.log2(Math.max(1, userCount) / Math.max(1, userCounts[item]!));
      }
    });
    for (const item of history) this.#historyUsers += userCounts[item]!;
    this.#historyItems += history.length;
    if (isSampled) this.#addPairs(list);
  }

  #addPairs(list: Uint32Array): void {
    const { categories, similarity } = this.facts;
    this.cutoffs.forEach((k, c) => {
      const sums = this.#pairs[c]!;
      const size = Math.min(k, list.length);
      for (let a = 1; a < size; a++) {
        for (let b = 0; b < a; b++) {
          if (similarity) {
            sums.distance += 1 - similarity(list[a]!, list[b]!);
            sums.pairs++;
          }
          const own = categories?.[list[a]!] ?? null;
          const other = categories?.[list[b]!] ?? null;
          if (own === null || other === null) continue;
          sums.categoryPairs++;
          if (own !== other) sums.otherCategory++;
        }
      }
    });
  }

  /** "coverage@10" and so on; null where it cannot be told. */
  figures(): Record<string, number | null> {
    const figures: Record<string, number | null> = {};
    const share = (part: number, whole: number): number | null => (whole > 0 ? part / whole : null);
    this.cutoffs.forEach((k, c) => {
      const lists = this.#lists[c]!;
      const pairs = this.#pairs[c]!;
      const recommended = share(lists.users, lists.positions);
      const chosen = share(this.#historyUsers, this.#historyItems);
      figures[`coverage@${k}`] = share(lists.shownCount, this.facts.candidateCount);
      figures[`novelty@${k}`] = share(lists.bits, lists.positions);
      figures[`popularityLift@${k}`] = recommended !== null && chosen ? recommended / chosen - 1 : null;
      figures[`factorDiversity@${k}`] = share(pairs.distance, pairs.pairs);
      figures[`categoryDiversity@${k}`] = share(pairs.otherCategory, pairs.categoryPairs);
    });
    return figures;
  }
}
