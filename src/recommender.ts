import { EMPTY_STATUS } from './core/emptyStatus.js';
import { RecommenderError, asRecommenderError, show } from './core/errors.js';
import type { EngineCalls, EngineConfig, EngineNotice, ModelChange, StrategyCall, WireListOptions } from './core/protocol.js';
import type { StrategyName } from './core/strategyTypes.js';
import type {
  BackendName,
  CallOptions,
  ForgetSelector,
  HistoryOptions,
  ItemId,
  Language,
  ModelUpdate,
  RecommendationList,
  RecommenderStatus,
  RecordResult,
  ShopEvent,
} from './core/types.js';
import { FallbackLists, kindOf } from './fallbackLists.js';
import type { Basket, CategoryListOptions, Recommender, RecommenderOptions } from './recommenderApi.js';
import { isPaused } from './pausedMark.js';
import type { GivenOptions } from './workerHost.js';
import { WorkerHost, closedError } from './workerHost.js';

type ListCall = 'recommend' | 'similarItems' | 'strategies';
type WireOptions = WireListOptions<CategoryListOptions>;

const BACKENDS = ['auto', 'wasm', 'webgpu', 'webgl', 'cpu'] as const satisfies readonly ('auto' | BackendName)[];
const MODES = ['persistent', 'memory', 'off'] as const;
const UPDATES = ['auto', 'manual'] as const;
const CLOSE_WAIT_MS = 500;

/** Makes a recommender whose worker is started by `startWorker`. Throws `input/invalid` on options that cannot be. */
export function createRecommenderWith(options: RecommenderOptions, startWorker: () => Worker): Recommender {
  const config = toConfig(options);
  const listeners = { history: new Set<() => void>(), model: new Set<() => void>() };
  const tellListeners = (kind: keyof typeof listeners): void => listeners[kind].forEach((listener) => listener());
  const onChange =
    (kind: keyof typeof listeners) =>
    (listener: () => void): (() => void) => {
      listeners[kind].add(listener);
      return () => void listeners[kind].delete(listener);
    };
  const lists = new FallbackLists();
  const onNotice = (notice: EngineNotice): void => {
    if (notice.kind === 'progress') options.onProgress?.(notice.progress);
    else if (notice.kind === 'popular') lists.popular = notice.list;
    else if (notice.kind === 'changed') lists.forget();
    else if (notice.kind === 'model') tellListeners('model');
    else {
      if (notice.kind === 'privacy') ({ consent: config.consent, profile: config.profile } = notice);
      host.forgetWrites();
      lists.forget();
      tellListeners('history');
    }
  };
  const host = new WorkerHost({ startWorker, config, onNotice });
  let isClosed = false;
  const { ready } = host;
  ready.catch(() => {}); // A shop that does not look at `ready` must not see an unhandled rejection.

  const PAGE_STATES = { pagehide: 'suspend', pageshow: 'resume' } as const;
  const onPage = ({ type, persisted }: PageTransitionEvent): void => {
    if (persisted) host.notePageState(PAGE_STATES[type as keyof typeof PAGE_STATES]);
  };
  addEventListener('pagehide', onPage);
  addEventListener('pageshow', onPage);

  const close = async (): Promise<void> => {
    isClosed = true;
    removeEventListener('pagehide', onPage);
    removeEventListener('pageshow', onPage);
    await host.close(CLOSE_WAIT_MS);
  };
  if (options.signal?.aborted) void close();
  options.signal?.addEventListener('abort', () => void close());

  const list = async <Name extends ListCall>(
    name: Name,
    strategy: StrategyName | null,
    itemIds: readonly ItemId[],
    { signal, timeoutMs, where, fallback, ...rest }: CategoryListOptions,
    toArgument: (rest: WireOptions) => EngineCalls[Name]['argument'],
  ): Promise<RecommendationList> => {
    const argument = toArgument({ ...rest, ...(fallback && { fallback }) });
    const ask = (callOptions: GivenOptions): Promise<RecommendationList> =>
      host.call(name, argument, callOptions, where) as Promise<RecommendationList>;
    if (fallback === false) return ask({ signal, timeoutMs });
    const exclude = [...itemIds, ...(rest.exclude ?? [])];
    const key = where ? null : JSON.stringify([name, argument]);
    return lists.answer({ ...rest, exclude, key, kind: strategy ?? kindOf(rest) }, { signal, timeoutMs }, ask);
  };
  const byStrategy =
    (strategy: StrategyName) =>
    (itemIds: readonly ItemId[], options: CategoryListOptions = {}): Promise<RecommendationList> =>
      list('strategies', strategy, itemIds, options, ({ category, scenario, ...others }) => ({
        method: 'list',
        strategy,
        itemIds,
        category,
        scenario,
        options: others,
      }));
  const wholeShop = (strategy: StrategyName) => (options?: CategoryListOptions) => byStrategy(strategy)([], options);
  const ask = async <T>(request: StrategyCall, callOptions?: GivenOptions): Promise<T> =>
    host.call('strategies', request, callOptions) as Promise<T>;
  const record = async (event: ShopEvent, callOptions?: CallOptions): Promise<RecordResult> => {
    if (isPaused()) return { storage: 'memory', entries: 0 };
    if (event?.event === 'dismiss') lists.forget();
    const result = await host.call('record', event, callOptions);
    if (result.entries > 0) tellListeners('history');
    return result;
  };
  const forget = async (selector: ForgetSelector, callOptions?: CallOptions): Promise<number> => {
    lists.forget();
    const removed = await host.call('forget', selector, callOptions);
    if (removed > 0) tellListeners('history');
    return removed;
  };
  const changeModel = (kind: ModelChange['kind'], callOptions?: CallOptions, revision?: string | null): Promise<ModelUpdate> =>
    host.call('changeModel', { kind, revision }, callOptions);
  return {
    ready,
    record,
    recommend: (options = {}) => list('recommend', options.strategy ?? null, [], options, (rest) => rest),
    similarItems: (itemId, options = {}) => list('similarItems', null, [itemId], options, (rest) => ({ itemId, options: rest })),
    async boughtTogether(basket, options) {
      return byStrategy('boughtTogether')(itemsOf(basket), options);
    },
    lookingSimilar: (itemId, options) => byStrategy('lookingSimilar')([itemId], options),
    trending: wholeShop('trending'),
    popular: wholeShop('popular'),
    newArrivals: wholeShop('newArrivals'),
    recentlyViewed: wholeShop('recentlyViewed'),
    continueShopping: wholeShop('continueShopping'),
    likeMinded: wholeShop('likeMinded'),
    planPage: ({ shelves, context = {}, scenario, ...callOptions }) =>
      ask({ method: 'page', shelves, context, ...(scenario !== undefined && { scenario }) }, callOptions),
    async explain(itemId, options = {}) {
      const { signal, timeoutMs, where: _, fallback, strategy = null, user, ...rest } = options;
      const others = { ...rest, ...(fallback && { fallback }) };
      return ask({ method: 'explain', itemId, strategy, itemIds: [], user, options: others }, { signal, timeoutMs });
    },
    dismiss: (itemId, callOptions) => record({ event: 'dismiss', items: [{ item_id: itemId }] }, callOptions),
    undismiss: (itemId, callOptions) => forget({ itemId, event: 'dismiss' }, callOptions),
    recordImpressions: async (itemIds, callOptions) =>
      (await ask<RecordResult>({ method: 'recordImpressions', itemIds }, callOptions)).entries,
    updateItems: (items, callOptions) => ask({ method: 'updateItems', items }, callOptions),
    addItems: (items, callOptions) => ask({ method: 'addItems', items }, callOptions),
    history: {
      async list({ limit, ...callOptions } = {}) {
        return host.call('listHistory', { limit: limit ?? null }, callOptions);
      },
      forget,
      async clear(callOptions) {
        lists.forget();
        await host.call('clearHistory', null, callOptions);
        tellListeners('history');
      },
      onChange: onChange('history'),
    },
    model: {
      update: (callOptions) => changeModel('update', callOptions),
      rollback: (callOptions) => changeModel('rollback', callOptions),
      pin: (revision, callOptions) => changeModel('pin', callOptions, revision),
      onChange: onChange('model'),
    },
    async privacy(request, callOptions) {
      lists.forget();
      return (await host.call('privacy', request, callOptions)) as never;
    },
    async status() {
      try {
        return await host.status();
      } catch (error) {
        return endedStatus(isClosed ? closedError() : asRecommenderError(error, 'worker/failed', 'The worker does not answer'), isClosed);
      }
    },
    close,
  };
}

/** Empty: the room takes what the cart of this device holds. */
function itemsOf(basket: Basket): readonly ItemId[] {
  if (typeof basket === 'string') return [basket];
  if ('items' in basket) return basket.items;
  return basket.cart === true ? [] : basket.cart;
}

function toConfig(options: RecommenderOptions): EngineConfig {
  const { model, backend = 'auto', history = {}, language, texts, experiments, update = 'auto', publicKey, consent, profile } = options;
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
  modelUrl.pathname = modelUrl.pathname.replace(/(\/manifest\.json|\/)?$/, '/');
  const historyOptions: HistoryOptions = typeof history === 'string' ? { mode: history } : history;
  const { mode = 'persistent', maxEntries = 1_000, maxAgeDays = 180 } = historyOptions;
  checkOneOf('backend', backend, BACKENDS);
  checkOneOf('history mode', mode, MODES);
  checkOneOf('update', update, UPDATES);
  if (!Number.isInteger(maxEntries) || maxEntries < 1)
    throw new RecommenderError('input/invalid', `history.maxEntries is ${show(maxEntries)}. Use a whole number above 0.`, {});
  if (!(maxAgeDays > 0))
    throw new RecommenderError('input/invalid', `history.maxAgeDays is ${show(maxAgeDays)}. Use a number above 0.`, {});
  return {
    modelUrl: modelUrl.href,
    backend,
    history: { mode, maxEntries, maxAgeDays },
    language: language ?? pageLanguage(),
    texts,
    experiments,
    update,
    publicKey,
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
