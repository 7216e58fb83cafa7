/** The room of the history: everything that writes it, on disk and into the mirror, and follows other tabs. Reading it is in worker.js. */
import { HistoryKeeper } from './historyKeeper.js';
import type { HistoryStore } from './historyStore.js';
import type { TabChannel } from './tabChannel.js';

export interface HistoryRoom {
  readonly createKeeper: (store: HistoryStore, channel: TabChannel) => HistoryKeeper;
}

export const historyRoom: HistoryRoom = { createKeeper: (store, channel) => new HistoryKeeper(store, channel) };

export { historyRoom as room };
