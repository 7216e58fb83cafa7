/** 0 budget, 1 middle, 2 premium. */
export type Tier = 0 | 1 | 2;

export interface Brand {
  readonly name: string;
  readonly tier: Tier;
  /** The family of devices it belongs to; '' for makers that work with all. */
  readonly family: string;
  /** Codes of the categories it sells in. */
  readonly categories: readonly string[];
}

const brand = (name: string, tier: Tier, family: string, categories: string): Brand => ({
  name,
  tier,
  family,
  categories: categories.split(' '),
});

/** Invented makers. The first ones build whole families of devices that work best together. */
export const BRANDS: readonly Brand[] = [
  brand('Novaro', 2, 'Orbit', 'LAP PHO TAB WAT EAR CHG CAS MON KEY'),
  brand('Plinthe', 1, 'Orbit', 'PHO TAB WAT EAR CAS CHG'),
  brand('Kestrelle', 2, 'Meadow', 'LAP PHO TAB WAT TVS SPK EAR HEA'),
  brand('Mirelo', 1, 'Meadow', 'PHO TAB WAT EAR TVS MON CHG CAS'),
  brand('Tarkona', 1, 'Prism', 'LAP PHO TAB WAT EAR CHG CAS TVS'),
  brand('Ondrix', 0, 'Prism', 'PHO TAB WAT EAR CHG CAS MOU KEY'),
  brand('Brightfen', 0, 'Meadow', 'PHO TAB TVS WAT SPK CHG CAS EAR'),
  brand('Halvorn', 2, 'Prism', 'LAP MON KEY MOU PHO'),
  brand('Stratik', 1, '', 'LAP MON KEY MOU STO'),
  brand('Gridmoss', 0, '', 'LAP MON KEY MOU NET STO'),
  brand('Rookwell', 1, '', 'LAP GAM KEY MOU HEA MON'),
  brand('Vexelion', 2, '', 'GAM MOU KEY HEA MON LAP'),
  brand('Pipkado', 0, '', 'GAM MOU KEY HEA'),
  brand('Sonnveil', 2, '', 'HEA SPK EAR'),
  brand('Echorra', 1, '', 'HEA SPK EAR'),
  brand('Thrumble', 0, '', 'HEA SPK EAR CHG'),
  brand('Lumivar', 2, '', 'CAM LEN DRO'),
  brand('Fennmark', 1, '', 'CAM LEN STO'),
  brand('Quillon', 1, '', 'CAM LEN CAS'),
  brand('Opticade', 0, '', 'CAM LEN DRO'),
  brand('Aerolume', 2, '', 'DRO CAM'),
  brand('Drovane', 1, '', 'DRO STO'),
  brand('Pelagio', 1, '', 'TVS SPK MON'),
  brand('Zephrane', 2, '', 'TVS SPK NET'),
  brand('Nimbrix', 1, '', 'NET STO CHG'),
  brand('Cobaltic', 0, '', 'NET STO CHG CAS'),
  brand('Voltaine', 2, '', 'CHG CAS STO'),
  brand('Wrenfold', 1, '', 'CAS CHG'),
  brand('Tessaro', 2, '', 'CAS KEY MOU'),
];

export const FAMILIES = ['Orbit', 'Meadow', 'Prism'] as const;
/** Camera systems; a lens fits the cameras of its mount. */
export const MOUNTS = ['LV mount', 'QX mount', 'FM mount'] as const;
export const CONSOLES = ['Pulsebox', 'Kuboid', 'Vexel'] as const;

const MOUNT_OF: Readonly<Record<string, string>> = {
  Lumivar: 'LV mount',
  Opticade: 'LV mount',
  Quillon: 'QX mount',
  Fennmark: 'FM mount',
  Aerolume: 'QX mount',
};
const CONSOLE_OF: Readonly<Record<string, string>> = { Rookwell: 'Pulsebox', Pipkado: 'Kuboid', Vexelion: 'Vexel' };

export const mountOf = (brandName: string): string => MOUNT_OF[brandName] ?? 'FM mount';
export const consoleOf = (brandName: string): string => CONSOLE_OF[brandName] ?? 'Pulsebox';

export function brandsOf(categoryCode: string): readonly Brand[] {
  return BRANDS.filter((entry) => entry.categories.includes(categoryCode));
}
