import { Ajv2020 } from 'ajv/dist/2020.js';
import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { RecommenderError } from '../../../src/core/errors.js';
import { readHistoryExport } from '../../../src/core/privacy/historyExport.js';
import { HISTORY_EVENTS } from '../../../src/core/types.js';

const schema = JSON.parse(readFileSync('src/shelfmate-export.schema.json', 'utf8')) as {
  properties: { history: { items: { properties: { event: { enum: string[] } } } } };
};
const fitsSchema = new Ajv2020().compile(schema);
const entry = { id: 'a-000', timeMs: 5, event: 'view_item', itemId: 'A', quantity: 1 } as const;
const good = { format: 'shelfmate-export', version: 1, exportedAtMs: 7, profile: '', history: [entry] } as const;

function reads(value: unknown): boolean {
  try {
    readHistoryExport(value);
    return true;
  } catch (error) {
    expect(error).toBeInstanceOf(RecommenderError);
    expect((error as RecommenderError).code).toBe('input/bad-file');
    return false;
  }
}

describe('the export file', () => {
  it('is read as it was written, as text and parsed', () => {
    expect(readHistoryExport(good)).toEqual(good);
    expect(readHistoryExport(JSON.stringify(good))).toEqual(good);
  });

  it('has the events in its schema that there are', () => {
    expect(schema.properties.history.items.properties.event.enum).toEqual([...HISTORY_EVENTS]);
  });

  it('is accepted where the schema accepts it, and nowhere else', () => {
    const odd = fc.oneof(
      fc.constantFrom(null, undefined, '', 'A', 0, 1, -1, 1.5, 8.64e15 + 2, 2 ** 53, true, [], {}),
      fc.string({ unit: 'grapheme-ascii', maxLength: 300 }),
      fc.double({ noNaN: true, noDefaultInfinity: true }),
    );
    const usually = <T>(value: T) => fc.oneof({ weight: 9, arbitrary: fc.constant<unknown>(value) }, { weight: 1, arbitrary: odd });
    const entries = fc.record({
      id: usually('x'),
      timeMs: usually(3),
      event: fc.oneof(fc.constantFrom<unknown>(...HISTORY_EVENTS), usually('purchase')),
      itemId: usually('B'),
      quantity: usually(2),
    });
    const files = fc.record({
      format: usually('shelfmate-export'),
      version: usually(1),
      exportedAtMs: usually(1),
      profile: usually('ana'),
      history: fc.oneof(
        { weight: 9, arbitrary: fc.array<unknown>(fc.oneof({ weight: 9, arbitrary: entries }, odd), { maxLength: 4 }) },
        odd,
      ),
    });
    const seen = { good: 0, bad: 0 };
    fc.assert(
      fc.property(files, (file) => {
        const json = JSON.parse(JSON.stringify(file)) as unknown;
        const isRead = reads(json);
        seen[isRead ? 'good' : 'bad']++;
        expect(isRead, JSON.stringify(json)).toBe(fitsSchema(json));
      }),
      { numRuns: 5_000, seed: 1 },
    );
    expect(Math.min(seen.good, seen.bad)).toBeGreaterThan(500);
  });

  it('is refused with a typed error whatever it is, and no prototype changes', () => {
    for (const text of [
      '',
      '{',
      '[]',
      'null',
      '<!doctype html>',
      '{"__proto__":{"polluted":1}}',
      JSON.stringify({ ...good, history: [{ ...entry, id: '' }] }),
    ])
      expect(reads(text), text).toBe(false);
    fc.assert(
      fc.property(fc.anything({ withNullPrototype: true }), (value) => void reads(value)),
      { numRuns: 2_000, seed: 2 },
    );
    expect('polluted' in {}).toBe(false);
  });

  it('carries known fields alone', () => {
    const file = JSON.parse(
      `{"__proto__":{"a":1},"format":"shelfmate-export","version":1,"exportedAtMs":7,"profile":"","more":1,"history":[{"id":"a","timeMs":1,"event":"purchase","itemId":"A","quantity":2,"__proto__":{"b":1},"more":2}]}`,
    ) as unknown;
    const read = readHistoryExport(file);
    expect(Object.keys(read)).toEqual(['format', 'version', 'exportedAtMs', 'profile', 'history']);
    expect(Object.keys(read.history[0]!)).toEqual(['id', 'timeMs', 'event', 'itemId', 'quantity']);
  });
});
