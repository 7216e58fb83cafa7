/** `shelfmate/privacy`: the shopper's rights over what is kept, in words, over the one call that the recommender has for them. */
import type { Consent } from './core/privacy/consent.js';
import type { HistoryExport, ImportResult } from './core/privacy/historyExport.js';
import type { CallOptions } from './core/types.js';
import { isPaused, markPaused } from './pausedMark.js';
import type { Recommender } from './recommenderApi.js';

export type { Consent } from './core/privacy/consent.js';
export type { ExportedEntry, HistoryExport, ImportResult } from './core/privacy/historyExport.js';

/** The shopper's rights over what is kept. All of it holds in every open tab of the shop. */
export interface Privacy {
  /**
   * What the shopper allows. Granted: events recorded while it was pending are stored. Denied: they are dropped, what was stored is
   * deleted, and nothing is recorded.
   */
  setConsent(consent: Consent, options?: CallOptions): Promise<void>;
  /** Changes to another shopper's history: up to 64 characters, best a random id. Profiles never mix. */
  setProfile(profile: string, options?: CallOptions): Promise<void>;
  /** Back to the guest. The profile's history leaves the memory and stays on the device until it is asked for or erased. */
  logout(options?: CallOptions): Promise<void>;
  /** The whole history of this profile; `dist/shelfmate-export.schema.json` describes it. */
  export(options?: CallOptions): Promise<HistoryExport>;
  /** Adds an export, as text or parsed, to this profile; once, however often. Rejects with `input/bad-file`. */
  import(file: unknown, options?: CallOptions): Promise<ImportResult>;
  /** Deletes all that the library has stored, of all profiles, cached models too; the next list is that of a first visit. */
  erase(options?: CallOptions): Promise<void>;
  /** Whether recording is paused, by the shopper, on this device. */
  readonly isPaused: boolean;
  /** Records nothing until `resume`, on later visits too; what is there stays and is used. */
  pause(): void;
  resume(): void;
}

/** Makes the calls of a recommender's privacy. */
export function privacyOf(recommender: Pick<Recommender, 'privacy'>): Privacy {
  const ask = recommender.privacy;
  return {
    async setConsent(consent, options) {
      await ask({ kind: 'consent', consent }, options);
    },
    async setProfile(profile, options) {
      await ask({ kind: 'profile', profile }, options);
    },
    async logout(options) {
      await ask({ kind: 'profile', profile: '' }, options);
    },
    export: (options) => ask({ kind: 'export' }, options),
    import: (file, options) => ask({ kind: 'import', file }, options),
    async erase(options) {
      if (isPaused()) markPaused(false);
      await ask({ kind: 'erase' }, options);
    },
    get isPaused() {
      return isPaused();
    },
    pause: () => markPaused(true),
    resume: () => markPaused(false),
  };
}
