/** The public vocabulary of the strategies: what calls beside plain lists take and give. */
import type { Boost } from './ranking/boosts.js';
import type { Cap } from './ranking/caps.js';
import type { EmptyBecause } from './ranking/emptyBecause.js';
import type { Headline } from './ranking/evidence.js';
import type { Consumables, Exclusions } from './ranking/exclusions.js';
import type { Assignment, Experiment } from './ranking/experiments.js';
import type { JudgeProblem } from './ranking/judgeItems.js';
import type { PinnedList, Pin } from './ranking/pins.js';
import type { DroppedShelf } from './ranking/pagePlanner.js';
import type { TextKey } from './ranking/shopTexts.js';
import type { CallOptions, CatalogItem, FieldValue, ItemId, Reason, RecommendationList, Strategy } from './types.js';

export type { Boost, Cap, EmptyBecause, Consumables, Exclusions, Assignment, Headline, JudgeProblem, Pin, DroppedShelf };
export type { ItemFilter } from './ranking/itemFilter.js';

/** Every way to make a list; each may be another's fallback. */
export const STRATEGIES = [
  'personal',
  'neighbors',
  'likeMinded',
  'similar',
  'boughtTogether',
  'lookingSimilar',
  'content',
  'trending',
  'popular',
  'newArrivals',
  'recentlyViewed',
  'continueShopping',
] as const;
export type StrategyName = (typeof STRATEGIES)[number];

/** The page the shopper is on. */
export interface PageContext {
  readonly itemId?: ItemId;
  /** "Cameras > Lenses": that category and what lies below it. */
  readonly category?: string;
  readonly searchTerm?: string;
}

/** Rules and choices of one list, beside those that plain lists take. */
export interface ShelfRules {
  /** Used in turn to fill the places that are left. */
  readonly fallback?: readonly StrategyName[];
  readonly context?: PageContext;
  /**
   * Keeps the items for which it says true. It runs in the page, on batches of candidates, until the list is full; an item for which
   * it throws is left out and reported in `filterProblems`.
   */
  readonly where?: (item: CatalogItem) => boolean;
  /** Which of the default exclusions are on. All are; lists that show the cart's items leave `inCart` off. */
  readonly exclusions?: Exclusions;
  readonly consumables?: Consumables;
  /** The cart as the shop knows it. Default: what the history tells. */
  readonly cart?: readonly ItemId[];
  readonly boost?: readonly Boost[];
  readonly pin?: readonly Pin[];
  readonly caps?: readonly Cap[];
  /** 0: by score alone, the default; 1: as different from each other as the candidates allow. */
  readonly diversity?: number;
  /** How; `spread` keeps most hits. Default `spread`. */
  readonly diversifyBy?: 'spread' | 'mmr' | 'dpp';
  /** 0 to 1: prefers what fewer shoppers know. */
  readonly novelty?: number;
  /** 0 to 1: how far items step back that were shown and ignored; see `recordImpressions`. */
  readonly rotationRate?: number;
  /** 0 to 1: how closely the list follows the shopper's mix of categories. */
  readonly calibration?: number;
  /** The catalogue field with the day an item came: ISO 8601, or milliseconds since 1970. Default: the first of the usual names. */
  readonly dateField?: string;
}

/** One step of the ladder that a list came down. */
export interface Rung {
  readonly strategy: Strategy;
  /** How many items of the list it gave. */
  readonly items: number;
  /** Why it gave none, where it could not be asked at all. */
  readonly reason?: string;
}

/** What a list with rules tells beside a plain one. */
export interface ShelfFacts {
  /** The strategies that were asked, in order. The list's `strategy` is the first that gave items. */
  readonly rungs?: readonly Rung[];
  /** Set when the list is empty because its conditions leave nothing. */
  readonly emptyBecause?: EmptyBecause;
  /** Items on which the `where` function failed; they are left out. */
  readonly filterProblems?: { readonly count: number; readonly first: readonly JudgeProblem[] };
  /** Pins that could not be placed. */
  readonly droppedPins?: PinnedList<unknown>['dropped'];
  /** The arms that this device drew. */
  readonly experiments?: readonly Assignment[];
}

/** An experiment with what each arm changes. An arm may name a strategy, for `recommend`, and rules, for every list. */
export interface ExperimentPlan extends Omit<Experiment, 'arms'> {
  readonly arms: Readonly<Record<string, ExperimentArm>>;
}

export interface ExperimentArm extends Omit<ShelfRules, 'where' | 'cart' | 'context'> {
  /** Of shoppers; shares need not sum to 1. */
  readonly share: number;
  readonly strategy?: StrategyName;
}

/** The shop's own sentences, by key; `{name}` stands for a value. */
export type OwnTexts = Readonly<Partial<Record<TextKey, string>>>;

/** One shelf of a page. */
export interface ShelfRequest extends Omit<ShelfRules, 'where'> {
  /** Names it in the answer. Default: the strategy. */
  readonly id?: string;
  readonly strategy: StrategyName;
  /** For strategies that start from items. */
  readonly itemId?: ItemId;
  readonly items?: readonly ItemId[];
  /** Narrows trending, popular and newArrivals. */
  readonly category?: string;
  readonly filter?: RecommendFilter;
  readonly limit?: number;
  readonly minItems?: number;
  readonly priority?: number;
  readonly allowsRepeats?: boolean;
  /** Replaces the headline. */
  readonly headline?: string;
}
type RecommendFilter = import('./ranking/itemFilter.js').ItemFilter;

export interface PageRequest extends CallOptions {
  readonly shelves: readonly ShelfRequest[];
  readonly context?: PageContext;
  readonly scenario?: string;
}

export interface PlannedShelfList extends RecommendationList {
  readonly id: string;
  readonly headline: Headline;
}

export interface PageOfShelves {
  /** In the order asked; no item stands in two of them, unless a shelf allows repeats. */
  readonly shelves: readonly PlannedShelfList[];
  readonly dropped: readonly DroppedShelf[];
}

/** Why an item is, or is not, recommended. */
export interface Explanation {
  readonly itemId: ItemId;
  readonly strategy: Strategy;
  /** Null: the strategy gives the item no score. */
  readonly score: number | null;
  /** All of them, strongest first; contributions sum to the score. */
  readonly reasons: readonly Reason[];
  /** Conditions of the list that the item does not meet. */
  readonly excludedBy: readonly string[];
}

/** New values of an item; null takes one away. */
export interface ItemUpdate {
  readonly itemId: ItemId;
  readonly [field: string]: FieldValue | null;
}

/** What became of a catalogue change. */
export interface CatalogChange {
  /** Items changed or added. */
  readonly items: number;
  /** Ids that the model does not know (of an update) or knows already (of an addition). */
  readonly ignored: readonly ItemId[];
}
