import { describe, expect, it } from 'vitest';
import { ItemIds } from '../../../src/core/itemIds.js';
import { createRandom } from '../../fixtures/random.js';

/** Ids such as shops have, and such as they should not: other scripts, lone surrogates, NUL, object words, all but equal ones. */
function manyIds(count: number, seed: number): string[] {
  const random = createRandom(seed);
  const letters = ['a', 'b', 'Z', '0', '9', '-', '\u0000', 'é', 'ÿ', 'Ā', '相', '机', '😀', '\ud83d', '\ude00'];
  const ids = new Set([
    '__proto__',
    'constructor',
    'toString',
    ' ',
    '相机',
    '\ud800',
    '\udc00',
    'x'.repeat(20_000),
    `${'x'.repeat(20_000)}y`,
  ]);
  while (ids.size < count) {
    const length = 1 + Math.floor(random() * 9);
    ids.add(random() < 0.5 ? `p${ids.size}` : Array.from({ length }, () => letters[Math.floor(random() * letters.length)]).join(''));
  }
  return [...ids];
}

describe('item ids', () => {
  it.each([0, 100, 3_000])('keep rows and ids of whatever text, with room for %i made before', (expectedCount) => {
    const all = manyIds(3_000, 5);
    const ids = new ItemIds(expectedCount);
    for (const [from, to] of [
      [0, 1],
      [1, 1],
      [1, 700],
      [700, 3_000],
    ] as const) {
      ids.append(all.slice(from, to));
      expect(ids.count).toBe(to);
    }
    const reference = new Map(all.map((id, row) => [id, row]));
    expect(all.map((_, row) => ids.idOf(row))).toEqual(all);
    for (const id of [...all, ...manyIds(3_000, 6), '', 'X', 'p', 'x'.repeat(19_999)]) expect(ids.rowOf(id)).toBe(reference.get(id));
  });

  it('know nothing when there are none', () => {
    expect(new ItemIds().rowOf('p1')).toBeUndefined();
    expect(new ItemIds(10).rowOf('')).toBeUndefined();
  });

  it('refuse a repeated or an empty id, name both rows, and stay as they were', () => {
    const ids = new ItemIds();
    ids.append(['a', 'b']);
    expect(() => ids.append(['c', 'd', 'b'])).toThrow(/"b" stands at rows 1 and 4/);
    expect(() => ids.append(['c', 'c'])).toThrow(/"c" stands at rows 2 and 3/);
    expect(() => ids.append(['c', ''])).toThrow(/row 3 has an empty item id/);
    expect(ids.count).toBe(2);
    expect(['a', 'b', 'c', 'd'].map((id) => ids.rowOf(id))).toEqual([0, 1, undefined, undefined]);
    ids.append(['c', 'd']);
    expect(['a', 'b', 'c', 'd'].map((id) => ids.rowOf(id))).toEqual([0, 1, 2, 3]);
  });
});
