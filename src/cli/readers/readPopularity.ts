import { badInput } from '../cliIo.js';
import { peekText } from './openText.js';
import { guessDelimiter } from '../../core/events/eventsFile.js';
import { readTable } from './readTable.js';

/**
 * Reads counts from a CSV of item id and count, a header line or none, into the order of `ids` (f32); 0 where it says nothing.
 * Throws `cli/bad-input` on a count that is no number, or when no id matches.
 */
export async function readPopularity(path: string, ids: readonly string[]): Promise<Float32Array> {
  const rowOfId = new Map(ids.map((id, row) => [id, row]));
  const counts = new Float32Array(ids.length);
  const delimiter = guessDelimiter((await peekText(path)).split('\n', 1)[0]!);
  let line = 0;
  let matches = 0;
  for await (const [id = '', text = ''] of readTable(path, delimiter)) {
    line++;
    const count = Number(text);
    if (text.trim() === '' || !(count >= 0 && Number.isFinite(count))) {
      if (line === 1) continue;
      throw badInput(
        `${path}: line ${line} gives ${JSON.stringify(text)} for item ${JSON.stringify(id)}; a count of 0 or more is needed. Write lines of item id and count.`,
        { path, line },
      );
    }
    const row = rowOfId.get(id.trim());
    if (row === undefined) continue;
    counts[row] = count;
    matches++;
  }
  if (matches === 0)
    throw badInput(`${path}: none of its ${line} lines names an item of the model. Its first column must hold the same ids as --ids.`, {
      path,
    });
  return counts;
}
