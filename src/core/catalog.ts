import type { CatalogColumns, Column } from './artifact/catalogShard.js';
import type { CatalogField } from './artifact/manifest.js';
import { RecommenderError, show } from './errors.js';
import type { CatalogItem, FieldValue, ItemId } from './types.js';

/**
 * The items of a model: the only place that maps ItemId <-> itemIndex. Columns stay columns; items are built when
 * asked for. It grows shard by shard, in row order.
 */
export class Catalog {
  readonly #itemIds: ItemId[] = [];
  readonly #indexOf = new Map<ItemId, number>();
  readonly #popularity: number[] = [];
  readonly #columns: ReadonlyMap<string, (FieldValue | null)[]>;

  constructor(readonly fields: readonly CatalogField[]) {
    this.#columns = new Map(fields.map(({ name }) => [name, []]));
  }

  /** Joins shards in row order. Throws `artifact/bad-catalog` on a repeated or empty id. */
  static fromShards(shards: readonly CatalogColumns[], fields: readonly CatalogField[]): Catalog {
    const catalog = new Catalog(fields);
    for (const shard of shards) catalog.append(shard);
    return catalog;
  }

  /** Adds the next rows. Throws `artifact/bad-catalog` on a repeated or empty id, before anything is changed. */
  append({ itemIds, popularity, columns }: CatalogColumns): void {
    const start = this.#itemIds.length;
    itemIds.forEach((id, at) => {
      const earlier = this.#indexOf.get(id);
      if (id === '' || earlier !== undefined) {
        itemIds.slice(0, at).forEach((added) => this.#indexOf.delete(added));
        const problem =
          id === '' ? `row ${start + at} has an empty item id` : `item id ${show(id)} stands at rows ${earlier} and ${start + at}`;
        throw new RecommenderError('artifact/bad-catalog', `Catalogue: ${problem}. Every row needs an id of its own.`, {
          row: start + at,
          id,
        });
      }
      this.#indexOf.set(id, start + at);
    });
    for (const id of itemIds) this.#itemIds.push(id);
    for (let at = 0; at < itemIds.length; at++) this.#popularity.push(popularity?.[at] ?? 0);
    for (const [name, values] of this.#columns) {
      const column = columns.get(name);
      for (let at = 0; at < itemIds.length; at++) values.push(column?.[at] ?? null);
    }
  }

  /** Rows so far. */
  get itemCount(): number {
    return this.#itemIds.length;
  }

  /** The row of an item, or undefined when it is not known. */
  indexOf(itemId: ItemId): number | undefined {
    return this.#indexOf.get(itemId);
  }

  itemId(itemIndex: number): ItemId {
    return this.#itemIds[itemIndex]!;
  }

  /** The packed count of an item, 0 where none is known. */
  popularity(itemIndex: number): number {
    return this.#popularity[itemIndex]!;
  }

  /** One field's values for all rows, null where absent; undefined when no such field exists. */
  column(field: string): Column | undefined {
    return field === 'itemId' ? this.#itemIds : this.#columns.get(field);
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
    for (const [name, values] of this.#columns) {
      const value = values[itemIndex] ?? null;
      if (value !== null) item[name] = value;
    }
    return item as unknown as CatalogItem;
  }
}
