/**
 * All that only a folder with a sequence model needs. A page's worker loads it as a file of its own (`sequence.js`) when the manifest
 * names such a model, so the rest of the core knows it by this interface alone; what runs elsewhere imports it as it is.
 */
import { allocateSequence, sequenceSelfTests } from './artifact/readSequence.js';
import { rankBySession } from './ranking/rankBySession.js';

export interface SequenceRoom {
  readonly allocate: typeof allocateSequence;
  /** The folder's known answers as questions to the output rows. */
  readonly selfTests: typeof sequenceSelfTests;
  readonly rank: typeof rankBySession;
}

export const sequenceRoom: SequenceRoom = {
  allocate: allocateSequence,
  selfTests: sequenceSelfTests,
  rank: rankBySession,
};
