/** Google Consent Mode v2, as a tag manager's `dataLayer` carries it. */
import type { Consent } from './consent.js';
import { combineConsent } from './consent.js';

/** What must be granted: Consent Mode's own words for "storage related to personalization", recommendations among it. */
export const GOOGLE_CONSENT_TYPES = ['personalization_storage'] as const;

interface Command {
  readonly kind: 'default' | 'update';
  readonly settings: Readonly<Record<string, unknown>>;
}

/**
 * Reads the answer out of `dataLayer`'s `gtag('consent', 'default' | 'update', {...})` commands, in their order. An update is the
 * shopper's answer; a default of `denied` only says that there is none yet (pending), one of `granted` that none is needed.
 * A default for some regions counts when it denies: where the shopper is, is not known here. Advertising consent (`ad_storage`)
 * is another question and decides nothing, unless named in `types`.
 */
export function consentFromGoogle(dataLayer: readonly unknown[], types: readonly string[] = GOOGLE_CONSENT_TYPES): Consent {
  const answers = new Map<string, Consent>(types.map((type) => [type, 'pending']));
  const answered = new Set<string>();
  for (const pushed of dataLayer) {
    const command = readCommand(pushed);
    if (!command) continue;
    const { kind, settings } = command;
    for (const type of types) {
      const value = Object.hasOwn(settings, type) ? settings[type] : undefined;
      if (value !== 'granted' && value !== 'denied') continue;
      if (kind === 'update') {
        answered.add(type);
        answers.set(type, value);
      } else if (!answered.has(type) && (value === 'denied' || !('region' in settings))) {
        answers.set(type, value === 'granted' ? 'granted' : 'pending');
      }
    }
  }
  return combineConsent([...answers.values()]);
}

/** gtag pushes its `arguments`; some tag managers push arrays. */
function readCommand(pushed: unknown): Command | null {
  if (typeof pushed !== 'object' || pushed === null) return null;
  const { 0: name, 1: kind, 2: settings } = pushed as Record<number, unknown>;
  if (name !== 'consent' || (kind !== 'default' && kind !== 'update') || typeof settings !== 'object' || settings === null) return null;
  return { kind, settings: settings as Record<string, unknown> };
}
