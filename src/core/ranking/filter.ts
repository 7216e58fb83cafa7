import type { Catalog } from '../catalog.js';
import { RecommenderError, show } from '../errors.js';
import type { FieldCondition, FieldValue, Filter } from '../types.js';

type Scalar = string | number | boolean;
type Test = (value: FieldValue | null) => boolean;

const OPERATORS = ['eq', 'ne', 'in', 'notIn', 'min', 'max', 'exists'] as const;

/**
 * Compiles a filter to a test on rows. A list field (tags) matches when one of its values does.
 * Throws `input/unknown-field` (listing the fields there are) or `input/invalid` (listing the operators).
 */
export function compileFilter(filter: Filter, catalog: Catalog): (itemIndex: number) => boolean {
  const tests = Object.entries(filter).map(([field, condition]) => {
    const column = catalog.column(field);
    if (!column) {
      const known = ['itemId', ...catalog.fields.map((f) => f.name)];
      throw new RecommenderError(
        'input/unknown-field',
        `The filter names the field ${show(field)}, which this model's catalogue does not have. Fields: ${known.join(', ')}.`,
        {
          field,
          known,
        },
      );
    }
    const test = compileCondition(field, condition);
    return (itemIndex: number) => test(column[itemIndex] ?? null);
  });
  return (itemIndex) => tests.every((test) => test(itemIndex));
}

function compileCondition(field: string, condition: FieldCondition): Test {
  if (Array.isArray(condition)) return isOneOf(new Set(condition as Scalar[]));
  if (typeof condition !== 'object' || condition === null) return isOneOf(new Set([checkScalar(field, condition)]));
  const tests = Object.entries(condition).map(([operator, operand]) => compileOperator(field, operator, operand));
  return (value) => tests.every((test) => test(value));
}

function compileOperator(field: string, operator: string, operand: unknown): Test {
  switch (operator) {
    case 'eq':
      return isOneOf(new Set([checkScalar(field, operand)]));
    case 'ne':
      return not(isOneOf(new Set([checkScalar(field, operand)])));
    case 'in':
      return isOneOf(new Set(checkList(field, operator, operand)));
    case 'notIn':
      return not(isOneOf(new Set(checkList(field, operator, operand))));
    case 'min': {
      const bound = checkNumber(field, operator, operand);
      return (value) => typeof value === 'number' && value >= bound;
    }
    case 'max': {
      const bound = checkNumber(field, operator, operand);
      return (value) => typeof value === 'number' && value <= bound;
    }
    case 'exists':
      return (value) => (value !== null) === Boolean(operand);
    default:
      throw new RecommenderError(
        'input/invalid',
        `The filter on ${show(field)} uses ${show(operator)}, which is no operator. Operators: ${OPERATORS.join(', ')}.`,
        {
          field,
          operator,
          known: OPERATORS,
        },
      );
  }
}

function isOneOf(values: ReadonlySet<Scalar>): Test {
  return (value) => (Array.isArray(value) ? (value as readonly string[]).some((one) => values.has(one)) : values.has(value as Scalar));
}

function not(test: Test): Test {
  return (value) => !test(value);
}

function checkScalar(field: string, operand: unknown): Scalar {
  if (typeof operand === 'string' || typeof operand === 'boolean' || (typeof operand === 'number' && !Number.isNaN(operand)))
    return operand;
  throw new RecommenderError(
    'input/invalid',
    `The filter on ${show(field)} compares with ${show(operand)}. Use a text, a number, true or false.`,
    { field },
  );
}

function checkList(field: string, operator: string, operand: unknown): Scalar[] {
  if (Array.isArray(operand)) return operand.map((one) => checkScalar(field, one));
  throw new RecommenderError('input/invalid', `The filter on ${show(field)}: ${operator} needs a list, not ${show(operand)}.`, {
    field,
    operator,
  });
}

function checkNumber(field: string, operator: string, operand: unknown): number {
  if (typeof operand === 'number' && !Number.isNaN(operand)) return operand;
  throw new RecommenderError('input/invalid', `The filter on ${show(field)}: ${operator} needs a number, not ${show(operand)}.`, {
    field,
    operator,
  });
}
