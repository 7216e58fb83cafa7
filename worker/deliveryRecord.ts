import type { RecommenderStatus } from '../src/core/types.js';

/** What was decided about the revisions of one model on this device. */
export interface DeliveryRecord {
  readonly modelUrl: string;
  /** The newest revision that was ever active here, empty for none: an older one needs a manifest that says so. */
  readonly newest: string;
  /** For `status()`: the revision to go back to, the one that was pinned, and what came of the last change. */
  readonly shown: Omit<RecommenderStatus['delivery'], 'active'>;
  /** Revisions that failed here, with the reason; they are not tried again. The last few. */
  readonly bad: readonly { readonly revision: string; readonly reason: string }[];
  /** The last call that changed something: after a loss of the worker the page sends it again. */
  readonly lastCall: string;
  /** Random, made for the first rollout and never sent: decides which share this device is in. */
  readonly deviceId: string | null;
}

export function emptyRecord(modelUrl: string): DeliveryRecord {
  return { modelUrl, newest: '', shown: { previous: null, pinned: null, lastUpdate: null }, bad: [], lastCall: '', deviceId: null };
}
