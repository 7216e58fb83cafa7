import fc from 'fast-check';
import { describe, it } from 'vitest';
import { RecommenderError } from '../../../src/core/errors.js';
import { toHistoryEntries } from '../../../src/core/historyEntries.js';
import { consentFromGoogle } from '../../../src/core/privacy/googleConsent.js';
import { readHistoryExport } from '../../../src/core/privacy/historyExport.js';
import { readOrder } from '../../../src/core/privacy/privacyRequests.js';
import { consentFromTcf } from '../../../src/core/privacy/tcfConsent.js';
import type { TcData } from '../../../src/core/privacy/tcfConsent.js';
import type { ItemFilter } from '../../../src/core/ranking/itemFilter.js';
import { parseFilter } from '../../../src/core/ranking/parseFilter.js';
import type { ShopEvent } from '../../../src/core/types.js';
import { decodeRecords, encodeRecord } from '../../../worker/mirrorRecords.js';
import { isTabMessage } from '../../../worker/tabMessages.js';
import { byteMutations, jsonMutations, mutateBytes, mutateJson } from './mutations.js';
import { FUZZ_TIMEOUT_MS, survives } from './survives.js';

const entry = { id: '0a-1', timeMs: 5, event: 'purchase', itemId: 'MUG-1', quantity: 2 } as const;
const mark = { generation: 'g', sequence: 3 };
const NOW_MS = Date.UTC(2026, 0, 1);

/** A sound value with something changed in it, or anything at all. */
const changed = (sound: unknown): fc.Arbitrary<unknown> =>
  fc.oneof(
    jsonMutations.map((changes) => {
      const text = new TextDecoder().decode(mutateJson(sound, changes));
      return JSON.parse(text) as unknown;
    }),
    fc.anything(),
  );

/** Says no, for readers that answer without an error. */
function refuse(isRefused: boolean): void {
  if (isRefused) throw new RecommenderError('input/invalid', 'refused');
}

describe('what another script says is read or refused at once, and changes no prototype', { timeout: FUZZ_TIMEOUT_MS }, () => {
  it('a message of another tab', async () => {
    const saved = { kind: 'saved', profile: '', before: mark, after: { ...mark, sequence: 4 }, added: [entry], removedIds: ['0a-0'] };
    await survives(changed(saved), (message) => refuse(!isTabMessage(message)));
    const forget = { kind: 'forget', profile: '', selector: { itemId: 'MUG-1' } };
    await survives(changed(forget), (message) => refuse(!isTabMessage(message)));
  });

  it('an order of consent, profile or erasure', () =>
    survives(changed({ kind: 'consent', consent: 'granted', profile: 'ann' }), (order) => refuse(readOrder(order) === null)));

  it('an exported history, as a value and as text', async () => {
    const file = { format: 'shelfmate-export', version: 1, exportedAtMs: 9, profile: '', history: [entry, { ...entry, id: '0a-2' }] };
    await survives(changed(file), (given) => readHistoryExport(given));
    const bytes = new TextEncoder().encode(JSON.stringify(file));
    await survives(byteMutations, (changes) => readHistoryExport(new TextDecoder().decode(mutateBytes(bytes, changes))));
  });

  it("a mirror's file", async () => {
    const records = [3, 4, 5].map((sequence) =>
      encodeRecord({ ...mark, sequence, added: [{ ...entry, id: `0a-${sequence}` }], removedIds: [] }),
    );
    const file = new Uint8Array(Buffer.concat(records));
    await survives(byteMutations, (changes) => refuse(decodeRecords(mutateBytes(file, changes)) === null));
  });

  it('an event to record', () =>
    survives(changed({ event: 'purchase', timestampMs: 5, items: [{ item_id: 'MUG-1', quantity: 2 }] }), (event) =>
      toHistoryEntries(event as ShopEvent, NOW_MS),
    ));

  it('a filter', () => {
    const fields = [
      { name: 'brand', type: 'string' },
      { name: 'price', type: 'number' },
      { name: 'inStock', type: 'boolean' },
      { name: 'tags', type: 'strings' },
    ] as const;
    const filter = { brand: ['Aro'], price: { min: 1, max: 5 }, not: { tags: { any: ['new'] } }, any: [{ inStock: true }, { brand: 'x' }] };
    return survives(changed(filter), (given) => parseFilter(given as ItemFilter, fields));
  });

  it("a tag manager's consent, and that of a consent dialog", async () => {
    const dataLayer = [{ 0: 'consent', 1: 'default', 2: { personalization_storage: 'denied', region: ['DE'] } }, ['consent', 'update', {}]];
    await survives(changed(dataLayer), (given) => refuse(consentFromGoogle(Array.isArray(given) ? given : [given]) !== 'granted'));
    const tcData = { gdprApplies: true, eventStatus: 'tcloaded', purpose: { consents: { 1: true, 5: true, 6: true } }, publisher: {} };
    await survives(changed(tcData), (given) => refuse(consentFromTcf(given as TcData) !== 'granted'));
  });
});
