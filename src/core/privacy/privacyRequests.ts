import type { Consent } from './consent.js';
import { CONSENTS } from './consent.js';
import type { HistoryExport, ImportResult } from './historyExport.js';

/** What every tab of the shop must follow. */
export type PrivacyOrder =
  | { readonly kind: 'consent'; readonly consent: Consent }
  /** The shopper at this device is another one; empty: a guest. */
  | { readonly kind: 'profile'; readonly profile: string }
  /** Everything of everybody goes. */
  | { readonly kind: 'erase' };

/** What a page may ask. `import`: an export as text or parsed. */
export type PrivacyRequest = PrivacyOrder | { readonly kind: 'export' } | { readonly kind: 'import'; readonly file: unknown };

/** What the worker hears from another tab, unread. */
export interface ToldOrder {
  readonly kind: 'told';
  readonly order: unknown;
}

export interface PrivacyAnswers {
  readonly consent: null;
  readonly profile: null;
  readonly erase: null;
  readonly export: HistoryExport;
  readonly import: ImportResult;
}

const MAX_PROFILE_LENGTH = 64;

/** Takes an order out of what a page or another tab said; null when it is none. */
export function readOrder(value: unknown): PrivacyOrder | null {
  if (typeof value !== 'object' || value === null) return null;
  const { kind, consent, profile } = value as Record<string, unknown>;
  if (kind === 'erase') return { kind };
  const known = CONSENTS.find((one) => one === consent);
  if (kind === 'consent') return known ? { kind, consent: known } : null;
  return kind === 'profile' && typeof profile === 'string' && profile.length <= MAX_PROFILE_LENGTH ? { kind, profile } : null;
}
