import { gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { EVENT_NAMES } from '../../../src/core/types.js';
import { InteractionLog } from '../../../src/core/events/interactionLog.js';
import type { EventsFormat } from '../../../src/core/events/eventsFormat.js';
import { parseTime } from '../../../src/core/events/parseTime.js';
import { readEvents } from '../../../src/core/events/readEvents.js';
import { openEventsFile } from '../../../src/cli/readers/openEventsFile.js';
import { NOW_MS, temporaryFile } from './captureIo.js';

describe('readEvents', () => {
  it.each([
    ['user,item', 'timestamp'],
    ['user_id,item_id', 'time'],
    ['userId,itemId', 'ts'],
    ['SessionId,ItemId', 'Time'],
    ['session_id,product_id', 'timestampMs'],
    ['CustomerID,StockCode', 'InvoiceDate'],
    ['user_id:token,item_id:token', 'timestamp:float'],
    ['"User ID","SKU"', '"Event Time"'],
  ])('knows the columns %s and %s', async (ids, time) => {
    const read = await events(`${ids},${time}\na,x,1700000000\nb,y,1700000001\n`);
    expect(read.triples).toEqual(['a x view_item', 'b y view_item']);
    expect(read.times).toEqual([1_700_000_000_000, 1_700_000_001_000]);
  });

  it('reads TSV, semicolons, quoted fields, a byte order mark and gzip alike', async () => {
    for (const text of ['user\titem\na\tx\n', 'user;item\na;x\n', '\uFEFF"user","item"\r\n"a","x"\r\n']) {
      expect((await events(text)).triples).toEqual(['a x view_item']);
      expect((await events(gzipSync(text))).triples).toEqual(['a x view_item']);
    }
  });

  it('sorts the events of a user by time, equal times in file order', async () => {
    const read = await events('user,item,time\na,third,30\nb,other,1\na,first,10\na,second,10\n');
    expect(read.triples).toEqual(['a first view_item', 'a second view_item', 'a third view_item', 'b other view_item']);
  });

  it('reads event names in their usual spellings and counts what it cannot use', async () => {
    const read = await events(
      'user,item,event\na,x,view_item\na,y,addtocart\na,z,Product Viewed\na,x,purchase\na,x,view_item_list\na,x,jump\n',
    );
    expect(read.triples).toEqual(['a x view_item', 'a y add_to_cart', 'a z view_item', 'a x purchase']);
    expect([...read.log.dropped.values()]).toEqual([1, 1]);
    expect([...read.log.dropped.keys()].join()).toContain('jump');
  });

  it('drops cancellations, returns and anonymous lines of an orders export, with reasons, and keeps its titles', async () => {
    const read = await events(
      'InvoiceNo,StockCode,Description,Quantity,InvoiceDate,UnitPrice,CustomerID,Country\n' +
        '1,A,LAMP,6,2010-12-01 08:26:00,2.5,17850.0,UK\nC2,A,LAMP,-6,2010-12-01 08:26:00,2.5,17850.0,UK\n' +
        '3,B,VASE,0,2010-12-01 08:26:00,2.5,17850.0,UK\n4,B,VASE,1,2010-12-01 08:26:00,2.5,,UK\n5,B,,1,2010-12-02 08:26:00,2.5,1.0,UK\n',
    );
    expect(read.triples).toEqual(['17850.0 A view_item', '1.0 B view_item']);
    expect([...read.log.dropped.values()]).toEqual([1, 1, 1]);
    expect([...read.log.titles]).toEqual([
      ['A', 'LAMP'],
      ['B', 'VASE'],
    ]);
  });

  it('takes the order for the shopper when there is no user column', async () => {
    expect((await events('order_id,sku\n1,x\n1,y\n2,x\n')).triples).toEqual(['1 x view_item', '1 y view_item', '2 x view_item']);
  });

  it('reads flat JSONL, GA4 items, GA4 under ecommerce, and Segment', async () => {
    const lines = [
      { user_id: 7, item_id: 12, timestamp: 1_700_000_000 },
      {
        user_pseudo_id: 'g',
        event_name: 'purchase',
        event_timestamp: 1_700_000_000_000_000,
        items: [{ item_id: 'x', quantity: 2 }, { item_id: 'y' }],
      },
      { user_pseudo_id: 'g', event: 'add_to_cart', ecommerce: { items: [{ item_id: 'z' }] } },
      { anonymousId: 's', event: 'Product Viewed', timestamp: '2023-11-14T22:13:20Z', properties: { product_id: 'w' } },
    ];
    const read = await events(lines.map((line) => JSON.stringify(line)).join('\n'));
    expect(read.triples.sort()).toEqual(['7 12 view_item', 'g x purchase', 'g y purchase', 'g z add_to_cart', 's w view_item']);
  });

  it('takes --columns before the usual names', async () => {
    const read = await events('user,item,buyer,thing\na,x,b,y\n', { columns: { user: 'buyer', item: 'thing' } });
    expect(read.triples).toEqual(['b y view_item']);
  });

  it.each<[EventsFormat | null, string, string[]]>([
    ['sequences', '1 2\n3\n', ['line 1 1', 'line 1 2', 'line 2 3']],
    ['user-items', '1 2 5\n3 4\n', ['1 2', '1 5', '3 4']],
    [null, '1 2 5\n3 4\n6 1\n', ['1 2', '1 5', '3 4', '6 1']],
    [null, '1 2\n1 3\n2 4\n2\n', ['line 1 1', 'line 1 2', 'line 2 1', 'line 2 3', 'line 3 2', 'line 3 4', 'line 4 2']],
    ['prefix-target', '1 2\t3\n4\t5\n', ['line 1 1', 'line 1 2', 'line 1 3', 'line 2 4', 'line 2 5']],
    [null, '1 2\t3\n4\t5\n6 7\t8\n', ['line 1 1', 'line 1 2', 'line 1 3', 'line 2 4', 'line 2 5', 'line 3 6', 'line 3 7', 'line 3 8']],
  ])('reads plain lines as %s: %j', async (format, text, expected) => {
    const read = await events(text, { format });
    expect(read.triples).toEqual(expected.map((pair) => `${pair} view_item`));
    expect(read.note === '').toBe(format !== null);
  });

  it('says how to change a guess between the plain formats', async () => {
    expect((await events('1 2 5\n3 4\n6 1\n')).note).toContain('--format sequences');
    expect((await events('1 2\n1 3\n2 4\n')).note).toContain('--format user-items');
  });

  it.each(['nan', 'NaN', 'null', 'None', 'undefined', '(not set)'])('takes the id %s for none', async (blank) => {
    const read = await events(`user,item\n${blank},x\na,${blank}\na,x\n`);
    expect(read.triples).toEqual(['a x view_item']);
    expect([...read.log.dropped.keys()]).toEqual(['anonymous (no user id)', 'no item id']);
  });

  it('counts events in the future', async () => {
    expect((await events('user,item,time\na,x,2031-01-01\na,y,2020-01-01\n')).log.futureCount).toBe(1);
  });

  it.each([
    ['an empty file', '', /is empty/],
    ['a header alone', 'user,item\n', /no usable event: a header, and no line below it/],
    ['unknown columns', 'who,what\na,b\n', /no user and no item column. Columns seen: who, what. Names known for user: user, userid/],
    [
      'a quote that is never closed',
      'user,item\n"a,x\nb,y\n',
      /quoting is broken at line 2 or not far below: a quote is opened and never closed/,
    ],
    ['a quote in a bare field', 'user,item\na"b,x\n', /quoting is broken at line 2/],
    ['a cut JSON line', '{"user":"a","item":"x"}\n{"user":', /line 2 is not JSON/],
    ['JSON without items', '{"user":"a","thing":"x"}\n', /no object holds an item. Fields seen: user, thing/],
    ['a JSON array', '[{"user":"a"}]', /JSON array.*JSONL/],
    ['times that are none', 'user,item,time\na,x,soon\n', /unreadable time: 1/],
    ['zero bytes', 'user\0item\n', /not a text file/],
  ])('explains %s', async (_, text, message) => {
    await expect(events(text)).rejects.toThrow(message);
  });

  it('explains gzip that is cut', async () => {
    const whole = gzipSync(Array.from({ length: 500 }, (_, i) => `u${i},x${i * 7919}\n`).join(''));
    await expect(events(whole.subarray(0, whole.length - 40))).rejects.toThrow(/cannot be unpacked/);
  });
});

describe('parseTime', () => {
  it.each([
    [1_700_000_000, 1_700_000_000_000],
    ['1700000000', 1_700_000_000_000],
    ['1700000000000', 1_700_000_000_000],
    [1_700_000_000_000_000, 1_700_000_000_000],
    ['2011-12-09 12:50:00', Date.UTC(2011, 11, 9, 12, 50)],
    ['2014-04-07T10:51:09.277Z', Date.UTC(2014, 3, 7, 10, 51, 9, 277)],
    ['2014-04-07T10:51:09+02:00', Date.UTC(2014, 3, 7, 8, 51, 9)],
    ['2014-04-07', Date.UTC(2014, 3, 7)],
    ['20140407', Date.UTC(2014, 3, 7)],
    ['12/1/2010 8:26', Date.UTC(2010, 11, 1, 8, 26)],
  ])('reads %j', (value, expected) => expect(parseTime(value)).toBe(expected));

  it.each(['', 'soon', null, undefined, -1, NaN])('refuses %j', (value) => expect(parseTime(value)).toBeNaN());
});

async function events(content: string | Uint8Array, options: { format?: EventsFormat | null; columns?: Record<string, string> } = {}) {
  const log = new InteractionLog(NOW_MS);
  const { format = null, columns = {} } = options;
  const source = await readEvents(openEventsFile(temporaryFile('events', content)), log, {
    format,
    columns: new Map(Object.entries(columns)),
    signal: new AbortController().signal,
  });
  const byUser = log.byUser(Int32Array.from(log.itemIds.keys()), log.itemIds.length);
  const triples: string[] = [];
  for (let user = 0; user < byUser.userCount; user++) {
    for (let at = byUser.offsets[user]!; at < byUser.offsets[user + 1]!; at++) {
      triples.push(`${log.userIds[user]} ${log.itemIds[byUser.items[at]!]} ${EVENT_NAMES[byUser.kinds[at]!]}`);
    }
  }
  return { log, triples, times: [...byUser.timesMs], note: source.note };
}
