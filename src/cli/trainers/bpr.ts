import { fillNormal, seededRandom } from './seededRandom.js';
import type { SparseRows } from './sparseRows.js';
import type { TrainerHooks } from './trainerHooks.js';

export interface BprOptions {
  readonly factors: number;
  /** As many steps per epoch as there are entries. */
  readonly epochs: number;
  readonly learningRate: number;
  /** lambda of user and item factors. */
  readonly regularization: number;
  readonly seed: number;
}

/** f32 rows of length `factors`. */
export interface BprFactors {
  readonly users: Float32Array;
  readonly items: Float32Array;
}

const INITIAL_DEVIATION = 0.1;
const BLOCK_STEPS = 65_536;
/** Draws of an item the user did not meet, before a step is given up: the user met almost all. */
const MAX_DRAWS = 20;

/**
 * Bayesian personalised ranking (Rendle et al. 2009, figure 4): stochastic ascent on ln σ(x_u · (y_i - y_j)) - lambda |.|² over entries
 * (u, i), drawn evenly, and items j that u did not meet. Entries count alike, whatever their weight.
 */
export async function trainBpr(rows: SparseRows, options: BprOptions, { onProgress, pause }: TrainerHooks = {}): Promise<BprFactors> {
  const { factors: d, epochs, learningRate, regularization, seed } = options;
  const { rowCount, columnCount, offsets, columns } = rows;
  const random = seededRandom(seed);
  const users = new Float32Array(rowCount * d);
  const items = new Float32Array(columnCount * d);
  fillNormal(users, INITIAL_DEVIATION / Math.sqrt(d), random);
  fillNormal(items, INITIAL_DEVIATION / Math.sqrt(d), random);
  const userOf = new Uint32Array(columns.length);
  for (let user = 0; user < rowCount; user++) userOf.fill(user, offsets[user], offsets[user + 1]);
  const sorted = columns.slice();
  for (let user = 0; user < rowCount; user++) sorted.subarray(offsets[user], offsets[user + 1]).sort();
  const steps = epochs * columns.length;
  for (let step = 0; step < steps; step++) {
    const at = Math.floor(random() * columns.length);
    const user = userOf[at]!;
    const other = drawUnmet(sorted, offsets[user]!, offsets[user + 1]!, columnCount, random);
    if (other < 0) continue;
    update(users, user * d, items, columns[at]! * d, other * d, d, learningRate, regularization);
    if (step % BLOCK_STEPS !== 0) continue;
    onProgress?.(step / steps);
    await pause?.();
  }
  // Items without an entry were only pushed away: they stay unknown.
  const isKnown = new Uint8Array(columnCount);
  for (const column of columns) isKnown[column] = 1;
  for (let item = 0; item < columnCount; item++) if (isKnown[item] === 0) items.fill(0, item * d, (item + 1) * d);
  return { users, items };
}

/** An item that is not among sorted[from .. end - 1]; -1 where none was found. */
function drawUnmet(sorted: Uint32Array, from: number, end: number, itemCount: number, random: () => number): number {
  for (let draw = 0; draw < MAX_DRAWS; draw++) {
    const item = Math.floor(random() * itemCount);
    let low = from;
    let high = end;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (sorted[middle]! < item) low = middle + 1;
      else high = middle;
    }
    if (low === end || sorted[low] !== item) return item;
  }
  return -1;
}

function update(users: Float32Array, u: number, items: Float32Array, i: number, j: number, d: number, rate: number, lambda: number): void {
  let difference = 0;
  for (let f = 0; f < d; f++) difference += users[u + f]! * (items[i + f]! - items[j + f]!);
  const slope = 1 / (1 + Math.exp(difference));
  for (let f = 0; f < d; f++) {
    const x = users[u + f]!;
    const better = items[i + f]!;
    const worse = items[j + f]!;
    users[u + f] = x + rate * (slope * (better - worse) - lambda * x);
    items[i + f] = better + rate * (slope * x - lambda * better);
    items[j + f] = worse + rate * (-slope * x - lambda * worse);
  }
}
