import type { EventTable } from './eventTable.js';
import { countUsersPerItem } from './eventTable.js';

export interface Neighbors {
  /** u32, most similar first, ties by lower row. */
  readonly items: Uint32Array;
  /** f32, cosine of the two items' binary user vectors, same order. */
  readonly similarities: Float32Array;
}

/** The best so many neighbours of an item are kept: far more than lists are long. */
const MAX_NEIGHBORS = 500;
/** Of a user with more items only the newest so many count: a robot's thousands say nothing and cost the square. */
const MAX_USER_ITEMS = 1_000;

/** Item-item cosine over who met what: users(a and b) / sqrt(users(a) users(b)) (Sarwar et al. 2001). Rows are computed when asked for. */
export class ItemNeighbors {
  /** u32: users who met each item. */
  readonly userCounts: Uint32Array;
  /** Each user's different items, and each item's users. */
  readonly #userOffsets: Uint32Array;
  readonly #userItems: Uint32Array;
  readonly #itemOffsets: Uint32Array;
  readonly #itemUsers: Uint32Array;
  readonly #shared: Uint32Array;
  readonly #cache = new Map<number, Neighbors>();

  constructor(events: EventTable) {
    const { userCount, itemCount, offsets, items } = events;
    this.userCounts = countUsersPerItem(events);
    this.#shared = new Uint32Array(itemCount);
    this.#userOffsets = new Uint32Array(userCount + 1);
    this.#userItems = new Uint32Array(items.length);
    const lastUser = new Int32Array(itemCount).fill(-1);
    const counts = new Uint32Array(itemCount + 1);
    let size = 0;
    for (let user = 0; user < userCount; user++) {
      const start = size;
      for (let at = offsets[user + 1]! - 1; at >= offsets[user]! && size - start < MAX_USER_ITEMS; at--) {
        const item = items[at]!;
        if (lastUser[item] === user) continue;
        lastUser[item] = user;
        this.#userItems[size++] = item;
        counts[item + 1]!++;
      }
      this.#userOffsets[user + 1] = size;
    }
    for (let item = 0; item < itemCount; item++) counts[item + 1]! += counts[item]!;
    this.#itemOffsets = counts.slice();
    this.#itemUsers = new Uint32Array(size);
    for (let user = 0; user < userCount; user++) {
      for (let at = this.#userOffsets[user]!; at < this.#userOffsets[user + 1]!; at++)
        this.#itemUsers[counts[this.#userItems[at]!]!++] = user;
    }
  }

  of(item: number): Neighbors {
    let neighbors = this.#cache.get(item);
    if (!neighbors) this.#cache.set(item, (neighbors = this.#compute(item)));
    return neighbors;
  }

  #compute(item: number): Neighbors {
    const shared = this.#shared;
    const met: number[] = [];
    for (let at = this.#itemOffsets[item]!; at < this.#itemOffsets[item + 1]!; at++) {
      const user = this.#itemUsers[at]!;
      for (let own = this.#userOffsets[user]!; own < this.#userOffsets[user + 1]!; own++) {
        const other = this.#userItems[own]!;
        if (other !== item && shared[other]!++ === 0) met.push(other);
      }
    }
    const similarity = (other: number): number => shared[other]! / Math.sqrt(this.userCounts[item]! * this.userCounts[other]!);
    const order = Float64Array.from(met, similarity);
    const ranked = Uint32Array.from(met.keys())
      .sort((a, b) => order[b]! - order[a]! || met[a]! - met[b]!)
      .slice(0, MAX_NEIGHBORS);
    for (const other of met) shared[other] = 0;
    return { items: ranked.map((at) => met[at]!), similarities: Float32Array.from(ranked, (at) => order[at]!) };
  }
}
