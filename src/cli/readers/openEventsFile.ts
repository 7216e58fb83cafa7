import type { EventsFile } from '../../core/events/eventsFile.js';
import { peekText, readLines } from './openText.js';
import { readTable } from './readTable.js';

/** A file of events on the disk, plain or gzip. */
export function openEventsFile(path: string): EventsFile {
  return {
    name: path,
    head: () => peekText(path),
    lines: (onRead) => readLines(path, onRead),
    records: (delimiter, onRead) => readTable(path, delimiter, onRead),
  };
}
