import type { NeighborTableInput } from '../../core/artifact/tables/neighborTable.js';
import type { TablesInput } from '../../core/artifact/tables/writeTables.js';
import { MIN_PROTOTYPE_USERS } from '../../core/artifact/tables/tableEntries.js';
import { inferFields } from '../../core/artifact/catalogShard.js';
import type { FactorModelInput } from '../../core/artifact/writeModelFolder.js';
import { contentFields } from '../../core/models/contentTerms.js';
import type { CliIo } from '../cliIo.js';
import { breathe } from '../cliIo.js';
import type { Progress } from '../progress.js';
import { formatCount, plural } from '../terminal.js';
import { toBaskets } from '../trainers/baskets.js';
import { fitFactorMap, placeColdItems } from '../trainers/coldItems.js';
import { makeContent } from '../trainers/contentVectors.js';
import { countTogether } from '../trainers/coPurchase.js';
import { makePrototypes, PROTOTYPE_DEFAULTS } from '../trainers/prototypes.js';
import { usersPerItem } from '../trainers/toSparseRows.js';
import { measureTrends } from '../trainers/trends.js';
import { userSequences } from '../trainers/userSequences.js';
import { fitNeighbors, MEETING_KINDS } from './fitNeighbors.js';
import type { TrainingInput } from './readTraining.js';
import type { TableKind, TrainOptions } from './trainOptions.js';

export interface FittedTables {
  readonly tables: TablesInput;
  /** The models handed in, with rows for items that nobody met where their content gives one. */
  readonly models: readonly FactorModelInput[];
  /** One line for each table: what it came to, or why it is missing. */
  readonly notes: readonly string[];
}

const CO_PURCHASE = { minCount: 2, shrinkage: 5 } as const;
const TREND_PRIOR_EVENTS = 10;
const CONTENT = { dimensions: 64, maxTerms: 8_192 } as const;
const MAP_REGULARIZATION = 1;
/** Groups of about this many users, more where there would be more than MAX_PROTOTYPES groups. */
const PROTOTYPE_USERS = 75;
const MAX_PROTOTYPES = 2_000;

/** Makes the tables that `--tables` names, as far as the input allows, and places items that nobody met by their content. */
export async function fitTables(
  input: TrainingInput,
  models: readonly FactorModelInput[],
  options: TrainOptions,
  progress: Progress,
  io: CliIo,
): Promise<FittedTables> {
  const { events, rows, log } = input;
  const { model } = options;
  const isWanted = (kind: TableKind): boolean => options.tables.includes(kind);
  const notes: string[] = [];
  const neighbors: NeighborTableInput[] = [];
  if (isWanted('neighbors') || model === 'knn') {
    neighbors.push(await fitNeighbors('knn', events, rows, options, 'Neighbours', progress, io));
    notes.push(`knn: ${describeRows(neighbors.at(-1)!)}`);
  }
  if (model === 'ease') {
    neighbors.push(await fitNeighbors('ease', events, rows, options, 'EASE', progress, io));
    notes.push(`ease: ${describeRows(neighbors.at(-1)!)}`);
  }
  if (isWanted('copurchase')) neighbors.push(...(await fitCoPurchase(input, options, notes, io)));
  const trends = isWanted('trend') && log.hasTimes ? fitTrends(input, options) : null;
  if (isWanted('trend')) {
    notes.push(
      trends
        ? `trends: as of ${trends.entry.asOf.slice(0, 10)}, half-life ${options.halfLifeDays} days`
        : 'trends: none, the events have no times',
    );
  }
  const content = isWanted('content') ? await fitContent(input, models[0] ?? null, options, notes, progress, io) : null;
  const prototypes = isWanted('prototypes') ? fitPrototypes(input, models[0] ?? null, options, notes) : null;
  return {
    tables: {
      primary: model === 'knn' || model === 'ease' ? model : null,
      neighbors,
      trends,
      content: content?.content ?? null,
      prototypes,
    },
    models: content?.cold ? [{ ...models[0]!, ...content.cold }, ...models.slice(1)] : models,
    notes,
  };
}

function describeRows({ table }: NeighborTableInput): string {
  return `${formatCount(table.columns.length)} neighbours of ${plural(table.rowCount, 'item')}`;
}

async function fitCoPurchase(
  { events, log, source }: TrainingInput,
  { neighbors }: TrainOptions,
  notes: string[],
  io: CliIo,
): Promise<NeighborTableInput[]> {
  const isOrders = /orders/.test(source.format) || source.columns.has('order');
  const baskets = toBaskets(events, { hasTimes: log.hasTimes, hasEventNames: log.hasEventNames, isOrders });
  const { table, itemBaskets, basketCount } = await countTogether(
    baskets,
    { ...CO_PURCHASE, neighbors },
    { pause: () => breathe(io.signal) },
  );
  if (table.columns.length === 0) {
    notes.push(`bought-together: none, no two items share ${CO_PURCHASE.minCount} baskets`);
    return [];
  }
  const skipped = baskets.oversized > 0 ? `, ${plural(baskets.oversized, 'oversized basket')} left out` : '';
  notes.push(
    `bought-together: ${formatCount(table.columns.length)} pairs in ${formatCount(basketCount)} baskets (${baskets.source})${skipped}`,
  );
  const entry = {
    name: 'bought-together',
    kind: 'co-purchase',
    algorithm: `basket cosine, shrinkage ${CO_PURCHASE.shrinkage}, at least ${CO_PURCHASE.minCount} baskets`,
    historyItems: 10,
    decay: 1,
    eventWeights: null,
    baskets: { count: basketCount, source: baskets.source },
  } as const;
  return [{ entry, table, itemBaskets }];
}

function fitTrends({ events, log }: TrainingInput, { halfLifeDays }: TrainOptions): TablesInput['trends'] {
  return measureTrends(events, { halfLifeDays, priorEvents: TREND_PRIOR_EVENTS, latestMs: log.latestMs });
}

async function fitContent(
  { joined, rows }: TrainingInput,
  model: FactorModelInput | null,
  { seed }: TrainOptions,
  notes: string[],
  progress: Progress,
  io: CliIo,
): Promise<{ content: NonNullable<TablesInput['content']>; cold: Pick<FactorModelInput, 'factors' | 'isCold'> | null } | null> {
  const fields = contentFields(inferFields(joined.items));
  if (fields.length === 0) {
    notes.push('content: none, the items have no texts (give --catalog)');
    return null;
  }
  const step = progress.start('Content');
  const hooks = { onProgress: (done: number) => step.update(done), pause: () => breathe(io.signal) };
  const made = await makeContent(joined.items, fields, { ...CONTENT, seed }, hooks);
  step.finish(made ? plural(made.terms.length, 'term') : 'no term stands in two items');
  if (!made) {
    notes.push('content: none, no word or attribute stands in two items');
    return null;
  }
  const support = usersPerItem(rows);
  const factors = model && model.dimensions > 1 ? Float32Array.from(model.factors) : null;
  const ridge = factors && {
    content: made.rows,
    contentDimensions: made.entry.dimensions,
    factors,
    dimensions: model!.dimensions,
    support,
    regularization: MAP_REGULARIZATION,
  };
  const map = ridge && fitFactorMap(ridge);
  const isCold = map && placeColdItems(map, ridge);
  const coldItems = isCold?.reduce((sum, one) => sum + one, 0) ?? 0;
  notes.push(
    `content: ${formatCount(made.terms.length)} terms of ${fields.join(', ')}, ${made.entry.dimensions} dimensions${coldItems > 0 ? `; ${plural(coldItems, 'item')} without events placed by content` : ''}`,
  );
  return {
    content: {
      ...made,
      entry: { ...made.entry, coldItems },
      factorMap: map && { model: model!.name, dimensions: model!.dimensions, values: map },
    },
    cold: isCold && coldItems > 0 ? { factors: factors!, isCold } : null,
  };
}

function fitPrototypes(
  { events }: TrainingInput,
  model: FactorModelInput | null,
  { seed }: TrainOptions,
  notes: string[],
): TablesInput['prototypes'] {
  if (!model || model.dimensions === 1) {
    notes.push('prototypes: none, the model has no factors to group shoppers by');
    return null;
  }
  const sequences = userSequences(events, MEETING_KINDS);
  const targetUsers = Math.max(PROTOTYPE_USERS, Math.ceil(sequences.userCount / MAX_PROTOTYPES));
  const made = makePrototypes(sequences, model, { ...PROTOTYPE_DEFAULTS, targetUsers, seed });
  notes.push(
    made
      ? `prototypes: ${formatCount(made.userCounts.length)} of at least ${Math.min(...made.userCounts)} users each`
      : `prototypes: none, fewer than ${MIN_PROTOTYPE_USERS} users met two items or more`,
  );
  return made;
}
