import { existsSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { badInput } from '../cliIo.js';
import { exampleIds } from '../../core/events/idMismatch.js';
import { CATALOG_COLUMNS, normalizeColumn } from '../../core/events/columnNames.js';
import { peekText } from '../readers/openText.js';
import { readIds } from '../readers/readIds.js';
import { guessDelimiter } from '../../core/events/eventsFile.js';
import { readTable } from '../readers/readTable.js';
import { formatCount } from '../terminal.js';
import { parquetColumns, parquetParts, readParquet } from './readParquet.js';

/**
 * Turns the integers that a source uses for ids into the shop's ids. `path` is the folder of a Spark StringIndexerModel, a CSV or parquet
 * (file or folder) with a column of numbers and one of ids, or a list of ids in the order of the numbers 0, 1, 2, ...
 * Throws `cli/bad-input` with ten examples when a number has no id.
 */
export async function relabel(numbers: readonly string[], path: string): Promise<string[]> {
  const labels = await readLabels(path);
  const missing = numbers.filter((number) => !labels.has(number));
  if (missing.length > 0)
    throw badInput(
      `${path} has no id for ${formatCount(missing.length)} of the model's ${formatCount(numbers.length)} numbers: ${exampleIds(missing).join(', ')}. It knows ${formatCount(labels.size)}: ${exampleIds(labels.keys()).join(', ')}. Take the indexer that the model was trained with.`,
      { path, missing: exampleIds(missing) },
    );
  const ids = numbers.map((number) => labels.get(number)!);
  const firstOf = new Map<string, string>();
  ids.forEach((id, at) => {
    const other = firstOf.get(id);
    if (other !== undefined)
      throw badInput(`${path} gives the id ${JSON.stringify(id)} to ${other} and to ${numbers[at]}. Every number needs an id of its own.`, {
        path,
        id,
      });
    firstOf.set(id, numbers[at]!);
  });
  return ids;
}

async function readLabels(path: string): Promise<Map<string, string>> {
  const isFolder = statSync(path, { throwIfNoEntry: false })?.isDirectory() === true;
  if (isFolder && existsSync(join(path, 'data'))) return inOrder(await readStringIndexer(path));
  if (isFolder || path.endsWith('.parquet')) {
    const parts = parquetParts(path);
    const names = await parquetColumns(parts[0]!);
    const [number, label] = chooseColumns(path, names);
    const labels = new Map<string, string>();
    for (const part of parts)
      for await (const rows of readParquet(part, [number, label]))
        for (const row of rows) labels.set(plain(row[number]), String(row[label] ?? '').trim());
    return labels;
  }
  const head = (await peekText(path)).split('\n', 1)[0]!.trim();
  const delimiter = guessDelimiter(head);
  const names = head.split(delimiter).map((name) => name.trim().replace(/^"|"$/g, ''));
  if (names.length < 2 || head.startsWith('[')) return inOrder(await readIds(path));
  const [number, label] = chooseColumns(path, names).map((name) => names.indexOf(name)) as [number, number];
  const labels = new Map<string, string>();
  let isHeader = true;
  for await (const cells of readTable(path, delimiter)) {
    if (!isHeader) labels.set(plain(cells[number]), (cells[label] ?? '').trim());
    isHeader = false;
  }
  return labels;
}

/** The labels of the only column of a StringIndexerModel: labelsArray since Spark 3, labels before. */
async function readStringIndexer(path: string): Promise<string[]> {
  const [part] = parquetParts(join(path, 'data'));
  const names = await parquetColumns(part!);
  const name = ['labelsArray', 'labels'].find((known) => names.includes(known));
  if (name === undefined)
    throw badInput(
      `${path} has no labels (columns seen: ${names.join(', ')}). Name the folder of the items' StringIndexerModel, or write its labels as a CSV of number and id.`,
      { path, seen: names },
    );
  for await (const [row] of readParquet(part!, [name])) {
    const value = row?.[name] as readonly (string | readonly string[])[] | undefined;
    const columns = name === 'labels' ? [value as readonly string[]] : (value as readonly (readonly string[])[] | undefined);
    if (columns?.length !== 1 || !Array.isArray(columns[0]))
      throw badInput(
        `${path} indexes ${columns?.length ?? 0} columns; the items' ids must be told from one of their own. Write them as a CSV of number and id.`,
        { path },
      );
    return [...(columns[0] as readonly string[])];
  }
  throw badInput(`${path} is empty.`, { path });
}

function inOrder(ids: readonly string[]): Map<string, string> {
  return new Map(ids.map((id, number) => [String(number), id]));
}

/** Which column holds the numbers, and which the ids: by name, else the first and the second. */
function chooseColumns(path: string, names: readonly string[]): [number: string, label: string] {
  const number = names.find((name) => /(idx|index|indexed|number|code|num)$/.test(normalizeColumn(name))) ?? names[0];
  const others = names.filter((name) => name !== number);
  const usual: readonly string[] = ['label', ...CATALOG_COLUMNS.itemId];
  const label = others.find((name) => usual.includes(normalizeColumn(name))) ?? others[0];
  if (number === undefined || label === undefined)
    throw badInput(`${path} needs two columns, the number and the id. It has: ${names.join(', ') || '(none)'}.`, { path, seen: names });
  return [number, label];
}

/** 7, 7n, "7" and "7.0" (a StringIndexer makes doubles) are one number. */
function plain(value: unknown): string {
  return String(value ?? '')
    .trim()
    .replace(/^(\d+)\.0+$/, '$1');
}
