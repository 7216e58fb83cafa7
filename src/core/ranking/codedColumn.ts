import type { Column } from '../artifact/catalogShard.js';
import type { FieldType } from '../artifact/manifest.js';
import { RowSet } from './rowSet.js';
import type { Scalar } from './itemFilter.js';

/**
 * A column made ready for tests. Texts become whole numbers, so that a test runs once for each different value and a row is looked
 * up in its answers; numbers stay numbers.
 */
export type CodedColumn =
  | { readonly kind: 'numbers'; /** f64, one per row, NaN where absent. */ readonly values: Float64Array }
  | {
      readonly kind: 'codes';
      /** The different values. */
      readonly values: readonly Scalar[];
      /** u32: the codes of row r are codes[offsets[r] .. offsets[r + 1]]; null: one code per row. */
      readonly offsets: Uint32Array | null;
      /** u32: positions in `values`; `values.length` where a row has no value. */
      readonly codes: Uint32Array;
      /** Rows whose value is absent. */
      readonly absent: RowSet;
    };

/** Codes a column of the catalogue. O(rows). */
export function codeColumn(column: Column, type: FieldType): CodedColumn {
  if (type === 'number')
    return { kind: 'numbers', values: Float64Array.from(column, (value) => (typeof value === 'number' ? value : NaN)) };
  const codeOf = new Map<Scalar, number>();
  const absent = new RowSet(column.length);
  const toCode = (value: Scalar): number => {
    let code = codeOf.get(value);
    if (code === undefined) codeOf.set(value, (code = codeOf.size));
    return code;
  };
  if (type !== 'strings') {
    const codes = new Uint32Array(column.length);
    column.forEach((value, row) => {
      if (value === null) absent.add(row);
      else codes[row] = toCode(value as Scalar);
    });
    const values = [...codeOf.keys()];
    column.forEach((value, row) => {
      if (value === null) codes[row] = values.length;
    });
    return { kind: 'codes', values, offsets: null, codes, absent };
  }
  const offsets = new Uint32Array(column.length + 1);
  const codes: number[] = [];
  column.forEach((list, row) => {
    if (list === null) absent.add(row);
    else for (const value of list as readonly string[]) codes.push(toCode(value));
    offsets[row + 1] = codes.length;
  });
  return { kind: 'codes', values: [...codeOf.keys()], offsets, codes: Uint32Array.from(codes), absent };
}

/** Rows that have the field. */
export function presentRows(column: CodedColumn): RowSet {
  if (column.kind === 'codes') return column.absent.complement();
  const rows = new RowSet(column.values.length);
  column.values.forEach((value, row) => {
    if (!Number.isNaN(value)) rows.add(row);
  });
  return rows;
}

/** Rows with at least one value that passes the test; never a row without the field. */
export function rowsWithValue(column: CodedColumn, test: (value: Scalar) => boolean): RowSet {
  if (column.kind === 'numbers') {
    const { values } = column;
    const rows = new RowSet(values.length);
    for (let row = 0; row < values.length; row++) if (!Number.isNaN(values[row]!) && test(values[row]!)) rows.add(row);
    return rows;
  }
  // One more than there are values: the code of an absent value fails.
  const passes = new Uint8Array(column.values.length + 1);
  column.values.forEach((value, code) => (passes[code] = test(value) ? 1 : 0));
  return rowsWithCode(column, passes);
}

/** What tells the values of a column apart: the code, or the number itself. Whether some key of the row passes. */
export function someKey(column: CodedColumn, row: number, test: (key: number) => boolean | void): boolean {
  if (column.kind === 'numbers') return !Number.isNaN(column.values[row]!) && test(column.values[row]!) === true;
  const { codes, offsets, values } = column;
  if (!offsets) return codes[row] !== values.length && test(codes[row]!) === true;
  for (let at = offsets[row]!; at < offsets[row + 1]!; at++) if (test(codes[at]!) === true) return true;
  return false;
}

/** Rows with at least one of the keys. */
export function rowsWithKey(column: CodedColumn, keys: ReadonlySet<number>): RowSet {
  if (column.kind === 'numbers') return rowsWithValue(column, (value) => keys.has(value as number));
  const passes = new Uint8Array(column.values.length + 1);
  for (const key of keys) passes[key] = 1;
  return rowsWithCode(column, passes);
}

/** Rows with at least one code whose byte in `passes` is 1. */
function rowsWithCode({ codes, offsets }: CodedColumn & { kind: 'codes' }, passes: Uint8Array): RowSet {
  const rowCount = offsets ? offsets.length - 1 : codes.length;
  const { words } = new RowSet(rowCount);
  for (let row = 0; row < rowCount; row++) {
    let isIn = 0;
    if (!offsets) isIn = passes[codes[row]!]!;
    else for (let at = offsets[row]!; at < offsets[row + 1]!; at++) isIn |= passes[codes[at]!]!;
    words[row >> 5]! |= isIn << (row & 31);
  }
  return new RowSet(rowCount, words);
}
