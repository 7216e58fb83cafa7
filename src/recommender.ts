import { EMPTY_STATUS } from './core/emptyStatus.js';
import { RecommenderError, asRecommenderError, show } from './core/errors.js';
import type { EngineConfig, EngineNotice, StrategyCall } from './core/protocol.js';
import type { FilterFunction } from './core/ranking/itemFilter.js';
import type { StrategyName } from './core/strategyTypes.js';
import type {
  BackendName,
  CallOptions,
  ForgetSelector,
  HistoryOptions,
  ItemId,
  Language,
  RecommendationList,
  RecommenderStatus,
  RecordResult,
  ShopEvent,
} from './core/types.js';
import type { CategoryListOptions, Recommender, RecommenderOptions } from './recommenderApi.js';
import { isPaused } from './pausedMark.js';
import { WorkerHost, closedError } from './workerHost.js';

const BACKENDS = ['auto', 'wasm', 'webgpu', 'webgl', 'cpu'] as const satisfies readonly ('auto' | BackendName)[];
const MODES = ['persistent', 'memory', 'off'] as const;
const CLOSE_WAIT_MS = 500;

/** Makes a recommender whose worker is started by `startWorker`. Throws `input/invalid` on options that cannot be. */
export function createRecommenderWith(options: RecommenderOptions, startWorker: () => Worker): Recommender {
  const config = toConfig(options);
  const listeners = new Set<() => void>();
  const tellListeners = (): void => listeners.forEach((listener) => listener());
  const onNotice = (notice: EngineNotice): void => {
    if (notice.kind === 'progress') options.onProgress?.(notice.progress);
    else {
      if (notice.kind === 'privacy') ({ consent: config.consent, profile: config.profile } = notice);
      tellListeners();
    }
  };

  let host: WorkerHost | null = null;
  let isClosed = false;
  let startError: RecommenderError | null = null;
  try {
    host = new WorkerHost(startWorker);
  } catch (error) {
    startError = asRecommenderError(error, 'worker/failed', 'The recommender could not start its worker');
  }
  const theHost = (): WorkerHost => {
    if (startError) throw startError;
    return host!;
  };
  const ready = startError ? Promise.reject(startError) : host!.open(config, onNotice);
  ready.catch(() => {}); // A shop that does not look at `ready` must not see an unhandled rejection.

  const onPageHide = ({ persisted }: PageTransitionEvent): void => (persisted ? host?.notePageState('suspend') : undefined);
  const onPageShow = ({ persisted }: PageTransitionEvent): void => (persisted ? host?.notePageState('resume') : undefined);
  addEventListener('pagehide', onPageHide);
  addEventListener('pageshow', onPageShow);

  const close = async (): Promise<void> => {
    isClosed = true;
    removeEventListener('pagehide', onPageHide);
    removeEventListener('pageshow', onPageShow);
    await host?.close(CLOSE_WAIT_MS);
  };
  if (options.signal?.aborted) void close();
  options.signal?.addEventListener('abort', () => void close());

  const split = <T extends CallOptions & { readonly where?: FilterFunction | undefined }>({ signal, timeoutMs, where, ...rest }: T) => ({
    call: { ...(signal && { signal }), ...(timeoutMs !== undefined && { timeoutMs }) } as CallOptions,
    where,
    rest,
  });
  const ask = async <T>(request: StrategyCall, call: CallOptions, where?: FilterFunction): Promise<T> =>
    theHost().call('strategies', request, call, where) as Promise<T>;
  const list =
    (strategy: StrategyName) =>
    (itemIds: readonly ItemId[], options: CategoryListOptions = {}): Promise<RecommendationList> => {
      const { call, where, rest } = split(options);
      const { category, scenario, ...others } = rest;
      return ask({ method: 'list', strategy, itemIds, category, scenario, options: others }, call, where);
    };
  const wholeShop = (strategy: StrategyName) => (options?: CategoryListOptions) => list(strategy)([], options);
  const record = async (event: ShopEvent, callOptions: CallOptions): Promise<RecordResult> => {
    if (isPaused()) return { storage: 'memory', entries: 0 };
    const result = await theHost().call('record', event, callOptions);
    if (result.entries > 0) tellListeners();
    return result;
  };
  const forget = async (selector: ForgetSelector, callOptions: CallOptions): Promise<number> => {
    const removed = await theHost().call('forget', selector, callOptions);
    if (removed > 0) tellListeners();
    return removed;
  };
  return {
    ready,
    record: (event, callOptions = {}) => record(event, callOptions),
    async recommend(listOptions = {}) {
      const { call, where, rest } = split(listOptions);
      return theHost().call('recommend', rest, call, where);
    },
    async similarItems(itemId, listOptions = {}) {
      const { call, where, rest } = split(listOptions);
      return theHost().call('similarItems', { itemId, options: rest }, call, where);
    },
    async boughtTogether(basket, options) {
      if (typeof basket === 'string') return list('boughtTogether')([basket], options);
      if ('items' in basket) return list('boughtTogether')(basket.items, options);
      return list('boughtTogether')(basket.cart === true ? [] : basket.cart, options);
    },
    lookingSimilar: (itemId, options) => list('lookingSimilar')([itemId], options),
    trending: wholeShop('trending'),
    popular: wholeShop('popular'),
    newArrivals: wholeShop('newArrivals'),
    recentlyViewed: wholeShop('recentlyViewed'),
    continueShopping: wholeShop('continueShopping'),
    likeMinded: wholeShop('likeMinded'),
    planPage({ shelves, context = {}, ...options }) {
      const { call, rest } = split(options);
      return ask({ method: 'page', shelves, context, ...rest }, call);
    },
    explain(itemId, options = {}) {
      const { call, rest } = split(options);
      const { strategy = null, user, ...others } = rest;
      return ask({ method: 'explain', itemId, strategy, itemIds: [], user, options: others }, call);
    },
    dismiss: (itemId, callOptions = {}) => record({ event: 'dismiss', items: [{ item_id: itemId }] }, callOptions),
    undismiss: (itemId, callOptions = {}) => forget({ itemId, event: 'dismiss' }, callOptions),
    recordImpressions: (itemIds, callOptions = {}) => ask({ method: 'recordImpressions', itemIds }, callOptions),
    updateItems: (items, callOptions = {}) => ask({ method: 'updateItems', items }, callOptions),
    addItems: (items, callOptions = {}) => ask({ method: 'addItems', items }, callOptions),
    history: {
      async list({ limit, ...callOptions } = {}) {
        return theHost().call('listHistory', { limit: limit ?? null }, callOptions);
      },
      forget: (selector, callOptions = {}) => forget(selector, callOptions),
      async clear(callOptions = {}) {
        await theHost().call('clearHistory', null, callOptions);
        tellListeners();
      },
      onChange(listener) {
        listeners.add(listener);
        return () => void listeners.delete(listener);
      },
    },
    async privacy(request, callOptions = {}) {
      return (await theHost().call('privacy', request, callOptions)) as never;
    },
    async status() {
      try {
        return await theHost().status();
      } catch (error) {
        return endedStatus(isClosed ? closedError() : asRecommenderError(error, 'worker/failed', 'The worker does not answer'), isClosed);
      }
    },
    close,
  };
}

function toConfig({
  model,
  backend = 'auto',
  history = {},
  language,
  texts,
  experiments,
  consent,
  profile,
}: RecommenderOptions): EngineConfig {
  let modelUrl: URL;
  try {
    modelUrl = new URL(model, document.baseURI);
  } catch (cause) {
    throw new RecommenderError(
      'input/invalid',
      `model is ${show(model)}, which is no address. Use the address of a model folder, such as "/model/".`,
      { model: show(model) },
      cause,
    );
  }
  modelUrl.pathname = modelUrl.pathname.replace(/(manifest\.json|\/?)$/, (end) => (end === 'manifest.json' ? '' : '/'));
  const historyOptions: HistoryOptions = typeof history === 'string' ? { mode: history } : history;
  const { mode = 'persistent', maxEntries = 1_000, maxAgeDays = 180 } = historyOptions;
  checkOneOf('backend', backend, BACKENDS);
  checkOneOf('history mode', mode, MODES);
  if (!Number.isInteger(maxEntries) || maxEntries < 1)
    throw new RecommenderError('input/invalid', `history.maxEntries is ${show(maxEntries)}. Use a whole number above 0.`, {});
  if (!(maxAgeDays > 0))
    throw new RecommenderError('input/invalid', `history.maxAgeDays is ${show(maxAgeDays)}. Use a number above 0.`, {});
  return {
    modelUrl: modelUrl.href,
    backend,
    history: { mode, maxEntries, maxAgeDays },
    language: language ?? pageLanguage(),
    ...(texts && { texts }),
    ...(experiments && { experiments }),
    consent,
    profile,
  };
}

function pageLanguage(): Language {
  return /^zh\b/i.test(document.documentElement.lang) ? 'zh' : 'en';
}

function checkOneOf(name: string, value: string, valid: readonly string[]): void {
  if (!valid.includes(value)) {
    throw new RecommenderError('input/invalid', `${name} is ${show(value)}. Use one of ${valid.join(', ')}.`, { seen: show(value), valid });
  }
}

function endedStatus({ code, message }: RecommenderError, isClosed: boolean): RecommenderStatus {
  return { ...EMPTY_STATUS, state: isClosed ? 'closed' : 'error', error: isClosed ? null : { code, message } };
}
