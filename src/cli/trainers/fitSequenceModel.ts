import { availableParallelism } from 'node:os';
import type { SequenceModelInput } from '../../core/artifact/sequenceFiles.js';
import type { FactorDtype } from '../../core/artifact/manifest.js';
import { isRecommenderError, RecommenderError } from '../../core/errors.js';
import { EVENT_NAMES } from '../../core/types.js';
import type { CliIo } from '../cliIo.js';
import { badInput, breathe } from '../cliIo.js';
import type { UserEvents } from '../../core/events/interactionLog.js';
import type { Progress } from '../progress.js';
import type { CutSessions } from './cutSessions.js';
import { cutSessions, SESSION_GAP_MINUTES, sessionKinds, splitSessions } from './cutSessions.js';
import { readCheckpoint, trainingFacts, writeCheckpoint } from './gru/checkpoints.js';
import type { NextItemMetrics } from './gru/evaluateGru.js';
import { DEFAULT_GRU_OPTIONS } from './gru/gruOptions.js';
import { predictionCount } from './gru/sessions.js';
import { toSequenceTensors } from './gru/toSequenceTensors.js';
import { trainGru } from './gru/trainGru.js';

/** The last sessions in time: the model is tested on them after each epoch, and the best epoch is kept. */
const VALIDATION_SHARE = 0.05;
const MOST_THREADS = 4;

export interface SequenceOptions {
  readonly units: number;
  readonly epochs: number;
  readonly seed: number;
  readonly dtype: FactorDtype;
  /** False: train on everything, for all epochs. */
  readonly evaluate: boolean;
  /** Whether events came with times; without, a user's events are one session. */
  readonly hasTimes: boolean;
  readonly hasEventNames: boolean;
  readonly itemIds: readonly string[];
  /** Written after each epoch. */
  readonly checkpoint?: string;
  /** A checkpoint to go on from. */
  readonly resume?: string;
  /** Most threads; default: the cores, up to four, as long as they pay. */
  readonly threads?: number;
}

export interface FittedSequence {
  /** With blend weight 1: the session counts alone. */
  readonly input: SequenceModelInput;
  readonly sessionCount: number;
  readonly predictions: number;
  /** The held-out last sessions, null when none were held out. */
  readonly heldOut: CutSessions | null;
  /** Next-item figures on them. */
  readonly validation: NextItemMetrics | null;
  readonly bestEpoch: number;
}

/** Cuts the events into sessions and trains a GRU on them. Throws `cli/bad-input` when no session has two events. */
export async function fitSequenceModel(
  events: UserEvents,
  options: SequenceOptions,
  progress: Progress,
  io: CliIo,
): Promise<FittedSequence> {
  const kinds = sessionKinds(events, options.hasEventNames);
  const sessions = cutSessions(events, kinds, options.hasTimes);
  const [train, last] = options.evaluate ? splitSessions(sessions, VALIDATION_SHARE) : [sessions, null];
  if (predictionCount(train) === 0) {
    throw badInput(
      'No session has two events, so no next item can be learned. Train without --model gru, or give the events their times and users.',
    );
  }
  const heldOut = last && predictionCount(last) > 0 ? last : null;
  const gruOptions = { ...DEFAULT_GRU_OPTIONS, units: options.units, epochs: options.epochs, seed: options.seed };
  const facts = trainingFacts(options.itemIds, train, heldOut);
  const resume = options.resume === undefined ? null : await readCheckpoint(options.resume, gruOptions, facts);
  const { checkpoint: checkpointPath } = options;
  let saved = 0;
  const step = progress.start('Training GRU');
  const trained = await trainGru(train, events.itemCount, gruOptions, {
    ...(heldOut && { validation: heldOut }),
    ...(resume && { resume }),
    facts,
    ...(checkpointPath !== undefined && {
      onEpoch: async ({ epoch }, checkpoint) => {
        await writeCheckpoint(checkpointPath, checkpoint());
        saved = epoch;
      },
    }),
    threads: options.threads ?? Math.min(MOST_THREADS, availableParallelism()),
    pause: () => breathe(io.signal),
    signal: io.signal,
    now: io.now,
    onProgress: ({ done, epoch, loss, eventsPerSecond, remainingMs }) =>
      step.update(
        done,
        `epoch ${epoch} of ${options.epochs}, loss ${loss.toFixed(3)}, ${Math.round(eventsPerSecond).toLocaleString('en')} events/s, ${Math.ceil(remainingMs / 1000)} s left`,
      ),
  }).catch((error: unknown) => {
    if (saved === 0 || !isRecommenderError(error) || error.code !== 'call/aborted') throw error;
    throw new RecommenderError(
      'call/aborted',
      `Stopped. ${checkpointPath} holds the training up to epoch ${saved}; the same command with --resume ${checkpointPath} goes on from there.`,
      { path: checkpointPath, epoch: saved },
    );
  });
  const best = trained.epochs.find(({ epoch }) => epoch === trained.bestEpoch);
  step.finish(`epoch ${trained.bestEpoch} kept`);
  return {
    input: {
      name: 'gru',
      algorithm: 'gru4rec',
      ...toSequenceTensors(trained.weights),
      dtype: options.dtype,
      events: kinds.map((kind) => EVENT_NAMES[kind]!),
      sessionGapMinutes: SESSION_GAP_MINUTES,
      blendWeight: 1,
    },
    sessionCount: sessions.offsets.length - 1,
    predictions: predictionCount(train),
    heldOut,
    validation: best?.validation ?? null,
    bestEpoch: trained.bestEpoch,
  };
}
