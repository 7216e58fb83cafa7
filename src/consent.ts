/** `shelfmate/consent`: asks the shop's consent tools and follows them. A page that has none calls `privacy.setConsent` itself. */
import type { Consent } from './core/privacy/consent.js';
import { combineConsent, consentUnderGpc } from './core/privacy/consent.js';
import { consentFromGoogle } from './core/privacy/googleConsent.js';
import type { TcData } from './core/privacy/tcfConsent.js';
import { consentFromTcf } from './core/privacy/tcfConsent.js';

export type { Consent, HistoryMode } from './core/privacy/consent.js';
export { combineConsent, consentUnderGpc, modeUnder } from './core/privacy/consent.js';
export { GOOGLE_CONSENT_TYPES, consentFromGoogle } from './core/privacy/googleConsent.js';
export type { TcData } from './core/privacy/tcfConsent.js';
export { TCF_PURPOSES, consentFromTcf } from './core/privacy/tcfConsent.js';

export interface ConsentSources {
  /** Google Consent Mode v2: `true` reads `window.dataLayer`; a list names another one. */
  readonly google?: boolean | unknown[];
  /** The IAB's TCF: asks `window.__tcfapi`. */
  readonly tcf?: boolean;
  /** Global Privacy Control. Default true. */
  readonly gpc?: boolean;
}

type TcfApi = (
  command: string,
  version: number,
  callback: (data: TcData & { listenerId?: number }, ok: boolean) => void,
  id?: number,
) => void;
interface ConsentWindow {
  dataLayer?: unknown[];
  __tcfapi?: TcfApi;
}

const TCF_VERSION = 2;
const TCF_WAIT_MS = 100;

/**
 * Tells the shopper's answer now and whenever it changes: `watchConsent({google: true}, (consent) => recommender.privacy.setConsent(consent))`.
 * With several sources the strictest counts. Returns the function that stops it.
 */
export function watchConsent(
  { google = false, tcf = false, gpc = true }: ConsentSources,
  onConsent: (consent: Consent) => void,
): () => void {
  const answers = new Map<string, Consent>();
  const stops: (() => void)[] = [];
  let told: Consent | null = null;
  const tell = (): void => {
    const consent = consentUnderGpc(combineConsent([...answers.values()]), gpc && hasGpc());
    if (consent === told) return;
    told = consent;
    onConsent(consent);
  };
  const note = (source: string) => (consent: Consent) => {
    answers.set(source, consent);
    tell();
  };
  if (google) answers.set('google', 'pending');
  if (tcf) answers.set('tcf', 'pending');
  if (google) stops.push(watchGoogle(Array.isArray(google) ? google : dataLayer(), note('google')));
  if (tcf) stops.push(watchTcf(note('tcf')));
  tell();
  return () => stops.forEach((stop) => stop());
}

/** Whether the browser asks not to be tracked across businesses. */
export function hasGpc(): boolean {
  return (navigator as { globalPrivacyControl?: boolean }).globalPrivacyControl === true;
}

function dataLayer(): unknown[] {
  return ((globalThis as ConsentWindow).dataLayer ??= []);
}

/** Chains `push` and keeps what it returns: tag managers wrap it too. */
function watchGoogle(layer: unknown[], onConsent: (consent: Consent) => void): () => void {
  let isWatching = true;
  // A copy of its own: tag managers cut a long list at its beginning, where the defaults stand.
  const seen = [...layer];
  const push = layer.push;
  layer.push = function pushAndRead(...pushed: unknown[]) {
    const length = push.apply(this, pushed);
    if (isWatching) {
      seen.push(...pushed.filter((one) => (one as { 0?: unknown } | null)?.[0] === 'consent'));
      onConsent(consentFromGoogle(seen));
    }
    return length;
  };
  onConsent(consentFromGoogle(seen));
  return () => (isWatching = false);
}

/** The CMP may load after this: its stub is waited for. */
function watchTcf(onConsent: (consent: Consent) => void): () => void {
  let listenerId: number | undefined;
  let isStopped = false;
  let timer: ReturnType<typeof setTimeout> | undefined;
  const remove = (): void => {
    if (listenerId !== undefined) (globalThis as ConsentWindow).__tcfapi?.('removeEventListener', TCF_VERSION, () => {}, listenerId);
  };
  const listen = (): void => {
    const api = (globalThis as ConsentWindow).__tcfapi;
    if (!api) return void (timer = setTimeout(listen, TCF_WAIT_MS));
    api('addEventListener', TCF_VERSION, (data, ok) => {
      listenerId = data?.listenerId;
      if (isStopped) remove();
      else if (ok) onConsent(consentFromTcf(data));
    });
  };
  listen();
  return () => {
    isStopped = true;
    clearTimeout(timer);
    remove();
  };
}
