import { Checker } from './checks.js';

/** What a template may name besides a column's own values. */
export interface TemplateSources {
  readonly itemIds: readonly string[];
  /** Null: the item has none. */
  readonly titles: readonly (string | null)[];
}

/** A dictionary: the values, the most frequent first, and one code per row, see packNumbers. */
interface Dictionary {
  readonly values: readonly unknown[];
  /** Packed positions in `values`, -1 for null; a plain list of them in folders that were made before. */
  readonly codes: string;
}

/**
 * Texts that follow a pattern. `{itemId}`, `{slug}` (the title as shops put it into addresses) and `{own}` stand for the row's own;
 * `except` holds the rows that do not follow.
 */
interface Template {
  readonly template: string;
  /** Null: the row has no value. Packed where all are whole numbers, -1 for null. */
  readonly own?: string | readonly (string | null)[];
  readonly except?: readonly (readonly [row: number, value: string | null])[];
}

const PLACEHOLDER = /(\{(?:own|itemId|slug)\})/g;
/** What a template may come to: a few bytes can stand for very much text. */
const MAX_PARTS = 64;
const MAX_TEXT = 2 ** 25;
const TOO_LONG = 'a shorter template';
const BASE = 91;
/** '#', the first of the characters that JSON writes as they are. */
const FIRST_DIGIT = 35;
const BACKSLASH = 92;

/** Finds the shortest way to write a column as JSON: as it is, as a dictionary or, for texts, as a template. */
export function encodeColumn(values: readonly unknown[], sources: TemplateSources | null): unknown {
  const isText = values.every((value) => value === null || typeof value === 'string');
  const texts = values as readonly (string | null)[];
  const ways = [values, toDictionary(values), ...(isText ? toTemplates(texts, sources) : [])];
  let best: unknown = values;
  let bestLength = Infinity;
  for (const way of ways) {
    const length = way === null ? Infinity : JSON.stringify(way).length;
    if (length < bestLength) [best, bestLength] = [way, length];
  }
  return best;
}

function toDictionary(values: readonly unknown[]): Dictionary | null {
  const counts = new Map<string, number>();
  for (const value of values) if (value !== null) counts.set(JSON.stringify(value), (counts.get(JSON.stringify(value)) ?? 0) + 1);
  if (counts.size * 2 > values.length) return null;
  const order = [...counts.keys()].sort((a, b) => counts.get(b)! - counts.get(a)!);
  const placeOf = new Map(order.map((text, at) => [text, at]));
  const places = values.map((value) => (value === null ? -1 : placeOf.get(JSON.stringify(value))!));
  return { values: order.map((text): unknown => JSON.parse(text)), codes: packNumbers(places) };
}

/** Writes whole numbers from -1 on, each plus one, in so many digits to the base 91 as the largest needs. */
function packNumbers(numbers: readonly number[]): string {
  const largest = numbers.reduce((most, number) => Math.max(most, number + 1), 0);
  let width = 1;
  while (BASE ** width <= largest) width++;
  return numbers
    .map((number) => {
      let text = '';
      for (let rest = number + 1, at = 0; at < width; at++, rest = Math.floor(rest / BASE)) {
        const place = FIRST_DIGIT + (rest % BASE);
        text = String.fromCharCode(place < BACKSLASH ? place : place + 1) + text;
      }
      return text;
    })
    .join('');
}

function unpackNumbers(text: string, count: number): number[] {
  const width = text.length / count;
  if (!Number.isInteger(width) || width < 1) return []; // The length tells the caller.
  return Array.from({ length: count }, (_, at) => {
    let number = 0;
    for (let digit = at * width; digit < (at + 1) * width; digit++) {
      const place = text.charCodeAt(digit);
      number = number * BASE + place - FIRST_DIGIT - (place > BACKSLASH ? 1 : 0);
    }
    return number - 1;
  });
}

function toTemplates(values: readonly (string | null)[], sources: TemplateSources | null): (Template | null)[] {
  const ways = [withAffixes(values, values, null)];
  if (!sources) return ways;
  const { itemIds, titles } = sources;
  const forms = (placeholders: (value: string, row: number) => string): (string | null)[] =>
    values.map((value, row) => (value === null || /[{}]/.test(value) ? null : placeholders(value, row)));
  const withId = (value: string, row: number): string => value.replaceAll(itemIds[row]!, '{itemId}');
  const withSlug = (value: string, row: number): string => value.replace(slug(titles[row]) || '{', '{slug}');
  for (const form of [forms(withId), forms(withSlug), forms((value, row) => withId(withSlug(value, row), row))]) {
    ways.push(withCommonForm(values, form, sources), withAffixes(values, form, sources));
  }
  return ways;
}

/** The form that most rows have. */
function withCommonForm(values: readonly (string | null)[], forms: readonly (string | null)[], sources: TemplateSources): Template | null {
  const counts = new Map<string, number>();
  for (const form of forms) if (form !== null) counts.set(form, (counts.get(form) ?? 0) + 1);
  const template = [...counts].sort((a, b) => b[1] - a[1])[0]?.[0];
  return template === undefined ? null : withExceptions(values, { template }, sources);
}

/** What all forms begin and end with, once; rows without the placeholders of the most are exceptions. */
function withAffixes(
  values: readonly (string | null)[],
  forms: readonly (string | null)[],
  sources: TemplateSources | null,
): Template | null {
  const placeholdersOf = (form: string): string => (form.match(PLACEHOLDER) ?? []).join('');
  const counts = new Map<string, number>();
  for (const form of forms) if (form !== null) counts.set(placeholdersOf(form), (counts.get(placeholdersOf(form)) ?? 0) + 1);
  const usual = [...counts].sort((a, b) => b[1] - a[1])[0]?.[0];
  const kept = forms.map((form) => (form !== null && placeholdersOf(form) === usual ? form : null));
  const texts = kept.filter((form) => form !== null);
  const first = texts[0];
  if (first === undefined) return null;
  const shortest = texts.reduce((least, { length }) => Math.min(least, length), Infinity);
  let start = 0;
  while (start < shortest && texts.every((text) => text[start] === first[start])) start++;
  let end = 0;
  while (end < shortest - start && texts.every((text) => text[text.length - 1 - end] === first[first.length - 1 - end])) end++;
  // A number that begins alike in all rows stays whole: it can be packed then.
  const whole = start - /\d*$/.exec(first.slice(0, start))![0].length;
  if (texts.every((text) => isWhole(text.slice(whole, text.length - end)))) start = whole;
  const [prefix, suffix] = [first.slice(0, start), first.slice(first.length - end)];
  // No brace may be left over: a placeholder that is cut, or one of the text's own.
  if (placeholdersOf(prefix) + placeholdersOf(suffix) !== usual || /[{}]/.test((prefix + suffix).replace(PLACEHOLDER, ''))) return null;
  const own = kept.map((form) => form && form.slice(start, form.length - end));
  const isNumeric = own.every((text) => text === null || isWhole(text));
  const packed = isNumeric ? packNumbers(own.map((text) => (text === null ? -1 : Number(text)))) : own;
  return withExceptions(values, { template: `${prefix}{own}${suffix}`, own: packed }, sources);
}

function isWhole(text: string): boolean {
  return /^(0|[1-9]\d{0,14})$/.test(text);
}

function withExceptions(values: readonly (string | null)[], way: Template, sources: TemplateSources | null): Template {
  const fill = filler(way.template, sources, readOwn(way.own, values.length));
  const except = values.flatMap((value, row) => (fill(row) === value ? [] : [[row, value] as const]));
  return except.length === 0 ? way : { ...way, except };
}

/** Reads what {@link encodeColumn} wrote; a plain list is returned as it is. Throws what `column` throws. */
export function decodeColumn(column: Checker, rowCount: number, sources: TemplateSources | null): unknown {
  if (Array.isArray(column.value)) return column.value;
  const template = column.get('template');
  return template.isNull() ? decodeDictionary(column, rowCount) : decodeTemplate(column, template.text(), rowCount, sources);
}

function decodeDictionary(column: Checker, rowCount: number): unknown[] {
  const values = column.get('values').value;
  const codes = column.get('codes').value;
  if (!Array.isArray(values)) return column.get('values').fail('a list of values');
  const places = typeof codes === 'string' ? unpackNumbers(codes, rowCount) : codes;
  if (!Array.isArray(places)) return column.get('codes').fail('positions in values');
  return places.map((place: unknown, row): unknown => {
    const isGood = Number.isInteger(place) && (place as number) >= -1 && (place as number) < values.length;
    if (!isGood)
      new Checker(column.file, place, `${column.path}.codes[${row}]`, column.code).fail(`a whole number from -1 to ${values.length - 1}`);
    return place === -1 ? null : values[place as number];
  });
}

function decodeTemplate(column: Checker, template: string, rowCount: number, sources: TemplateSources | null): unknown[] {
  if (template.split(PLACEHOLDER).length > MAX_PARTS) column.get('template').fail(TOO_LONG);
  const own = readOwn(column.get('own').value, rowCount);
  if (own !== null && !(Array.isArray(own) && own.length === rowCount)) column.get('own').fail(`a list of ${rowCount} texts`);
  const fill = filler(template, sources, own);
  let length = 0;
  const values: unknown[] = Array.from({ length: rowCount }, (_, row) => {
    const text = fill(row);
    length += text?.length ?? 0;
    if (length > MAX_TEXT) column.get('template').fail(TOO_LONG);
    return text;
  });
  const except = column.get('except');
  if (except.isNull()) return values;
  for (const pair of except.list()) {
    const [row = pair, value] = pair.list();
    values[row.integer(0, rowCount - 1)] = value?.value ?? null;
  }
  return values;
}

function readOwn(own: unknown, rowCount: number): readonly unknown[] | null {
  if (typeof own === 'string') return unpackNumbers(own, rowCount).map((number) => (number === -1 ? null : String(number)));
  return (own as readonly unknown[] | undefined) ?? null;
}

/** Null for a row whose own value is null, or that lacks what the template names. */
function filler(template: string, sources: TemplateSources | null, own: readonly unknown[] | null): (row: number) => string | null {
  const parts = template.split(PLACEHOLDER);
  return (row) => {
    let text = '';
    for (let at = 0; at < parts.length; at++) {
      const part = parts[at]!;
      const piece =
        at % 2 === 0 ? part : part === '{own}' ? own?.[row] : part === '{itemId}' ? sources?.itemIds[row] : slug(sources?.titles[row]);
      if (typeof piece !== 'string') return null;
      text += piece;
    }
    return text;
  };
}

/** A title as shops put it into addresses: lower case, dashes for everything but letters and digits. */
function slug(title: unknown): string | null {
  if (typeof title !== 'string') return null;
  return title
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '-')
    .replace(/^-|-$/g, '');
}
