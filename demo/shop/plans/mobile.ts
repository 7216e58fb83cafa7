import type { CategoryPlan } from '../categoryPlan.js';
import { step } from '../categoryPlan.js';
import { FAMILIES } from '../brands.js';
import type { SpecValue } from '../shopItem.js';

export const phones: CategoryPlan = {
  code: 'PHO',
  name: 'Phones',
  nameZh: '手机',
  noun: ['phone', '手机'],
  share: 150,
  basePrice: 560,
  colours: 'lively',
  series: ['Halo', 'Pocket', 'Vela', 'Ridge', 'Lark', 'Nova Line', 'Echo One'],
  draft(random, brand) {
    const screen = random.pick([5.9, 6.1, 6.3, 6.5, 6.7, 6.8]);
    const storage = step(random, brand.tier, [64, 128, 128, 256, 512, 1024]);
    const cameras = Math.min(4, 1 + brand.tier + random.below(2));
    return {
      specs: {
        screenInches: screen,
        ramGb: random.pick(brand.tier === 0 ? [4, 6] : [8, 12, 16]),
        storageGb: storage.value,
        batteryMah: 3800 + random.below(15) * 100,
        cameras,
        refreshHz: brand.tier === 0 ? random.pick([60, 90]) : 120,
        connector: 'USB-C',
      },
      priceFactor: 0.6 + storage.height * 0.6 + (screen > 6.4 ? 0.15 : 0),
      tags: ['5g', screen < 6.2 ? 'compact' : 'large screen'],
      ecosystem: brand.family,
      pitch: [
        `a ${screen}-inch display and ${cameras > 1 ? `${cameras} cameras` : 'one honest camera'}`,
        `${screen} 英寸屏幕，${cameras} 颗镜头`,
      ],
    };
  },
};

export const tablets: CategoryPlan = {
  code: 'TAB',
  name: 'Tablets',
  nameZh: '平板电脑',
  noun: ['tablet', '平板电脑'],
  share: 100,
  basePrice: 410,
  colours: 'lively',
  series: ['Folio', 'Canvas', 'Leaf', 'Sketchpad', 'Panel'],
  draft(random, brand) {
    const screen = random.pick([8.3, 10.4, 10.9, 11, 12.4, 12.9]);
    const storage = step(random, brand.tier, [64, 128, 256, 512]);
    const pen = random.chance(0.3 + 0.2 * brand.tier);
    return {
      specs: {
        screenInches: screen,
        ramGb: random.pick([4, 6, 8, 12]),
        storageGb: storage.value,
        batteryWh: Math.round(screen * 2.9),
        pen,
        connector: 'USB-C',
      },
      priceFactor: 0.45 + storage.height * 0.5 + (screen - 8) * 0.1,
      tags: pen ? ['drawing', 'study'] : ['reading', 'family'],
      ecosystem: brand.family,
      pitch: pen
        ? [`a ${screen}-inch canvas with its own pen`, `${screen} 英寸画布，随附手写笔`]
        : [`a ${screen}-inch display for films and reading`, `${screen} 英寸屏幕，追剧阅读两相宜`],
      suffix: String(Math.floor(screen)),
    };
  },
};

export const watches: CategoryPlan = {
  code: 'WAT',
  name: 'Smart watches',
  nameZh: '智能手表',
  noun: ['smart watch', '智能手表'],
  share: 100,
  basePrice: 230,
  colours: 'lively',
  series: ['Tick', 'Orbiter', 'Pace', 'Dial', 'Cadence'],
  draft(random, brand) {
    const round = random.chance(0.5);
    const sport = random.chance(0.45);
    const days = random.pick([2, 3, 5, 7, 10, 14]);
    return {
      specs: {
        kind: round ? 'round' : 'square',
        caseMm: random.pick([40, 41, 42, 44, 45, 47]),
        batteryDays: days,
        gps: sport || random.chance(0.4),
        waterproof: true,
        sport,
      },
      priceFactor: 0.7 + (sport ? 0.35 : 0) + random.next() * 0.3,
      tags: sport ? ['running', 'outdoor'] : ['health', 'style'],
      ecosystem: brand.family,
      pitch: [
        `${days} days on a charge${sport ? ' and maps for the long run' : ' and quiet nudges to move'}`,
        `续航 ${days} 天${sport ? '，户外轨迹导航' : '，健康提醒'}`,
      ],
    };
  },
};

const CHARGER_NOUNS = {
  charger: ['charger', '充电器'],
  cable: ['cable', '数据线'],
  bank: ['power bank', '移动电源'],
  pad: ['wireless charger', '无线充电器'],
} as const;

export const chargers: CategoryPlan = {
  code: 'CHG',
  name: 'Chargers & cables',
  nameZh: '充电器与线缆',
  noun: ['charger', '充电器'],
  share: 110,
  basePrice: 36,
  colours: 'lively',
  series: ['Surge', 'Spark', 'Tether', 'Refill', 'Amply'],
  draft(random, brand) {
    const kind = random.pick(['charger', 'charger', 'cable', 'bank', 'pad'] as const);
    const watts = kind === 'cable' ? random.pick([60, 100, 240]) : kind === 'pad' ? 15 : random.pick([20, 30, 45, 65, 100]);
    const ecosystem = kind === 'pad' ? brand.family || random.pick(FAMILIES) : brand.family;
    const specs: Record<string, SpecValue> =
      kind === 'cable'
        ? { cableMetres: random.pick([1, 1.5, 2, 3]) }
        : kind === 'bank'
          ? { batteryMah: random.pick([5000, 10000, 20000, 27000]) }
          : {};
    return {
      specs: { kind, powerWatts: watts, connector: 'USB-C', ...specs },
      priceFactor: { charger: 0.8, cable: 0.4, bank: 1.2, pad: 0.9 }[kind] * (0.75 + watts / 160),
      tags: kind === 'bank' ? ['travel'] : watts >= 65 ? ['laptop'] : ['phone'],
      noun: CHARGER_NOUNS[kind],
      ecosystem,
      pitch: [`up to ${watts} W over USB-C`, `USB-C 最高 ${watts} W`],
      suffix: `${watts}W`,
    };
  },
};

const CASE_NOUNS = {
  case: ['phone case', '手机壳'],
  sleeve: ['laptop sleeve', '笔记本内胆包'],
  backpack: ['backpack', '双肩包'],
  camera: ['camera bag', '相机包'],
} as const;

export const cases: CategoryPlan = {
  code: 'CAS',
  name: 'Cases & bags',
  nameZh: '保护壳与包',
  noun: ['case', '保护壳'],
  share: 110,
  basePrice: 48,
  colours: 'lively',
  series: ['Shell', 'Nest', 'Wander', 'Cocoon', 'Satchel'],
  draft(random, brand) {
    const kind =
      brand.name === 'Quillon'
        ? ('camera' as const)
        : random.pick(brand.family ? (['case'] as const) : (['case', 'sleeve', 'backpack', 'backpack'] as const));
    const ecosystem = kind === 'case' ? brand.family || random.pick(FAMILIES) : kind === 'camera' ? 'QX mount' : '';
    const litres = random.pick([16, 20, 24, 28]);
    const size: Record<string, SpecValue> =
      kind === 'backpack' || kind === 'camera'
        ? { volumeL: litres }
        : kind === 'sleeve'
          ? { fitsInches: random.pick([13, 14, 16]) }
          : { magnetic: random.chance(0.5) };
    const pitches = {
      case: [`a soft lining and raised edges for ${ecosystem} phones`, `内衬柔软、边缘加高，适配 ${ecosystem} 手机`],
      sleeve: ['a padded sleeve that slips into any bag', '加厚内胆，可放入任意包中'],
      backpack: [`${litres} litres with a padded laptop pocket`, `${litres} 升容量，带加厚电脑仓`],
      camera: [`${litres} litres with movable dividers for body and lenses`, `${litres} 升容量，机身镜头分隔可调`],
    } as const;
    return {
      specs: { kind, ...size },
      priceFactor: { case: 0.55, sleeve: 0.75, backpack: 1.7, camera: 1.9 }[kind] * (0.85 + random.next() * 0.4),
      tags: kind === 'case' ? ['phone'] : kind === 'camera' ? ['photo', 'travel'] : ['laptop', 'travel'],
      noun: CASE_NOUNS[kind],
      ecosystem,
      pitch: pitches[kind],
    };
  },
};
