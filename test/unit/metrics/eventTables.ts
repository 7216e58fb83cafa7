import type { EventTable } from '../../../src/core/metrics/eventTable.js';

/** `users[u]` lists [item, minute]. */
export function table(users: readonly (readonly (readonly [item: number, minute: number])[])[], itemCount = 20): EventTable {
  const events = users.flat();
  const offsets = new Uint32Array(users.length + 1);
  users.forEach((own, user) => (offsets[user + 1] = offsets[user]! + own.length));
  return {
    userCount: users.length,
    itemCount,
    offsets,
    items: Uint32Array.from(events, ([item]) => item),
    timesMs: Float64Array.from(events, ([, minute]) => minute * 60_000),
    kinds: new Uint8Array(events.length).fill(2),
  };
}
