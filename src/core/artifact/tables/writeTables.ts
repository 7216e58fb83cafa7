import type { AddFile } from '../rowShards.js';
import type { ContentInput } from './contentTable.js';
import { writeContent } from './contentTable.js';
import type { NeighborTableInput } from './neighborTable.js';
import { writeNeighbors } from './neighborTable.js';
import type { PrototypeInput } from './prototypeTable.js';
import { writePrototypes } from './prototypeTable.js';
import type { FolderTables, NeighborTableEntry } from './tableEntries.js';
import type { TrendTableInput } from './trendTable.js';
import { writeTrends } from './trendTable.js';

/** All tables of a folder, rows in the order of its `items`. */
export interface TablesInput {
  /** Name of the neighbour table that ranks; null: the first model. */
  readonly primary: string | null;
  readonly neighbors: readonly NeighborTableInput[];
  readonly trends: TrendTableInput | null;
  readonly content: ContentInput | null;
  readonly prototypes: PrototypeInput | null;
}

/** Writes the tables with their rows in `order`. */
export async function writeTables(input: TablesInput, order: Uint32Array, add: AddFile): Promise<FolderTables> {
  const neighbors: NeighborTableEntry[] = [];
  for (const table of input.neighbors) neighbors.push(await writeNeighbors(table, order, add));
  return {
    primary: input.primary,
    neighbors,
    trends: input.trends && (await writeTrends(input.trends, order, add)),
    content: input.content && (await writeContent(input.content, order, add)),
    prototypes: input.prototypes && (await writePrototypes(input.prototypes, order, add)),
  };
}
