/** The public vocabulary: what a shop hands in and what it gets back. */
import type { Evidence } from './ranking/evidence.js';
import type { ItemFilter } from './ranking/itemFilter.js';
import type { ShelfFacts, ShelfRules, StrategyName } from './strategyTypes.js';

/** The shop's own id of a product. */
export type ItemId = string;

/** Where scores are computed. `cpu` is plain JavaScript and runs everywhere. */
export type BackendName = 'wasm' | 'webgpu' | 'webgl' | 'cpu';

/** Event names, as Google Analytics 4 spells them. */
export const EVENT_NAMES = [
  'view_item_list',
  'select_item',
  'view_item',
  'search',
  'add_to_wishlist',
  'add_to_cart',
  'remove_from_cart',
  'begin_checkout',
  'purchase',
] as const;
export type EventName = (typeof EVENT_NAMES)[number];
/** What the history keeps beside GA4's events: `dismiss`, that the shopper wants to see no more of an item. */
export const HISTORY_EVENTS = [...EVENT_NAMES, 'dismiss'] as const;
export type HistoryEvent = (typeof HISTORY_EVENTS)[number];

/** One product of an event, GA4 field names. Unknown fields are ignored. */
export interface EventItem {
  readonly item_id: ItemId;
  readonly quantity?: number | string;
  readonly price?: number | string;
  readonly [field: string]: unknown;
}

/** What the shopper did: a GA4 e-commerce event, flat or with its items under `ecommerce`. */
export interface ShopEvent {
  readonly event: HistoryEvent;
  readonly items?: readonly EventItem[];
  readonly ecommerce?: { readonly items?: readonly EventItem[] };
  readonly search_term?: string;
  readonly transaction_id?: string;
  /** When it happened, milliseconds since 1970. Default: now. */
  readonly timestampMs?: number;
  readonly [field: string]: unknown;
}

/** One line of the shopper's history: one product of one event. */
export interface HistoryEntry {
  readonly timeMs: number;
  readonly event: HistoryEvent;
  readonly itemId: ItemId;
  /** At least 1. */
  readonly quantity: number;
}

/** A catalogue value: text, number, yes/no, or a list of texts (tags, attributes). */
export type FieldValue = string | number | boolean | readonly string[];

/** What the catalogue knows of an item. The usual fields are named, any other may stand beside them. */
export interface CatalogItem {
  readonly itemId: ItemId;
  readonly title?: string;
  readonly description?: string;
  readonly brand?: string;
  readonly category?: string;
  readonly price?: number;
  readonly currency?: string;
  readonly url?: string;
  readonly image?: string;
  readonly inStock?: boolean;
  readonly [field: string]: FieldValue | undefined;
}

/** All fields must match: `{category: 'Cameras', price: {max: 500}, inStock: true}`. */
export type Filter = ItemFilter;

/** Common to all calls. */
export interface CallOptions {
  /** Cancels the call; it then rejects with `call/aborted`. */
  readonly signal?: AbortSignal;
  /** Gives up after so many milliseconds with `call/timeout`. Default: no limit. */
  readonly timeoutMs?: number;
}

/** Common to all calls that return a list. */
export interface ListOptions extends CallOptions, Omit<ShelfRules, 'fallback'> {
  /** How many items to return, 1 to 200. Default 10. */
  readonly limit?: number;
  /** Where the list stands ("homepage", "cart"); returned with the list. Default "default". */
  readonly scenario?: string;
  /**
   * Strategies that are used in turn to fill the places that are left. `false`: no stand-in for a list that fails or is late, but the
   * error, and no limit but `timeoutMs`. Else such a list is an earlier one or the popular items, marked `degraded`; late is after
   * `timeoutMs`, by default after 150 ms once all that it needs is loaded.
   */
  readonly fallback?: readonly StrategyName[] | false;
  /** Only items that match. Applied before ranking, so the list is never starved. */
  readonly filter?: Filter;
  /** Never these items. Unknown ids are ignored. */
  readonly exclude?: readonly ItemId[];
}

/** Whom to recommend to, when it is not the history of this device. */
export type UserSource =
  /** A ready user vector (same length as the model's factors), say from the shop's own signed-in endpoint. */
  | { readonly vector: ArrayLike<number> }
  /** A row of the user factors that the model folder ships (`shelfmate pack --keep-users`). */
  | { readonly id: string };

export interface RecommendOptions extends ListOptions {
  /** Default: the best that is known of the shopper, by the ladder session, page, trend, popular. */
  readonly strategy?: StrategyName;
  readonly user?: UserSource;
  /** Leave out what the shopper has already looked at, put in the cart or bought. Default true. */
  readonly excludeSeen?: boolean;
  /**
   * Adds `probability` to items that a sequence model ranked. It takes a score of every item, about as long as a second list.
   * Default false.
   */
  readonly probabilities?: boolean;
}

export type SimilarItemsOptions = ListOptions;

/** Why an item is in a list. */
export type Reason =
  /** The shopper's own event raised the score by `contribution` (the contributions of all events sum to the score). */
  | {
      readonly kind: 'history';
      readonly event: HistoryEvent;
      readonly itemId: ItemId;
      readonly title: string;
      readonly contribution: number;
      readonly text: string;
    }
  /** The sequence model expects it next in this session; `share` is its part of the rank, 0 to 1, the rest is long-term taste. */
  | {
      readonly kind: 'session';
      readonly itemId: ItemId;
      readonly title: string;
      readonly share: number;
      readonly contribution?: number;
      readonly text: string;
    }
  /** It resembles the item asked about; `similarity` is the cosine. */
  | {
      readonly kind: 'similar';
      readonly itemId: ItemId;
      readonly title: string;
      readonly similarity: number;
      readonly contribution?: number;
      readonly text: string;
    }
  /** Popular with all shoppers; `rank` counts from 1. */
  | { readonly kind: 'popular'; readonly rank: number; readonly contribution?: number; readonly text: string }
  /** It matches the user vector that the shop handed in. */
  | { readonly kind: 'profile'; readonly contribution?: number; readonly text: string }
  /** Of the other strategies. In lists of theirs, and in those with rules, the contributions of an item's reasons sum to its score. */
  | (Evidence & { readonly contribution: number; readonly text: string });

export interface Recommendation {
  readonly itemId: ItemId;
  /** Unitless, higher is better; comparable within one list only. */
  readonly score: number;
  /**
   * With `probabilities: true`, in lists with a session (strategy `session` or `blended`): how likely the sequence model holds the item
   * to be the next one, its softmax over all items it knows, those that are left out of the list too. In a blended list it is the
   * sequence model's own, whatever the blend made of it. A network run through tfjs gives none.
   */
  readonly probability?: number;
  /** Strongest first. */
  readonly reasons: readonly Reason[];
  /** In lists of several strategies: the one that gave the item. */
  readonly strategy?: Strategy;
  /** The catalogue's fields of the item. */
  readonly item: CatalogItem;
}

/** How a list came about. */
export type Strategy = StrategyName | 'session' | 'blended' | 'pinned';

export interface RecommendationList extends ShelfFacts {
  /** Opaque id of this list: put it on clicks and purchases to attribute them. */
  readonly recommId: string;
  readonly scenario: string;
  readonly strategy: Strategy;
  readonly modelRevision: string;
  /** Whether only the first, most popular part of the model was loaded yet. Ask again after `ready` for the whole. */
  readonly isPartial: boolean;
  readonly backend: BackendName;
  /** Time inside the engine, milliseconds. */
  readonly tookMs: number;
  /** Best first; ties by popularity rank (lower row of the model). */
  readonly items: readonly Recommendation[];
  /**
   * Present when this is not the answer to this call but a stand-in: the last list that the same call got on this page, or the
   * popular list (at most 50 items, `strategy: 'popular'`). `reason` is the code of what went wrong, such as `call/timeout`.
   */
  readonly degraded?: { readonly reason: string };
}

/** Loading progress; `loadedBytes` of `totalBytes` over all files of the model. */
export interface LoadProgress {
  readonly phase: 'manifest' | 'files' | 'backend' | 'ready';
  /** The file in hand, empty outside phase `files`. */
  readonly file: string;
  readonly loadedBytes: number;
  readonly totalBytes: number;
  /** Whether the file came from this device's cache. */
  readonly fromCache: boolean;
}

export interface BackendAttempt {
  readonly backend: BackendName;
  readonly accepted: boolean;
  /** Why it was taken or passed over, in words. */
  readonly reason: string;
}

/** What came of looking for another revision of the model, or of going back to one. */
export interface ModelUpdate {
  /**
   * `updated`: another revision serves; `rolled-back`: the one before it does; `current`: the server has what serves;
   * `held`: there is another one, not for this device now (pinned, or outside a rollout); `refused`: it must not be used (older, wrong
   * signature, broken, failed here before); `failed`: it did not arrive whole, and will be asked for again.
   */
  readonly outcome: 'updated' | 'rolled-back' | 'current' | 'held' | 'refused' | 'failed';
  /** The revision it is about, empty where none was read. */
  readonly revision: string;
  /** Why, in words. */
  readonly reason: string;
  /** Milliseconds since 1970. */
  readonly timeMs: number;
}

export interface RecommenderStatus {
  readonly state: 'loading' | 'ready' | 'error' | 'closed';
  readonly backend: BackendName | null;
  /** Why this backend. */
  readonly backendReason: string;
  /** The ladder as it was walked, in order. */
  readonly attempts: readonly BackendAttempt[];
  /** The GPU adapter or renderer in use and, on WebGPU, the form of its rows ("...; f16 rows"); empty when there is none. */
  readonly adapter: string;
  readonly modelName: string;
  readonly modelRevision: string;
  readonly itemCount: number;
  /** Items loaded so far; `recommend` answers as soon as the first part is. */
  readonly availableItems: number;
  readonly dimensions: number;
  readonly modelBytes: number;
  /** Whether every file came from this device's cache. */
  readonly fromCache: boolean;
  /** Milliseconds from the start of the worker. */
  readonly loadMs: {
    /** Until the manifest was there. */
    readonly manifest: number;
    /** Until the first list could be answered. */
    readonly firstList: number;
    /** Until all files were decoded. */
    readonly files: number;
    /** Until everything was ready. */
    readonly total: number;
  };
  readonly history: {
    /** `memory` also while the device does not take what is written. */
    readonly mode: 'persistent' | 'memory' | 'off';
    readonly entries: number;
    /** Entries brought back from the mirror on this page, after the browser had lost its database or the end of it. */
    readonly restored: number;
  };
  /** How often the worker was lost and started again on this page. */
  readonly restarts: number;
  /** Revisions of the model: the one that serves, the one to go back to, the one that was pinned, and what came of the last update. */
  readonly delivery: {
    readonly active: string | null;
    readonly previous: string | null;
    readonly pinned: string | null;
    readonly lastUpdate: ModelUpdate | null;
  };
  readonly error: { readonly code: string; readonly message: string } | null;
}

/** What became of a recorded event. */
export interface RecordResult {
  /**
   * `mirrored`: on disk on this device, twice: in IndexedDB and in the mirror that mends it; `stored`: in IndexedDB;
   * `memory`: kept until the page closes, and written when the device takes it again.
   */
  readonly storage: 'mirrored' | 'stored' | 'memory';
  /** History lines written; items beyond 200 per event and lines without an id are not. */
  readonly entries: number;
}

export interface HistoryOptions {
  /** `persistent` keeps it on this device, `memory` until the page closes, `off` records nothing. Default `persistent`. */
  readonly mode?: 'persistent' | 'memory' | 'off';
  /** The newest so many entries are kept. Default 1,000. */
  readonly maxEntries?: number;
  /** Older entries are dropped. Default 180 days. */
  readonly maxAgeDays?: number;
}

/** What the shopper's history may forget. */
export type ForgetSelector =
  /** All of an item, or only what was recorded of it at that time, or only events of that kind. */
  { readonly itemId: ItemId; readonly timeMs?: number; readonly event?: HistoryEvent } | { readonly beforeMs: number } | 'all';

export type Language = 'en' | 'zh';
