import type { CategoryPlan } from '../categoryPlan.js';
import { step } from '../categoryPlan.js';
import { consoleOf, mountOf } from '../brands.js';

export const headphones: CategoryPlan = {
  code: 'HEA',
  name: 'Headphones',
  nameZh: '头戴式耳机',
  noun: ['headphones', '头戴式耳机'],
  share: 110,
  basePrice: 165,
  colours: 'lively',
  series: ['Aria', 'Resonance', 'Quietude', 'Stagepro', 'Cello', 'Bassline'],
  draft(random, brand) {
    const gaming = ['Rookwell', 'Vexelion', 'Pipkado'].includes(brand.name);
    const noiseCancelling = !gaming && random.chance(0.45 + brand.tier * 0.2);
    const hours = random.pick([20, 24, 30, 35, 40, 60]);
    return {
      specs: {
        kind: gaming ? 'headset' : 'over-ear',
        noiseCancelling,
        wireless: random.chance(0.8),
        batteryHours: hours,
        weightGrams: 190 + random.below(150),
        gaming,
      },
      priceFactor: 0.6 + (noiseCancelling ? 0.5 : 0) + random.next() * 0.3,
      tags: gaming ? ['gaming', 'headset'] : noiseCancelling ? ['noise cancelling', 'travel'] : ['music'],
      noun: gaming ? ['gaming headset', '游戏耳机'] : ['headphones', '头戴式耳机'],
      pitch: noiseCancelling
        ? [`noise cancelling and ${hours} hours of play`, `主动降噪，续航 ${hours} 小时`]
        : [`${hours} hours of play and soft cushions`, `续航 ${hours} 小时，耳罩柔软`],
    };
  },
};

export const earbuds: CategoryPlan = {
  code: 'EAR',
  name: 'Earbuds',
  nameZh: '真无线耳机',
  noun: ['earbuds', '真无线耳机'],
  share: 110,
  basePrice: 95,
  colours: 'lively',
  series: ['Droplet', 'Whisper', 'Seed', 'Finch', 'Buddies'],
  draft(random, brand) {
    const noiseCancelling = random.chance(0.35 + brand.tier * 0.25);
    const hours = random.pick([5, 6, 7, 8, 10]);
    return {
      specs: { noiseCancelling, batteryHours: hours, waterproof: random.chance(0.6), kind: random.chance(0.6) ? 'stem' : 'bud' },
      priceFactor: 0.65 + (noiseCancelling ? 0.5 : 0) + random.next() * 0.25,
      tags: noiseCancelling ? ['noise cancelling', 'commute'] : ['sport'],
      ecosystem: brand.family,
      pitch: noiseCancelling
        ? [`noise cancelling and ${hours} hours in the ear`, `主动降噪，单次续航 ${hours} 小时`]
        : [`${hours} hours in the ear and a case that fits any pocket`, `单次续航 ${hours} 小时，小巧充电盒`],
    };
  },
};

export const speakers: CategoryPlan = {
  code: 'SPK',
  name: 'Speakers',
  nameZh: '音箱',
  noun: ['speaker', '音箱'],
  share: 100,
  basePrice: 150,
  colours: 'lively',
  series: ['Boomlet', 'Chorus', 'Hearthtone', 'Drift', 'Monolith'],
  draft(random, brand) {
    const kind = random.pick(['portable', 'portable', 'smart', 'shelf', 'soundbar'] as const);
    const watts = { portable: 20, smart: 15, shelf: 80, soundbar: 180 }[kind] + random.below(5) * 10;
    const nouns = {
      portable: ['portable speaker', '便携音箱'],
      smart: ['smart speaker', '智能音箱'],
      shelf: ['bookshelf speakers', '书架音箱'],
      soundbar: ['soundbar', '回音壁'],
    } as const;
    return {
      specs: {
        kind,
        powerWatts: watts,
        wireless: kind !== 'shelf' || random.chance(0.5),
        waterproof: kind === 'portable',
        ...(kind === 'portable' ? { batteryHours: 8 + random.below(17) } : {}),
      },
      priceFactor: { portable: 0.65, smart: 0.7, shelf: 1.7, soundbar: 1.6 }[kind] * (0.85 + random.next() * 0.3),
      tags: kind === 'portable' ? ['outdoor', 'party'] : kind === 'smart' ? ['smart home'] : ['home cinema'],
      noun: nouns[kind],
      ecosystem: kind === 'smart' ? brand.family : '',
      pitch: [`${watts} W that fill the room`, `${watts} W 饱满声场`],
    };
  },
};

export const cameras: CategoryPlan = {
  code: 'CAM',
  name: 'Cameras',
  nameZh: '相机',
  noun: ['camera', '相机'],
  share: 100,
  basePrice: 980,
  colours: 'dark',
  series: ['Reflect', 'Wayfarer', 'Iris', 'Chronica', 'Atelier'],
  draft(random, brand) {
    const action = brand.name === 'Aerolume' || random.chance(0.15);
    const full = !action && random.chance(0.25 + brand.tier * 0.2);
    const megapixels = step(random, brand.tier, [12, 20, 24, 26, 33, 45, 61]);
    return {
      specs: {
        kind: action ? 'action' : 'mirrorless',
        megapixels: megapixels.value,
        sensor: action ? '1/2.3"' : full ? 'full frame' : 'APS-C',
        video: random.pick(brand.tier === 0 ? ['1080p60', '4K30'] : ['4K60', '6K30', '8K30']),
        stabilised: random.chance(0.4 + brand.tier * 0.25),
        waterproof: action,
      },
      priceFactor: action ? 0.35 : 0.6 + (full ? 0.7 : 0) + megapixels.height * 0.6,
      tags: action ? ['action', 'outdoor'] : full ? ['photo', 'creator'] : ['photo', 'travel'],
      noun: action ? ['action camera', '运动相机'] : ['mirrorless camera', '微单相机'],
      ecosystem: action ? '' : mountOf(brand.name),
      pitch: action
        ? ['a pocket camera that shrugs off water and falls', '防水防摔，随手可拍']
        : [`${megapixels.value} megapixels behind the ${mountOf(brand.name)}`, `${megapixels.value} 百万像素，${mountOf(brand.name)} 卡口`],
    };
  },
};

export const lenses: CategoryPlan = {
  code: 'LEN',
  name: 'Lenses',
  nameZh: '镜头',
  noun: ['lens', '镜头'],
  share: 100,
  basePrice: 540,
  colours: 'dark',
  series: ['Lumen', 'Facet', 'Prospect', 'Bokeline'],
  draft(random, brand) {
    const [focal, factor, sort] = random.pick([
      ['16-35', 1.4, 'wide'],
      ['20', 0.9, 'wide'],
      ['24-70', 1.5, 'zoom'],
      ['35', 0.7, 'prime'],
      ['50', 0.5, 'prime'],
      ['85', 0.9, 'portrait'],
      ['90', 1, 'macro'],
      ['70-200', 1.8, 'tele'],
      ['100-400', 2.1, 'tele'],
    ] as const);
    const aperture = random.pick(focal.includes('-') ? ['2.8', '4', '5.6'] : ['1.4', '1.8', '2.8']);
    const zh = { wide: '广角', zoom: '变焦', prime: '定焦', portrait: '人像', macro: '微距', tele: '长焦' }[sort];
    return {
      specs: {
        kind: sort,
        focalLengthMm: focal,
        aperture: `f/${aperture}`,
        mount: mountOf(brand.name),
        weightGrams: Math.round(180 + factor * 320 + random.below(150)),
      },
      priceFactor: factor * (Number(aperture) < 2 ? 1.25 : Number(aperture) > 3 ? 0.7 : 1),
      tags: ['photo', sort],
      noun: [`${sort} lens`, `${zh}镜头`],
      ecosystem: mountOf(brand.name),
      pitch: [`${focal} mm at f/${aperture} for the ${mountOf(brand.name)}`, `${focal} mm f/${aperture}，${mountOf(brand.name)} 卡口`],
      suffix: `${focal}mm f/${aperture}`,
    };
  },
};

export const televisions: CategoryPlan = {
  code: 'TVS',
  name: 'TVs',
  nameZh: '电视',
  noun: ['TV', '电视'],
  share: 100,
  basePrice: 720,
  colours: 'dark',
  series: ['Panorama', 'Theatre', 'Glasswing', 'Lumina', 'Parlour'],
  draft(random, brand) {
    const screen = step(random, brand.tier, [32, 43, 50, 55, 65, 75, 85]);
    const panel = random.pick(brand.tier === 2 ? ['OLED', 'Mini-LED', 'QLED'] : brand.tier === 1 ? ['QLED', 'LED', 'Mini-LED'] : ['LED']);
    const refresh = random.pick(brand.tier === 0 ? [50, 60] : [60, 100, 120]);
    return {
      specs: {
        screenInches: screen.value,
        resolution: screen.value < 40 ? '1920 × 1080' : '3840 × 2160',
        panel,
        refreshHz: refresh,
        hdr: brand.tier > 0,
      },
      priceFactor: 0.35 + screen.height * 1.6 + (panel === 'OLED' ? 0.5 : 0),
      tags: ['home cinema', panel.toLowerCase()],
      ecosystem: brand.family,
      pitch: [`${screen.value} inches of ${panel} at ${refresh} Hz`, `${screen.value} 英寸 ${panel}，${refresh} Hz`],
      suffix: String(screen.value),
    };
  },
};

export const consoles: CategoryPlan = {
  code: 'GAM',
  name: 'Game consoles',
  nameZh: '游戏主机',
  noun: ['game console', '游戏主机'],
  share: 80,
  basePrice: 330,
  colours: 'bold',
  series: ['Arcadia', 'Quest', 'Joyride', 'Volley'],
  draft(random, brand) {
    const kind = random.pick(['console', 'handheld', 'controller', 'controller'] as const);
    const nouns = {
      console: ['game console', '游戏主机'],
      handheld: ['handheld console', '掌上游戏机'],
      controller: ['controller', '游戏手柄'],
    } as const;
    const platform = consoleOf(brand.name);
    return {
      specs: {
        kind,
        platform,
        ...(kind === 'controller' ? { wireless: true, batteryHours: 12 + random.below(28) } : { storageGb: random.pick([256, 512, 1024]) }),
      },
      priceFactor: { console: 1.4, handheld: 1, controller: 0.2 }[kind],
      tags: ['gaming', platform.toLowerCase()],
      noun: nouns[kind],
      ecosystem: platform,
      pitch: [
        kind === 'controller' ? `made for ${platform}` : `plays every ${platform} title`,
        kind === 'controller' ? `${platform} 专用` : `畅玩 ${platform} 全部游戏`,
      ],
    };
  },
};

export const drones: CategoryPlan = {
  code: 'DRO',
  name: 'Drones',
  nameZh: '无人机',
  noun: ['drone', '无人机'],
  share: 70,
  basePrice: 690,
  colours: 'classic',
  series: ['Swallow', 'Thermal', 'Petrel', 'Hoverly'],
  draft(random, brand) {
    const minutes = step(random, brand.tier, [18, 25, 31, 34, 40, 46]);
    const range = step(random, brand.tier, [2, 4, 8, 10, 15]);
    return {
      specs: {
        flightMinutes: minutes.value,
        rangeKm: range.value,
        video: random.pick(brand.tier === 0 ? ['1080p60', '4K30'] : ['4K60', '5K50']),
        weightGrams: random.pick([249, 249, 595, 720, 895]),
      },
      priceFactor: 0.5 + minutes.height * 0.8 + range.height * 0.4,
      tags: ['aerial', 'creator'],
      pitch: [`${minutes.value} minutes in the air and ${range.value} km of range`, `飞行 ${minutes.value} 分钟，图传 ${range.value} 公里`],
    };
  },
};
