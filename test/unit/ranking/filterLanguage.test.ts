import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Catalog } from '../../../src/core/catalog.js';
import { CatalogIndex } from '../../../src/core/ranking/catalogIndex.js';
import { emptyBecause, filterConditions } from '../../../src/core/ranking/emptyBecause.js';
import type { FieldOperators, ItemFilter } from '../../../src/core/ranking/itemFilter.js';
import { judgeItems } from '../../../src/core/ranking/judgeItems.js';
import { editDistance, nearestName } from '../../../src/core/ranking/nearestName.js';
import { RowSet } from '../../../src/core/ranking/rowSet.js';
import type { CatalogItem, FieldValue } from '../../../src/core/types.js';
import { catalogOf } from './catalogOf.js';

const rowsOf = (catalog: Catalog, filter: ItemFilter): number[] => {
  const index = new CatalogIndex(catalog);
  const rows = index.rows(index.parse(filter));
  return Array.from({ length: catalog.itemCount }, (_, row) => row).filter((row) => rows.has(row));
};

/** The meaning of a filter, item by item and value by value. */
function matches(item: CatalogItem, filter: ItemFilter): boolean {
  return Object.entries(filter).every(([name, condition]) => {
    if (name === 'all') return (condition as ItemFilter[]).every((part) => matches(item, part));
    if (name === 'any') return (condition as ItemFilter[]).some((part) => matches(item, part));
    if (name === 'not') return !matches(item, condition as ItemFilter);
    const value = item[name];
    if (Array.isArray(condition)) return meets(value, { in: condition as string[] });
    return meets(value, typeof condition === 'object' ? (condition as FieldOperators) : { eq: condition as string });
  });
}

function meets(value: FieldValue | undefined, test: FieldOperators): boolean {
  const own = value === undefined ? [] : Array.isArray(value) ? (value as string[]) : [value as string | number | boolean];
  const under = (path: string) => (one: unknown) => one === path || String(one).startsWith(`${path} > `);
  return Object.entries(test).every(([operator, operand]) => {
    switch (operator) {
      case 'eq':
        return own.includes(operand);
      case 'ne':
        return !own.includes(operand);
      case 'in':
      case 'any':
        return own.some((one) => (operand as unknown[]).includes(one));
      case 'notIn':
        return !own.some((one) => (operand as unknown[]).includes(one));
      case 'all':
        return value !== undefined && (operand as string[]).every((one) => own.includes(one));
      case 'min':
        return own.some((one) => one >= operand);
      case 'max':
        return own.some((one) => one <= operand);
      case 'exists':
        return (value !== undefined) === operand;
      case 'contains':
        return own.some((one) => (Array.isArray(value) ? one === operand : String(one).includes(operand as string)));
      case 'startsWith':
        return own.some((one) => String(one).startsWith(operand as string));
      case 'under':
        return [operand].flat().some((path) => own.some(under(path as string)));
      default:
        throw new Error(operator);
    }
  });
}

const BRANDS = ['Aro', 'Belk', 'Arcadia'];
const CATEGORIES = ['Cameras', 'Cameras > Lenses', 'Cameras > Lenses > Wide', 'Camera', 'Audio'];
const TAGS = ['new', 'sale', 'gift'];
const maybe = <T>(of: fc.Arbitrary<T>) => fc.option(of, { nil: undefined });

const anItem = fc.record({
  brand: maybe(fc.constantFrom(...BRANDS)),
  category: maybe(fc.constantFrom(...CATEGORIES)),
  price: maybe(fc.integer({ min: 0, max: 9 })),
  inStock: maybe(fc.boolean()),
  tags: maybe(fc.subarray(TAGS)),
});
/** Makes every field known, whatever is drawn. */
const FULL = { itemId: 'full', brand: 'Aro', category: 'Audio', price: 1, inStock: true, tags: ['new'] };
const someItems = fc
  .array(anItem, { maxLength: 70 })
  .map((drawn) => [FULL, ...drawn.map((item, at) => ({ ...dropAbsent(item), itemId: `i${at}` }))] as CatalogItem[]);
const dropAbsent = (item: object) => Object.fromEntries(Object.entries(item).filter(([, value]) => value !== undefined));

const brand = fc.constantFrom(...BRANDS, 'none such');
const tag = fc.constantFrom(...TAGS, 'none such');
const aTest = fc.oneof(
  fc.record({ brand: fc.oneof(brand, fc.array(brand), fc.record({ ne: brand, startsWith: fc.constantFrom('A', 'Ar', 'B') })) }),
  fc.record({ brand: fc.oneof(fc.record({ notIn: fc.array(brand) }), fc.record({ contains: fc.constantFrom('r', 'lk', 'x') })) }),
  fc.record({ brand: fc.oneof(fc.record({ min: brand }), fc.record({ max: brand })) }),
  fc.record({ price: fc.record({ min: fc.integer({ min: 0, max: 9 }), max: fc.integer({ min: 0, max: 9 }) }) }),
  fc.record({ price: fc.oneof(fc.record({ ne: fc.constant(3) }), fc.record({ exists: fc.boolean() })) }),
  fc.record({ inStock: fc.boolean() }),
  fc.record({ category: fc.record({ under: fc.oneof(fc.constantFrom(...CATEGORIES), fc.subarray(CATEGORIES)) }) }),
  fc.record({ tags: fc.oneof(tag, fc.record({ all: fc.array(tag) }), fc.record({ any: fc.array(tag) }), fc.record({ contains: tag })) }),
  fc.record({ tags: fc.oneof(fc.record({ ne: tag }), fc.record({ notIn: fc.array(tag) }), fc.record({ exists: fc.boolean() })) }),
);
const { filter: aFilter } = fc.letrec<{ filter: ItemFilter }>((tie) => ({
  filter: fc.oneof(
    { maxDepth: 3 },
    aTest as fc.Arbitrary<ItemFilter>,
    fc.record({ not: tie('filter') }),
    fc.record({ any: fc.array(tie('filter'), { maxLength: 3 }), price: fc.record({ max: fc.integer({ min: 0, max: 9 }) }) }),
    fc.record({ all: fc.array(tie('filter'), { maxLength: 3 }) }),
  ) as fc.Arbitrary<ItemFilter>,
}));

describe('CatalogIndex', () => {
  it('lets through exactly the items that the filter means, for any filter and catalogue', () => {
    fc.assert(
      fc.property(someItems, aFilter, (items, filter) => {
        const expected = items.map((_, row) => row).filter((row) => matches(items[row]!, filter));
        expect(rowsOf(catalogOf(items), filter)).toEqual(expected);
      }),
      { numRuns: 400, seed: 1 },
    );
  });

  it('finds category paths written with > or /, whatever the spaces', () => {
    const catalog = catalogOf(['A > B', 'A>B > C', 'A/B', 'A B', 'AB', 'B > A'].map((category, at) => ({ itemId: `i${at}`, category })));
    expect(rowsOf(catalog, { category: { under: 'A > B' } })).toEqual([0, 1, 2]);
    expect(rowsOf(catalog, { category: { under: 'A' } })).toEqual([0, 1, 2]);
    expect(rowsOf(catalog, { category: { under: ['AB', 'B'] } })).toEqual([4, 5]);
  });

  it('sees items that were added, and values that changed once it is told', () => {
    const values = [5, 50];
    const source = {
      itemCount: 2,
      fields: [{ name: 'price', type: 'number' as const }],
      column: (field: string) => (field === 'price' ? values : undefined),
    };
    const index = new CatalogIndex(source);
    const cheap = index.parse({ price: { max: 9 } });
    const found = () => [0, 1, 2].filter((row) => row < source.itemCount && index.rows(cheap).has(row));
    expect(found()).toEqual([0]);
    values[1] = 6;
    index.invalidate(['brand']);
    expect(found()).toEqual([0]);
    index.invalidate(['price']);
    expect(found()).toEqual([0, 1]);
    values.push(7);
    source.itemCount = 3;
    expect(found()).toEqual([0, 1, 2]);
  });

  it.each([
    [{ colour: 'red' }, /"colour".*Did you mean "color"\? Fields: itemId, color, price, tags, sold\./],
    [{ price: { maximum: 3 } }, /"maximum", which is no operator\. Operators: eq, ne, in/],
    [{ price: { mni: 3 } }, /Did you mean "min"\?/],
    [{ price: { min: '3' } }, /min needs a number, not "3"/],
    [{ price: '3' }, /compares with "3", and the field holds numbers/],
    [{ color: 3 }, /compares with 3, and the field holds texts/],
    [{ color: ['red', 3] }, /compares with 3/],
    [{ color: { in: 'red' } }, /in needs a list, not "red"/],
    [{ tags: { min: 'a' } }, /min compares numbers or texts, and the field holds lists of texts/],
    [{ sold: { under: 'A' } }, /under is for texts, and the field holds true or false/],
    [{ color: { startsWith: '' } }, /not empty/],
    [{ color: { exists: 'yes' } }, /exists needs true or false/],
    [{ any: { color: 'red' } }, /any needs a list of filters/],
    [{ not: 'red' }, /A filter is "red"/],
    [{ price: { max: NaN } }, /max needs a number, not NaN/],
    [{ __proto__: null, constructor: 'x' }, /"constructor", which this model's catalogue does not have/],
  ])('refuses %j and says what to write', (filter, message) => {
    const catalog = catalogOf([{ itemId: 'a', color: 'red', price: 3, tags: ['x'], sold: true }]);
    expect(() => rowsOf(catalog, filter as unknown as ItemFilter)).toThrow(message);
  });

  it('refuses a filter that contains itself', () => {
    const filter: { not?: object } = {};
    filter.not = filter;
    expect(() => rowsOf(catalogOf([FULL]), filter as ItemFilter)).toThrow(/nested more than 20 deep/);
  });
});

describe('emptyBecause', () => {
  const catalog = catalogOf([
    { itemId: 'a', brand: 'Aro', price: 10 },
    { itemId: 'b', brand: 'Belk', price: 90 },
    { itemId: 'c', brand: 'Belk', price: 80 },
  ]);
  const reasonFor = (filter: ItemFilter) => {
    const index = new CatalogIndex(catalog);
    return emptyBecause(filterConditions(index.parse(filter), (node) => index.rows(node)));
  };

  it('names the condition that left nothing, and how many each left', () => {
    expect(reasonFor({ brand: 'Belk', price: { max: 20, min: 5 } })).toEqual({
      condition: 'price max 20',
      steps: [
        { condition: 'brand eq "Belk"', alone: 2, left: 2 },
        { condition: 'price max 20', alone: 1, left: 0 },
        { condition: 'price min 5', alone: 3, left: 0 },
      ],
      blocking: ['brand eq "Belk"', 'price max 20'],
    });
  });

  it('is null where something is left', () => {
    expect(reasonFor({ brand: 'Belk' })).toBeNull();
  });

  it('describes nested conditions', () => {
    const filter = { any: [{ brand: 'X' }, { price: { min: 100 } }], not: { brand: 'Aro' } };
    expect(reasonFor(filter)?.steps.map(({ condition }) => condition)).toEqual([
      '(brand eq "X") or (price min 100)',
      'not (brand eq "Aro")',
    ]);
  });
});

describe('judgeItems', () => {
  it('reports a function that throws or answers later, skips these items, and goes on', () => {
    const items = ['a', 'b', 'c', 'd'].map((itemId, at) => ({ itemId, ...(at !== 1 && { price: at }) }));
    const verdicts = judgeItems((item) => {
      if (item.itemId === 'd') return Promise.resolve(true) as unknown as boolean;
      return item.price!.toFixed(0) !== '2';
    }, items);
    expect([...verdicts.accepted]).toEqual([1, 0, 0, 0]);
    expect(verdicts.problemCount).toBe(2);
    expect(verdicts.problems[0]).toMatchObject({ itemId: 'b', message: expect.stringMatching(/^TypeError: /) });
    expect(verdicts.problems[1]!.message).toMatch(/promise/);
  });
});

describe('RowSet', () => {
  it('counts, completes and combines as a set of numbers does', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 130 }), fc.array(fc.nat(200)), fc.array(fc.nat(200)), (rowCount, some, others) => {
        const build = (rows: number[]) => {
          const set = new RowSet(rowCount);
          for (const row of rows) if (row < rowCount) set.add(row);
          return set;
        };
        const a = build(some);
        const b = build(others);
        const rows = Array.from({ length: rowCount }, (_, row) => row);
        const expectRows = (set: RowSet, isIn: (row: number) => boolean) => {
          expect(rows.filter((row) => set.has(row))).toEqual(rows.filter(isIn));
          expect(set.size).toBe(rows.filter(isIn).length);
        };
        expectRows(a.complement(), (row) => !some.includes(row));
        expectRows(a.intersect(b), (row) => some.includes(row) && others.includes(row));
        expectRows(a.union(b), (row) => some.includes(row) || others.includes(row));
      }),
      { seed: 2 },
    );
  });
});

describe('nearestName', () => {
  it('forgives a slip, not another word', () => {
    expect(nearestName('Colour', ['brand', 'color'])).toBe('color');
    expect(nearestName('pirce', ['price', 'prize'])).toBe('price');
    expect(nearestName('weight', ['brand', 'color'])).toBeNull();
    expect(editDistance('kitten', 'sitting')).toBe(3);
  });
});
