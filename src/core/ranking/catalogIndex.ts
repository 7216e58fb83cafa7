import type { Column } from '../artifact/catalogShard.js';
import type { CatalogField } from '../artifact/manifest.js';
import { isUnder } from './categoryPath.js';
import type { CodedColumn } from './codedColumn.js';
import { codeColumn, presentRows, rowsWithValue } from './codedColumn.js';
import type { ItemFilter, Scalar } from './itemFilter.js';
import type { FilterNode } from './parseFilter.js';
import { parseFilter } from './parseFilter.js';
import { RowSet } from './rowSet.js';

/** What the index reads of a catalogue. */
export interface CatalogSource {
  readonly itemCount: number;
  readonly fields: readonly CatalogField[];
  column(field: string): Column | undefined;
}

type TestNode = Extract<FilterNode, { kind: 'test' }>;

/** So many answers are kept: a page asks with a handful of filters again and again. 100,000 rows take 12.5 kB each. */
const MAX_KEPT = 64;

/**
 * Answers which rows a filter lets through, column by column. Coded columns and the answers of single tests are kept until the
 * catalogue grows or {@link invalidate} says that values changed, so that a filter asked again costs a few passes over words.
 */
export class CatalogIndex {
  readonly #columns = new Map<string, CodedColumn>();
  readonly #answers = new Map<string, { readonly field: string; readonly rows: RowSet }>();
  #rowCount = 0;

  constructor(readonly catalog: CatalogSource) {}

  /** Forgets what is known of these fields; without an argument, of all. Call it after values changed in place. */
  invalidate(fields?: Iterable<string>): void {
    const gone = fields && new Set(fields);
    for (const field of this.#columns.keys()) if (!gone || gone.has(field)) this.#columns.delete(field);
    for (const [key, { field }] of this.#answers) if (!gone || gone.has(field)) this.#answers.delete(key);
  }

  /** Checks a filter and reads it into a tree. Throws `input/unknown-field` or `input/invalid`. */
  parse(filter: ItemFilter): FilterNode {
    return parseFilter(filter, this.catalog.fields);
  }

  /** Rows that a filter lets through. Owned by the index: do not change it. */
  rows(filter: FilterNode): RowSet {
    if (this.#rowCount !== this.catalog.itemCount) {
      this.invalidate();
      this.#rowCount = this.catalog.itemCount;
    }
    return this.#rows(filter);
  }

  /** One field, coded; undefined when there is no such field. Owned by the index. */
  column(field: string): CodedColumn | undefined {
    let coded = this.#columns.get(field);
    if (coded) return coded;
    const values = this.catalog.column(field);
    const type = field === 'itemId' ? 'string' : this.catalog.fields.find(({ name }) => name === field)?.type;
    if (!values || !type) return undefined;
    coded = codeColumn(values, type);
    this.#columns.set(field, coded);
    return coded;
  }

  #rows(node: FilterNode): RowSet {
    switch (node.kind) {
      case 'all':
        return RowSet.common(
          this.#rowCount,
          node.parts.map((part) => this.#rows(part)),
        );
      case 'any':
        return node.parts.map((part) => this.#rows(part)).reduce((a, b) => a.union(b), new RowSet(this.#rowCount));
      case 'not':
        return this.#rows(node.part).complement();
      case 'test':
        return this.#answer(node);
    }
  }

  #answer(node: TestNode): RowSet {
    const key = JSON.stringify([node.field, node.operator, node.operand]);
    const known = this.#answers.get(key);
    const answer = known ?? { field: node.field, rows: answerTest(this.column(node.field)!, node) };
    // Taken out and put back, the oldest asked comes first.
    this.#answers.delete(key);
    this.#answers.set(key, answer);
    if (this.#answers.size > MAX_KEPT) this.#answers.delete(this.#answers.keys().next().value!);
    return answer.rows;
  }
}

function answerTest(column: CodedColumn, { type, operator, operand }: TestNode): RowSet {
  const isOneOf = (values: unknown): RowSet => {
    const wanted = new Set(values as readonly Scalar[]);
    return rowsWithValue(column, (value) => wanted.has(value));
  };
  switch (operator) {
    case 'eq':
      return isOneOf([operand]);
    case 'ne':
      return isOneOf([operand]).complement();
    case 'in':
    case 'any':
      return isOneOf(operand);
    case 'notIn':
      return isOneOf(operand).complement();
    case 'all':
      return (operand as readonly Scalar[]).map((one) => isOneOf([one])).reduce((a, b) => a.intersect(b), presentRows(column));
    case 'min':
      return rowsWithValue(column, (value) => value >= (operand as number | string));
    case 'max':
      return rowsWithValue(column, (value) => value <= (operand as number | string));
    case 'exists':
      return operand ? presentRows(column) : presentRows(column).complement();
    case 'contains':
      return type === 'strings' ? isOneOf([operand]) : rowsWithValue(column, (value) => (value as string).includes(operand as string));
    case 'startsWith':
      return rowsWithValue(column, (value) => (value as string).startsWith(operand as string));
    case 'under': {
      const tests = (Array.isArray(operand) ? (operand as readonly string[]) : [operand as string]).map(isUnder);
      return rowsWithValue(column, (value) => tests.some((test) => test(value as string)));
    }
  }
}
