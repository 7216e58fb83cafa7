import type { LoadedModel } from './artifact/readModelFolder.js';
import { isZeroRow } from './kernels/itemMatrix.js';
import type { SequenceState } from './models/sequence/sequenceModel.js';
import type { HistoryEntry } from './types.js';

const MINUTE_MS = 60_000;

/** What the sequence model makes of the session under way. */
export interface SessionQuery {
  /** f32: its dot product with the output rows is the score. */
  readonly query: Float32Array;
  /** The newest event that counted. */
  readonly last: HistoryEntry;
}

/**
 * Picks the events of the session under way, oldest first: those that the model takes in, back to the first pause
 * longer than `gapMs`. Empty when the last one is longer ago than that.
 */
export function currentSession(
  history: readonly HistoryEntry[],
  events: ReadonlySet<string>,
  gapMs: number,
  nowMs: number,
): HistoryEntry[] {
  const session: HistoryEntry[] = [];
  let laterMs = nowMs;
  for (const entry of history.toReversed()) {
    if (laterMs - entry.timeMs > gapMs) break;
    laterMs = entry.timeMs;
    if (events.has(entry.event)) session.push(entry);
  }
  return session.toReversed();
}

/**
 * Carries the model's state from event to event: a new event costs one step. When something before it was forgotten, came
 * late, or the model was replaced, the session is replayed from its start. Items the model does not know keep the state.
 */
export class SessionTracker {
  #model: LoadedModel | null = null;
  #availableRows = 0;
  #state: SequenceState | null = null;
  #taken: readonly HistoryEntry[] = [];
  #last: HistoryEntry | null = null;

  /** Null when the folder has no sequence model, or nothing in the session is known to it. `history` oldest first. */
  query(model: LoadedModel, history: readonly HistoryEntry[], nowMs: number): SessionQuery | null {
    const { sequence } = model;
    if (!sequence?.model) return null;
    const { events, sessionGapMinutes } = sequence.entry;
    const session = currentSession(history, new Set(events), sessionGapMinutes * MINUTE_MS, nowMs);
    const continues =
      this.#model === model && this.#availableRows === model.availableRows && this.#taken.every((entry, i) => session[i] === entry);
    if (!continues || !this.#state) {
      this.#state = sequence.model.createState();
      this.#taken = [];
      this.#last = null;
    }
    for (const entry of session.slice(this.#taken.length)) {
      const item = model.catalog.indexOf(entry.itemId);
      if (item === undefined || item >= model.availableRows || isZeroRow(sequence.matrix, item)) continue;
      sequence.model.step(this.#state, item);
      this.#last = entry;
    }
    this.#model = model;
    this.#availableRows = model.availableRows;
    this.#taken = session;
    return this.#last ? { query: sequence.model.query(this.#state), last: this.#last } : null;
  }
}
