import type { NeighborTableInput } from '../../core/artifact/tables/neighborTable.js';
import type { EventTable } from '../../core/metrics/eventTable.js';
import { EVENT_NAMES } from '../../core/types.js';
import { EVENT_WEIGHTS } from '../../core/events/eventWeights.js';
import type { CliIo } from '../cliIo.js';
import { breathe } from '../cliIo.js';
import type { Progress } from '../progress.js';
import { formatSeconds } from '../terminal.js';
import { trainEase } from '../trainers/ease.js';
import { trainKnn } from '../trainers/knn.js';
import type { SparseRows } from '../trainers/sparseRows.js';
import { userSequences } from '../trainers/userSequences.js';
import type { TrainOptions } from './trainOptions.js';
import { KNN_DEFAULTS, MODEL_DEFAULTS } from './trainOptions.js';

/** Which kinds of events say that a shopper met an item, by position in EVENT_NAMES. */
export const MEETING_KINDS = Uint8Array.from(EVENT_NAMES, (name) => ((EVENT_WEIGHTS[name] ?? 0) > 0 ? 1 : 0));

/** Makes the neighbour table of `--model knn` or `ease`. */
export async function fitNeighbors(
  kind: 'knn' | 'ease',
  events: EventTable,
  rows: SparseRows,
  { neighbors, regularization, model, historyItems, historyDecay }: TrainOptions,
  label: string,
  progress: Progress,
  io: CliIo,
): Promise<NeighborTableInput> {
  const step = progress.start(label);
  const startMs = io.now();
  const hooks = { onProgress: (done: number) => step.update(done), pause: () => breathe(io.signal) };
  const table =
    kind === 'knn'
      ? await trainKnn(userSequences(events, MEETING_KINDS), { ...KNN_DEFAULTS, neighbors }, hooks)
      : await trainEase(
          rows,
          { regularization: (model === 'ease' ? regularization : undefined) ?? MODEL_DEFAULTS.ease.regularization, neighbors },
          hooks,
        );
  step.finish(formatSeconds(io.now() - startMs));
  return {
    entry:
      kind === 'knn'
        ? { name: 'knn', kind: 'cosine', algorithm: describeKnn(), historyItems, decay: historyDecay, eventWeights: null, baskets: null }
        : { name: 'ease', kind: 'ease', algorithm: 'ease', historyItems: 0, decay: 1, eventWeights: null, baskets: null },
    table,
    itemBaskets: null,
  };
}

function describeKnn(): string {
  const { shrinkage, userDamping, closeness, backward } = KNN_DEFAULTS;
  return `item-item cosine, shrinkage ${shrinkage}, user damping ${userDamping}, closeness ${closeness}, backward ${backward}`;
}
