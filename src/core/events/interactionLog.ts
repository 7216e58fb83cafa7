import type { EventName } from '../types.js';
import { EVENT_NAMES } from '../types.js';
import { badInput } from './inputErrors.js';

/** A JavaScript Map holds no more. */
const MAX_IDS = 16_000_000;

/** Events of all users in the order of their users, then of time. User u has entries offsets[u] .. offsets[u + 1] - 1. */
export interface UserEvents {
  readonly userCount: number;
  readonly itemCount: number;
  /** u32, userCount + 1. */
  readonly offsets: Uint32Array;
  /** u32, item row of each event. */
  readonly items: Uint32Array;
  /** f64, milliseconds since 1970, or the position in the file where it gives no times. */
  readonly timesMs: Float64Array;
  /** u8, position in EVENT_NAMES. */
  readonly kinds: Uint8Array;
}

/** Collects the events of a file in typed arrays as they stream by (17 bytes each), with ids turned into rows. */
export class InteractionLog {
  readonly userIds: string[] = [];
  readonly itemIds: string[] = [];
  /** Item texts met in the events file, for want of a catalogue. */
  readonly titles = new Map<string, string>();
  /** Lines left out, by reason. */
  readonly dropped = new Map<string, number>();
  /** Lines or records met, dropped ones included. */
  lineCount = 0;
  futureCount = 0;
  hasTimes = false;
  hasEventNames = false;
  #size = 0;
  #users = new Uint32Array(1024);
  #items = new Uint32Array(1024);
  #timesMs = new Float64Array(1024);
  #kinds = new Uint8Array(1024);
  readonly #userRows = new Map<string, number>();
  readonly #itemRows = new Map<string, number>();

  constructor(
    /** Events later than this are counted in `futureCount`. */
    readonly latestMs: number,
  ) {}

  get eventCount(): number {
    return this.#size;
  }

  /** `timeMs` null: the file gives no times, the order stands. */
  add(userId: string, itemId: string, timeMs: number | null, event: EventName): void {
    if (this.#size === this.#users.length) this.#grow();
    const at = this.#size++;
    this.#users[at] = rowOf(this.#userRows, this.userIds, userId);
    this.#items[at] = rowOf(this.#itemRows, this.itemIds, itemId);
    this.#timesMs[at] = timeMs ?? at;
    this.#kinds[at] = EVENT_NAMES.indexOf(event);
    if (timeMs !== null) {
      this.hasTimes = true;
      if (timeMs > this.latestMs) this.futureCount++;
    }
  }

  drop(reason: string, count = 1): void {
    this.dropped.set(reason, (this.dropped.get(reason) ?? 0) + count);
  }

  /**
   * Sorts the events by user and time. `itemRows[i]` is the new row of item i of this log, or -1 to leave its events out;
   * users without events keep an empty range. Events at the same time keep their order.
   */
  byUser(itemRows: Int32Array, itemCount: number): UserEvents {
    const userCount = this.userIds.length;
    const offsets = new Uint32Array(userCount + 1);
    for (let at = 0; at < this.#size; at++) if (itemRows[this.#items[at]!]! >= 0) offsets[this.#users[at]! + 1]!++;
    for (let user = 0; user < userCount; user++) offsets[user + 1]! += offsets[user]!;
    const next = offsets.slice();
    const order = new Uint32Array(offsets[userCount]!);
    for (let at = 0; at < this.#size; at++) if (itemRows[this.#items[at]!]! >= 0) order[next[this.#users[at]!]!++] = at;
    const times = this.#timesMs;
    for (let user = 0; user < userCount; user++) {
      const own = order.subarray(offsets[user]!, offsets[user + 1]!);
      if (own.some((at, i) => i > 0 && times[at]! < times[own[i - 1]!]!)) own.sort((a, b) => times[a]! - times[b]! || a - b);
    }
    return {
      userCount,
      itemCount,
      offsets,
      items: order.map((at) => itemRows[this.#items[at]!]!),
      timesMs: Float64Array.from(order, (at) => times[at]!),
      kinds: Uint8Array.from(order, (at) => this.#kinds[at]!),
    };
  }

  /** u32, events of each item of this log. */
  eventsPerItem(): Uint32Array {
    const counts = new Uint32Array(this.itemIds.length);
    for (let at = 0; at < this.#size; at++) counts[this.#items[at]!]!++;
    return counts;
  }

  #grow(): void {
    const size = 2 * this.#size;
    const grown = {
      users: new Uint32Array(size),
      items: new Uint32Array(size),
      timesMs: new Float64Array(size),
      kinds: new Uint8Array(size),
    };
    grown.users.set(this.#users);
    grown.items.set(this.#items);
    grown.timesMs.set(this.#timesMs);
    grown.kinds.set(this.#kinds);
    this.#users = grown.users;
    this.#items = grown.items;
    this.#timesMs = grown.timesMs;
    this.#kinds = grown.kinds;
  }
}

function rowOf(rows: Map<string, number>, ids: string[], id: string): number {
  let row = rows.get(id);
  if (row === undefined) {
    row = ids.length;
    if (row >= MAX_IDS)
      throw badInput(`The events name more than ${MAX_IDS} different users or items. Train on a more recent part of them.`);
    rows.set(id, row);
    ids.push(id);
  }
  return row;
}
