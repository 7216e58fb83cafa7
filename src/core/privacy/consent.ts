/** What the shopper allows, and what follows from it for the history. */
import type { HistoryOptions } from '../types.js';

/** `pending`: not asked or not answered yet. */
export type Consent = 'granted' | 'denied' | 'pending';
export const CONSENTS = ['granted', 'denied', 'pending'] as const satisfies readonly Consent[];

export type HistoryMode = NonNullable<HistoryOptions['mode']>;

/**
 * How the history is kept, given what the shop asked for and the shopper allows: without consent nothing is stored. While it is
 * pending, events stay in memory; denied, none are kept at all.
 */
export function modeUnder(mode: HistoryMode, consent: Consent): HistoryMode {
  if (mode === 'off' || consent === 'denied') return 'off';
  return consent === 'granted' ? mode : 'memory';
}

/** One answer out of several sources: a refusal anywhere counts, and so does a question that is still open. No source: pending. */
export function combineConsent(answers: readonly Consent[]): Consent {
  if (answers.includes('denied')) return 'denied';
  return answers.length === 0 || answers.includes('pending') ? 'pending' : 'granted';
}

/**
 * Global Privacy Control (`navigator.globalPrivacyControl`): a general refusal. It answers what is still open; what the shopper has
 * granted to this very shop is the more special answer and stands.
 */
export function consentUnderGpc(consent: Consent, hasGpc: boolean): Consent {
  return hasGpc && consent === 'pending' ? 'denied' : consent;
}
