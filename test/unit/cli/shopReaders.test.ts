import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { InteractionLog } from '../../../src/core/events/interactionLog.js';
import { isPersonalColumn } from '../../../src/core/events/personalColumns.js';
import { plainText } from '../../../src/cli/readers/plainText.js';
import { readCatalog } from '../../../src/cli/readers/readCatalog.js';
import { readEvents } from '../../../src/core/events/readEvents.js';
import { openEventsFile } from '../../../src/cli/readers/openEventsFile.js';
import { EVENT_NAMES } from '../../../src/core/types.js';
import { cli, NOW_MS, temporaryFile, temporaryFolder } from './captureIo.js';

const shop = (name: string): string => fileURLToPath(new URL(`../../fixtures/shops/${name}`, import.meta.url));

describe('events of shop systems', () => {
  const GA4 = ['1001.1772359000 MUG-BLUE view_item', '1001.1772359000 MUG-BLUE add_to_cart', '1001.1772359000 MUG-BLUE purchase'];
  const GA4_REST = ['1001.1772359000 PLATE-S purchase', '2002.1772445690 PLATE-S view_item'];

  it.each(['ga4.jsonl', 'ga4.csv'])('reads the GA4 export %s: microseconds, nested items, several items of a purchase', async (name) => {
    const read = await events(shop(name));
    expect(read.format).toBe('ga4');
    expect(read.triples).toEqual([...GA4, ...GA4_REST]);
    expect(read.times[0]).toBe(1_772_359_200_000);
    expect(read.log.titles.get('PLATE-S')).toBe('Small plate');
  });

  it('reads Shopify orders: order fields filled forward, refunds and lines without SKU dropped, customers as numbers', async () => {
    const read = await events(shop('shopify-orders.csv'));
    expect(read.format).toBe('shopify-orders');
    expect(read.triples).toEqual([
      'customer 1 MUG-BLUE view_item',
      'customer 1 PLATE-S view_item',
      'customer 1 PLATE-S view_item',
      'customer 2 BOWL view_item',
    ]);
    expect([...read.log.dropped]).toEqual([
      ['cancelled, failed or refunded orders', 1],
      ['no item id', 1],
    ]);
    expect(read.times[0]).toBe(Date.UTC(2026, 2, 1, 9, 2, 9));
    expect(read.times[3]).toBe(Date.UTC(2026, 2, 11, 7, 59, 0));
    expect(read.note).toMatch(/Email tells customers apart while reading and is kept nowhere; personal columns dropped: Billing Name/);
    expect(JSON.stringify([read.log.userIds, read.log.itemIds, [...read.log.titles]])).not.toContain('@');
  });

  it('reads WooCommerce orders with one line per item; guests are told apart by e-mail', async () => {
    const read = await events(shop('woocommerce-orders.csv'));
    expect(read.format).toBe('woocommerce-orders');
    expect(read.triples).toEqual([
      'customer 1 MUG-BLUE view_item',
      'customer 1 PLATE-S view_item',
      'customer 2 BOWL view_item',
      'customer 2 PLATE-S view_item',
    ]);
  });

  it('reads WooCommerce orders with one line per order and line_item columns; the product id stands in for a missing SKU', async () => {
    const read = await events(shop('woocommerce-orders-wide.csv'));
    expect(read.triples).toEqual(['customer 1 MUG-BLUE view_item', 'customer 1 22 view_item', 'customer 2 BOWL view_item']);
    expect(read.times[0]).toBe(Date.UTC(2026, 2, 1, 10, 2));
  });

  it('reads RecBole .inter', async () => {
    const read = await events(shop('sample.inter'));
    expect([read.format, read.triples]).toEqual(['recbole', ['1 10 view_item', '1 11 view_item', '2 10 view_item']]);
  });

  it('takes the column named with --columns for the customer, and the format named with --format', async () => {
    const read = await events(shop('shopify-orders.csv'), { columns: { user: 'Id' }, format: 'table' });
    expect(read.format).toBe('table');
    expect(read.triples).toContain('9001 MUG-BLUE view_item');
    const orders = await events(shop('shopify-orders.csv'), { columns: { user: 'Id' } });
    expect(new Set(orders.log.userIds)).toEqual(new Set(['customer 1', 'customer 2', 'customer 3']));
  });

  it('says which personal columns of any table are not read', async () => {
    const path = temporaryFile('orders.csv', 'Email,sku,Phone\nana@shop.example,MUG,000\n');
    const { note } = await events(path, { columns: { user: 'Email' } });
    expect(note).toBe('Email tells customers apart while reading and is kept nowhere; personal columns dropped: Phone');
  });

  it('says which columns an orders export lacks', async () => {
    const path = temporaryFile('orders.csv', 'order_id,status,order_date,customer_id,item_name\n1,completed,2026-01-01,7,Mug\n');
    await expect(events(path)).rejects.toThrow(/read as woocommerce-orders, but has no item column.*one line per line item/);
  });

  it('prints how the files were understood', async () => {
    const { stdout, code } = await cli([
      'train',
      shop('shopify-orders.csv'),
      '--catalog',
      shop('shopify-products-new.csv'),
      '--out',
      `${temporaryFolder()}/model`,
      '--factors',
      '2',
      '--epochs',
      '1',
      '--no-evaluate',
      '--min-coverage',
      '0',
    ]);
    expect(code).toBe(0);
    expect(stdout).toMatch(/as shopify-orders \(order=Name, email=Email, time=Created at, item=Lineitem sku/);
    expect(stdout).toMatch(/as shopify-products, ids from SKU/);
    expect(stdout).toContain('personal columns dropped');
  });
});

describe('catalogues of shop systems', () => {
  const MUG = {
    groupId: 'mug',
    title: 'Stoneware mug',
    description: 'Holds 300 ml & more.',
    brand: 'Kiln',
    category: 'Mugs',
    tags: ['stoneware', 'gift'],
    price: 12.5,
    url: '/products/mug',
  };

  it.each(['shopify-products-old.csv', 'shopify-products-new.csv'])(
    'reads %s: variants filled from their product, pictures passed over',
    async (name) => {
      const read = await readCatalog(shop(name));
      expect(read.format).toBe('shopify-products');
      expect(read.items).toEqual([
        { ...MUG, itemId: 'MUG-BLUE', colour: 'Blue', image: 'https://cdn.shop.example/mug-blue.jpg', inStock: true },
        { ...MUG, itemId: 'MUG-RED', colour: 'Red', image: 'https://cdn.shop.example/mug-red.jpg', inStock: false },
        {
          itemId: 'PLATE-S',
          groupId: 'plate-small',
          title: 'Small plate',
          brand: 'Kiln',
          category: 'Plates',
          price: 8,
          url: '/products/plate-small',
          image: 'https://cdn.shop.example/plate.jpg',
          inStock: true,
        },
        {
          itemId: 'bowl',
          groupId: 'bowl',
          title: 'Bowl',
          brand: 'Kiln',
          category: 'Bowls',
          price: 15,
          url: '/products/bowl',
          inStock: false,
        },
      ]);
      expect(JSON.stringify(read.items)).not.toContain('4.2');
    },
  );

  it('makes one item of each Shopify product when the handle is the id', async () => {
    const read = await readCatalog(shop('shopify-products-old.csv'), new Map([['itemId', 'Handle']]));
    expect(read.items.map(({ itemId }) => itemId)).toEqual(['mug', 'plate-small', 'bowl']);
  });

  it('reads WooCommerce products: variations take from their parent, sale prices count', async () => {
    const read = await readCatalog(shop('woocommerce-products.csv'));
    expect(read.format).toBe('woocommerce-products');
    expect(read.items[1]).toEqual({
      itemId: '22',
      sku: 'MUG-BLUE',
      groupId: '21',
      title: 'Stoneware mug - Blue',
      description: 'Holds 300 ml.',
      category: 'Kitchen > Mugs',
      price: 9.9,
      image: 'https://shop.example/mug-blue.jpg',
      colour: 'Blue',
      inStock: true,
    });
    expect(read.items[2]).toMatchObject({ groupId: '21', price: 12.5, inStock: false });
    expect(read.items[3]).toMatchObject({ itemId: '24', inStock: false });
    const bySku = await readCatalog(shop('woocommerce-products.csv'), new Map([['itemId', 'SKU']]));
    expect(bySku.items.map(({ itemId }) => itemId)).toEqual(['MUG', 'MUG-BLUE', 'MUG-RED', 'PLATE-S']);
  });

  it('reads a Google feed in RSS: plain and prefixed names, CDATA, sale price, nested fields passed over', async () => {
    const read = await readCatalog(shop('feed-rss.xml'));
    expect(read.format).toBe('google-feed');
    expect(read.items).toEqual([
      {
        itemId: 'MUG-BLUE',
        groupId: 'mug',
        title: 'Mug & saucer, blue',
        description: 'Holds 300 ml & more.',
        brand: 'Kiln',
        category: 'Kitchen > Mugs',
        price: 9.9,
        currency: 'EUR',
        url: 'https://shop.example/mug?c=blue&x=1',
        image: 'https://shop.example/mug-blue.jpg',
        color: 'blue',
        inStock: true,
      },
      { itemId: 'PLATE-S', title: 'Small plate', price: 8, currency: 'EUR', gtin: '0042000000001', inStock: false },
    ]);
  });

  it('reads a Google feed in Atom and as TSV', async () => {
    expect((await readCatalog(shop('feed-atom.xml'))).items).toEqual([
      {
        itemId: 'MUG-BLUE',
        title: 'Mug, blue',
        category: 'Kitchen',
        price: 12.5,
        currency: 'EUR',
        url: 'https://shop.example/mug',
        image: 'https://shop.example/mug-blue.jpg',
        inStock: true,
      },
    ]);
    const tsv = await readCatalog(shop('feed.tsv'));
    expect(tsv.format).toBe('google-feed');
    expect(tsv.items[1]).toMatchObject({ itemId: '0042', inStock: false, price: 8 });
  });

  it('reads the JSON-LD of a folder of pages: arrays, @graph, lists, variants; broken blocks are counted', async () => {
    const read = await readCatalog(shop('pages'));
    expect(read.items).toEqual([
      { itemId: 'BOWL', title: 'Bowl', price: 15, currency: 'EUR' },
      {
        itemId: 'MUG-BLUE',
        groupId: 'mug',
        title: 'Stoneware mug, blue',
        brand: 'Kiln',
        category: 'Mugs',
        color: 'blue',
        price: 12.5,
        currency: 'EUR',
        image: 'https://shop.example/mug-blue.jpg',
        url: 'https://shop.example/p/mug?c=blue',
        inStock: true,
      },
      {
        itemId: 'MUG-RED',
        groupId: 'mug',
        title: 'Stoneware mug, red',
        brand: 'Kiln',
        category: 'Mugs',
        color: 'red',
        price: 12.5,
        currency: 'EUR',
        inStock: false,
      },
      { itemId: '42', title: 'Small plate', price: 8, currency: 'EUR' },
    ]);
    expect(read.notes.join()).toMatch(/3 pages read.*1 blocks of broken JSON passed over/);
    expect((await readCatalog(shop('pages/p/mug.html'))).items).toHaveLength(2);
  });

  it.each([
    ['cut XML', '<rss><channel><item><id>1</id>', /not well-formed XML/],
    ['a bare ampersand', '<rss><channel><item><id>1</id><title>a & b</title></item></channel></rss>', /not well-formed XML.*&amp;/],
    ['XML without items', '<rss><channel></channel></rss>', /neither <item> nor <entry>/],
    ['a page without JSON-LD', '<!doctype html><p>hello</p>', /no schema.org Product in JSON-LD/],
    ['a page whose JSON-LD is broken', '<html><script type="application/ld+json">{]</script>', /JSON-LD of 1 blocks is broken/],
  ])('explains %s', async (_, text, message) => {
    await expect(readCatalog(temporaryFile('catalog', text))).rejects.toThrow(message);
  });

  it('expands no entity that a feed declares', async () => {
    const bomb = '<!DOCTYPE r [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;">]><rss><item><id>1</id><title>&b;</title></item></rss>';
    await expect(readCatalog(temporaryFile('feed.xml', bomb))).rejects.toThrow(/not well-formed XML/);
  });

  it('drops columns that name persons and says so', async () => {
    const read = await readCatalog(
      temporaryFile('c.csv', 'id,title,Customer Email,Billing Name,headphone_type\n1,Lamp,a@b.example,Ana,over-ear\n'),
    );
    expect(read.items).toEqual([{ itemId: '1', title: 'Lamp', headphone_type: 'over-ear' }]);
    expect(read.notes).toEqual(['personal columns dropped: Customer Email, Billing Name']);
  });

  it('hints at the column whose values the events use', async () => {
    const path = temporaryFile('events.csv', 'user,item\na,MUG-BLUE\na,PLATE-S\nb,MUG-RED\n');
    const out = `${temporaryFolder()}/model`;
    const { stderr } = await cli(['train', path, '--catalog', shop('woocommerce-products.csv'), '--out', out]);
    expect(stderr).toContain('say --catalog-columns itemId=SKU');
    const fixed = await cli([
      'train',
      path,
      '--catalog',
      shop('woocommerce-products.csv'),
      '--catalog-columns',
      'itemId=SKU',
      '--out',
      out,
      '--factors',
      '2',
    ]);
    expect(fixed).toMatchObject({ code: 0 });
  });

  it.each([
    ['1001,1002,1003', 'SKU-A,SKU-B,SKU-C', /Ids on one side are numbers, on the other texts/],
    ['0042,0043,0044', '42,43,44', /differ only in leading zeros/],
  ])('hints at mixed kinds of ids: %s and %s', async (left, right, message) => {
    const path = temporaryFile(
      'events.csv',
      `user,item\n${left
        .split(',')
        .map((id) => `a,${id}\n`)
        .join('')}`,
    );
    const catalog = temporaryFile(
      'catalog.csv',
      `id,title\n${right
        .split(',')
        .map((id) => `${id},Lamp\n`)
        .join('')}`,
    );
    const { stderr, code } = await cli(['train', path, '--catalog', catalog, '--out', `${temporaryFolder()}/model`]);
    expect([code, stderr]).toEqual([1, expect.stringMatching(message)]);
  });
});

describe('isPersonalColumn', () => {
  it.each(['Email', 'Billing Name', 'Shipping Street', 'customer_phone', 'First Name (Billing)', 'IP Address', 'Address 1'])(
    'knows %s',
    (name) => expect(isPersonalColumn(name)).toBe(true),
  );
  it.each(['name', 'headphone_type', 'shipping_weight', 'product_type', 'country', 'mobile', 'item_name'])('leaves %s', (name) =>
    expect(isPersonalColumn(name)).toBe(false),
  );
});

describe('plainText', () => {
  it('takes tags and scripts out and decodes entities', () => {
    expect(plainText('<p>A&nbsp;<b>bold</b> &#38; &#x41;</p><script>x()</script>')).toBe('A bold & A');
    expect(plainText('x'.repeat(600))).toHaveLength(500);
  });
});

async function events(path: string, options: { columns?: Record<string, string>; format?: 'table' } = {}) {
  const log = new InteractionLog(NOW_MS);
  const { format, note } = await readEvents(openEventsFile(path), log, {
    format: options.format ?? null,
    columns: new Map(Object.entries(options.columns ?? {})),
    signal: new AbortController().signal,
  });
  const byUser = log.byUser(Int32Array.from(log.itemIds.keys()), log.itemIds.length);
  const triples: string[] = [];
  for (let user = 0; user < byUser.userCount; user++) {
    for (let at = byUser.offsets[user]!; at < byUser.offsets[user + 1]!; at++)
      triples.push(`${log.userIds[user]} ${log.itemIds[byUser.items[at]!]} ${EVENT_NAMES[byUser.kinds[at]!]}`);
  }
  return { log, format, note, triples, times: [...byUser.timesMs] };
}
