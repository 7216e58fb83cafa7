import { describe, expect, it } from 'vitest';
import type { Column } from '../../../src/core/artifact/catalogShard.js';
import { inferFields, readCatalogShard, writeCatalogShard } from '../../../src/core/artifact/catalogShard.js';
import type { CatalogItem } from '../../../src/core/types.js';
import { seededRandom } from '../../../src/core/seededRandom.js';

const slug = (title: string): string =>
  title
    .toLowerCase()
    .replaceAll(/[^a-z0-9]+/g, '-')
    .replaceAll(/^-|-$/g, '');
const titleOf = (i: number): string => `Lamp "${i}" — ${['red', 'green', 'blue'][i % 3]}, ${i * 37} lm`;

const write = (items: readonly CatalogItem[]) => writeCatalogShard(items, new Float32Array(items.length), inferFields(items));
const stored = (items: readonly CatalogItem[]) => JSON.parse(new TextDecoder().decode(write(items)));
const read = (items: readonly CatalogItem[]) => readCatalogShard(write(items), inferFields(items), items.length, 'catalog.json');
const many = (make: (i: number) => Omit<CatalogItem, 'itemId'>, itemId = (i: number) => `SKU-${1000 + i}`): CatalogItem[] =>
  Array.from({ length: 300 }, (_, i) => ({ itemId: itemId(i), ...make(i) }));

function expectSame(items: readonly CatalogItem[]): void {
  const { itemIds, columns } = read(items);
  expect(itemIds).toEqual(items.map(({ itemId }) => itemId));
  for (const { name } of inferFields(items)) expect(columns.get(name) as Column).toEqual(items.map((item) => item[name] ?? null));
}

describe('a catalogue shard', () => {
  it('stores addresses that follow from the id or the title as a pattern', () => {
    const items = many((i) => ({
      title: titleOf(i),
      url: `https://shop.example/p/${slug(titleOf(i))}.html`,
      image: `https://cdn.example/${1000 + i}/SKU-${1000 + i}_600.jpg`,
      both: `/c/${slug(titleOf(i))}/SKU-${1000 + i}`,
    }));
    const { columns } = stored(items);
    expect(columns.url).toEqual({ template: 'https://shop.example/p/{slug}.html' });
    expect(columns.both).toEqual({ template: '/c/{slug}/{itemId}' });
    expectSame(items);
  });

  it('stores what differs beside the pattern, and rows that do not follow it', () => {
    const items = many((i) => ({
      title: titleOf(i),
      url: i % 50 === 7 ? 'https://elsewhere.example/{own}' : `https://shop.example/${slug(titleOf(i))}-${5_000_000 + 13 * i}`,
      ...(i % 4 > 0 && { image: `//cdn.example/${i * 7919}x.png` }),
    }));
    const { columns } = stored(items);
    expect(columns.url.template).toBe('https://shop.example/{slug}-{own}');
    expect(columns.url.except).toHaveLength(6);
    expect(columns.image.template).toBe('//cdn.example/{own}x.png');
    expectSame(items);
  });

  it('stores values that repeat once, of any type', () => {
    const items = many((i) => ({
      brand: ['Aro', 'Belk', 'Ünal "x"'][i % 3]!,
      tags: i % 2 === 0 ? ['sale', 'new'] : [],
      price: 9.99 + (i % 5),
      inStock: i % 7 > 0,
      ...(i % 3 === 0 && { note: `n${i % 2}` }),
    }));
    const { columns } = stored(items);
    for (const name of ['brand', 'tags', 'price', 'inStock']) expect(columns[name].codes).toHaveLength(300);
    expectSame(items);
  });

  it('gives back whatever it was given', () => {
    const random = seededRandom(3);
    const pieces = [
      '{own}',
      '{itemId}',
      '{slug}',
      '{',
      '}',
      '',
      'a',
      '-',
      '007',
      '7',
      '$&',
      '$1',
      '\\',
      '"',
      '\u2028',
      'é',
      '商',
      '😀',
      ' ',
    ];
    const text = (): string =>
      Array.from({ length: Math.floor(6 * random()) }, () => pieces[Math.floor(pieces.length * random())]).join('');
    for (let round = 0; round < 200; round++) {
      const start = text();
      const items = Array.from({ length: 1 + Math.floor(12 * random()) }, (_, i): CatalogItem => ({
        itemId: random() < 0.5 ? `${start}${i}` : `${i}${text()}${i}`,
        ...(random() < 0.9 && { title: text() }),
        ...(random() < 0.9 && { url: start + text() + start }),
        ...(random() < 0.9 && { code: String(Math.floor(1e4 * random())).padStart(random() < 0.5 ? 4 : 1, '0') }),
        ...(random() < 0.9 && { rank: Math.floor(3 * random()) }),
      }));
      if (new Set(items.map(({ itemId }) => itemId)).size === items.length) expectSame(items);
    }
  });

  it('packs more different values than one digit holds', () => {
    expectSame(Array.from({ length: 20_000 }, (_, i) => ({ itemId: `i${i}`, brand: `brand ${i % 9_000}` })));
  });

  it('reads shards of folders that were made before', () => {
    const bytes = new TextEncoder().encode(
      JSON.stringify({
        itemIds: ['a', 'b', 'c'],
        popularity: [3, 2, 1],
        columns: { brand: { values: ['Aro', 'Belk'], codes: [1, -1, 0] }, title: ['x', null, 'y'] },
      }),
    );
    const fields = ['brand', 'title'].map((name) => ({ name, type: 'string' as const }));
    const { columns } = readCatalogShard(bytes, fields, 3, 'catalog.json');
    expect([...columns.values()]).toEqual([
      ['Belk', null, 'Aro'],
      ['x', null, 'y'],
    ]);
  });

  it.each([
    [{ values: ['x'], codes: '$$' }, /brand must be a list of 3 values/],
    [{ values: ['x'], codes: '$$%' }, /codes\[2\] must be a whole number from -1 to 0/],
    [{ values: ['x'], codes: '\u0000\u0000\u0000' }, /codes\[0\]/],
    [{ values: 'x', codes: '$$$' }, /a list of values/],
    [{ values: ['x'] }, /codes must be/],
    [{ template: '{own}', own: ['a'] }, /own must be a list of 3 texts/],
    [{ template: 'x', except: [[3, 'y']] }, /except\[0\]\[0\] must be a whole number from 0 to 2/],
    [{ template: 'x', except: [[]] }, /except\[0\]/],
    [{ template: 'x', except: [[0, 7]] }, /must be of type string/],
    [{ template: 7 }, /template must be/],
  ])('refuses the column %j', (brand, message) => {
    const bytes = new TextEncoder().encode(JSON.stringify({ itemIds: ['a', 'b', 'c'], popularity: [3, 2, 1], columns: { brand } }));
    expect(() => readCatalogShard(bytes, [{ name: 'brand', type: 'string' }], 3, 'catalog.json')).toThrow(message);
  });
});
