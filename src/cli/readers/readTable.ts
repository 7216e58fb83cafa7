import { describeBrokenTable, tableOptions } from '../../core/events/eventsFile.js';
import { badInput } from '../cliIo.js';
import type { OnRead } from '../../core/events/eventsFile.js';
import { openBytes, unreadable } from './openText.js';

/**
 * Streams the records of a CSV or TSV file, the header as the first one. See `tableOptions`.
 * Throws `cli/bad-input` naming the line when the quoting is broken.
 */
export async function* readTable(path: string, delimiter: string, onRead?: OnRead): AsyncGenerator<string[]> {
  const { parse } = await import('csv-parse');
  const bytes = await openBytes(path, onRead);
  const parser = parse(tableOptions(delimiter));
  bytes.on('error', (error) => parser.destroy(error));
  bytes.pipe(parser);
  try {
    for await (const record of parser) yield record as string[];
  } catch (cause) {
    throw brokenTable(path, cause) ?? unreadable(path, cause);
  } finally {
    bytes.destroy();
  }
}

function brokenTable(path: string, cause: unknown): Error | null {
  const broken = describeBrokenTable(path, cause);
  return broken && badInput(broken.message, { path, line: broken.line, code: broken.code }, cause);
}
