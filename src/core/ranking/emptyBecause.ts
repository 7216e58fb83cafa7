import { show } from '../errors.js';
import type { FilterNode } from './parseFilter.js';
import type { RowSet } from './rowSet.js';

/** One condition that a list had to meet. */
export interface ListCondition {
  /** In words: "price max 5", "in stock". */
  readonly condition: string;
  /** Rows that meet it. */
  readonly rows: RowSet;
}

/** Why nothing was left: every condition with the items that meet it alone, and those left after all conditions up to it. */
export interface EmptyBecause {
  /** The first condition that left nothing. */
  readonly condition: string;
  readonly steps: readonly { readonly condition: string; readonly alone: number; readonly left: number }[];
  /** Conditions without any of which something would be left: relaxing one is enough. */
  readonly blocking: readonly string[];
}

/** Tells which condition emptied a list; null when the conditions leave something. */
export function emptyBecause(conditions: readonly ListCondition[]): EmptyBecause | null {
  let left: RowSet | null = null;
  const steps = conditions.map(({ condition, rows }) => {
    left = left === null ? rows : (left as RowSet).intersect(rows);
    return { condition, alone: rows.size, left: left.size };
  });
  const first = steps.find((step) => step.left === 0);
  if (!first) return null;
  const blocking = conditions.filter((_, at) => {
    const others = conditions.filter((_, other) => other !== at).map(({ rows }) => rows);
    return others.length > 0 && others.reduce((a, b) => a.intersect(b)).size > 0;
  });
  return { condition: first.condition, steps, blocking: blocking.map(({ condition }) => condition) };
}

/** The conditions of a filter that must all hold, each with its rows. */
export function filterConditions(node: FilterNode, rowsOf: (node: FilterNode) => RowSet): ListCondition[] {
  if (node.kind === 'all') return node.parts.flatMap((part) => filterConditions(part, rowsOf));
  return [{ condition: describeFilter(node), rows: rowsOf(node) }];
}

/** A filter in words, for messages. */
export function describeFilter(node: FilterNode): string {
  switch (node.kind) {
    case 'test':
      return `${node.field} ${node.operator} ${show(node.operand, 60)}`;
    case 'not':
      return `not (${describeFilter(node.part)})`;
    default:
      return node.parts.length === 0
        ? node.kind === 'all'
          ? 'everything'
          : 'nothing (an empty any)'
        : node.parts.map((part) => `(${describeFilter(part)})`).join(node.kind === 'all' ? ' and ' : ' or ');
  }
}
