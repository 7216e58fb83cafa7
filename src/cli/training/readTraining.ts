import type { CliIo } from '../cliIo.js';
import { badInput } from '../cliIo.js';
import type { UserEvents } from '../../core/events/interactionLog.js';
import { InteractionLog } from '../../core/events/interactionLog.js';
import type { JoinedItems } from '../joinItems.js';
import { joinItems } from '../joinItems.js';
import type { Progress } from '../progress.js';
import type { CatalogSource } from '../readers/readCatalog.js';
import { readCatalog } from '../readers/readCatalog.js';
import { CATALOG_COLUMNS, EVENT_COLUMNS, parseColumnOverrides } from '../../core/events/columnNames.js';
import type { EventsSource } from '../../core/events/readEvents.js';
import { readEvents } from '../../core/events/readEvents.js';
import { openEventsFile } from '../readers/openEventsFile.js';
import { formatCount } from '../terminal.js';
import type { SparseRows } from '../trainers/sparseRows.js';
import { toSparseRows } from '../trainers/toSparseRows.js';
import type { TrainOptions } from './trainOptions.js';

/** What there is to learn from. */
export interface TrainingInput {
  readonly log: InteractionLog;
  readonly source: EventsSource;
  readonly catalog: CatalogSource | null;
  readonly joined: JoinedItems;
  readonly events: UserEvents;
  /** Users x items; a pair's value is its weight. */
  readonly rows: SparseRows;
}

const DAY_MS = 86_400_000;

/** Checks the column overrides; `readTraining` takes them. Throws `cli/usage` before anything is read. */
export function trainingColumns(options: TrainOptions) {
  return {
    columns: parseColumnOverrides(options.columns, Object.keys(EVENT_COLUMNS)),
    catalogColumns: parseColumnOverrides(options.catalogColumns, Object.keys(CATALOG_COLUMNS)),
  };
}

/** Reads catalogue and events and joins them. Throws `cli/bad-input` when nothing is left to learn from. */
export async function readTraining(
  eventsPath: string,
  options: TrainOptions,
  { columns, catalogColumns }: ReturnType<typeof trainingColumns>,
  progress: Progress,
  io: CliIo,
): Promise<TrainingInput> {
  const catalog = options.catalog === undefined ? null : await readCatalog(options.catalog, catalogColumns, options.catalogFormat);
  const log = new InteractionLog(io.now() + DAY_MS);
  const reading = progress.start('Reading events');
  const source = await readEvents(openEventsFile(eventsPath), log, {
    format: options.format ?? null,
    columns,
    signal: io.signal,
    onRead: (done) => reading.update(done, `${formatCount(log.eventCount)} events`),
  });
  reading.finish(`${formatCount(log.eventCount)} events`);
  const joined = joinItems(log, catalog, options);
  const events = log.byUser(joined.rowOfLogItem, joined.items.length);
  const rows = toSparseRows(events, log.hasEventNames);
  if (rows.columns.length === 0) {
    throw badInput(
      `${eventsPath}: nothing is left to learn from: every item a shopper met was taken out of the cart again, or is left out. Check the event column.`,
      { path: eventsPath },
    );
  }
  return { log, source, catalog, joined, events, rows };
}
