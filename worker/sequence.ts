/** The file `sequence.js`: what a folder with a sequence model needs. See rooms.ts. */
import type { SequenceRoom } from '../src/core/sequenceRoom.js';
import { sequenceRoom as core } from '../src/core/sequenceRoom.js';
import type { SessionStoreOptions } from './sessionStore.js';
import { SessionStore } from './sessionStore.js';

export interface WorkerSequenceRoom extends SequenceRoom {
  readonly createStore: (options: SessionStoreOptions) => SessionStore;
}

export const sequenceRoom: WorkerSequenceRoom = { ...core, createStore: (options) => new SessionStore(options) };

export { sequenceRoom as room };
