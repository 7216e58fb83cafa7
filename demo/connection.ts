import type {
  CatalogItem,
  ItemUpdate,
  LoadProgress,
  PageOfShelves,
  PageRequest,
  RecommendationList,
  Recommender,
  RecommenderStatus,
  ShopEvent,
} from 'shelfmate';
import { createLatencies, type Latencies } from './latencies.js';
import type { Settings } from './settings.js';
import { readTables } from './readTables.js';

export type ConnectionState =
  | { readonly kind: 'loading'; readonly progress: LoadProgress | null }
  /** `isComplete`: the tables of all kinds of lists are there, too; nothing is asked for any more. */
  | { readonly kind: 'ready'; readonly status: RecommenderStatus; readonly isComplete: boolean }
  | { readonly kind: 'error'; readonly code: string; readonly message: string };

/** The page's line to the recommender: opens it, measures its answers and tells listeners what changed. */
export interface Connection {
  readonly state: ConnectionState;
  readonly latencies: Latencies;
  open(): void;
  /** Asks for one list. */
  list(ask: (recommender: Recommender) => Promise<RecommendationList>): Promise<RecommendationList>;
  /** Asks for all lists of a page in one call. */
  page(request: PageRequest): Promise<PageOfShelves>;
  record(event: ShopEvent): Promise<void>;
  /** Changes prices and stock for every list, until the page closes. */
  updateItems(updates: readonly ItemUpdate[]): Promise<void>;
  history(): Promise<Recommender['history']>;
  recommender(): Promise<Recommender>;
  /** Called on every change of the state and after every measured list. */
  onState(listener: () => void): () => void;
  onHistory(listener: () => void): () => void;
  /** Called when lists may be others now: the history or the catalogue changed. */
  onLists(listener: () => void): () => void;
}

export interface ConnectionOptions {
  readonly settings: Settings;
  /** Remembers items that came with a list. */
  readonly learn: (items: readonly CatalogItem[]) => void;
  /** What the shop has to say about its catalogue before the first list. */
  readonly firstUpdates: () => Promise<readonly ItemUpdate[]>;
}

/** The code of the page's own error: the package is not there. */
export const LIBRARY_MISSING = 'page/library-missing';

function notice(listeners: ReadonlySet<() => void>): void {
  // A copy: a listener may take itself off or add another.
  const current = Array.from(listeners);
  current.forEach((listener) => listener());
}

function listenTo(listeners: Set<() => void>, listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

export function createConnection({ settings, learn, firstUpdates }: ConnectionOptions): Connection {
  const latencies = createLatencies();
  const [stateListeners, historyListeners, catalogueListeners] = [new Set<() => void>(), new Set<() => void>(), new Set<() => void>()];
  const updates: ItemUpdate[] = [];
  let state: ConnectionState = { kind: 'loading', progress: null };
  let opening: Promise<Recommender> = new Promise(() => {});
  let prepared: Promise<Recommender> = opening;

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

  /** The whole model is there, and knows of the catalogue what the shop does. */
  async function prepare(mine: Promise<Recommender>): Promise<Recommender> {
    const recommender = await mine;
    await recommender.ready;
    const all = [...(await firstUpdates()), ...updates];
    if (all.length > 0) await recommender.updateItems(all);
    return recommender;
  }

  /** Once, behind the first list: reads what the other kinds of lists need. */
  async function complete(recommender: Recommender, items: readonly CatalogItem[]): Promise<void> {
    if (state.kind !== 'ready' || state.isComplete) return;
    await readTables(recommender, items[0]?.itemId).catch(() => {}); // Each list says for itself what it lacks.
    if (state.kind === 'ready' && recommender === (await opening)) setState({ ...state, isComplete: true });
  }

  async function measured<Answer>(
    ask: (recommender: Recommender) => Promise<Answer>,
    listsOf: (answer: Answer) => readonly RecommendationList[],
  ): Promise<Answer> {
    const recommender = await prepared;
    const startedMs = performance.now();
    const answer = await ask(recommender);
    const lists = listsOf(answer);
    latencies.add({ tookMs: Math.max(0, ...lists.map(({ tookMs }) => tookMs)), roundTripMs: performance.now() - startedMs });
    const items = lists.flatMap((list) => list.items.map((entry) => entry.item));
    learn(items);
    notice(stateListeners);
    void complete(recommender, items);
    return answer;
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
      prepared = prepare(opening);
      prepared.catch(() => {}); // Whoever asks for a list hears of it.
      opening
        .then((recommender) => recommender.ready)
        .then((status) => setState({ kind: 'ready', status, isComplete: false }))
        .catch((error: unknown) => {
          const { code = 'unknown', message = String(error) } = (error ?? {}) as { code?: string; message?: string };
          setState({ kind: 'error', code, message });
        });
    },
    list: (ask) => measured(ask, (list) => [list]),
    page: (request) =>
      measured(
        (recommender) => recommender.planPage(request),
        (page) => page.shelves,
      ),
    async record(event) {
      await (await opening).record(event);
    },
    async updateItems(more) {
      updates.push(...more);
      await (await prepared).updateItems(more);
      notice(catalogueListeners);
    },
    history: async () => (await opening).history,
    recommender: () => opening,
    onState: (listener) => listenTo(stateListeners, listener),
    onHistory: (listener) => listenTo(historyListeners, listener),
    onLists(listener) {
      const stops = [listenTo(historyListeners, listener), listenTo(catalogueListeners, listener)];
      return () => stops.forEach((stop) => stop());
    },
  };
}
