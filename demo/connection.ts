import type {
  CatalogItem,
  ItemId,
  LoadProgress,
  RecommendationList,
  Recommender,
  RecommenderStatus,
  RecommendOptions,
  ShopEvent,
  SimilarItemsOptions,
} from 'shelfmate';
import { createLatencies, type Latencies } from './latencies.js';
import type { Settings } from './settings.js';

export type ConnectionState =
  | { readonly kind: 'loading'; readonly progress: LoadProgress | null }
  | { readonly kind: 'ready'; readonly status: RecommenderStatus }
  | { readonly kind: 'error'; readonly code: string; readonly message: string };

/** The page's line to the recommender: opens it, measures its answers and tells listeners what changed. */
export interface Connection {
  readonly state: ConnectionState;
  readonly latencies: Latencies;
  open(): void;
  recommend(options: RecommendOptions): Promise<RecommendationList>;
  similarItems(itemId: ItemId, options: SimilarItemsOptions): Promise<RecommendationList>;
  record(event: ShopEvent): Promise<void>;
  history(): Promise<Recommender['history']>;
  recommender(): Promise<Recommender>;
  /** Called on every change of the state and after every measured list. */
  onState(listener: () => void): () => void;
  onHistory(listener: () => void): () => void;
}

/** The code of the page's own error: the package is not there. */
export const LIBRARY_MISSING = 'page/library-missing';

function notice(listeners: ReadonlySet<() => void>): void {
  // A copy: a listener may take itself off or add another.
  const current = Array.from(listeners);
  current.forEach((listener) => listener());
}

export function createConnection(settings: Settings, learn: (items: readonly CatalogItem[]) => void): Connection {
  const latencies = createLatencies();
  const stateListeners = new Set<() => void>();
  const historyListeners = new Set<() => void>();
  let state: ConnectionState = { kind: 'loading', progress: null };
  let opening: Promise<Recommender> = new Promise(() => {});

  function setState(next: ConnectionState): void {
    state = next;
    notice(stateListeners);
  }

  async function start(): Promise<Recommender> {
    // Loaded here and not at the top, so that the shop opens without it and can say what is missing.
    const { createRecommender } = await import('shelfmate').catch((cause: unknown) => {
      throw Object.assign(new Error(String(cause), { cause }), { code: LIBRARY_MISSING });
    });
    const recommender = createRecommender({
      model: new URL(settings.model, location.href),
      backend: settings.backend,
      language: settings.language,
      onProgress: (progress) => {
        if (state.kind === 'loading') setState({ kind: 'loading', progress });
      },
    });
    recommender.history.onChange(() => notice(historyListeners));
    return recommender;
  }

  async function measured(ask: (recommender: Recommender) => Promise<RecommendationList>): Promise<RecommendationList> {
    const recommender = await opening;
    await recommender.ready;
    const startedMs = performance.now();
    const list = await ask(recommender);
    latencies.add({ tookMs: list.tookMs, roundTripMs: performance.now() - startedMs });
    learn(list.items.map((entry) => entry.item));
    notice(stateListeners);
    return list;
  }

  return {
    get state() {
      return state;
    },
    latencies,
    open() {
      const before = opening;
      setState({ kind: 'loading', progress: null });
      void before.then((recommender) => recommender.close()).catch(() => {});
      opening = start();
      opening
        .then((recommender) => recommender.ready)
        .then((status) => setState({ kind: 'ready', status }))
        .catch((error: unknown) => {
          const { code = 'unknown', message = String(error) } = (error ?? {}) as { code?: string; message?: string };
          setState({ kind: 'error', code, message });
        });
    },
    recommend: (options) => measured((recommender) => recommender.recommend(options)),
    similarItems: (itemId, options) => measured((recommender) => recommender.similarItems(itemId, options)),
    async record(event) {
      await (await opening).record(event);
    },
    history: async () => (await opening).history,
    recommender: () => opening,
    onState(listener) {
      stateListeners.add(listener);
      return () => stateListeners.delete(listener);
    },
    onHistory(listener) {
      historyListeners.add(listener);
      return () => historyListeners.delete(listener);
    },
  };
}
