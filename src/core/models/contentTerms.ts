import type { ContentTerms } from '../artifact/tables/contentTable.js';
import { readRow } from '../kernels/itemMatrix.js';
import type { CatalogItem, FieldValue } from '../types.js';

/** Fields that say nothing of what an item is. */
const LEFT_OUT = new Set(['itemId', 'url', 'image', 'imageUrl', 'link', 'currency', 'inStock', 'price', 'groupId', 'gtin', 'ean', 'sku']);
/** Read word by word, and how often a word in them counts. Texts of other fields are taken whole. */
const TEXT_FIELDS: ReadonlyMap<string, number> = new Map([
  ['title', 2],
  ['description', 1],
  ['category', 1],
  ['brand', 1],
]);
/** A value taken whole is no longer than this; a longer one is read word by word. */
const MAX_WHOLE = 40;
const MAX_WORDS = 400;
const HAN = /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}]+/u;
const WORDS = /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}]+|[\p{L}\p{N}]+/gu;

/** Fields of a catalogue that {@link itemTerms} reads. */
export function contentFields(fields: readonly { readonly name: string; readonly type: string }[]): string[] {
  return fields.filter(({ name, type }) => !LEFT_OUT.has(name) && (type === 'string' || type === 'strings')).map(({ name }) => name);
}

/**
 * Cuts a text into terms: words of Latin and other spaced scripts in lower case, pairs of neighbouring characters where Chinese or Japanese
 * is written without spaces (a lone character stands for itself).
 */
export function textTerms(text: string): string[] {
  const terms: string[] = [];
  for (const [word] of text.normalize('NFKC').toLowerCase().matchAll(WORDS)) {
    if (!HAN.test(word)) {
      if (word.length > 1 && word.length <= MAX_WHOLE) terms.push(singular(word));
    } else {
      const characters = [...word];
      if (characters.length === 1) terms.push(word);
      for (let at = 1; at < characters.length; at++) terms.push(characters[at - 1]! + characters[at]!);
    }
    if (terms.length >= MAX_WORDS) break;
  }
  return terms;
}

/** How often each term stands in an item. Attributes count as `field=value`, so that "black" the colour is not the word. */
export function itemTerms(item: CatalogItem, fields: readonly string[]): Map<string, number> {
  const counts = new Map<string, number>();
  const add = (term: string, count: number): void => void counts.set(term, (counts.get(term) ?? 0) + count);
  for (const field of fields) {
    const value = item[field];
    if (value === undefined) continue;
    const weight = TEXT_FIELDS.get(field);
    for (const text of texts(value)) {
      const isWhole = text.length <= MAX_WHOLE && (weight === undefined || field === 'category' || field === 'brand');
      if (isWhole) add(`${field}=${text.trim().toLowerCase()}`, 1);
      if (weight !== undefined || !isWhole) for (const term of textTerms(text)) add(term, weight ?? 1);
    }
  }
  return counts;
}

/** Weighs a term by how often it stands there: 1 + ln(count), times its idf. */
export function termWeight(count: number, idf: number): number {
  return (1 + Math.log(count)) * idf;
}

/**
 * Places a new item, or the words of a search, among the content vectors: the sum of its terms' rows, of length 1. Null where no term is
 * known. f32.
 */
export function placeByContent({ rowOf, idf, matrix }: ContentTerms, counts: ReadonlyMap<string, number>): Float32Array | null {
  const sum = new Float64Array(matrix.dimensions);
  const row = new Float32Array(matrix.dimensions);
  for (const [term, count] of counts) {
    const at = rowOf.get(term);
    if (at === undefined) continue;
    readRow(matrix, at, row);
    const weight = termWeight(count, idf[at]!);
    for (let j = 0; j < sum.length; j++) sum[j]! += weight * row[j]!;
  }
  const norm = Math.hypot(...sum);
  return norm === 0 ? null : Float32Array.from(sum, (value) => value / norm);
}

/** Maps a content vector of length 1 into factor space: [c, 1] M. `map`: f32, (c's length + 1) x factor dimensions. */
export function mapToFactors(map: Float32Array, content: Float32Array): Float32Array {
  const dimensions = map.length / (content.length + 1);
  const out = new Float64Array(dimensions);
  for (let i = 0; i <= content.length; i++) {
    const value = i === content.length ? 1 : content[i]!;
    for (let j = 0; j < dimensions; j++) out[j]! += value * map[i * dimensions + j]!;
  }
  return Float32Array.from(out);
}

function texts(value: FieldValue): string[] {
  if (typeof value === 'string') return [value];
  return Array.isArray(value) ? [...value] : [];
}

/** English plurals are the same word: cameras, camera. */
function singular(word: string): string {
  return word.length > 3 && word.endsWith('s') && !word.endsWith('ss') ? word.slice(0, -1) : word;
}
