import { RecommenderError } from '../../../core/errors.js';
import { seededRandom } from '../seededRandom.js';
import { stepKey } from './counterRandom.js';
import type { NextItemMetrics } from './evaluateGru.js';
import { evaluateGru } from './evaluateGru.js';
import { GruEngine } from './gruEngine.js';
import type { GruTrainingOptions } from './gruOptions.js';
import { checkGruOptions } from './gruOptions.js';
import type { GruWeights } from './gruWeights.js';
import { drawWeights, loadSlot, readSlot } from './gruWeights.js';
import { ScoredColumns } from './scoredColumns.js';
import { ascending, SessionBatches } from './sessionBatches.js';
import type { Sessions } from './sessions.js';
import { checkSessions, predictionCount } from './sessions.js';
import { ThreadChoice } from './threadChoice.js';

/** What one epoch gave. */
export interface GruEpoch {
  /** From 1. */
  readonly epoch: number;
  /** Mean over the epoch's events, as the training saw it (with dropout, over sampled items). */
  readonly loss: number;
  /** Null without validation sessions. */
  readonly validation: NextItemMetrics | null;
}

/** A training between two epochs: everything that is needed to go on as if it had not stopped. */
export interface GruCheckpoint {
  readonly version: 1;
  /** What it was trained on, in words and numbers; null where the caller did not say. */
  readonly facts: Readonly<Record<string, string | number>> | null;
  readonly options: GruTrainingOptions;
  /** Training steps so far, the counter of all random numbers. */
  readonly step: number;
  readonly epochs: readonly GruEpoch[];
  readonly weights: GruWeights;
  /** Adagrad's sums of squares, shaped as the weights. */
  readonly squares: GruWeights;
  readonly velocities: GruWeights;
  /** The weights of the best epoch so far; null without validation, and while the last epoch is the best. */
  readonly bestWeights: GruWeights | null;
}

export interface GruProgress {
  readonly epoch: number;
  readonly epochs: number;
  /** Share of all epochs that is done, 0 to 1. */
  readonly done: number;
  /** Mean loss of this epoch so far. */
  readonly loss: number;
  readonly eventsPerSecond: number;
  /** Until the last epoch is done, if no earlier one ends the training. */
  readonly remainingMs: number;
}

export interface GruHooks {
  /** Sessions after the training's in time, for early stopping: the epoch with the highest MRR@20 is kept. */
  readonly validation?: Sessions;
  /** Epochs without a better one after which the training stops; default 3. */
  readonly patience?: number;
  /** Goes on from here; its options must be those of the call, but for `epochs` where the learning rate does not fall. */
  readonly resume?: GruCheckpoint;
  /** Called after every epoch. `checkpoint` copies the state on request. */
  readonly onEpoch?: (epoch: GruEpoch, checkpoint: () => GruCheckpoint) => void | Promise<void>;
  /** Kept in the checkpoints. */
  readonly facts?: GruCheckpoint['facts'];
  readonly onProgress?: (progress: GruProgress) => void;
  /** Awaited between blocks of steps, so that timers and signals get their turn. It may throw to stop the training. */
  readonly pause?: () => Promise<void>;
  readonly signal?: AbortSignal;
  /** Milliseconds, for the rate and the remaining time. */
  readonly now?: () => number;
  /** At most so many, default 1; with `now` only while they pay, see {@link ThreadChoice}. The results do not depend on it. */
  readonly threads?: number;
}

export interface TrainedGru {
  readonly weights: GruWeights;
  readonly epochs: readonly GruEpoch[];
  /** The epoch whose weights these are. */
  readonly bestEpoch: number;
  readonly eventCount: number;
}

const STEPS_PER_PAUSE = 50;
const NEGATIVES_PURPOSE = 1;
const DROPOUT_PURPOSE = 2;
const ORDER_PURPOSE = 3;

/**
 * Trains GRU4Rec: a GRU over the items of a session that scores all items after each event (Hidasi, Karatzoglou, Baltrunas & Tikk 2016,
 * "Session-based Recommendations with Recurrent Neural Networks"; sampling and losses: Hidasi & Karatzoglou 2018, "Recurrent Neural
 * Networks with Top-k Gains for Session-based Recommendations"). Sessions are walked through side by side; a row's state is carried
 * from event to event and starts at zero with each session; gradients go back one event. Items' input rows are their output rows
 * ("constrained embedding"). Updates touch only the rows that a step used.
 *
 * Deterministic for a seed, whatever the number of threads. Throws `input/invalid` on options or sessions that cannot be,
 * `call/aborted` when `signal` fires.
 */
export async function trainGru(
  sessions: Sessions,
  itemCount: number,
  options: GruTrainingOptions,
  hooks: GruHooks = {},
): Promise<TrainedGru> {
  checkGruOptions(options);
  checkSessions(sessions, itemCount);
  const eventCount = predictionCount(sessions);
  if (eventCount === 0) throw new RecommenderError('input/invalid', 'No session has two events, so there is nothing to predict.');
  const { resume, validation } = hooks;
  if (validation) checkSessions(validation, itemCount);
  if (resume) checkResume(resume, options);
  const { units, batchSize, negatives } = options;
  const engine = new GruEngine({ itemCount, units, batchSize, negatives, threads: hooks.threads ?? 1 });
  try {
    loadSlot(engine, 'weights', resume?.weights ?? drawWeights(itemCount, units, options.seed));
    if (resume) {
      loadSlot(engine, 'squares', resume.squares);
      loadSlot(engine, 'velocities', resume.velocities);
    }
    return await new Training(engine, sessions, eventCount, options, hooks).run();
  } finally {
    await engine.close();
  }
}

class Training {
  readonly #columns: ScoredColumns;
  readonly #epochs: GruEpoch[];
  readonly #threads: ThreadChoice | null;
  #step: number;
  #bestWeights: GruWeights | null;

  constructor(
    readonly engine: GruEngine,
    readonly sessions: Sessions,
    readonly eventCount: number,
    readonly options: GruTrainingOptions,
    readonly hooks: GruHooks,
  ) {
    const support = new Uint32Array(engine.shape.itemCount);
    for (const item of sessions.items) support[item]!++;
    this.#columns = new ScoredColumns(support, options, options.batchSize);
    this.#epochs = [...(hooks.resume?.epochs ?? [])];
    this.#threads = engine.shape.threads > 1 && hooks.now ? new ThreadChoice() : null;
    this.#step = hooks.resume?.step ?? 0;
    this.#bestWeights = hooks.resume ? (hooks.resume.bestWeights ?? hooks.resume.weights) : null;
    const { loss, learningRate, momentum, epsilon, hiddenDropout, embeddingDropout, scorePenalty } = options;
    engine.set({ lossKind: loss === 'cross-entropy' ? 0 : 1 });
    engine.set({ learningRate, momentum, epsilon, hiddenDropout, embeddingDropout, scorePenalty });
  }

  async run(): Promise<TrainedGru> {
    const { epochs } = this.options;
    const { validation, onEpoch, patience = 3 } = this.hooks;
    while (this.#epochs.length < epochs) {
      if (validation && this.#epochs.length - bestOf(this.#epochs) >= patience) break;
      const loss = await this.#runEpoch();
      const metrics = validation ? await evaluateGru(this.engine, validation, () => this.#pause()) : null;
      const done: GruEpoch = { epoch: this.#epochs.length + 1, loss, validation: metrics };
      this.#epochs.push(done);
      if (validation && bestOf(this.#epochs) === done.epoch) this.#bestWeights = readSlot(this.engine, 'weights');
      await onEpoch?.(done, () => this.#checkpoint());
      await this.#pause();
    }
    return {
      weights: (this.hooks.validation && this.#bestWeights) || readSlot(this.engine, 'weights'),
      epochs: this.#epochs,
      bestEpoch: bestOf(this.#epochs),
      eventCount: this.eventCount,
    };
  }

  /** Returns the mean loss. */
  async #runEpoch(): Promise<number> {
    const { engine, sessions, options, hooks } = this;
    const { arrays } = engine;
    const epoch = this.#epochs.length + 1;
    const batches = new SessionBatches(sessions, this.#order(epoch), options.batchSize);
    const moves = { reset: (row: number) => engine.resetState(row), move: (from: number, to: number) => engine.moveState(from, to) };
    const startMs = hooks.now?.() ?? 0;
    let events = 0;
    let lossSum = 0;
    let blockStartMs = startMs;
    let blockEvents = 0;
    batches.start(moves);
    engine.setAlone(this.#threads?.isAlone ?? false);
    for (let block = 1; batches.live > 0; block++) {
      const live = batches.live;
      const key = stepKey(options.seed, this.#step, NEGATIVES_PURPOSE);
      this.#columns.choose(batches.inputs, batches.targets, live, key, arrays);
      arrays.inputs.set(batches.inputs);
      arrays.targets.set(batches.targets);
      engine.set({ rows: live, columns: this.#columns.columns, touched: this.#columns.touched });
      engine.set({ randomKey: stepKey(options.seed, this.#step, DROPOUT_PURPOSE) | 0 });
      // The last sessions of an epoch are few and long: their small batches must not move the weights as far as full ones.
      const fall = 1 - (1 - options.finalLearningRate) * ((epoch - 1 + events / this.eventCount) / options.epochs);
      engine.set({ learningRate: options.learningRate * fall * (live / options.batchSize) });
      lossSum += engine.step() * live;
      events += live;
      this.#step++;
      engine.carryStates(options.dropsState);
      batches.advance(moves);
      blockEvents += live;
      if (block % STEPS_PER_PAUSE === 0) {
        this.#threads?.add(blockEvents, hooks.now!() - blockStartMs);
        engine.setAlone(this.#threads?.isAlone ?? false);
        this.#report(epoch, events, lossSum, startMs);
        await this.#pause();
        blockStartMs = hooks.now?.() ?? 0;
        blockEvents = 0;
      }
    }
    const loss = lossSum / events;
    if (!Number.isFinite(loss)) {
      throw new RecommenderError('input/invalid', `The loss of epoch ${epoch} is ${loss}. Use a smaller learning rate.`, { epoch });
    }
    this.#report(epoch, events, lossSum, startMs);
    return loss;
  }

  #order(epoch: number): Uint32Array {
    const order = ascending(this.sessions.offsets.length - 1);
    if (this.options.order === 'time') return order;
    // Fisher & Yates' shuffle.
    const random = seededRandom(stepKey(this.options.seed, epoch, ORDER_PURPOSE));
    for (let i = order.length - 1; i > 0; i--) {
      const j = Math.floor(random() * (i + 1));
      [order[i], order[j]] = [order[j]!, order[i]!];
    }
    return order;
  }

  #report(epoch: number, events: number, lossSum: number, startMs: number): void {
    const { now, onProgress } = this.hooks;
    if (!onProgress) return;
    const elapsedMs = Math.max(1e-3, (now?.() ?? 0) - startMs);
    const left = (this.options.epochs - epoch) * this.eventCount + this.eventCount - events;
    onProgress({
      epoch,
      epochs: this.options.epochs,
      done: (epoch - 1 + events / this.eventCount) / this.options.epochs,
      loss: lossSum / events,
      eventsPerSecond: now ? (events / elapsedMs) * 1000 : 0,
      remainingMs: now ? (left * elapsedMs) / events : 0,
    });
  }

  async #pause(): Promise<void> {
    const { signal, pause } = this.hooks;
    await pause?.();
    if (signal?.aborted) throw new RecommenderError('call/aborted', 'The training was stopped.', {}, signal.reason);
  }

  #checkpoint(): GruCheckpoint {
    const { engine, options } = this;
    const weights = readSlot(engine, 'weights');
    const isBest = bestOf(this.#epochs) === this.#epochs.length;
    return {
      version: 1,
      facts: this.hooks.facts ?? null,
      options,
      step: this.#step,
      epochs: [...this.#epochs],
      weights,
      squares: readSlot(engine, 'squares'),
      velocities: readSlot(engine, 'velocities'),
      bestWeights: isBest ? null : this.#bestWeights,
    };
  }
}

/** The epoch with the highest MRR@20, the earliest of equals; without validation the last. 0: none yet. */
function bestOf(epochs: readonly GruEpoch[]): number {
  let best = 0;
  for (const { epoch, validation } of epochs) {
    const reached = epochs[best - 1]?.validation?.mrr20 ?? -1;
    if (!validation || validation.mrr20 > reached) best = epoch;
  }
  return best;
}

function checkResume({ options: before }: GruCheckpoint, options: GruTrainingOptions): void {
  for (const name of Object.keys(options) as (keyof GruTrainingOptions)[]) {
    // More epochs may follow, unless the learning rate was on its way to an end.
    if (before[name] === options[name] || (name === 'epochs' && options.finalLearningRate === 1)) continue;
    throw new RecommenderError('input/invalid', `${name} is ${options[name]}; the checkpoint was trained with ${before[name]}.`, {
      name,
      seen: options[name],
      expected: before[name],
    });
  }
}
