import type { UserEvents } from '../../../src/core/events/interactionLog.js';
import { EVENT_NAMES } from '../../../src/core/types.js';
import { createRandom } from '../../fixtures/random.js';

const VIEW = EVENT_NAMES.indexOf('view_item');

/** Random events: up to `most` per user, in the order of time, an hour apart, every third within minutes. */
export function randomEvents(userCount: number, itemCount: number, most: number, seed: number): UserEvents {
  const random = createRandom(seed);
  const offsets = new Uint32Array(userCount + 1);
  const items: number[] = [];
  const timesMs: number[] = [];
  for (let user = 0; user < userCount; user++) {
    let timeMs = Date.UTC(2026, 0, 1 + Math.floor(random() * 60));
    const length = Math.floor(random() * (most + 1));
    for (let at = 0; at < length; at++) {
      timeMs += at % 3 === 0 ? 3_600_000 : 60_000;
      // Squared: low rows are popular.
      items.push(Math.floor(random() ** 2 * itemCount));
      timesMs.push(timeMs);
    }
    offsets[user + 1] = items.length;
  }
  return {
    userCount,
    itemCount,
    offsets,
    items: Uint32Array.from(items),
    timesMs: Float64Array.from(timesMs),
    kinds: new Uint8Array(items.length).fill(VIEW),
  };
}

/** Events of each user as plain lists. */
export function plainEvents({ userCount, offsets, items, timesMs }: UserEvents): { item: number; timeMs: number }[][] {
  return Array.from({ length: userCount }, (_, user) =>
    Array.from({ length: offsets[user + 1]! - offsets[user]! }, (_, at) => ({
      item: items[offsets[user]! + at]!,
      timeMs: timesMs[offsets[user]! + at]!,
    })),
  );
}
