import type { CatalogField, FieldType } from '../artifact/manifest.js';
import { RecommenderError, show } from '../errors.js';
import type { ItemFilter, Operator, Scalar } from './itemFilter.js';
import { OPERATORS } from './itemFilter.js';
import { suggestion } from './nearestName.js';

/** A filter, checked against the catalogue's fields. */
export type FilterNode =
  | { readonly kind: 'test'; readonly field: string; readonly type: FieldType; readonly operator: Operator; readonly operand: unknown }
  | { readonly kind: 'all' | 'any'; readonly parts: readonly FilterNode[] }
  | { readonly kind: 'not'; readonly part: FilterNode };

const MAX_DEPTH = 20;
const JS_TYPES: Readonly<Record<FieldType, string>> = { string: 'string', strings: 'string', number: 'number', boolean: 'boolean' };
const HOLDS: Readonly<Record<FieldType, string>> = {
  string: 'texts',
  strings: 'lists of texts',
  number: 'numbers',
  boolean: 'true or false',
};

/**
 * Reads a filter into a tree, or throws: `input/unknown-field` with the fields there are, `input/invalid` with the operators there are
 * or the kind of value that the field holds.
 */
export function parseFilter(filter: ItemFilter, fields: readonly CatalogField[], depth = 0): FilterNode {
  if (typeof filter !== 'object' || filter === null || Array.isArray(filter))
    throw invalid(`A filter is ${show(filter)}. Use an object of fields, such as {category: "Cameras", price: {max: 500}}.`, {});
  if (depth > MAX_DEPTH) throw invalid(`The filter is nested more than ${MAX_DEPTH} deep.`, {});
  const parts = Object.entries(filter)
    .filter(([, condition]) => condition !== undefined)
    .flatMap(([name, condition]) => parseEntry(name, condition, fields, depth + 1));
  return parts.length === 1 ? parts[0]! : { kind: 'all', parts };
}

function parseEntry(name: string, condition: unknown, fields: readonly CatalogField[], depth: number): FilterNode[] {
  if (name === 'not') return [{ kind: 'not', part: parseFilter(condition as ItemFilter, fields, depth) }];
  if (name === 'all' || name === 'any') {
    if (!Array.isArray(condition)) throw invalid(`The filter's ${name} needs a list of filters, not ${show(condition)}.`, {});
    return [{ kind: name, parts: condition.map((one: ItemFilter) => parseFilter(one, fields, depth)) }];
  }
  const type = name === 'itemId' ? 'string' : fields.find((field) => field.name === name)?.type;
  if (!type) {
    const known = ['itemId', ...fields.map((field) => field.name)];
    throw new RecommenderError(
      'input/unknown-field',
      `The filter names the field ${show(name)}, which this model's catalogue does not have.${suggestion(name, known)} Fields: ${known.join(', ')}.`,
      { field: name, known },
    );
  }
  const field = { name, type };
  if (Array.isArray(condition)) return [parseTest(field, 'in', condition)];
  if (typeof condition !== 'object' || condition === null) return [parseTest(field, 'eq', condition)];
  return Object.entries(condition)
    .filter(([, operand]) => operand !== undefined)
    .map(([operator, operand]) => parseTest(field, operator, operand));
}

function parseTest(field: CatalogField, operator: string, operand: unknown): FilterNode {
  const where = `The filter on ${show(field.name)}`;
  const details = { field: field.name, operator, type: field.type };
  const needsList = (): void => {
    if (!Array.isArray(operand)) throw invalid(`${where}: ${operator} needs a list, not ${show(operand)}.`, details);
    operand.forEach((one) => checkValue(field, one, where));
  };
  switch (operator as Operator) {
    case 'eq':
    case 'ne':
      checkValue(field, operand, where);
      break;
    case 'in':
    case 'notIn':
    case 'any':
    case 'all':
      needsList();
      break;
    case 'min':
    case 'max': {
      const wanted = field.type === 'number' ? 'a number' : 'a text';
      if (field.type === 'boolean' || field.type === 'strings')
        throw invalid(`${where}: ${operator} compares numbers or texts, and the field holds ${HOLDS[field.type]}.`, details);
      if (typeof operand !== JS_TYPES[field.type] || Number.isNaN(operand))
        throw invalid(`${where}: ${operator} needs ${wanted}, not ${show(operand)}.`, details);
      break;
    }
    case 'exists':
      if (typeof operand !== 'boolean') throw invalid(`${where}: exists needs true or false, not ${show(operand)}.`, details);
      break;
    case 'contains':
    case 'startsWith':
    case 'under': {
      if (JS_TYPES[field.type] !== 'string')
        throw invalid(`${where}: ${operator} is for texts, and the field holds ${HOLDS[field.type]}.`, details);
      const texts: readonly unknown[] = operator === 'under' && Array.isArray(operand) ? operand : [operand];
      if (!texts.every((text) => typeof text === 'string' && text.trim() !== ''))
        throw invalid(`${where}: ${operator} needs a text that is not empty, not ${show(operand)}.`, details);
      break;
    }
    default:
      throw invalid(
        `${where} uses ${show(operator)}, which is no operator.${suggestion(operator, OPERATORS)} Operators: ${OPERATORS.join(', ')}.`,
        { field: field.name, operator, known: OPERATORS },
      );
  }
  return { kind: 'test', field: field.name, type: field.type, operator: operator as Operator, operand };
}

/** A value of another type than the field's would never match, which nobody means. */
function checkValue(field: CatalogField, value: unknown, where: string): asserts value is Scalar {
  if (typeof value === JS_TYPES[field.type] && !Number.isNaN(value)) return;
  throw invalid(`${where} compares with ${show(value)}, and the field holds ${HOLDS[field.type]}.`, {
    field: field.name,
    type: field.type,
  });
}

function invalid(message: string, details: Readonly<Record<string, unknown>>): RecommenderError {
  return new RecommenderError('input/invalid', message, details);
}
