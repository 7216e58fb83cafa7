import type { CategoryPlan } from '../categoryPlan.js';
import { step } from '../categoryPlan.js';

export const laptops: CategoryPlan = {
  code: 'LAP',
  name: 'Laptops',
  nameZh: '笔记本电脑',
  noun: ['laptop', '笔记本电脑'],
  share: 150,
  basePrice: 980,
  colours: 'classic',
  series: ['AirFold', 'Forge', 'Slatebook', 'Meridian', 'Tempo', 'Corebook', 'Arclight'],
  draft(random, brand) {
    const gaming = brand.family === '' && random.chance(0.45);
    const screen = random.pick(gaming ? [15.6, 16, 17.3] : [13.3, 14, 14, 15.6, 16]);
    const ram = step(random, brand.tier, [8, 16, 16, 32, 64]);
    const storage = step(random, brand.tier, [256, 512, 512, 1024, 2048]);
    const refresh = gaming ? random.pick([144, 165, 240]) : random.pick([60, 60, 90, 120]);
    return {
      specs: {
        screenInches: screen,
        ramGb: ram.value,
        storageGb: storage.value,
        batteryWh: Math.round(gaming ? 70 + random.below(29) : 48 + random.below(40)),
        refreshHz: refresh,
        weightKg: Math.round((screen * 0.105 + (gaming ? 0.7 : -0.05) - brand.tier * 0.06) * 100) / 100,
        gaming,
      },
      priceFactor: 0.7 + 0.35 * ram.height + 0.3 * storage.height + (gaming ? 0.4 : 0),
      tags: gaming ? ['gaming', 'rgb'] : screen < 14.5 ? ['ultraportable', 'travel'] : ['office'],
      pitch: gaming
        ? [`a ${refresh} Hz display and cooling that keeps pace in long matches`, `${refresh} Hz 高刷屏与强力散热，久战不卡顿`]
        : [
            `a ${screen}-inch display and ${ram.value} GB of memory for a full working day`,
            `${screen} 英寸屏幕与 ${ram.value} GB 内存，轻松应对一整天`,
          ],
      suffix: String(Math.floor(screen)),
    };
  },
};

export const monitors: CategoryPlan = {
  code: 'MON',
  name: 'Monitors',
  nameZh: '显示器',
  noun: ['monitor', '显示器'],
  share: 110,
  basePrice: 310,
  colours: 'dark',
  series: ['Vista', 'Clarion', 'PixelPane', 'Horizon', 'Studioline', 'Rapid'],
  draft(random, brand) {
    const screen = step(random, brand.tier, [24, 24, 27, 27, 32, 34]);
    const wide = screen.value === 34;
    const refresh = random.pick([60, 75, 100, 144, 165, 240]);
    const resolution = wide ? '3440 × 1440' : random.pick(['1920 × 1080', '2560 × 1440', '2560 × 1440', '3840 × 2160']);
    const panel = random.pick(brand.tier === 2 ? ['IPS', 'OLED'] : ['IPS', 'VA']);
    return {
      specs: {
        screenInches: screen.value,
        resolution,
        refreshHz: refresh,
        panel,
        usbC: random.chance(0.3 + brand.tier * 0.2),
        curved: wide,
      },
      priceFactor:
        0.55 + 0.6 * screen.height + (resolution.startsWith('38') ? 0.35 : 0) + (refresh > 120 ? 0.25 : 0) + (panel === 'OLED' ? 0.7 : 0),
      tags: refresh > 120 ? ['gaming'] : resolution.startsWith('38') ? ['creator', '4k'] : ['office'],
      pitch: [`a ${panel} panel of ${resolution} at ${refresh} Hz`, `${panel} 面板，${resolution}，${refresh} Hz 刷新率`],
      suffix: String(screen.value),
    };
  },
};

const SWITCHES = ['linear', 'tactile', 'clicky', 'scissor'] as const;

export const keyboards: CategoryPlan = {
  code: 'KEY',
  name: 'Keyboards',
  nameZh: '键盘',
  noun: ['keyboard', '键盘'],
  share: 100,
  basePrice: 88,
  colours: 'lively',
  series: ['Tactus', 'Glide', 'Keystone', 'Hush', 'Clacker', 'Loft'],
  draft(random, brand) {
    const gaming = ['Rookwell', 'Vexelion', 'Pipkado'].includes(brand.name);
    const switchType = gaming ? random.pick(['linear', 'tactile', 'clicky']) : random.pick(SWITCHES);
    const layout = random.pick(['60%', '75%', '80%', '100%']);
    const wireless = random.chance(gaming ? 0.5 : 0.75);
    return {
      specs: { switchType, layout, wireless, backlit: gaming || random.chance(0.5), gaming },
      priceFactor: 0.75 + (wireless ? 0.25 : 0) + (switchType === 'scissor' ? -0.2 : 0.15),
      tags: gaming ? ['gaming', 'rgb'] : wireless ? ['wireless', 'office'] : ['office'],
      noun: switchType === 'scissor' ? ['keyboard', '键盘'] : ['mechanical keyboard', '机械键盘'],
      pitch: [`${switchType} switches in a ${layout} layout`, `${layout} 配列，${SWITCH_ZH[switchType]}`],
      suffix: layout.replace('%', ''),
    };
  },
};
const SWITCH_ZH: Readonly<Record<string, string>> = { linear: '线性轴', tactile: '段落轴', clicky: '青轴手感', scissor: '剪刀脚结构' };

export const mice: CategoryPlan = {
  code: 'MOU',
  name: 'Mice',
  nameZh: '鼠标',
  noun: ['mouse', '鼠标'],
  share: 90,
  basePrice: 52,
  colours: 'bold',
  series: ['Dart', 'Pebble', 'Swiftlet', 'Contour', 'Flick', 'Vole'],
  draft(random, brand) {
    const gaming = ['Rookwell', 'Vexelion', 'Pipkado'].includes(brand.name);
    const wireless = random.chance(0.7);
    const dpi = gaming ? random.pick([12000, 16000, 26000]) : random.pick([1600, 2400, 4000, 8000]);
    return {
      specs: {
        dpi,
        wireless,
        buttons: gaming ? random.pick([6, 8, 11]) : random.pick([3, 5, 6]),
        weightGrams: (gaming ? 58 : 75) + random.below(50),
        gaming,
      },
      priceFactor: 0.6 + (wireless ? 0.3 : 0) + dpi / 40000,
      tags: gaming ? ['gaming', 'rgb'] : wireless ? ['wireless', 'office'] : ['office'],
      noun: gaming ? ['gaming mouse', '游戏鼠标'] : wireless ? ['wireless mouse', '无线鼠标'] : ['mouse', '鼠标'],
      pitch: [`a ${dpi.toLocaleString('en-US')} dpi sensor in a hand-friendly shell`, `${dpi} dpi 传感器，贴合手型`],
    };
  },
};

export const storage: CategoryPlan = {
  code: 'STO',
  name: 'Storage',
  nameZh: '存储',
  noun: ['portable SSD', '移动固态硬盘'],
  share: 100,
  basePrice: 95,
  colours: 'lively',
  series: ['Vault', 'Shard', 'Keepsake', 'Stash', 'Archive'],
  draft(random, brand) {
    const kind = random.pick(['ssd', 'ssd', 'card', 'card', 'stick', 'disk']);
    const capacity = step(
      random,
      brand.tier,
      kind === 'disk' ? [2048, 4096, 8192] : kind === 'ssd' ? [512, 1024, 2048, 4096] : [64, 128, 256, 512],
    );
    const speed =
      kind === 'ssd' ? random.pick([540, 1050, 2000]) : kind === 'card' ? random.pick([100, 170, 300]) : kind === 'stick' ? 200 : 130;
    const nouns = {
      ssd: ['portable SSD', '移动固态硬盘'],
      card: ['memory card', '存储卡'],
      stick: ['USB drive', 'U 盘'],
      disk: ['hard drive', '移动硬盘'],
    } as const;
    const size = capacity.value >= 1024 ? `${capacity.value / 1024} TB` : `${capacity.value} GB`;
    return {
      specs: { kind, capacityGb: capacity.value, readMbps: speed },
      priceFactor: (kind === 'ssd' ? 0.8 : kind === 'disk' ? 0.85 : 0.25) * (0.7 + capacity.height * 1.5),
      tags: kind === 'card' ? ['photo', 'drone'] : ['backup'],
      noun: nouns[kind as keyof typeof nouns],
      pitch: [`${size} that reads at ${speed} MB/s`, `${size} 容量，读取 ${speed} MB/s`],
      suffix: size,
    };
  },
};

export const routers: CategoryPlan = {
  code: 'NET',
  name: 'Routers',
  nameZh: '路由器',
  noun: ['router', '路由器'],
  share: 80,
  basePrice: 145,
  colours: 'classic',
  series: ['Beacon', 'Weave', 'Relay', 'Lattice', 'Hearth'],
  draft(random, brand) {
    const mesh = random.chance(0.35 + brand.tier * 0.1);
    const wifi = step(random, brand.tier, ['Wi-Fi 5', 'Wi-Fi 6', 'Wi-Fi 6', 'Wi-Fi 6E', 'Wi-Fi 7']);
    const coverage = (mesh ? 180 : 90) + random.below(12) * 10;
    return {
      specs: { kind: mesh ? 'mesh' : 'antenna', wifi: wifi.value, coverageM2: coverage, lanPorts: random.pick([2, 3, 4, 5]) },
      priceFactor: 0.4 + wifi.height * 1.1 + (mesh ? 0.5 : 0),
      tags: mesh ? ['mesh', 'smart home'] : ['network'],
      noun: mesh ? ['mesh router', '网状路由器'] : ['router', '路由器'],
      pitch: [`${wifi.value} over ${coverage} m² without dead corners`, `${wifi.value}，覆盖 ${coverage} 平方米`],
    };
  },
};
