import type {
  BackendName,
  CallOptions,
  ForgetSelector,
  HistoryEntry,
  HistoryOptions,
  ItemId,
  Language,
  LoadProgress,
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
  /** Closes the recommender when it fires. */
  readonly signal?: AbortSignal;
  /** Called while the model loads, at most once a chunk of a file. */
  readonly onProgress?: (progress: LoadProgress) => void;
  /** Where the worker script is, for bundlers that do not emit it by themselves; or a function that starts it. */
  readonly worker?: string | URL | (() => Worker);
  /** Language of the reasons' texts. Default: the page's `lang`, English if that is neither. */
  readonly language?: Language;
}

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
  /** Tells at any time what runs: backend and why, model revision, load times. Never rejects. */
  status(): Promise<RecommenderStatus>;
  /** Ends the worker. Calls under way reject with `call/closed`; so do later ones. */
  close(): Promise<void>;
}
