import { createWriteStream } from 'node:fs';
import { once } from 'node:events';
import { finished } from 'node:stream/promises';
import type { EventTable } from '../../core/metrics/eventTable.js';
import { replaceFile } from '../folder/outputFile.js';
import { EVENT_NAMES } from '../../core/types.js';

/**
 * Writes a training part as CSV that `shelfmate train` reads. Users are numbered: their own ids (which may be e-mail addresses) are
 * not written. `hasTimes` false: the file gave none, so lines are numbered in their order.
 */
export function writeTrainingPart(
  path: string,
  { userCount, offsets, items, kinds, timesMs }: EventTable,
  itemIds: readonly string[],
  { hasEventNames, hasTimes }: { readonly hasEventNames: boolean; readonly hasTimes: boolean },
): Promise<void> {
  return replaceFile(path, async (place) => {
    const out = createWriteStream(place);
    const quoted = itemIds.map((id) => (/[",\n\r]/.test(id) ? `"${id.replaceAll('"', '""')}"` : id));
    out.write(`user_id,item_id${hasTimes ? ',timestamp' : ''}${hasEventNames ? ',event' : ''}\n`);
    for (let user = 0; user < userCount; user++) {
      let lines = '';
      for (let at = offsets[user]!; at < offsets[user + 1]!; at++) {
        const time = hasTimes ? `,${new Date(timesMs[at]!).toISOString()}` : '';
        lines += `u${user},${quoted[items[at]!]}${time}${hasEventNames ? `,${EVENT_NAMES[kinds[at]!]}` : ''}\n`;
      }
      if (!out.write(lines)) await once(out, 'drain');
    }
    out.end();
    await finished(out);
  });
}
