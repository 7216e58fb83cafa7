import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { isTabMessage } from '../../../worker/tabMessages.js';

const entry = { id: 'a', timeMs: 1, event: 'view_item', itemId: 'i1', quantity: 1 };
const mark = { generation: 'g', sequence: 3 };

describe('a message from another tab', () => {
  it.each([
    { kind: 'saved', before: mark, after: { ...mark, sequence: 4 }, added: [entry], removedIds: ['b'] },
    { kind: 'saved', before: null, after: null, added: [], removedIds: [] },
    { kind: 'forget', selector: 'all' },
    { kind: 'forget', selector: { itemId: 'i1' } },
    { kind: 'forget', selector: { beforeMs: 5 } },
  ])('is heard: %j', (message) => expect(isTabMessage(message)).toBe(true));

  it.each([
    null,
    'clear',
    { kind: 'clear' },
    { kind: 'forget' },
    { kind: 'forget', selector: { ids: [1] } },
    { kind: 'saved', before: mark, after: mark, added: [{ ...entry, event: 'steal' }], removedIds: [] },
    { kind: 'saved', before: mark, after: mark, added: [{ ...entry, timeMs: Number.NaN }], removedIds: [] },
    { kind: 'saved', before: mark, after: mark, added: [{ ...entry, itemId: 'x'.repeat(300) }], removedIds: [] },
    { kind: 'saved', before: { ...mark, sequence: 1.5 }, after: mark, added: [], removedIds: [] },
  ])('is not heard: %j', (message) => expect(isTabMessage(message)).toBe(false));

  it('is judged without an error, whatever it is', () => {
    fc.assert(
      fc.property(fc.anything(), (value) => {
        expect(typeof isTabMessage(value)).toBe('boolean');
      }),
      { numRuns: 5_000 },
    );
  });
});
