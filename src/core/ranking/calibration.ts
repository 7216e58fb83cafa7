import { chooseGreedily } from './chooseGreedily.js';
import type { Pool, Select } from './pool.js';
import { relevance, selectBest } from './pool.js';

export interface CalibrationOptions {
  /** What the shopper chooses: a weight above 0 for each category; they need not sum to 1. */
  readonly wanted: ReadonlyMap<string, number>;
  /** The categories of a row; it counts in equal parts for each. Empty: none is known. */
  readonly categoriesOf: (row: number) => readonly string[];
  /** Lambda: 0 the plain order, 1 the mix alone. */
  readonly calibration: number;
}

/** Alpha of equation 5: keeps the divergence finite while a category is missing from the list. */
const SMOOTHING = 0.01;

/**
 * Kullback-Leibler divergence of the shopper's mix p from the list's mix q, in nats (Steck 2018, "Calibrated recommendations",
 * equations 4 and 5): sum of p log(p / ((1 - alpha) q + alpha p)). Both are brought to sum 1; 0 where p is empty.
 */
export function mixDivergence(wanted: ReadonlyMap<string, number>, mix: ReadonlyMap<string, number>): number {
  const wantedTotal = total(wanted);
  const mixTotal = total(mix) || 1;
  let sum = 0;
  for (const [category, weight] of wanted) {
    if (weight <= 0) continue;
    const p = weight / wantedTotal;
    sum += p * Math.log(p / ((1 - SMOOTHING) * ((mix.get(category) ?? 0) / mixTotal) + SMOOTHING * p));
  }
  return sum;
}

/**
 * Chooses a list whose categories stand in the proportions that the shopper chooses them (Steck 2018, section 3.2): each next item
 * maximises (1 - lambda) sum of relevance - lambda divergence of the list so far. Greedy, submodular, hence within 1 - 1/e of the best.
 */
export function calibrate({ wanted, categoriesOf, calibration }: CalibrationOptions): Select {
  if (calibration === 0 || total(wanted) <= 0) return selectBest;
  return (pool: Pool, limit, room) => {
    const relevant = relevance(pool);
    const categories = Array.from(pool.rows, (row) => categoriesOf(row));
    const keys = categories.map((own) => own.join('\n'));
    let mix: ReadonlyMap<string, number> = new Map();
    // Items of the same categories change the mix alike.
    const divergences = new Map<string, number>();
    const divergenceWith = (at: number): number => {
      let divergence = divergences.get(keys[at]!);
      if (divergence === undefined) divergences.set(keys[at]!, (divergence = mixDivergence(wanted, withItem(mix, categories[at]!))));
      return divergence;
    };
    return chooseGreedily(
      { rows: pool.rows, limit, room },
      (at) => (1 - calibration) * relevant[at]! - calibration * divergenceWith(at),
      (chosen) => {
        mix = withItem(mix, categories[chosen]!);
        divergences.clear();
      },
    );
  };
}

function withItem(mix: ReadonlyMap<string, number>, categories: readonly string[]): Map<string, number> {
  const next = new Map(mix);
  for (const category of categories) next.set(category, (next.get(category) ?? 0) + 1 / categories.length);
  return next;
}

function total(weights: ReadonlyMap<string, number>): number {
  let sum = 0;
  for (const weight of weights.values()) sum += Math.max(0, weight);
  return sum;
}
