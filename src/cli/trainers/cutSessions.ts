import { EVENT_NAMES } from '../../core/types.js';
import type { UserEvents } from '../../core/events/interactionLog.js';
import type { Sessions } from './gru/sessions.js';
import { splitByTime } from './gru/sessions.js';

export const SESSION_GAP_MINUTES = 30;

/** The sessions of a log with at least two events, in the order of their beginnings. */
export interface CutSessions extends Sessions {
  /** u32, one per event of `items`: where it stands in the log. */
  readonly positions: Uint32Array;
  /** f64, one per session: when it began. */
  readonly startsMs: Float64Array;
  /** u32, one per session. */
  readonly users: Uint32Array;
}

/** The kinds of events, as positions in EVENT_NAMES, that sessions are made of: views where the log has them (what is put in the cart was viewed before), else every kind there is. */
export function sessionKinds({ kinds }: UserEvents, hasEventNames: boolean): number[] {
  const present = new Set(kinds);
  const view = EVENT_NAMES.indexOf('view_item');
  if (!hasEventNames)
    return EVENT_NAMES.map((_, kind) => kind).filter(
      (kind) => EVENT_NAMES[kind] !== 'view_item_list' && EVENT_NAMES[kind] !== 'remove_from_cart',
    );
  return present.has(view) ? [view, EVENT_NAMES.indexOf('select_item')] : [...present].sort((a, b) => a - b);
}

/** Cuts each user's events at pauses; without times a user's events are one session. */
export function cutSessions(
  { userCount, offsets, items, timesMs, kinds }: UserEvents,
  wanted: readonly number[],
  hasTimes: boolean,
): CutSessions {
  const isWanted = new Set(wanted);
  const gapMs = hasTimes ? SESSION_GAP_MINUTES * 60_000 : Infinity;
  const sessions: { readonly user: number; readonly startMs: number; readonly positions: number[] }[] = [];
  for (let user = 0; user < userCount; user++) {
    let lastMs = -Infinity;
    for (let at = offsets[user]!; at < offsets[user + 1]!; at++) {
      if (!isWanted.has(kinds[at]!)) continue;
      if (lastMs === -Infinity || timesMs[at]! - lastMs > gapMs) sessions.push({ user, startMs: timesMs[at]!, positions: [] });
      sessions.at(-1)!.positions.push(at);
      lastMs = timesMs[at]!;
    }
  }
  const useful = sessions.filter(({ positions }) => positions.length > 1).sort((a, b) => a.startMs - b.startMs);
  const ends = new Uint32Array(useful.length + 1);
  useful.forEach((session, s) => (ends[s + 1] = ends[s]! + session.positions.length));
  const positions = Uint32Array.from(useful.flatMap((session) => session.positions));
  return {
    items: Int32Array.from(positions, (at) => items[at]!),
    offsets: ends,
    positions,
    startsMs: Float64Array.from(useful, ({ startMs }) => startMs),
    users: Uint32Array.from(useful, ({ user }) => user),
  };
}

/** Splits off the last sessions, `share` of them: the part of the past that is nearest to the future. */
export function splitSessions(sessions: CutSessions, share: number): [before: CutSessions, last: CutSessions] {
  const { train, validation } = splitByTime(sessions, share);
  const [kept, middle] = [train.offsets.length - 1, train.items.length];
  const part = (of: Sessions, session: [number, number?], event: [number, number?]): CutSessions => ({
    ...of,
    positions: sessions.positions.subarray(...event),
    startsMs: sessions.startsMs.subarray(...session),
    users: sessions.users.subarray(...session),
  });
  return [part(train, [0, kept], [0, middle]), part(validation, [kept], [middle])];
}
