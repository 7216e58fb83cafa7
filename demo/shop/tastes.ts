/** What shoppers are like: the hidden structure that a recommender should find again. */

export interface Persona {
  readonly name: string;
  /** How much of the shop's visitors are of this kind. */
  readonly share: number;
  /** Category codes and how often such a shopper looks there. */
  readonly interests: Readonly<Record<string, number>>;
}

export const PERSONAS: readonly Persona[] = [
  { name: 'photographer', share: 10, interests: { CAM: 5, LEN: 6, STO: 2, DRO: 1, CAS: 1 } },
  { name: 'gamer', share: 13, interests: { GAM: 5, HEA: 2, MON: 2, KEY: 3, MOU: 3, LAP: 2 } },
  { name: 'phone owner', share: 17, interests: { PHO: 6, CAS: 3, CHG: 2, EAR: 3, WAT: 2 } },
  { name: 'home office', share: 13, interests: { LAP: 4, MON: 4, KEY: 3, MOU: 3, NET: 1, STO: 1 } },
  { name: 'home cinema', share: 11, interests: { TVS: 6, SPK: 4, NET: 1, GAM: 1 } },
  { name: 'listener', share: 11, interests: { HEA: 6, SPK: 3, EAR: 3 } },
  { name: 'runner', share: 9, interests: { WAT: 5, EAR: 4, CAM: 1, CHG: 1 } },
  { name: 'student', share: 12, interests: { TAB: 5, LAP: 4, CAS: 2, EAR: 2, STO: 1 } },
  { name: 'pilot', share: 6, interests: { DRO: 6, CAM: 3, STO: 3, CHG: 1 } },
  { name: 'tinkerer', share: 8, interests: { NET: 5, STO: 5, KEY: 2, CHG: 2 } },
];

export interface Complement {
  readonly from: string;
  readonly to: string;
  /** How often the second is looked for once the first is in the cart. */
  readonly probability: number;
  /** Only items of the same ecosystem fit (a lens its mount, a case its phone). */
  readonly sameEcosystem?: boolean;
  /** Only this kind fits. */
  readonly kind?: string;
}

export const COMPLEMENTS: readonly Complement[] = [
  { from: 'CAM', to: 'LEN', probability: 0.75, sameEcosystem: true },
  { from: 'CAM', to: 'STO', probability: 0.5, kind: 'card' },
  { from: 'CAM', to: 'CAS', probability: 0.3, kind: 'camera' },
  { from: 'LEN', to: 'LEN', probability: 0.3, sameEcosystem: true },
  { from: 'LAP', to: 'MOU', probability: 0.45 },
  { from: 'LAP', to: 'CAS', probability: 0.4, kind: 'backpack' },
  { from: 'LAP', to: 'CHG', probability: 0.3, kind: 'charger' },
  { from: 'LAP', to: 'MON', probability: 0.25 },
  { from: 'PHO', to: 'CAS', probability: 0.65, sameEcosystem: true, kind: 'case' },
  { from: 'PHO', to: 'EAR', probability: 0.4, sameEcosystem: true },
  { from: 'PHO', to: 'CHG', probability: 0.4, sameEcosystem: true },
  { from: 'PHO', to: 'WAT', probability: 0.25, sameEcosystem: true },
  { from: 'TAB', to: 'CHG', probability: 0.3 },
  { from: 'TAB', to: 'KEY', probability: 0.3 },
  { from: 'GAM', to: 'GAM', probability: 0.6, sameEcosystem: true, kind: 'controller' },
  { from: 'GAM', to: 'HEA', probability: 0.4, kind: 'headset' },
  { from: 'TVS', to: 'SPK', probability: 0.5, kind: 'soundbar' },
  { from: 'DRO', to: 'STO', probability: 0.6, kind: 'card' },
  { from: 'MON', to: 'KEY', probability: 0.3 },
  { from: 'KEY', to: 'MOU', probability: 0.4 },
];
