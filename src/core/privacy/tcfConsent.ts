/** The IAB's Transparency and Consent Framework 2.2, as `__tcfapi` answers. */
import type { Consent } from './consent.js';

/**
 * 1: store and access information on a device; 5: create profiles to personalise content; 6: use profiles to select personalised
 * content. All three need consent: version 2.2 of the framework takes no legitimate interest for any of them.
 */
export const TCF_PURPOSES = [1, 5, 6] as const;

type Flags = Readonly<Record<string, boolean | undefined>>;

/** The part of TCData that is read. */
export interface TcData {
  readonly gdprApplies?: boolean | undefined;
  readonly eventStatus?: 'tcloaded' | 'cmpuishown' | 'useractioncomplete' | undefined;
  readonly purpose?: { readonly consents?: Flags };
  readonly publisher?: { readonly consents?: Flags };
}

/**
 * Turns TCData into an answer. The shop itself keeps the history, so the publisher's own consents count where the CMP collects them,
 * else the general ones. Pending while the dialog is open, or nothing is known.
 */
export function consentFromTcf(tcData: TcData | null): Consent {
  const { gdprApplies, eventStatus, purpose, publisher } = tcData ?? {};
  if (gdprApplies === false) return 'granted';
  if (eventStatus !== 'tcloaded' && eventStatus !== 'useractioncomplete') return 'pending';
  const own = publisher?.consents;
  const consents = own && Object.keys(own).length > 0 ? own : (purpose?.consents ?? {});
  return TCF_PURPOSES.every((number) => Object.hasOwn(consents, number) && consents[number] === true) ? 'granted' : 'denied';
}
