import { RecommenderError } from '../src/core/errors.js';

const MAX_DEPTH = 8;

export interface CopyLimits {
  /** Leaves out what may not cross, instead of throwing. */
  readonly isLenient?: boolean;
  /** Default 50,000. */
  readonly maxValues?: number;
  /** Of all texts and names. Default 2 million. */
  readonly maxCharacters?: number;
}

/**
 * Copies what came from outside: texts, numbers, yes/no, lists, number arrays and plain objects, the latter without a prototype, so
 * that no name in them means more than itself. Throws `input/invalid` on anything else, and on what is nested deeper than 8 or larger
 * than the limits.
 */
export function plainCopy(value: unknown, { isLenient = false, maxValues = 50_000, maxCharacters = 2_000_000 }: CopyLimits = {}): unknown {
  let values = 0;
  let characters = 0;
  const refuse = (what: string): never => {
    throw new RecommenderError('input/invalid', `An argument ${what}. Hand in less, as plain values.`, {});
  };
  const count = (text: string): void => {
    if ((characters += text.length) > maxCharacters) refuse(`holds more than ${maxCharacters} characters`);
  };
  const copy = (one: unknown, depth: number): unknown => {
    if (depth > MAX_DEPTH) refuse(`is nested deeper than ${MAX_DEPTH}`);
    if (typeof one === 'string') count(one);
    const isObject = typeof one === 'object' && one !== null;
    const length = isObject && (Array.isArray(one) || ArrayBuffer.isView(one)) ? ((one as Partial<ArrayLike<unknown>>).length ?? 1) : 1;
    if ((values += length) > maxValues) refuse(`holds more than ${maxValues} values`);
    if (!isObject) return one;
    if (Array.isArray(one)) return Array.from(one, (each) => copy(each, depth + 1));
    if (ArrayBuffer.isView(one)) return one;
    if (Object.getPrototypeOf(one) !== Object.prototype) return isLenient ? undefined : refuse('is no plain value');
    const record = Object.create(null) as Record<string, unknown>;
    for (const [key, each] of Object.entries(one)) {
      count(key);
      record[key] = copy(each, depth + 1);
    }
    return record;
  };
  return copy(value, 0);
}
