import type { CatalogItem } from '../core/types.js';
import { badInput } from './cliIo.js';
import { exampleIds, guessMismatch } from '../core/events/idMismatch.js';
import type { InteractionLog } from '../core/events/interactionLog.js';
import type { CatalogSource } from './readers/readCatalog.js';
import { formatPercent } from './terminal.js';

/** The items of the model, and how the events meet them. */
export interface JoinedItems {
  readonly items: readonly CatalogItem[];
  /** i32: row in `items` of each item of the log, -1 where it is left out. */
  readonly rowOfLogItem: Int32Array;
  /** Events whose item is in the catalogue, and all. */
  readonly coveredEvents: number;
  readonly eventCount: number;
  /** Items of the events that the catalogue lacks. */
  readonly unknownItemCount: number;
  /** Items of the catalogue without an event: kept, found by filters and search, never recommended from history. */
  readonly itemsWithoutEvents: number;
  /** Items left out by --max-items. */
  readonly cutItemCount: number;
}

/**
 * Joins events and catalogue on the item id. Without a catalogue the events' own items are the items, with what titles the
 * events file has. Throws `cli/bad-input` with examples of both sides when fewer than `minCoverage` of the events find their item.
 */
export function joinItems(
  log: InteractionLog,
  catalog: CatalogSource | null,
  options: { readonly minCoverage: number; readonly maxItems?: number },
): JoinedItems {
  const eventsPerItem = log.eventsPerItem();
  const all = catalog?.items ?? log.itemIds.map((itemId) => withTitle(itemId, log.titles.get(itemId)));
  const rowOfId = new Map(all.map((item, row) => [item.itemId, row]));
  const events = new Uint32Array(all.length);
  let coveredEvents = 0;
  let unknownItemCount = 0;
  log.itemIds.forEach((id, at) => {
    const row = rowOfId.get(id);
    if (row === undefined) {
      unknownItemCount++;
    } else {
      events[row] = eventsPerItem[at]!;
      coveredEvents += eventsPerItem[at]!;
    }
  });
  const coverage = coveredEvents / log.eventCount;
  if (catalog && (coveredEvents === 0 || coverage < options.minCoverage))
    throw lowCoverage(log, eventsPerItem, catalog, rowOfId, coverage, options.minCoverage);

  const order = [...all.keys()];
  const limit = options.maxItems ?? order.length;
  const kept = limit < order.length ? new Set(order.sort((a, b) => events[b]! - events[a]! || a - b).slice(0, limit)) : null;
  const items = kept ? all.filter((_, row) => kept.has(row)) : all;
  const finalRow = new Map(items.map((item, row) => [item.itemId, row]));
  return {
    items,
    rowOfLogItem: Int32Array.from(log.itemIds, (id) => finalRow.get(id) ?? -1),
    coveredEvents,
    eventCount: log.eventCount,
    unknownItemCount,
    itemsWithoutEvents: items.reduce((sum, item) => sum + (events[rowOfId.get(item.itemId)!] === 0 ? 1 : 0), 0),
    cutItemCount: all.length - items.length,
  };
}

function withTitle(itemId: string, title: string | undefined): CatalogItem {
  return title === undefined ? { itemId } : { itemId, title };
}

function lowCoverage(
  log: InteractionLog,
  eventsPerItem: Uint32Array,
  catalog: CatalogSource,
  rowOfId: ReadonlyMap<string, number>,
  coverage: number,
  minCoverage: number,
): Error {
  const missing = [...log.itemIds.keys()]
    .filter((at) => !rowOfId.has(log.itemIds[at]!))
    .sort((a, b) => eventsPerItem[b]! - eventsPerItem[a]! || a - b);
  const seen = exampleIds(missing.map((at) => log.itemIds[at]!));
  const known = exampleIds(rowOfId.keys());
  const hint = guessMismatch({
    left: log.itemIds,
    right: new Set(rowOfId.keys()),
    alternatives: catalog.idColumns,
  });
  return badInput(
    `Only ${formatPercent(coverage)} of the events name an item of the catalogue (at least ${formatPercent(minCoverage)} are needed, --min-coverage). ` +
      `Ids in the events that the catalogue lacks: ${seen.join(', ')}. Ids in the catalogue: ${known.join(', ')}. ${hint ?? 'Name the right columns with --columns item=... or --catalog-columns itemId=..., or lower --min-coverage.'}`,
    { coverage, minCoverage, eventIds: seen, catalogIds: known },
  );
}
