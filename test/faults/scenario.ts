import { createRandom } from '../fixtures/random.js';
import type { FaultShop } from './faultShop.js';

/** What a scenario is run with. */
export interface ScenarioOptions {
  readonly shop: FaultShop;
  /** How often the fault is injected. */
  readonly count: number;
  /** Draws 0 to 1, by the run's seed. */
  readonly random: () => number;
  /** Told now and then how far it is, and what came out so far. */
  readonly onProgress: (done: number, figures?: Figures) => void;
}

/** What came out: names and counts. */
export type Figures = Readonly<Record<string, number>>;

export interface Scenario {
  readonly name: string;
  /** One line: what is done to the browser. */
  readonly fault: string;
  /** How often in the ordinary test command. */
  readonly smallCount: number;
  /** The most that a long run does; null: as often as it asks. */
  readonly longCount: number | null;
  /** By which option of the long run; absent: kills. */
  readonly countedBy?: 'updates';
  /** Figures that must be exactly this. */
  readonly must: Figures;
  run(options: ScenarioOptions): Promise<Figures>;
}

export function seededRandom(seed: number): () => number {
  return createRandom(seed);
}

/** A whole number from `low` up to, but not, `high`. */
export function between(random: () => number, low: number, high: number): number {
  return low + Math.floor(random() * (high - low));
}
