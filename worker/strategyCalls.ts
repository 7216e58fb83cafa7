import type { ScratchBytes } from '../src/core/artifact/readModelFolder.js';
import type { PipelineContext } from '../src/core/pipeline.js';
import type { EngineConfig, StrategyCall } from '../src/core/protocol.js';
import type { Judge, MadeList } from '../src/core/strategies/makeList.js';
import type { Strategies, StrategyAnswer } from '../src/core/strategies/strategyRoom.js';
import { strategyRoom } from '../src/core/strategies/strategyRoom.js';
import type { RecommendationList, UserSource } from '../src/core/types.js';
import type { EngineEnvironment } from './engineEnvironment.js';
import type { ModelLoader, ServedModel } from './modelLoader.js';
import type { Shopper } from './shopper.js';

/** What the engine has for every list, made here or there. */
export interface ListDesk {
  readonly environment: EngineEnvironment;
  readonly config: EngineConfig | null;
  readonly shopper: Shopper;
  /** Bytes that the wasm kernel wants behind a matrix. */
  readonly scratchBytes: ScratchBytes;
  look(served: ServedModel): Promise<PipelineContext>;
  userVector(served: ServedModel, user: UserSource | undefined): Promise<Float32Array | null>;
  toList(made: MadeList, served: ServedModel, scenario: string | undefined, startMs: number): RecommendationList;
  onBackend<T>(callId: number, loader: ModelLoader, answer: (served: ServedModel) => Promise<T>): Promise<T>;
  newEventId(): string;
}

export interface StrategyRoomCall {
  readonly callId: number;
  readonly request: StrategyCall;
  readonly judge: Judge | null;
  /** Names what the call writes. */
  readonly eventId: string;
}

/** Answers calls with more to them than a plain list. */
export class StrategyCalls {
  /** What was made of one revision is not for another. */
  #made: { readonly revision: string; readonly strategies: Strategies } | null = null;

  constructor(readonly desk: ListDesk) {}

  /** Another shopper, or nobody any more. */
  forgetDevice(): void {
    this.#made?.strategies.forgetDevice();
  }

  async answer(loader: ModelLoader, { callId, request, judge, eventId }: StrategyRoomCall): Promise<StrategyAnswer> {
    const { desk } = this;
    const strategies = this.#strategiesOf(await loader.complete);
    return desk.onBackend(callId, loader, async (served) => {
      const startMs = desk.environment.clockMs();
      return strategies.answer(request, {
        context: await desk.look(served),
        backend: served.backend.backend,
        userVector: await desk.userVector(served, request.user),
        judge,
        append: async (entries) => (await desk.shopper.history()).append(entries, eventId),
        wasAppended: (await desk.shopper.history()).has(eventId),
        adopt: (grown, loaded) => loader.adopt(grown, loaded),
        toList: (list) => desk.toList(list, served, request.scenario, startMs),
      });
    });
  }

  #strategiesOf({ model, store }: ServedModel): Strategies {
    const { desk } = this;
    const { revision } = model.manifest;
    if (this.#made?.revision === revision) return this.#made.strategies;
    const strategies = strategyRoom.open(model, {
      ...desk.environment,
      ...desk.config!,
      scratchBytes: desk.scratchBytes,
      read: (entry) => store.read(entry),
      get history() {
        return { mode: desk.shopper.status()?.mode ?? 'memory' };
      },
      randomId: () => desk.shopper.drawDeviceId(),
      append: async (entries) => (await desk.shopper.history()).append(entries, desk.newEventId()),
      forget: async (selector) => (await desk.shopper.history()).forget(selector),
    });
    this.#made = { revision, strategies };
    return strategies;
  }
}
