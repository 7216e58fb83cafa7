import { RecommenderError, show } from '../errors.js';
import type { CatalogIndex } from './catalogIndex.js';
import type { CodedColumn } from './codedColumn.js';
import { rowsWithKey, someKey } from './codedColumn.js';
import { suggestion } from './nearestName.js';
import type { Room } from './pool.js';
import type { RowSet } from './rowSet.js';

/** At most so many items of a list share a value of the field: `{field: 'brand', max: 2}`. */
export interface Cap {
  readonly field: string;
  readonly max: number;
}

interface Count {
  readonly max: number;
  readonly column: CodedColumn;
  /** How many of the list have a key of the column. */
  readonly held: Map<number, number>;
}

/** Counts what a list holds. Items without the field are never capped; of a list field every value counts. */
export class CapCounter implements Room {
  readonly #counts: readonly Count[];
  #begunWith: readonly number[] = [];

  /**
   * `times`: for a pool that is so many times as large as the list, `begunWith` counted as often. Throws `input/unknown-field` or
   * `input/invalid`.
   */
  constructor(
    caps: readonly Cap[],
    index: CatalogIndex,
    readonly times = 1,
  ) {
    this.#counts = caps.map(({ field, max }) => {
      const column = index.column(field);
      if (!column) {
        const known = ['itemId', ...index.catalog.fields.map(({ name }) => name)];
        throw new RecommenderError(
          'input/unknown-field',
          `A cap names the field ${show(field)}, which this model's catalogue does not have.${suggestion(field, known)} Fields: ${known.join(', ')}.`,
          { field, known },
        );
      }
      if (!Number.isInteger(max) || max < 1) {
        throw new RecommenderError('input/invalid', `The cap on ${show(field)} has max ${show(max)}. Use a whole number from 1.`, {
          field,
        });
      }
      return { max: times * max, column, held: new Map() };
    });
  }

  /** Begins a list that holds these rows already. */
  begin(rows: readonly number[]): this {
    this.#begunWith = rows;
    this.clear();
    return this;
  }

  /** Whether the list has room for the row. */
  allows(row: number): boolean {
    return this.#counts.every(({ max, column, held }) => !someKey(column, row, (key) => (held.get(key) ?? 0) >= max));
  }

  take(row: number): void {
    this.#add(row, 1);
  }

  /** Begins anew. */
  clear(): void {
    for (const { held } of this.#counts) held.clear();
    for (const row of this.#begunWith) this.#add(row, this.times);
  }

  openRows(): RowSet | null {
    let full: RowSet | null = null;
    for (const { max, column, held } of this.#counts) {
      const keys = new Set([...held].filter(([, count]) => count >= max).map(([key]) => key));
      if (keys.size === 0) continue;
      const rows = rowsWithKey(column, keys);
      full = full ? full.union(rows) : rows;
    }
    return full && full.complement();
  }

  #add(row: number, times: number): void {
    for (const { column, held } of this.#counts) {
      const own = new Set<number>();
      someKey(column, row, (key) => void own.add(key));
      for (const key of own) held.set(key, (held.get(key) ?? 0) + times);
    }
  }
}
