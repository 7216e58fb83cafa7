import { badInput } from '../cliIo.js';
import { CATALOG_COLUMNS, EVENT_COLUMNS, normalizeColumn } from '../../core/events/columnNames.js';
import { peekText, readText } from './openText.js';
import { guessDelimiter } from '../../core/events/eventsFile.js';
import { readTable } from './readTable.js';

const ID_NAMES: ReadonlySet<string> = new Set([...CATALOG_COLUMNS.itemId, ...EVENT_COLUMNS.item, ...EVENT_COLUMNS.user]);

/**
 * Reads row ids in row order: a JSON array, a CSV with a header (its id column), or text with one id a line.
 * Throws `cli/bad-input` on blanks, duplicates and an empty file.
 */
export async function readIds(path: string): Promise<string[]> {
  const head = (await peekText(path)).trimStart();
  // A text file may begin with "[PAD]".
  const ids = /^\[\s*(["\]]|-?\d)/.test(head)
    ? readJsonIds(path, await readText(path))
    : hasIdHeader(head)
      ? await readColumn(path, head)
      : (await readText(path)).replace(/\r?\n$/, '').split(/\r?\n/);
  const rows = new Map<string, number>();
  ids.forEach((raw, row) => {
    const id = raw.trim();
    if (id === '' && ids.length === 1) throw badInput(`${path} is empty. It must hold one id for each row of factors.`, { path });
    if (id === '')
      throw badInput(`${path}: the id of row ${row} (counted from 0) is empty. Every row of factors needs its id.`, { path, row });
    if (rows.has(id))
      throw badInput(
        `${path}: id ${JSON.stringify(id)} stands at rows ${rows.get(id)} and ${row} (counted from 0). Every row needs an id of its own.`,
        { path, row, id },
      );
    rows.set(id, row);
  });
  return [...rows.keys()];
}

function hasIdHeader(head: string): boolean {
  const line = head.split('\n', 1)[0]!.trim();
  return line.split(guessDelimiter(line)).some((name) => ID_NAMES.has(normalizeColumn(name.replace(/^"|"$/g, ''))));
}

async function readColumn(path: string, head: string): Promise<string[]> {
  const ids: string[] = [];
  let at = -1;
  for await (const cells of readTable(path, guessDelimiter(head.split('\n', 1)[0]!))) {
    if (at < 0) at = cells.findIndex((name) => ID_NAMES.has(normalizeColumn(name)));
    else ids.push(cells[at] ?? '');
  }
  return ids;
}

function readJsonIds(path: string, text: string): string[] {
  let list: unknown;
  try {
    list = JSON.parse(text);
  } catch (cause) {
    throw badInput(`${path} is not valid JSON (${(cause as Error).message}). Write the ids as ["first", "second", ...].`, { path }, cause);
  }
  return (list as unknown[]).map((id, row) => {
    if (typeof id !== 'string' && typeof id !== 'number')
      throw badInput(`${path}: entry ${row} is ${JSON.stringify(id)}; ids are texts or numbers.`, { path, row });
    return String(id);
  });
}
