import type { Consent } from './core/privacy/consent.js';
import type { PrivacyAnswers, PrivacyRequest } from './core/privacy/privacyRequests.js';
import type { PublicKey } from './core/artifact/signature.js';
import type { CatalogChange, ExperimentPlan, Explanation, ItemUpdate, OwnTexts, PageOfShelves, PageRequest } from './core/strategyTypes.js';
import type {
  BackendName,
  CallOptions,
  CatalogItem,
  ForgetSelector,
  HistoryEntry,
  HistoryOptions,
  ItemId,
  Language,
  ListOptions,
  LoadProgress,
  ModelUpdate,
  RecommendationList,
  RecommenderStatus,
  RecommendOptions,
  RecordResult,
  ShopEvent,
  SimilarItemsOptions,
} from './core/types.js';

export interface RecommenderOptions {
  /** Address of the model folder, relative to the page. */
  readonly model: string | URL;
  /** `auto` takes the best backend that passes its self-test; a named one is used or the start fails. Default `auto`. */
  readonly backend?: 'auto' | BackendName;
  /** How the shopper's history is kept; a bare mode is short for `{mode}`. */
  readonly history?: HistoryOptions | NonNullable<HistoryOptions['mode']>;
  /**
   * What the shopper allows: `pending` keeps events in memory and stores nothing, `denied` keeps none. `privacy` changes it.
   * Default `granted`: the shop has its reasons already.
   */
  readonly consent?: Consent;
  /** Whose history it is, when several people use this device: up to 64 characters, best a random id. Default: the guest's. */
  readonly profile?: string;
  /** Closes the recommender when it fires. */
  readonly signal?: AbortSignal;
  /** Called while the model loads, at most once a chunk of a file. */
  readonly onProgress?: (progress: LoadProgress) => void;
  /** Where the worker script is, for bundlers that do not emit it by themselves; or a function that starts it. */
  readonly worker?: string | URL | (() => Worker);
  /**
   * `auto`: the model on this device serves at once; another revision is fetched in the background and takes over between two lists.
   * `manual`: only when `model.update()` is called. Default `auto`.
   */
  readonly update?: 'auto' | 'manual';
  /** Takes only folders that `shelfmate sign` signed with its private key: the line it printed, or a JWK. */
  readonly publicKey?: PublicKey;
  /** Language of the reasons' texts. Default: the page's `lang`, English if that is neither. */
  readonly language?: Language;
  /** The shop's own sentences for reasons and headlines, by key: `{viewed: 'Weil du {title} angesehen hast'}`. */
  readonly texts?: OwnTexts;
  /** Comparisons that this device takes part in: it draws its arms itself, by a random id that is kept and erased with the history. */
  readonly experiments?: readonly ExperimentPlan[];
}

/** Options of a list that a category may narrow. */
export interface CategoryListOptions extends ListOptions {
  /** "Cameras > Lenses": that category and what lies below it. */
  readonly category?: string;
}

/** What a list of complements starts from: items, or the cart. */
export type Basket = ItemId | { readonly items: readonly ItemId[] } | { readonly cart: true | readonly ItemId[] };

/** Recommends products on this device. Every method may be called at once; calls wait for the model. */
export interface Recommender {
  /** Settles when the model is loaded, or rejects with the reason why it cannot be. */
  readonly ready: Promise<RecommenderStatus>;
  /** Adds what the shopper did to the history of this device. */
  record(event: ShopEvent, options?: CallOptions): Promise<RecordResult>;
  /** Returns the items this shopper is most likely to want; without history, the popular ones. */
  recommend(options?: RecommendOptions): Promise<RecommendationList>;
  /** Returns the items most like `itemId`. Rejects with `input/unknown-item` if the model does not know it. */
  similarItems(itemId: ItemId, options?: SimilarItemsOptions): Promise<RecommendationList>;
  /** Returns what is bought together with an item, several, or the cart: the reasons tell how often, and how far above chance. */
  boughtTogether(basket: Basket, options?: ListOptions): Promise<RecommendationList>;
  /** Returns the items whose texts and attributes are most like those of `itemId`: also such as nobody met yet. */
  lookingSimilar(itemId: ItemId, options?: ListOptions): Promise<RecommendationList>;
  /** Returns what moves fastest now, in the shop or a category: the folder's rates, and what this device counted since. */
  trending(options?: CategoryListOptions): Promise<RecommendationList>;
  /** Returns what most shoppers choose, in the shop or a category. */
  popular(options?: CategoryListOptions): Promise<RecommendationList>;
  /** Returns what came last, by a date field of the catalogue. */
  newArrivals(options?: CategoryListOptions): Promise<RecommendationList>;
  /** Returns what the shopper viewed on this device, newest first. */
  recentlyViewed(options?: ListOptions): Promise<RecommendationList>;
  /** Returns what was put in the cart, saved or viewed and not bought: strongest and most recent first. */
  continueShopping(options?: ListOptions): Promise<RecommendationList>;
  /** Returns what groups of like-minded shoppers liked and this one has not met: user-based collaborative filtering. */
  likeMinded(options?: ListOptions): Promise<RecommendationList>;
  /** Makes the lists of a page in one call, with headlines, so that no item stands in two of them. */
  planPage(request: PageRequest): Promise<PageOfShelves>;
  /** Tells all reasons of an item, and which conditions keep it out of the list that these options make. */
  explain(itemId: ItemId, options?: RecommendOptions): Promise<Explanation>;
  /** Notes that the shopper wants to see no more of an item: it leaves all lists, and what was done with it counts no more. */
  dismiss(itemId: ItemId, options?: CallOptions): Promise<RecordResult>;
  /** Takes {@link dismiss} back. */
  undismiss(itemId: ItemId, options?: CallOptions): Promise<number>;
  /** Notes which items of a list came into view: `rotationRate` moves back what was shown and ignored. Resolves to how many count. */
  recordImpressions(itemIds: readonly ItemId[], options?: CallOptions): Promise<number>;
  /** Changes prices, stock and other fields until the page closes; the next list of any kind sees it. */
  updateItems(updates: readonly ItemUpdate[], options?: CallOptions): Promise<CatalogChange>;
  /** Adds items until the page closes, placed by their texts and attributes where the folder has content vectors. */
  addItems(items: readonly CatalogItem[], options?: CallOptions): Promise<CatalogChange>;
  readonly history: {
    /** Newest first. `limit` defaults to all. */
    list(options?: CallOptions & { limit?: number }): Promise<HistoryEntry[]>;
    /** Removes the matching entries; resolves to how many there were. */
    forget(selector: ForgetSelector, options?: CallOptions): Promise<number>;
    /** Removes everything. */
    clear(options?: CallOptions): Promise<void>;
    /** Calls back after every change, also one made in another tab. Returns the function that stops it. */
    onChange(listener: () => void): () => void;
  };
  /** What the shopper may ask of what is kept, and allows; `shelfmate/privacy` has it in words. All of it holds in every open tab. */
  privacy<Kind extends keyof PrivacyAnswers>(
    request: Extract<PrivacyRequest, { kind: Kind }>,
    options?: CallOptions,
  ): Promise<PrivacyAnswers[Kind]>;
  readonly model: {
    /** Looks for another revision now. The one that serves goes on until the other is whole, verified and tested. */
    update(options?: CallOptions): Promise<ModelUpdate>;
    /** Goes back to the revision before, which stays on this device. */
    rollback(options?: CallOptions): Promise<ModelUpdate>;
    /** Stays with a revision until `pin(null)`; goes to it if it is the one before, or when the server has it. */
    pin(revision: string | null, options?: CallOptions): Promise<ModelUpdate>;
    /** Calls back when another revision serves. Returns the function that stops it. */
    onChange(listener: () => void): () => void;
  };
  /** Tells at any time what runs: backend and why, model revision, load times. Never rejects. */
  status(): Promise<RecommenderStatus>;
  /** Ends the worker. Calls under way reject with `call/closed`; so do later ones. */
  close(): Promise<void>;
}
