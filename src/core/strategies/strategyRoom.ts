/** All that lists with rules and the strategies beside the plain ones need: the worker loads it as `strategies.js`, when first asked. */
import type { LoadedModel, ReadFile, ScratchBytes } from '../artifact/readModelFolder.js';
import type { Backend, ItemMatrix, LoadedMatrix } from '../kernels/topK.js';
import { itemTerms, mapToFactors, placeByContent } from '../models/contentTerms.js';
import type { PipelineContext } from '../pipeline.js';
import { CatalogIndex } from '../ranking/catalogIndex.js';
import type { ShopTexts } from '../ranking/shopTexts.js';
import { shopTexts } from '../ranking/shopTexts.js';
import type {
  Assignment,
  CatalogChange,
  ExperimentPlan,
  Explanation,
  ItemUpdate,
  OwnTexts,
  PageContext,
  PageOfShelves,
  ShelfRequest,
} from '../strategyTypes.js';
import type {
  CatalogItem,
  ForgetSelector,
  HistoryEntry,
  HistoryEvent,
  HistoryOptions,
  ItemId,
  Language,
  RecommendationList,
  RecordResult,
} from '../types.js';
import { dismissed } from './conditions.js';
import { drawArms, withArms } from './experimentArms.js';
import { explainItem, unknownItem } from './explainItem.js';
import { FolderTableReader } from './folderTables.js';
import type { ListRequest } from './listRequest.js';
import { appendItems, growMatrix, growModel, updateItems } from './liveCatalog.js';
import { checkShape } from './requestShapes.js';
import type { Judge, ListInput, MadeList } from './makeList.js';
import { ladderUnder, makeList } from './makeList.js';
import { makePage } from './page.js';
import { impressionsOf } from './selection.js';
import type { Shop } from './shop.js';

/** What the page asks of the room. */
export type StrategyRequest =
  | ({ readonly method: 'list' } & ListRequest)
  | { readonly method: 'page'; readonly shelves: readonly ShelfRequest[]; readonly context: PageContext }
  | ({ readonly method: 'explain'; readonly itemId: ItemId } & ListRequest)
  | { readonly method: 'updateItems'; readonly items: readonly ItemUpdate[] }
  | { readonly method: 'addItems'; readonly items: readonly CatalogItem[] }
  | { readonly method: 'recordImpressions'; readonly itemIds: readonly ItemId[] };

export type StrategyAnswer = RecommendationList | PageOfShelves | Explanation | CatalogChange | RecordResult;

/** What stays the same from call to call. */
export interface StrategyHost {
  readonly language: Language;
  readonly texts?: OwnTexts | undefined;
  readonly experiments?: readonly ExperimentPlan[] | undefined;
  readonly history: Pick<HistoryOptions, 'mode'>;
  readonly nowMs: () => number;
  /** Bytes that a kernel wants behind a matrix. */
  readonly scratchBytes: ScratchBytes;
  readonly read: ReadFile;
  /** Draws the random id of this device. */
  readonly randomId: () => string;
  readonly append: (entries: readonly HistoryEntry[]) => Promise<RecordResult>;
  readonly forget: (selector: ForgetSelector) => Promise<unknown>;
}

/** What a call finds. */
export interface StrategyScene {
  readonly context: PipelineContext;
  readonly backend: Backend;
  readonly userVector: Float32Array | null;
  readonly judge: Judge | null;
  /** Adds to the history in the call's own name: the same call twice is one event. */
  readonly append: StrategyHost['append'];
  /** The call comes again, and has written already. */
  readonly wasAppended: boolean;
  /** Makes a list of what was ranked: ids, revision, times. */
  readonly toList: (list: MadeList) => RecommendationList;
  /** Puts a model with more rows into service. */
  readonly adopt: (model: LoadedModel, loaded: LoadedMatrix) => Promise<void>;
}

export interface Strategies {
  /** Another shopper, or nobody any more: the id that is kept nowhere goes too. */
  forgetDevice(): void;
  answer(request: StrategyRequest, scene: StrategyScene): Promise<StrategyAnswer>;
}

export interface StrategyRoom {
  /** Throws `input/invalid` on texts that cannot be, `artifact/bad-manifest` on tables that cannot. */
  open(model: LoadedModel, host: StrategyHost): Strategies;
}

export const strategyRoom: StrategyRoom = { open: (model, host) => new OpenStrategies(model, host) };

/** As the worker's storedEntry.ts names it. */
const DEVICE_EVENT = 'device';
/** Showings of so many items are remembered. */
const MAX_IMPRESSIONS = 200;

/** Lines of the history that tell nothing the shopper did with an item. */
const NOT_DONE: ReadonlySet<string> = new Set(['view_item_list', DEVICE_EVENT]);

class OpenStrategies implements Strategies {
  readonly #texts: ShopTexts;
  readonly #tables: FolderTableReader;
  readonly #index: CatalogIndex;
  /** Content vectors of added items, by row. */
  readonly #placed = new Map<number, Float32Array>();
  /** Where nothing is kept: until the page closes. */
  #passingId: string | null = null;
  #content: { readonly matrix: ItemMatrix; readonly on: Map<Backend, Promise<LoadedMatrix>> } | null = null;

  constructor(
    model: LoadedModel,
    readonly host: StrategyHost,
  ) {
    this.#texts = shopTexts(host.language, host.texts);
    this.#tables = new FolderTableReader(model.manifest, host.read, model.factors.matrix.memory ? host.scratchBytes : null);
    this.#index = new CatalogIndex(model.catalog);
  }

  forgetDevice(): void {
    this.#passingId = null;
  }

  async answer(request: StrategyRequest, scene: StrategyScene): Promise<StrategyAnswer> {
    checkShape(request);
    const { catalog } = scene.context.model;
    switch (request.method) {
      case 'list': {
        const { itemIds, options } = request;
        if (itemIds.length > 0 && !options.fallback && itemIds.every((itemId) => catalog.indexOf(itemId) === undefined))
          throw unknownItem(itemIds[0]!, catalog.itemCount);
        const { adapt, facts } = await this.#experiments(scene.context.history);
        return scene.toList({ ...(await makeList(adapt(this.#primary(request)), this.#input(scene))), ...facts });
      }
      case 'page': {
        const { adapt, facts } = await this.#experiments(scene.context.history);
        const { shelves, dropped } = await makePage(request.shelves, request.context, this.#input(scene), adapt);
        return { shelves: shelves.map(({ id, headline, list }) => ({ ...scene.toList({ ...list, ...facts }), id, headline })), dropped };
      }
      case 'explain':
        return await explainItem(request.itemId, this.#primary(request), this.#input(scene));
      case 'updateItems':
        return updateItems(request.items, scene.context.model, this.#index, scene.context.unavailable);
      case 'addItems':
        return await this.#add(request.items, scene);
      case 'recordImpressions':
        return await this.#noteShown(request.itemIds, scene);
    }
  }

  /** Folders made so rank shoppers by a neighbour table. */
  #primary<Request extends ListRequest>(request: Request): Request {
    if (request.strategy !== null || this.#tables.entries.primary === null) return request;
    return { ...request, strategy: 'neighbors', options: { fallback: [...ladderUnder(request.options)], ...request.options } };
  }

  async #experiments(
    history: readonly HistoryEntry[],
  ): Promise<{ adapt: (request: ListRequest) => ListRequest; facts: { experiments?: readonly Assignment[] } }> {
    const plans = this.host.experiments ?? [];
    if (plans.length === 0) return { adapt: (request) => request, facts: {} };
    const experiments = drawArms(plans, await this.#deviceIdIn(history));
    return { adapt: (request) => withArms(request, plans, experiments), facts: { experiments } };
  }

  /** The random id of this device: a line of the history, so that it is kept, and erased, with it. Renewed before newer lines push it out. */
  async #deviceIdIn(history: readonly HistoryEntry[]): Promise<string> {
    const { append, forget, randomId, nowMs, history: options } = this.host;
    if (options.mode === 'off') return (this.#passingId ??= randomId());
    const at = history.findLastIndex(({ event }) => (event as string) === DEVICE_EVENT);
    const itemId = history[at]?.itemId ?? randomId();
    if (at < Math.floor(history.length / 2)) {
      if (at >= 0) await forget({ itemId });
      await append([{ timeMs: nowMs(), event: DEVICE_EVENT as HistoryEvent, itemId, quantity: 1 }]);
    }
    return itemId;
  }

  #input(scene: StrategyScene): ListInput {
    const { context, userVector, judge } = scene;
    const out = dismissed(context.history);
    const shop: Shop = {
      context,
      index: this.#index,
      tables: this.#tables,
      content: () => this.#contentOn(scene),
      history: context.history.filter(({ event, itemId }) => !NOT_DONE.has(event) && !out.has(itemId)),
      nowMs: this.host.nowMs(),
    };
    return { shop, texts: this.#texts, userVector, judge };
  }

  async #contentOn({ context, backend }: StrategyScene): ReturnType<Shop['content']> {
    const table = await this.#tables.content();
    if (!table) return null;
    const { itemCount } = context.model.catalog;
    if (this.#content?.matrix.itemCount !== itemCount) {
      this.#releaseContent();
      const isGrown = itemCount !== table.matrix.itemCount;
      const matrix = isGrown ? growMatrix(table.matrix, itemCount, this.#placed, this.host.scratchBytes) : table.matrix;
      this.#content = { matrix, on: new Map() };
    }
    const { matrix, on } = this.#content;
    if (!on.has(backend)) on.set(backend, backend.load(matrix));
    return { table, matrix, loaded: await on.get(backend)! };
  }

  #releaseContent(): void {
    for (const loading of this.#content?.on.values() ?? []) void loading.then((loaded) => loaded.dispose()).catch(() => {});
    this.#content = null;
  }

  /** New items go behind the rows of catalogue and factors, placed by their texts and attributes where the folder can. */
  async #add(items: readonly CatalogItem[], scene: StrategyScene): Promise<CatalogChange> {
    const { model } = scene.context;
    const entry = this.#tables.entries.content;
    const [terms, map] = await Promise.all([this.#tables.contentTerms(), this.#tables.factorMap()]);
    const start = model.catalog.itemCount;
    const { added, ...change } = appendItems(items, model, this.#index);
    if (added.length === 0) return change;
    const vectors = new Map<number, Float32Array>();
    added.forEach((item, at) => {
      const content = entry && terms && placeByContent(terms, itemTerms(item, entry.fields));
      if (!content) return;
      this.#placed.set(start + at, content);
      if (map && entry.factorMap?.model === model.factors.entry.name) vectors.set(start + at, mapToFactors(map, content));
    });
    const grown = growModel(model, vectors, this.host.scratchBytes);
    await scene.adopt(grown, await scene.backend.load(grown.factors.matrix));
    return change;
  }

  /** One line of the history for each item shown: how often since it was last touched. Bounded, so that views are not pushed out. */
  async #noteShown(itemIds: readonly ItemId[], { context, append, wasAppended }: StrategyScene): Promise<RecordResult> {
    const known = impressionsOf(context.history);
    const shown = [...new Set(itemIds)].filter((itemId) => typeof itemId === 'string' && itemId !== '').slice(0, MAX_IMPRESSIONS);
    const isShown = new Set(shown);
    const others = [...known.values()].filter(({ itemId }) => !isShown.has(itemId)).sort((a, b) => b.lastShownMs - a.lastShownMs);
    if (wasAppended) return { storage: 'stored', entries: shown.length };
    const gone = [
      ...shown.filter((itemId) => known.has(itemId)),
      ...others.slice(MAX_IMPRESSIONS - shown.length).map(({ itemId }) => itemId),
    ];
    await Promise.all(gone.map((itemId) => this.host.forget({ itemId, event: 'view_item_list' })));
    const timeMs = this.host.nowMs();
    const result = await append(
      shown.map((itemId) => {
        const before = known.get(itemId);
        return { timeMs, event: 'view_item_list', itemId, quantity: 1 + (before && !before.clicked ? before.shownCount : 0) };
      }),
    );
    return { ...result, entries: shown.length };
  }
}
