import type { ItemMatrix, LoadedMatrix } from '../kernels/topK.js';
import type { PipelineContext } from '../pipeline.js';
import type { CatalogIndex } from '../ranking/catalogIndex.js';
import type { ContentTable } from '../artifact/tables/contentTable.js';
import type { HistoryEntry, ItemId } from '../types.js';
import type { WeightedItem } from '../userState.js';
import { weighHistory } from '../userState.js';
import type { FolderTableReader } from './folderTables.js';

/** All that a strategy may look at while it answers one call. */
export interface Shop {
  readonly context: PipelineContext;
  readonly index: CatalogIndex;
  readonly tables: FolderTableReader;
  /** Content vectors with rows for items that were added, and those rows on the backend in use; null: none in the folder. */
  readonly content: () => Promise<{ readonly table: ContentTable; readonly matrix: ItemMatrix; readonly loaded: LoadedMatrix } | null>;
  /** Oldest first, less what the shopper dismissed or was only shown. */
  readonly history: readonly HistoryEntry[];
  readonly nowMs: number;
}

/** What a list starts from. */
export interface Ask {
  /** The items that the call or the page names. */
  readonly itemIds: readonly ItemId[];
  readonly category: string | null;
  readonly searchTerm: string | null;
  readonly userVector: Float32Array | null;
  /** How many items are wanted: candidates that are searched for together are at least so many. */
  readonly limit: number;
  readonly dateField: string | null;
}

/** Why a strategy cannot be asked here: in words, for the list's rungs. */
export class NotHere {
  constructor(readonly reason: string) {}
}

const ONE_EACH = { select_item: 1, view_item: 1, add_to_wishlist: 1, add_to_cart: 1, begin_checkout: 1, purchase: 1 };

/** Items of the history, newest first, weighed by kind of event; every kind alike when `weights` is null. */
export function metItems({ context, history }: Shop, weights: Readonly<Record<string, number>> | null): WeightedItem[] {
  const { model } = context;
  return weighHistory(history, model.catalog, weights ?? ONE_EACH).filter(({ itemIndex }) => itemIndex < model.catalog.itemCount);
}

/** The rows of the items that the model knows. */
export function knownRows({ context }: Shop, itemIds: readonly ItemId[]): number[] {
  return [...new Set(itemIds)].flatMap((itemId) => context.model.catalog.indexOf(itemId) ?? []);
}
