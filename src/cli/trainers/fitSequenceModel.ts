import { availableParallelism } from 'node:os';
import type { SequenceModelInput } from '../../core/artifact/sequenceFiles.js';
import type { FactorDtype } from '../../core/artifact/manifest.js';
import { EVENT_NAMES } from '../../core/types.js';
import type { CliIo } from '../cliIo.js';
import { badInput, breathe } from '../cliIo.js';
import type { UserEvents } from '../../core/events/interactionLog.js';
import type { Progress } from '../progress.js';
import type { NextItemMetrics } from './gru/evaluateGru.js';
import { DEFAULT_GRU_OPTIONS } from './gru/gruOptions.js';
import type { Sessions } from './gru/sessions.js';
import { predictionCount, splitByTime } from './gru/sessions.js';
import { toSequenceTensors } from './gru/toSequenceTensors.js';
import { trainGru } from './gru/trainGru.js';

const SESSION_GAP_MINUTES = 30;
/** The last sessions in time: the model is tested on them after each epoch, and the best epoch is kept. */
const VALIDATION_SHARE = 0.05;

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
  readonly blendWeight: number;
}

export interface FittedSequence {
  readonly input: SequenceModelInput;
  readonly sessionCount: number;
  readonly predictions: number;
  /** Next-item figures on the held-out last sessions, null when none were held out. */
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
  const kinds = sequenceEvents(events, options.hasEventNames);
  const sessions = toSessions(events, kinds, options.hasTimes);
  const { train, validation } = options.evaluate ? splitByTime(sessions, VALIDATION_SHARE) : { train: sessions, validation: null };
  if (predictionCount(train) === 0) {
    throw badInput(
      'No session has two events, so no next item can be learned. Train without --model gru, or give the events their times and users.',
    );
  }
  const hasValidation = validation !== null && predictionCount(validation) > 0;
  const step = progress.start('Training GRU');
  const trained = await trainGru(
    train,
    events.itemCount,
    { ...DEFAULT_GRU_OPTIONS, units: options.units, epochs: options.epochs, seed: options.seed },
    {
      ...(hasValidation && { validation }),
      threads: Math.min(4, availableParallelism()),
      pause: () => breathe(io.signal),
      signal: io.signal,
      now: io.now,
      onProgress: ({ done, epoch, loss, eventsPerSecond, remainingMs }) =>
        step.update(
          done,
          `epoch ${epoch} of ${options.epochs}, loss ${loss.toFixed(3)}, ${Math.round(eventsPerSecond).toLocaleString('en')} events/s, ${Math.ceil(remainingMs / 1000)} s left`,
        ),
    },
  );
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
      blendWeight: options.blendWeight,
    },
    sessionCount: sessions.offsets.length - 1,
    predictions: predictionCount(train),
    validation: best?.validation ?? null,
    bestEpoch: trained.bestEpoch,
  };
}

/** Views where the log has them: what is put in the cart was viewed before. Else every kind there is. */
function sequenceEvents({ kinds }: UserEvents, hasEventNames: boolean): number[] {
  const present = new Set(kinds);
  const view = EVENT_NAMES.indexOf('view_item');
  if (!hasEventNames)
    return EVENT_NAMES.map((_, kind) => kind).filter(
      (kind) => EVENT_NAMES[kind] !== 'view_item_list' && EVENT_NAMES[kind] !== 'remove_from_cart',
    );
  return present.has(view) ? [view, EVENT_NAMES.indexOf('select_item')] : [...present].sort((a, b) => a - b);
}

/** A pause begins a new session; sessions come in the order of their beginnings. */
function toSessions({ userCount, offsets, items, timesMs, kinds }: UserEvents, wanted: readonly number[], hasTimes: boolean): Sessions {
  const isWanted = new Set(wanted);
  const gapMs = hasTimes ? SESSION_GAP_MINUTES * 60_000 : Infinity;
  const sessions: { readonly startMs: number; readonly items: number[] }[] = [];
  for (let user = 0; user < userCount; user++) {
    let lastMs = -Infinity;
    for (let at = offsets[user]!; at < offsets[user + 1]!; at++) {
      if (!isWanted.has(kinds[at]!)) continue;
      if (lastMs === -Infinity || timesMs[at]! - lastMs > gapMs) sessions.push({ startMs: timesMs[at]!, items: [] });
      sessions.at(-1)!.items.push(items[at]!);
      lastMs = timesMs[at]!;
    }
  }
  const useful = sessions.filter((session) => session.items.length > 1).sort((a, b) => a.startMs - b.startMs);
  const ends = new Uint32Array(useful.length + 1);
  useful.forEach((session, s) => (ends[s + 1] = ends[s]! + session.items.length));
  return { items: Int32Array.from(useful.flatMap((session) => session.items)), offsets: ends };
}
