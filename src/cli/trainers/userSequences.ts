import type { UserEvents } from '../../core/events/interactionLog.js';

/** The different items of each user in the order in which they were first met: user u has items[offsets[u]] .. items[offsets[u + 1] - 1]. */
export interface UserSequences {
  readonly userCount: number;
  readonly itemCount: number;
  /** u32, userCount + 1. */
  readonly offsets: Uint32Array;
  /** u32. */
  readonly items: Uint32Array;
}

/** Of a user with more items only the newest so many count: a robot's thousands say nothing and cost the square. */
const MAX_USER_ITEMS = 1_000;

/** Lists what each user met, each item once. `isTaken`: u8 by position in EVENT_NAMES, or null for every event. */
export function userSequences({ userCount, itemCount, offsets, items, kinds }: UserEvents, isTaken: Uint8Array | null): UserSequences {
  const ends = new Uint32Array(userCount + 1);
  const kept = new Uint32Array(items.length);
  const lastUser = new Int32Array(itemCount).fill(-1);
  let size = 0;
  for (let user = 0; user < userCount; user++) {
    const start = size;
    for (let at = offsets[user]!; at < offsets[user + 1]!; at++) {
      const item = items[at]!;
      if (lastUser[item] === user || (isTaken && isTaken[kinds[at]!] === 0)) continue;
      lastUser[item] = user;
      kept[size++] = item;
    }
    if (size - start > MAX_USER_ITEMS) {
      kept.copyWithin(start, size - MAX_USER_ITEMS, size);
      size = start + MAX_USER_ITEMS;
    }
    ends[user + 1] = size;
  }
  return { userCount, itemCount, offsets: ends, items: kept.slice(0, size) };
}

/** Where each item stands: entries offsets[i] .. offsets[i + 1] - 1 hold users and positions in `items`, by rising user. */
export function itemPlaces({ userCount, itemCount, offsets, items }: UserSequences): {
  readonly offsets: Uint32Array;
  readonly users: Uint32Array;
  readonly places: Uint32Array;
} {
  const ends = new Uint32Array(itemCount + 1);
  for (const item of items) ends[item + 1]!++;
  for (let item = 0; item < itemCount; item++) ends[item + 1]! += ends[item]!;
  const next = ends.slice();
  const users = new Uint32Array(items.length);
  const places = new Uint32Array(items.length);
  for (let user = 0; user < userCount; user++) {
    for (let at = offsets[user]!; at < offsets[user + 1]!; at++) {
      const to = next[items[at]!]!++;
      users[to] = user;
      places[to] = at;
    }
  }
  return { offsets: ends, users, places };
}
