import { InvalidArgumentError } from 'commander';
import { parseTime } from '../../core/events/parseTime.js';

/** Parsers of option values. Each throws commander's own error, which names the option and ends with exit code 2. */

export function count(name: string, min: number, max: number): (text: string) => number {
  return (text) => {
    const value = Number(text);
    if (text.trim() === '' || !Number.isInteger(value) || value < min || value > max)
      throw new InvalidArgumentError(`${name} takes a whole number from ${min} to ${max}.`);
    return value;
  };
}

export function wholeNumber(name: string): (text: string) => number {
  return count(name, 0, 2 ** 32 - 1);
}

export function fraction(name: string): (text: string) => number {
  return (text) => {
    const value = Number(text);
    if (text.trim() === '' || !(value >= 0 && value <= 1)) throw new InvalidArgumentError(`${name} takes a number from 0 to 1.`);
    return value;
  };
}

export function numberAbove(name: string, min: number, isIncluded: boolean): (text: string) => number {
  return (text) => {
    const value = Number(text);
    if (text.trim() === '' || !Number.isFinite(value) || !(isIncluded ? value >= min : value > min)) {
      throw new InvalidArgumentError(`${name} takes a number ${isIncluded ? 'of at least' : 'above'} ${min}.`);
    }
    return value;
  };
}

export function choice<T extends string>(name: string, values: readonly T[]): (text: string) => T {
  return (text) => {
    if (!values.includes(text as T)) throw new InvalidArgumentError(`${name} is one of: ${values.join(', ')}.`);
    return text as T;
  };
}

export function timeOption(name: string): (text: string) => number {
  return (text) => {
    const value = parseTime(text);
    if (Number.isNaN(value)) throw new InvalidArgumentError(`${name} takes a date such as 2026-01-31T12:00:00Z.`);
    return value;
  };
}

/** Reads "10,20" as ascending list lengths, each once. */
export function cutoffList(name: string): (text: string) => number[] {
  return (text) => {
    const values = [...new Set(text.split(',').map(Number))].sort((a, b) => a - b);
    if (values.some((value) => !Number.isInteger(value) || value < 1 || value > 200))
      throw new InvalidArgumentError(`${name} takes whole numbers from 1 to 200 such as 10,20.`);
    return values;
  };
}

/** Reads "a,b" as a list of names, each once and one of `values`; "none" is the empty list. */
export function nameList<T extends string>(name: string, values: readonly T[]): (text: string) => T[] {
  return (text) => {
    const names = text === 'none' ? [] : [...new Set(text.split(',').map((one) => one.trim()))];
    const unknown = names.filter((one) => !values.includes(one as T));
    if (unknown.length > 0) throw new InvalidArgumentError(`${name} names ${unknown.join(', ')}; there are: none, ${values.join(', ')}.`);
    return names as T[];
  };
}
