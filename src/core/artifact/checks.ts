import type { ErrorCode } from '../errors.js';
import { RecommenderError, show } from '../errors.js';

/**
 * Walks a parsed JSON value and throws a typed error that names file, field, value seen and what was
 * expected. Fields are read from own properties only, so a `__proto__` in a file does nothing.
 */
export class Checker {
  constructor(
    readonly file: string,
    readonly value: unknown,
    readonly path = '',
    readonly code: ErrorCode = 'artifact/bad-manifest',
  ) {}

  fail(expected: string): never {
    const field = this.path || '(top level)';
    const seen = show(this.value);
    throw new RecommenderError(this.code, `${this.file}: field ${field} must be ${expected}, but is ${seen}. Pack the model again.`, {
      file: this.file,
      field,
      seen,
      expected,
    });
  }

  get(key: string): Checker {
    if (typeof this.value !== 'object' || this.value === null || Array.isArray(this.value)) this.fail('an object');
    const own = Object.hasOwn(this.value, key) ? (this.value as Record<string, unknown>)[key] : undefined;
    return new Checker(this.file, own, this.path ? `${this.path}.${key}` : key, this.code);
  }

  keys(): string[] {
    if (typeof this.value !== 'object' || this.value === null || Array.isArray(this.value)) this.fail('an object');
    return Object.keys(this.value);
  }

  list(expected = 'a list'): Checker[] {
    if (!Array.isArray(this.value)) this.fail(expected);
    return this.value.map((value, i) => new Checker(this.file, value, `${this.path}[${i}]`, this.code));
  }

  text(expected = 'a non-empty text'): string {
    if (typeof this.value !== 'string' || this.value === '') this.fail(expected);
    return this.value;
  }

  match(pattern: RegExp, expected: string): string {
    if (typeof this.value !== 'string' || !pattern.test(this.value)) this.fail(expected);
    return this.value;
  }

  number(expected = 'a finite number'): number {
    if (typeof this.value !== 'number' || !Number.isFinite(this.value)) this.fail(expected);
    return this.value;
  }

  integer(min: number, max: number): number {
    if (!Number.isInteger(this.value) || (this.value as number) < min || (this.value as number) > max) {
      this.fail(`a whole number from ${min} to ${max}`);
    }
    return this.value as number;
  }

  boolean(): boolean {
    if (typeof this.value !== 'boolean') this.fail('true or false');
    return this.value;
  }

  oneOf<T extends string | number>(values: readonly T[]): T {
    if (!values.includes(this.value as T)) this.fail(`one of ${values.map((v) => show(v)).join(', ')}`);
    return this.value as T;
  }

  numbers(expected = 'a list of finite numbers'): number[] {
    if (!Array.isArray(this.value) || !this.value.every((v) => typeof v === 'number' && Number.isFinite(v))) this.fail(expected);
    return this.value as number[];
  }

  isNull(): boolean {
    return this.value === null || this.value === undefined;
  }
}

/** Parses UTF-8 JSON, or throws `code` naming the file and what its first bytes look like. */
export function parseJson(file: string, bytes: Uint8Array, code: ErrorCode): unknown {
  let text: string;
  try {
    text = new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch (cause) {
    throw new RecommenderError(code, `${file}: not UTF-8 text. Check that the address names a model folder's file.`, { file }, cause);
  }
  try {
    return JSON.parse(text);
  } catch (cause) {
    const isHtml = /^\s*</.test(text);
    const hint = isHtml ? 'It looks like an HTML page instead of the file.' : 'Check that the file was uploaded whole.';
    throw new RecommenderError(
      code,
      `${file}: not valid JSON (it begins with ${show(text.slice(0, 40))}). ${hint}`,
      { file, isHtml },
      cause,
    );
  }
}
