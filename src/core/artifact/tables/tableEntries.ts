/**
 * Tables of the model folder, under `tables` in the manifest: what the strategies beside the factors need. A page reads a table when a
 * strategy first asks for it; none is on the way to the first list. All but `content` are rows of a sparse matrix (see sparseShards.ts):
 *
 *   knn-000.<hash>.safetensors             offsets u32, columns u16|u32, values f16
 *   bought-together-000.<hash>.safetensors the same, counts u16|u32, and per row itemBaskets u32
 *   prototypes-000.<hash>.safetensors      the same as knn (rows are prototypes), and per row userCounts u32
 *   trends-000.<hash>.safetensors          trends f32, recentRates f32, recentCounts u32
 *   content-000.<hash>.safetensors         item rows as int8, like factors
 *   content-terms-000.<hash>.json          the terms; content-term-rows-000...: their rows; idf f32
 *   content-map.<hash>.safetensors         map f32 [content dimensions + 1, factor dimensions]
 *
 * Row i is the item of row i of the catalogue.
 */
import type { RowShard } from '../manifest.js';

export const NEIGHBOR_KINDS = ['cosine', 'ease', 'co-purchase', 'rules'] as const;
export type NeighborKind = (typeof NEIGHBOR_KINDS)[number];

/** Where baskets came from: order ids or times of purchase, visits with pauses between them, or all that one user met. */
export const BASKET_SOURCES = ['orders', 'visits', 'users'] as const;
export type BasketSource = (typeof BASKET_SOURCES)[number];

/** The best neighbours of each item. */
export interface NeighborTableEntry {
  readonly name: string;
  readonly kind: NeighborKind;
  /** Who made it, in words. */
  readonly algorithm: string;
  /** No row is longer. */
  readonly maxNeighbors: number;
  /**
   * How a history is scored: Σ over its newest `historyItems` different items (0: all) of weight x `decay`^(place from the newest, 0 first)
   * x the neighbour's value.
   */
  readonly historyItems: number;
  readonly decay: number;
  /** How much an event of each kind counts; null: each item of the history counts 1, however it was met. */
  readonly eventWeights: Readonly<Record<string, number>> | null;
  /** Kind co-purchase: how many baskets were counted, and what a basket was; else null. */
  readonly baskets: { readonly count: number; readonly source: BasketSource } | null;
  readonly shards: readonly RowShard[];
}

/** How each item does of late. */
export interface TrendTableEntry {
  /** The newest event, ISO 8601: rates are as of then. */
  readonly asOf: string;
  /** Half-life of the recent rate; the earlier rate's is four times as long. */
  readonly halfLifeDays: number;
  /** Both rates are pulled to the shop's mean as if each item had so many more events. */
  readonly priorEvents: number;
  /** `recentCounts` counts the events of so many days. */
  readonly windowDays: number;
  readonly shards: readonly RowShard[];
}

/** Content vectors: items whose texts and attributes are alike lie close together, whether anyone met them or not. */
export interface ContentEntry {
  readonly algorithm: string;
  readonly dimensions: number;
  /** Catalogue fields that were read. */
  readonly fields: readonly string[];
  /** Item rows, int8, compared by cosine; a row of zeros is an item without known terms. */
  readonly shards: readonly RowShard[];
  /** Rows of terms, int8, under the words of `termShards`: a new item or a search is placed by {@link placeByContent}. */
  readonly terms: { readonly count: number; readonly termShards: readonly RowShard[]; readonly shards: readonly RowShard[] };
  /** From the content vector to the rows of a factor model; null without factors to map to. */
  readonly factorMap: { readonly model: string; readonly dimensions: number; readonly path: string } | null;
  /** Items that nobody met and whose factors come from `factorMap`; their popularity is 0. */
  readonly coldItems: number;
}

/** Groups of like-minded users, each of at least `minUsers` real ones: nothing here is about one person. */
export interface PrototypeEntry {
  readonly algorithm: string;
  readonly count: number;
  /** Fewest users behind any prototype, at least {@link MIN_PROTOTYPE_USERS}. */
  readonly minUsers: number;
  /** An item is named in a prototype only when so many of its users met it, at least {@link MIN_ITEM_SUPPORT}. */
  readonly minSupport: number;
  /** No user contributed more items. */
  readonly maxUserItems: number;
  readonly maxItems: number;
  /** Rows are prototypes; values: the share of its users who met the item. */
  readonly shards: readonly RowShard[];
}

/** Checked by the packer, and again by whoever reads: a folder that names smaller groups is refused. */
export const MIN_PROTOTYPE_USERS = 50;
export const MIN_ITEM_SUPPORT = 5;

export interface FolderTables {
  /** The neighbour table that ranks for shoppers, where the folder was made so; null: the first model ranks. */
  readonly primary: string | null;
  readonly neighbors: readonly NeighborTableEntry[];
  readonly trends: TrendTableEntry | null;
  readonly content: ContentEntry | null;
  readonly prototypes: PrototypeEntry | null;
}

/** All files of the tables, as the manifest names them. */
export function tablePaths({ neighbors, trends, content, prototypes }: FolderTables): string[] {
  const shards = [
    ...neighbors.flatMap((table) => table.shards),
    ...(trends?.shards ?? []),
    ...(content ? [...content.shards, ...content.terms.termShards, ...content.terms.shards] : []),
    ...(prototypes?.shards ?? []),
  ];
  return [...shards.map(({ path }) => path), ...(content?.factorMap ? [content.factorMap.path] : [])];
}
