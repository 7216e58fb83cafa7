import type { CatalogColumns, Column } from './artifact/catalogShard.js';
import { checkItemIds } from './artifact/catalogShard.js';
import type { CatalogField } from './artifact/manifest.js';
import type { CatalogItem, FieldValue, ItemId } from './types.js';

/** The items of a model: the only place that maps ItemId <-> itemIndex. Columns stay columns; items are built when asked for. */
export class Catalog {
  readonly #indexOf = new Map<ItemId, number>();
  readonly #columns: ReadonlyMap<string, Column>;
  readonly #fieldNames: readonly string[];

  private constructor(
    readonly itemIds: readonly ItemId[],
    columns: ReadonlyMap<string, Column>,
    readonly fields: readonly CatalogField[],
  ) {
    this.#columns = columns;
    this.#fieldNames = fields.map((field) => field.name);
    itemIds.forEach((id, index) => this.#indexOf.set(id, index));
  }

  /** Joins shards in row order. Throws `artifact/bad-catalog` on a repeated id. */
  static fromShards(shards: readonly CatalogColumns[], fields: readonly CatalogField[]): Catalog {
    const itemIds = shards.flatMap((shard) => shard.itemIds);
    checkItemIds(itemIds, 'catalog');
    const columns = new Map<string, Column>();
    for (const { name } of fields) {
      columns.set(
        name,
        shards.flatMap((shard) => shard.columns.get(name) ?? shard.itemIds.map(() => null)),
      );
    }
    return new Catalog(itemIds, columns, fields);
  }

  get itemCount(): number {
    return this.itemIds.length;
  }

  /** The row of an item, or undefined when the model does not know it. */
  indexOf(itemId: ItemId): number | undefined {
    return this.#indexOf.get(itemId);
  }

  itemId(itemIndex: number): ItemId {
    return this.itemIds[itemIndex]!;
  }

  /** One field's values for all rows, null where absent; undefined when no such field exists. */
  column(field: string): Column | undefined {
    return field === 'itemId' ? this.itemIds : this.#columns.get(field);
  }

  value(itemIndex: number, field: string): FieldValue | null {
    return this.column(field)?.[itemIndex] ?? null;
  }

  /** What a person would call the item: its title, else its id. */
  title(itemIndex: number): string {
    const title = this.value(itemIndex, 'title');
    return typeof title === 'string' && title !== '' ? title : this.itemId(itemIndex);
  }

  item(itemIndex: number): CatalogItem {
    const item: Record<string, FieldValue> = { itemId: this.itemId(itemIndex) };
    for (const name of this.#fieldNames) {
      const value = this.value(itemIndex, name);
      if (value !== null) item[name] = value;
    }
    return item as unknown as CatalogItem;
  }
}
