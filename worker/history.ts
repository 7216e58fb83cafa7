/** The room of the history: everything that writes it, on disk and into the mirror. Reading it is in worker.js. */
import { HistoryWriter } from './historyWriter.js';
import type { HistoryWriterOptions } from './historyWriter.js';

export interface HistoryRoom {
  readonly createWriter: (options: HistoryWriterOptions) => HistoryWriter;
}

export const historyRoom: HistoryRoom = { createWriter: (options) => new HistoryWriter(options) };
