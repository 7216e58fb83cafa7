/**
 * The contract between page and worker: what crosses the port. A call is `{id, method, given}`, with a method of {@link PortApi}; its
 * answer `{id, value}` or `{id, error}`. What the worker tells unasked is `{notice}`.
 */
import type { PublicKey } from './artifact/signature.js';
import type { Judge } from './strategies/makeList.js';
import type { StrategyAnswer, StrategyRequest } from './strategies/strategyRoom.js';
import type { ExperimentPlan, OwnTexts, StrategyName } from './strategyTypes.js';
import type { Consent } from './privacy/consent.js';
import type { HistoryExport, ImportResult } from './privacy/historyExport.js';
import type { PrivacyRequest } from './privacy/privacyRequests.js';
import type {
  BackendName,
  ForgetSelector,
  HistoryEntry,
  HistoryOptions,
  ItemId,
  Language,
  LoadProgress,
  ModelUpdate,
  RecommendationList,
  RecommenderStatus,
  RecommendOptions,
  RecordResult,
  ShopEvent,
  SimilarItemsOptions,
  UserSource,
} from './types.js';

/** The first message to a new worker: the private port that everything else goes through. */
export interface WorkerHello {
  readonly shelfmate: 'hello';
  readonly port: MessagePort;
}

export interface EngineConfig {
  /** Absolute address of the model folder, with a slash at the end. */
  readonly modelUrl: string;
  readonly backend: 'auto' | BackendName;
  readonly history: Required<HistoryOptions>;
  readonly language: Language;
  /** The shop's own sentences; absent: none. */
  readonly texts?: OwnTexts | undefined;
  readonly experiments?: readonly ExperimentPlan[] | undefined;
  /** Whether to look for another revision by itself; absent: no. */
  readonly update?: 'auto' | 'manual';
  /** Absent: folders need no signature. */
  readonly publicKey?: PublicKey | undefined;
  /** Default `granted`. */
  consent?: Consent | undefined;
  /** Whose history it is; empty, the default: the guest's. */
  profile?: string | undefined;
  /** That a worker before this one drew on the same page. */
  readonly deviceId?: string;
}

/** What to do about revisions. */
export interface ModelChange {
  readonly kind: 'update' | 'rollback' | 'pin';
  /** Which one to pin; null lets go. */
  readonly revision?: string | null | undefined;
}

/** What the worker tells unasked. */
export type EngineNotice =
  | { readonly kind: 'progress'; readonly progress: LoadProgress }
  /** The history was changed by another tab, or mended. */
  | { readonly kind: 'history' }
  /** Another revision of the model serves. */
  | { readonly kind: 'model' }
  /** Lists made so far may show what they should not: a product was dismissed or forgotten, the catalogue changed. */
  | { readonly kind: 'changed' }
  /** What to show when the worker cannot answer. From the first on, plain lists need nothing that is still to be loaded. */
  | { readonly kind: 'popular'; readonly list: RecommendationList }
  /** What was told here or in another tab, and drawn: for a worker that takes this one's place. */
  | { readonly kind: 'privacy'; readonly consent: Consent; readonly profile: string }
  | { readonly kind: 'device'; readonly deviceId: string }
  /** Whether it may be silent for seconds now: it compiles, or measures. A worker is busy until it is open. */
  | { readonly kind: 'busy'; readonly isBusy: boolean };

export type WireListOptions<T> = Omit<T, 'signal' | 'timeoutMs' | 'where' | 'fallback'> & {
  readonly fallback?: readonly StrategyName[] | undefined;
};

/** A request to the room, and what the engine itself takes from it. */
export type StrategyCall = StrategyRequest & { readonly scenario?: string; readonly user?: UserSource };

/** Every call there is, with what it takes and gives. */
export interface EngineCalls {
  record: { argument: ShopEvent; result: RecordResult };
  recommend: { argument: WireListOptions<RecommendOptions>; result: RecommendationList };
  similarItems: { argument: { itemId: ItemId; options: WireListOptions<SimilarItemsOptions> }; result: RecommendationList };
  listHistory: { argument: { limit: number | null }; result: HistoryEntry[] };
  forget: { argument: ForgetSelector; result: number };
  /** What the room `strategies.js` answers. */
  strategies: { argument: StrategyCall; result: StrategyAnswer };
  clearHistory: { argument: null; result: null };
  privacy: { argument: PrivacyRequest; result: HistoryExport | ImportResult | null };
  changeModel: { argument: ModelChange; result: ModelUpdate };
}
export type CallName = keyof EngineCalls;

/** What the worker answers. */
export interface EngineApi {
  /** Starts loading; resolves when the model is ready. Called once. */
  open(config: EngineConfig, notify: (notice: EngineNotice) => void): Promise<RecommenderStatus>;
  /**
   * `judge` asks the page's filter function. `eventId` names what the call writes: the same one twice is one event. It begins with its
   * time, 9 digits to the base of 36.
   */
  call<Name extends CallName>(
    callId: number,
    name: Name,
    argument: EngineCalls[Name]['argument'],
    judge?: Judge | null,
    eventId?: string,
  ): Promise<EngineCalls[Name]['result']>;
  /** Gives up a call under way; it rejects with `call/aborted`. */
  abort(callId: number): void;
  status(): RecommenderStatus;
  /** The page goes into the back/forward cache. */
  suspend(): void;
  /** The page came back out of it. */
  resume(): Promise<void>;
  close(): Promise<void>;
}

/** What the page sees of it through the port. A filter function is asked by a port of its own. */
export interface PortApi extends Omit<EngineApi, 'open' | 'call'> {
  open(config: EngineConfig): Promise<RecommenderStatus>;
  call(callId: number, name: CallName, argument: unknown, judge: MessagePort | null, eventId: string): Promise<unknown>;
}

/** Asked and answered on the port, beside the calls: whether the worker still turns its event loop. */
export const PING = 'ping';
