import { RecommenderError, show } from './errors.js';
import type { ItemId } from './types.js';

/** Places of the table for each id: so long as a third of them is free, an id is found after two looks on average. */
const PLACES_PER_ID = 1.5;
/** `String.fromCharCode` takes its units as arguments, of which there can only be so many. */
const UNITS_AT_ONCE = 4_096;

/** The ids of one shard back to back: one byte for each UTF-16 unit where all fit, else two. */
interface IdBlock {
  readonly start: number;
  readonly units: Uint8Array | Uint16Array;
  /** Where each id begins in `units`, and at last where the last one ends. */
  readonly offsets: Uint32Array;
}

/**
 * Ids in row order, and the row of each. A million ids as strings in a Map are some 45 MB, and as many objects for the garbage collector
 * to visit; here they are some 17 MB that it never looks into. Strings are made when asked for.
 */
export class ItemIds {
  readonly #blocks: IdBlock[] = [];
  /** Open addressing, linear probing: row + 1, or 0 for a free place. */
  #table: Uint32Array;
  #count = 0;

  /** `expectedCount`: makes room for so many at once; more may come. */
  constructor(expectedCount = 0) {
    this.#table = new Uint32Array(placesFor(expectedCount));
  }

  get count(): number {
    return this.#count;
  }

  /** Adds the next rows. Throws `artifact/bad-catalog` on a repeated or empty id; nothing is changed then. */
  append(ids: readonly ItemId[]): void {
    const start = this.#count;
    this.#blocks.push(packIds(ids, start));
    if (placesFor(start + ids.length) > this.#table.length) this.#rebuild(placesFor(Math.max(start + ids.length, 2 * start)));
    for (let at = 0; at < ids.length; at++) {
      const id = ids[at]!;
      const place = this.#find(id);
      const earlier = this.#table[place]!;
      if (id === '' || earlier !== 0) {
        this.#blocks.pop();
        this.#count = start;
        this.#rebuild(this.#table.length);
        const problem =
          id === '' ? `row ${start + at} has an empty item id` : `item id ${show(id)} stands at rows ${earlier - 1} and ${start + at}`;
        throw new RecommenderError('artifact/bad-catalog', `Catalogue: ${problem}. Every row needs an id of its own.`, {
          row: start + at,
          id,
        });
      }
      this.#table[place] = start + at + 1;
    }
    this.#count = start + ids.length;
  }

  /** The row of an id, or undefined when there is none. */
  rowOf(id: ItemId): number | undefined {
    const found = this.#table[this.#find(id)]!;
    return found === 0 ? undefined : found - 1;
  }

  /** The id of a row below `count`. */
  idOf(row: number): ItemId {
    const { units, offsets, start } = this.#blockOf(row);
    const end = offsets[row - start + 1]!;
    let id = '';
    for (let from = offsets[row - start]!; from < end; from += UNITS_AT_ONCE)
      id += String.fromCharCode(...units.subarray(from, Math.min(end, from + UNITS_AT_ONCE)));
    return id;
  }

  /** The place where an id stands, else the free one where it would. */
  #find(id: ItemId): number {
    const table = this.#table;
    let place = placeOf(hashText(id), table.length);
    for (let found = table[place]!; found !== 0 && !this.#isAt(found - 1, id); found = table[place]!) place = (place + 1) % table.length;
    return place;
  }

  #isAt(row: number, id: ItemId): boolean {
    const { units, offsets, start } = this.#blockOf(row);
    const from = offsets[row - start]!;
    if (offsets[row - start + 1]! - from !== id.length) return false;
    for (let at = 0; at < id.length; at++) if (units[from + at] !== id.charCodeAt(at)) return false;
    return true;
  }

  #blockOf(row: number): IdBlock {
    let low = 0;
    for (let high = this.#blocks.length - 1; low < high;) {
      const middle = (low + high + 1) >> 1;
      if (this.#blocks[middle]!.start <= row) low = middle;
      else high = middle - 1;
    }
    return this.#blocks[low]!;
  }

  /** Enters the first `#count` ids into a new table. */
  #rebuild(places: number): void {
    const table = new Uint32Array(places);
    for (const { units, offsets, start } of this.#blocks) {
      for (let at = 0; at + 1 < offsets.length && start + at < this.#count; at++) {
        let place = placeOf(hashUnits(units, offsets[at]!, offsets[at + 1]!), places);
        while (table[place] !== 0) place = (place + 1) % places;
        table[place] = start + at + 1;
      }
    }
    this.#table = table;
  }
}

function packIds(ids: readonly ItemId[], start: number): IdBlock {
  const offsets = new Uint32Array(ids.length + 1);
  ids.forEach((id, at) => (offsets[at + 1] = offsets[at]! + id.length));
  let units: IdBlock['units'] = new Uint8Array(offsets[ids.length]!);
  for (let row = 0; row < ids.length; row++) {
    const id = ids[row]!;
    for (let at = 0, to = offsets[row]!; at < id.length; at++, to++) {
      const unit = id.charCodeAt(at);
      if (unit > 0xff && units instanceof Uint8Array) units = Uint16Array.from(units);
      units[to] = unit;
    }
  }
  return { start, units, offsets };
}

/** One more than needed: a search ends at a free place. */
function placesFor(count: number): number {
  return Math.ceil(count * PLACES_PER_ID) + 1;
}

function placeOf(hash: number, places: number): number {
  return Math.floor((hash / 2 ** 32) * places);
}

/** FNV-1a over UTF-16 units, and murmur3's last steps to spread ids that differ in their last digits. */
function hashText(text: string): number {
  let hash = 0x811c9dc5;
  for (let at = 0; at < text.length; at++) hash = Math.imul(hash ^ text.charCodeAt(at), 0x01000193);
  return spread(hash);
}

/** {@link hashText} of units that lie in a block. */
function hashUnits(units: IdBlock['units'], from: number, to: number): number {
  let hash = 0x811c9dc5;
  for (let at = from; at < to; at++) hash = Math.imul(hash ^ units[at]!, 0x01000193);
  return spread(hash);
}

function spread(hash: number): number {
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return (hash ^ (hash >>> 16)) >>> 0;
}
