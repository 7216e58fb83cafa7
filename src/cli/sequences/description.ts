import { show } from '../../core/errors.js';
import { badInput } from '../cliIo.js';

/** An object of a JSON description, read key by key. Each reader throws `cli/bad-input` naming file, field, value seen and expected. */
export class Description {
  readonly #own: Readonly<Record<string, unknown>>;

  constructor(
    readonly file: string,
    value: unknown,
    readonly path = '',
  ) {
    if (typeof value !== 'object' || value === null || Array.isArray(value))
      throw badInput(`${file}: ${path || 'the description'} is ${show(value)}; expected an object.`, { file, field: path });
    this.#own = value as Record<string, unknown>;
  }

  get(key: string): unknown {
    return Object.hasOwn(this.#own, key) ? this.#own[key] : undefined;
  }

  keys(): string[] {
    return Object.keys(this.#own);
  }

  fail(key: string, expected: string): never {
    const field = this.path ? `${this.path}.${key}` : key;
    throw badInput(`${this.file}: ${field} is ${show(this.get(key))}; expected ${expected}.`, { file: this.file, field });
  }

  object(key: string): Description {
    return new Description(this.file, this.get(key), this.path ? `${this.path}.${key}` : key);
  }

  list(key: string): Description[] {
    const value = this.get(key);
    if (!Array.isArray(value) || value.length === 0) return this.fail(key, 'a list of objects');
    return value.map((entry, i) => new Description(this.file, entry, `${this.path}${key}[${i}]`));
  }

  listIf(key: string): Description[] {
    const value = this.get(key);
    return value === undefined || (Array.isArray(value) && value.length === 0) ? [] : this.list(key);
  }

  text(key: string, fallback: string | undefined): string | undefined {
    const value = this.get(key) ?? fallback;
    return value === undefined || typeof value === 'string' ? value : this.fail(key, 'a text');
  }

  /** Without a fallback the value must be there. */
  oneOf<T extends string>(key: string, values: readonly T[], fallback: T | undefined): T {
    const value = this.get(key) ?? fallback;
    return values.includes(value as T) ? (value as T) : this.fail(key, values.join(', '));
  }

  /** Without a fallback the value must be there. */
  boolean(key: string, fallback: boolean | undefined): boolean {
    const value = this.get(key) ?? fallback;
    return typeof value === 'boolean' ? value : this.fail(key, 'true or false');
  }

  number(key: string, fallback: number): number {
    const value = this.get(key) ?? fallback;
    return typeof value === 'number' && Number.isFinite(value) ? value : this.fail(key, 'a number');
  }

  integer(key: string, fallback: number | undefined): number | undefined {
    const value = this.get(key) ?? fallback;
    return value === undefined || (Number.isInteger(value) && (value as number) >= 0)
      ? (value as number | undefined)
      : this.fail(key, 'a whole number');
  }
}
