/** The contract between page and worker: what crosses the port, and how errors do. */
import type { WireError } from './errors.js';
import { errorFromWire, errorToWire } from './errors.js';
import type { Judge } from './strategies/makeList.js';
import type { StrategyAnswer, StrategyRequest } from './strategies/strategyRoom.js';
import type { ExperimentPlan, OwnTexts } from './strategyTypes.js';
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
  readonly texts?: OwnTexts;
  readonly experiments?: readonly ExperimentPlan[];
  /** Default `granted`. */
  consent?: Consent | undefined;
  /** Whose history it is; empty, the default: the guest's. */
  profile?: string | undefined;
}

/** What the worker tells unasked. `privacy`: what was told here or in another tab, for a worker that takes this one's place. */
export type EngineNotice =
  | { readonly kind: 'progress'; readonly progress: LoadProgress }
  | { readonly kind: 'history' }
  | { readonly kind: 'privacy'; readonly consent: Consent; readonly profile: string };

type WireListOptions<T> = Omit<T, 'signal' | 'timeoutMs' | 'where'>;

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
}
export type CallName = keyof EngineCalls;

/** What the worker exposes on the port. */
export interface EngineApi {
  /** Starts loading; resolves when the model is ready. Called once. */
  open(config: EngineConfig, notify: (notice: EngineNotice) => void): Promise<RecommenderStatus>;
  call<Name extends CallName>(
    callId: number,
    name: Name,
    argument: EngineCalls[Name]['argument'],
    judge?: Judge,
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

/** Comlink's transfer handler, as far as it is used here. */
interface TransferHandler<T, S> {
  canHandle(value: unknown): value is T;
  serialize(value: T): [S, Transferable[]];
  deserialize(value: S): T;
}

/**
 * Wraps Comlink's `throw` handler so that an error keeps its code, details and cause.
 * Set the result on both sides as `transferHandlers.set('throw', ...)`.
 */
export function typedThrowHandler(stock: { canHandle(value: unknown): boolean }): TransferHandler<unknown, unknown> {
  return {
    canHandle: (value): value is unknown => stock.canHandle(value),
    serialize: (thrown) => [errorToWire((thrown as { value: unknown }).value), []],
    deserialize: (wire) => {
      throw errorFromWire(wire as WireError);
    },
  };
}
