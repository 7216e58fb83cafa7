import { describe, expect, it } from 'vitest';
import type { Consent, HistoryMode } from '../../../src/core/privacy/consent.js';
import { CONSENTS, combineConsent, consentUnderGpc, modeUnder } from '../../../src/core/privacy/consent.js';
import { consentFromGoogle } from '../../../src/core/privacy/googleConsent.js';
import { consentFromTcf } from '../../../src/core/privacy/tcfConsent.js';

/** gtag pushes its `arguments` object, which is no array. */
const command = (...args: unknown[]): unknown =>
  (function gtag(..._given: unknown[]) {
    return arguments;
  })(...args);
const granted = { personalization_storage: 'granted' };
const denied = { personalization_storage: 'denied' };

describe('consent, Global Privacy Control and mode', () => {
  // Mode asked for, consent, GPC -> how the history is kept. Written out, so that no change passes unseen.
  const TABLE: readonly [HistoryMode, Consent, boolean, HistoryMode][] = [
    ['persistent', 'granted', false, 'persistent'],
    ['persistent', 'granted', true, 'persistent'],
    ['persistent', 'pending', false, 'memory'],
    ['persistent', 'pending', true, 'off'],
    ['persistent', 'denied', false, 'off'],
    ['persistent', 'denied', true, 'off'],
    ['memory', 'granted', false, 'memory'],
    ['memory', 'granted', true, 'memory'],
    ['memory', 'pending', false, 'memory'],
    ['memory', 'pending', true, 'off'],
    ['memory', 'denied', false, 'off'],
    ['memory', 'denied', true, 'off'],
    ['off', 'granted', false, 'off'],
    ['off', 'granted', true, 'off'],
    ['off', 'pending', false, 'off'],
    ['off', 'pending', true, 'off'],
    ['off', 'denied', false, 'off'],
    ['off', 'denied', true, 'off'],
  ];

  it('give a mode in every combination', () => {
    expect(new Set(TABLE.map(([mode, consent, gpc]) => `${mode} ${consent} ${gpc}`)).size).toBe(3 * CONSENTS.length * 2);
    for (const [mode, consent, gpc, kept] of TABLE)
      expect(modeUnder(mode, consentUnderGpc(consent, gpc)), `${mode}, ${consent}, GPC ${gpc}`).toBe(kept);
  });

  it('never store without a grant', () => {
    for (const [, consent, , kept] of TABLE) if (kept === 'persistent') expect(consent).toBe('granted');
  });

  it('follow the strictest of several sources', () => {
    for (const a of CONSENTS)
      for (const b of CONSENTS) {
        const strictest = [a, b].includes('denied') ? 'denied' : [a, b].includes('pending') ? 'pending' : 'granted';
        expect(combineConsent([a, b])).toBe(strictest);
      }
    expect(combineConsent([])).toBe('pending');
  });
});

describe('Google Consent Mode', () => {
  it('reads every default and update', () => {
    const settings = [undefined, 'granted', 'denied'] as const;
    const expected: Record<string, Consent> = {
      'undefined undefined': 'pending',
      'undefined granted': 'granted',
      'undefined denied': 'denied',
      'granted undefined': 'granted',
      'granted granted': 'granted',
      'granted denied': 'denied',
      'denied undefined': 'pending',
      'denied granted': 'granted',
      'denied denied': 'denied',
    };
    for (const first of settings)
      for (const then of settings) {
        const layer = [
          command('consent', 'default', { ...(first && { personalization_storage: first }), wait_for_update: 500 }),
          { event: 'view_item' },
          command('consent', 'update', { ...(then && { personalization_storage: then }) }),
        ];
        expect(consentFromGoogle(layer), `${first} then ${then}`).toBe(expected[`${first} ${then}`]);
      }
  });

  it('takes no advertising consent for it', () => {
    const ads = { ad_storage: 'granted', ad_user_data: 'granted', ad_personalization: 'granted', analytics_storage: 'granted' };
    expect(consentFromGoogle([command('consent', 'update', ads)])).toBe('pending');
    expect(consentFromGoogle([command('consent', 'update', { ...ads, personalization_storage: 'denied' })])).toBe('denied');
    expect(consentFromGoogle([command('consent', 'update', { ad_storage: 'denied', ...granted })])).toBe('granted');
  });

  it('takes other types when they are named, and all of them', () => {
    const types = ['personalization_storage', 'ad_storage'];
    expect(consentFromGoogle([command('consent', 'update', granted)], types)).toBe('pending');
    expect(consentFromGoogle([command('consent', 'update', { ...granted, ad_storage: 'granted' })], types)).toBe('granted');
    expect(consentFromGoogle([command('consent', 'update', { ...granted, ad_storage: 'denied' })], types)).toBe('denied');
  });

  it('lets the last update count, and no default after it', () => {
    expect(consentFromGoogle([command('consent', 'update', granted), command('consent', 'update', denied)])).toBe('denied');
    expect(consentFromGoogle([command('consent', 'update', denied), command('consent', 'default', granted)])).toBe('denied');
  });

  it('counts a default for some regions only when it denies', () => {
    expect(consentFromGoogle([command('consent', 'default', { ...granted, region: ['US'] })])).toBe('pending');
    const both = [command('consent', 'default', granted), command('consent', 'default', { ...denied, region: ['DE'] })];
    expect(consentFromGoogle(both)).toBe('pending');
  });

  it('reads arrays too, and passes over everything else', () => {
    const noise = [
      null,
      7,
      'consent',
      [],
      ['consent'],
      ['consent', 'update'],
      ['consent', 'update', null],
      ['consent', 'reset', granted],
      {},
    ];
    expect(consentFromGoogle(noise)).toBe('pending');
    expect(consentFromGoogle([...noise, ['consent', 'update', granted]])).toBe('granted');
    expect(consentFromGoogle([['consent', 'update', { personalization_storage: 'yes' }]])).toBe('pending');
  });
});

describe('the TCF', () => {
  const all = { 1: true, 5: true, 6: true };

  it('needs purposes 1, 5 and 6, all of them', () => {
    for (let mask = 0; mask < 8; mask++) {
      const consents = { 1: (mask & 1) > 0, 5: (mask & 2) > 0, 6: (mask & 4) > 0, 2: true, 3: true, 4: true };
      const data = { gdprApplies: true, eventStatus: 'useractioncomplete', purpose: { consents } } as const;
      expect(consentFromTcf(data), JSON.stringify(consents)).toBe(mask === 7 ? 'granted' : 'denied');
    }
  });

  it('is pending until the dialog is answered, in every state', () => {
    const states = [
      [undefined, 'pending'],
      ['cmpuishown', 'pending'],
      ['tcloaded', 'granted'],
      ['useractioncomplete', 'granted'],
    ] as const;
    for (const gdprApplies of [true, undefined])
      for (const [eventStatus, consent] of states)
        expect(consentFromTcf({ gdprApplies, eventStatus, purpose: { consents: all } })).toBe(consent);
    expect(consentFromTcf({})).toBe('pending');
  });

  it('asks for nothing where the GDPR does not apply', () => {
    expect(consentFromTcf({ gdprApplies: false, eventStatus: 'tcloaded' })).toBe('granted');
  });

  it("prefers the publisher's own consents where the CMP collects them", () => {
    const loaded = { gdprApplies: true, eventStatus: 'tcloaded' } as const;
    expect(consentFromTcf({ ...loaded, purpose: { consents: all }, publisher: { consents: { 1: true } } })).toBe('denied');
    expect(consentFromTcf({ ...loaded, purpose: { consents: {} }, publisher: { consents: all } })).toBe('granted');
    expect(consentFromTcf({ ...loaded, purpose: { consents: all }, publisher: { consents: {} } })).toBe('granted');
  });
});
