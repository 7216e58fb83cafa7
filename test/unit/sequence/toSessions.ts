import type { Sessions } from '../../../src/cli/trainers/gru/sessions.js';

/** Lays lists of item indexes behind each other. */
export function toSessions(lists: readonly (readonly number[])[]): Sessions {
  const offsets = new Uint32Array(lists.length + 1);
  lists.forEach((list, s) => (offsets[s + 1] = offsets[s]! + list.length));
  return { items: Int32Array.from(lists.flat()), offsets };
}
