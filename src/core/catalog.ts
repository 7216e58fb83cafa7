import type { CatalogColumns, Column } from './artifact/catalogShard.js';
import type { CatalogField } from './artifact/manifest.js';
import { ItemIds } from './itemIds.js';
import type { CatalogItem, FieldValue, ItemId } from './types.js';

/**
 * The items of a model: the only place that maps ItemId <-> itemIndex. Columns stay columns; items are built when
 * asked for. It grows shard by shard, in row order.
 */
export class Catalog {
  readonly #ids: ItemIds;
  #popularity: Float64Array;
  readonly #columns: Map<string, (FieldValue | null)[]>;
  readonly fields: CatalogField[];
  /** Addresses that were left out, because no shop should link to them (`javascript:`, `data:`). */
  unsafeUrls = 0;

  /** `expectedCount`: rows that will come, as far as is known. */
  constructor(fields: readonly CatalogField[], expectedCount = 0) {
    this.fields = [...fields];
    this.#ids = new ItemIds(expectedCount);
    this.#popularity = new Float64Array(expectedCount);
    this.#columns = new Map(fields.map(({ name }) => [name, []]));
  }

  /** Joins shards in row order. Throws `artifact/bad-catalog` on a repeated or empty id. */
  static fromShards(shards: readonly CatalogColumns[], fields: readonly CatalogField[]): Catalog {
    const catalog = new Catalog(
      fields,
      shards.reduce((sum, { itemIds }) => sum + itemIds.length, 0),
    );
    for (const shard of shards) catalog.append(shard);
    return catalog;
  }

  /** Adds the next rows. Throws `artifact/bad-catalog` on a repeated or empty id, before anything is changed. */
  append({ itemIds, popularity, columns, unsafeUrls = 0 }: CatalogColumns): void {
    const start = this.itemCount;
    this.#ids.append(itemIds);
    this.unsafeUrls += unsafeUrls;
    if (this.itemCount > this.#popularity.length) {
      const grown = new Float64Array(Math.max(this.itemCount, 2 * start));
      grown.set(this.#popularity);
      this.#popularity = grown;
    }
    if (popularity) this.#popularity.set(popularity, start);
    for (const [name, values] of this.#columns) {
      const column = columns.get(name);
      for (let at = 0; at < itemIds.length; at++) values.push(column?.[at] ?? null);
    }
  }

  /** Changes one value; a field that is new to the catalogue is added to it. `value` is of the field's type. */
  setValue(itemIndex: number, field: CatalogField, value: FieldValue | null): void {
    let column = this.#columns.get(field.name);
    if (!column) {
      this.#columns.set(field.name, (column = Array.from({ length: this.itemCount }, () => null)));
      this.fields.push(field);
    }
    column[itemIndex] = value;
  }

  /** Rows so far. */
  get itemCount(): number {
    return this.#ids.count;
  }

  /** The row of an item, or undefined when it is not known. */
  indexOf(itemId: ItemId): number | undefined {
    return this.#ids.rowOf(itemId);
  }

  itemId(itemIndex: number): ItemId {
    return this.#ids.idOf(itemIndex);
  }

  /** The packed count of an item, 0 where none is known. */
  popularity(itemIndex: number): number {
    return this.#popularity[itemIndex]!;
  }

  /** One field's values for all rows, null where absent; undefined when no such field exists. That of the ids is made anew each time. */
  column(field: string): Column | undefined {
    if (field === 'itemId') return Array.from({ length: this.itemCount }, (_, row) => this.itemId(row));
    return this.#columns.get(field);
  }

  value(itemIndex: number, field: string): FieldValue | null {
    return field === 'itemId' ? this.itemId(itemIndex) : (this.#columns.get(field)?.[itemIndex] ?? null);
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
