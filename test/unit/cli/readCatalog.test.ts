import { describe, expect, it } from 'vitest';
import { readInStock, readPrice } from '../../../src/cli/readers/catalogValues.js';
import { readCatalog } from '../../../src/cli/readers/readCatalog.js';
import { temporaryFile } from './captureIo.js';

const read = async (text: string) => readCatalog(temporaryFile('catalog', text));

describe('readCatalog', () => {
  it('reads a Google feed in CSV, typing unknown columns by all their values', async () => {
    const { items } = await read(
      'id,title,price,availability,gtin,weight,organic\n1,Lamp,15.00 USD,in stock,0042,1.5,true\n2,"Vase, blue","1,299.00 USD",out_of_stock,0043,,false\n',
    );
    expect(items).toEqual([
      { itemId: '1', title: 'Lamp', price: 15, currency: 'USD', inStock: true, gtin: '0042', weight: 1.5, organic: true },
      { itemId: '2', title: 'Vase, blue', price: 1299, currency: 'USD', inStock: false, gtin: '0043', organic: false },
    ]);
  });

  it.each([
    ['a JSON array', '[{"sku":"a","name":"Lamp","tags":["x","y"],"price":5}]'],
    ['JSONL', '{"sku":"a","name":"Lamp","tags":["x","y"],"price":5}\n'],
    ['an object that holds a list', '{"total":1,"products":[{"sku":"a","name":"Lamp","tags":["x","y"],"price":5}]}'],
  ])('reads %s', async (_, text) => {
    expect((await read(text)).items).toEqual([{ itemId: 'a', title: 'Lamp', tags: ['x', 'y'], price: 5 }]);
  });

  it('takes Description for the title only where there is no title', async () => {
    expect((await read('StockCode,Description\nA,LAMP\n')).items).toEqual([{ itemId: 'A', title: 'LAMP' }]);
    expect((await read('id,Title,Description\nA,LAMP,bright\n')).items).toEqual([{ itemId: 'A', title: 'LAMP', description: 'bright' }]);
  });

  it('keeps the first of rows with one id and counts the others', async () => {
    const { items, duplicateCount, withoutIdCount } = await read('id,title\nA,first\nA,second\n,none\n');
    expect(items).toEqual([{ itemId: 'A', title: 'first' }]);
    expect([duplicateCount, withoutIdCount]).toEqual([1, 1]);
  });

  it('lets no file reach the prototype', async () => {
    const { items } = await read('[{"id":"a","__proto__":{"polluted":1},"constructor":"x"}]');
    expect(Object.keys(items[0]!)).toEqual(['itemId']);
    expect(({} as Record<string, unknown>)['polluted']).toBeUndefined();
  });

  it.each([
    ['', /is empty/],
    ['name,price\nLamp,1\n', /no id column. Columns seen: name, price/],
    ['[1,2]', /entry 1 is 1/],
    ['[{"id":1},', /not valid JSON/],
    ['id,title\n"a,b\n', /quoting is broken/],
  ])('explains %j', async (text, message) => {
    await expect(read(text)).rejects.toThrow(message);
  });
});

describe('readPrice', () => {
  it.each([
    ['15.00 USD', 15, 'USD'],
    ['$1,299.00', 1299, 'USD'],
    ['15,99 €', 15.99, 'EUR'],
    ['1.299,50 EUR', 1299.5, 'EUR'],
    ['1 299,50', 1299.5, null],
    ['1,299', 1299, null],
    ['0.125', 0.125, null],
    [7, 7, null],
    [{ value: '3.5', currency: 'GBP' }, 3.5, 'GBP'],
  ])('reads %j', (value, amount, currency) => expect(readPrice(value)).toEqual({ amount, currency }));

  it.each(['', 'free', null, NaN])('finds no price in %j', (value) => expect(readPrice(value)).toBeNull());
});

describe('readInStock', () => {
  it.each(['in stock', 'in_stock', 'inStock', 'https://schema.org/InStock', 'In Stock', 'yes', '3', 3, true])('says yes to %j', (value) =>
    expect(readInStock(value)).toBe(true),
  );
  it.each(['out of stock', 'out_of_stock', 'OutOfStock', 'sold out', '0', '-2', 0, false])('says no to %j', (value) =>
    expect(readInStock(value)).toBe(false),
  );
  it.each(['', 'perhaps', null])('leaves %j open', (value) => expect(readInStock(value)).toBeUndefined());
});
