import { RecommenderError, show } from '../errors.js';
import type { CatalogIndex } from './catalogIndex.js';
import { suggestion } from './nearestName.js';

/** At most so many items of a list share a value of the field: `{field: 'brand', max: 2}`. */
export interface Cap {
  readonly field: string;
  readonly max: number;
}

/** Counts what a list holds. Items without the field are never capped; of a list field every value counts. */
export class CapCounter {
  readonly #counts: readonly {
    readonly max: number;
    readonly keysOf: (row: number) => ArrayLike<number>;
    readonly held: Map<number, number>;
  }[];

  /** Throws `input/unknown-field` or `input/invalid`. */
  constructor(caps: readonly Cap[], index: CatalogIndex) {
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
      const keysOf = (row: number): ArrayLike<number> => {
        if (column.kind === 'numbers') return Number.isNaN(column.values[row]!) ? [] : [column.values[row]!];
        const { codes, offsets, values } = column;
        if (offsets) return codes.subarray(offsets[row]!, offsets[row + 1]!);
        return codes[row] === values.length ? [] : [codes[row]!];
      };
      return { max, keysOf, held: new Map<number, number>() };
    });
  }

  /** Whether the list has room for the row. */
  allows(row: number): boolean {
    return this.#counts.every(({ max, keysOf, held }) => Array.from(keysOf(row)).every((key) => (held.get(key) ?? 0) < max));
  }

  take(row: number): void {
    for (const { keysOf, held } of this.#counts) {
      for (const key of new Set(Array.from(keysOf(row)))) held.set(key, (held.get(key) ?? 0) + 1);
    }
  }

  /** Begins a new list. */
  clear(): void {
    for (const { held } of this.#counts) held.clear();
  }
}
