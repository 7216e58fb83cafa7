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

/** The state of a session as it is stored: plain values, true only for the model and the entries they were made of. */
export interface KeptSession {
  /** The model's revision. */
  readonly revision: string;
  /** So many entries of the session were taken in. */
  readonly entryCount: number;
  /** {@link fingerprint} of those entries. */
  readonly fingerprint: number;
  readonly state: SequenceState;
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

/** Hashes what happened, in its order: 53 bits of two multiplicative hashes, so that two sessions of one shopper do not meet by chance. */
export function fingerprint(entries: readonly HistoryEntry[]): number {
  let [low, high] = [0xdeadbeef, 0x41c6ce57];
  for (const { timeMs, event, itemId } of entries) {
    for (const letter of JSON.stringify([timeMs, event, itemId])) {
      const code = letter.codePointAt(0)!;
      low = Math.imul(low ^ code, 0x9e3779b1);
      high = Math.imul(high ^ code, 0x5f356495);
      low ^= low >>> 15; // The upper bits reach the lower ones.
      high ^= high >>> 13;
    }
  }
  return (high & 0x1fffff) * 2 ** 32 + (low >>> 0);
}

/**
 * Carries the model's state from event to event: a new event costs one step. When something before it was forgotten, came
 * late, or the model was replaced, the session is replayed from its start. Items the model does not know keep the state.
 */
export class SessionTracker {
  /** Rises with every entry taken in. */
  changes = 0;
  #model: LoadedModel | null = null;
  #availableRows = 0;
  #state: SequenceState | null = null;
  #taken: readonly HistoryEntry[] = [];
  #last: HistoryEntry | null = null;
  #kept: KeptSession | null;

  /** `kept`: what {@link keep} gave before this start. It is used if it is still true, once the model is whole. */
  constructor(kept: KeptSession | null = null) {
    this.#kept = kept;
  }

  /** The entries the state is made of, oldest first; some may have been unknown to the model. */
  get taken(): readonly HistoryEntry[] {
    return this.#taken;
  }

  /** Null when the folder has no sequence model, or nothing in the session is known to it. `history` oldest first. */
  query(model: LoadedModel, history: readonly HistoryEntry[], nowMs: number): SessionQuery | null {
    const { sequence } = model;
    if (!sequence?.model) return null;
    const { events, sessionGapMinutes } = sequence.entry;
    const session = currentSession(history, new Set(events), sessionGapMinutes * MINUTE_MS, nowMs);
    const continues =
      this.#model === model && this.#availableRows === model.availableRows && this.#taken.every((entry, i) => session[i] === entry);
    this.#model = model;
    this.#availableRows = model.availableRows;
    if (!continues || !this.#state) this.#begin(model, session);
    for (const entry of session.slice(this.#taken.length)) {
      this.changes++;
      const item = knownItem(model, entry);
      if (item === null) continue;
      sequence.model.step(this.#state!, item);
      this.#last = entry;
    }
    this.#taken = session;
    return this.#last ? { query: sequence.model.query(this.#state!), last: this.#last } : null;
  }

  /** Copies the state for storing; null when there is none, or it was made by a part of the model. */
  keep(): KeptSession | null {
    const model = this.#model;
    if (!this.#last || !isWhole(model!)) return null;
    const state = model!.sequence!.model!.stateToArrays(this.#state!);
    return { revision: model!.manifest.revision, entryCount: this.#taken.length, fingerprint: fingerprint(this.#taken), state };
  }

  #begin(model: LoadedModel, session: readonly HistoryEntry[]): void {
    this.#state = this.#restore(model, session);
    this.#taken = this.#state ? session.slice(0, this.#kept!.entryCount) : [];
    this.#last = this.#taken.findLast((entry) => knownItem(model, entry) !== null) ?? null;
    this.#state ??= model.sequence!.model!.createState();
    if (isWhole(model)) this.#kept = null;
  }

  /** Null unless the session begins with the very entries that the stored state was made of, by this very model. */
  #restore(model: LoadedModel, session: readonly HistoryEntry[]): SequenceState | null {
    const kept = this.#kept;
    if (!kept || !isWhole(model) || kept.revision !== model.manifest.revision || kept.entryCount > session.length) return null;
    if (kept.fingerprint !== fingerprint(session.slice(0, kept.entryCount))) return null;
    try {
      return model.sequence!.model!.stateFromArrays(kept.state);
    } catch {
      return null; // Not one of this model's: the session is replayed.
    }
  }
}

function isWhole({ availableRows, manifest }: LoadedModel): boolean {
  return availableRows === manifest.itemCount;
}

/** The entry's row; null when the sequence model does not know it. */
function knownItem({ catalog, availableRows, sequence }: LoadedModel, { itemId }: HistoryEntry): number | null {
  const item = catalog.indexOf(itemId);
  return item === undefined || item >= availableRows || isZeroRow(sequence!.matrix, item) ? null : item;
}
