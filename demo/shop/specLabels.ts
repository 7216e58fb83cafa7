type Label = readonly [en: string, zh: string, unit?: string];

const LABELS: Readonly<Record<string, Label>> = {
  brand: ['Brand', '品牌'],
  kind: ['Type', '类型'],
  ecosystem: ['Works with', '适配'],
  mount: ['Mount', '卡口'],
  platform: ['Platform', '平台'],
  screenInches: ['Screen', '屏幕', '″'],
  caseMm: ['Case', '表壳', ' mm'],
  resolution: ['Resolution', '分辨率'],
  panel: ['Panel', '面板'],
  refreshHz: ['Refresh rate', '刷新率', ' Hz'],
  ramGb: ['Memory', '内存', ' GB'],
  storageGb: ['Storage', '存储', ' GB'],
  capacityGb: ['Capacity', '容量', ' GB'],
  readMbps: ['Read speed', '读取速度', ' MB/s'],
  batteryWh: ['Battery', '电池', ' Wh'],
  batteryMah: ['Battery', '电池', ' mAh'],
  batteryHours: ['Battery life', '续航', ' h'],
  batteryDays: ['Battery life (days)', '续航（天）'],
  powerWatts: ['Power', '功率', ' W'],
  connector: ['Connector', '接口'],
  cableMetres: ['Length', '长度', ' m'],
  noiseCancelling: ['Noise cancelling', '主动降噪'],
  wireless: ['Wireless', '无线'],
  waterproof: ['Waterproof', '防水'],
  megapixels: ['Resolution', '像素', ' MP'],
  sensor: ['Sensor', '传感器'],
  video: ['Video', '视频'],
  stabilised: ['Stabilised', '防抖'],
  focalLengthMm: ['Focal length', '焦距', ' mm'],
  aperture: ['Aperture', '光圈'],
  cameras: ['Cameras', '摄像头'],
  switchType: ['Switches', '轴体'],
  layout: ['Layout', '配列'],
  backlit: ['Backlit', '背光'],
  dpi: ['Sensor', '传感器', ' dpi'],
  buttons: ['Buttons', '按键数'],
  usbC: ['USB-C', 'USB-C'],
  curved: ['Curved', '曲面'],
  hdr: ['HDR', 'HDR'],
  pen: ['Pen included', '附手写笔'],
  gps: ['GPS', 'GPS'],
  sport: ['For sport', '运动款'],
  gaming: ['For gaming', '游戏款'],
  magnetic: ['Magnetic', '磁吸'],
  volumeL: ['Volume', '容积', ' L'],
  fitsInches: ['Fits up to', '适合尺寸', '″'],
  wifi: ['Wi-Fi', 'Wi-Fi'],
  coverageM2: ['Coverage', '覆盖面积', ' m²'],
  lanPorts: ['LAN ports', '网口'],
  flightMinutes: ['Flight time', '飞行时间', ' min'],
  rangeKm: ['Range', '图传距离', ' km'],
  weightKg: ['Weight', '重量', ' kg'],
  weightGrams: ['Weight', '重量', ' g'],
  colour: ['Colour', '颜色'],
  tags: ['Good for', '适合'],
};

const VALUES_ZH: Readonly<Record<string, string>> = {
  'over-ear': '包耳式',
  headset: '头戴耳麦',
  stem: '柄式',
  bud: '豆式',
  portable: '便携',
  smart: '智能',
  shelf: '书架式',
  soundbar: '回音壁',
  mirrorless: '微单',
  action: '运动',
  'full frame': '全画幅',
  wide: '广角',
  zoom: '变焦',
  prime: '定焦',
  portrait: '人像',
  macro: '微距',
  tele: '长焦',
  console: '主机',
  handheld: '掌机',
  controller: '手柄',
  ssd: '固态硬盘',
  card: '存储卡',
  stick: 'U 盘',
  disk: '机械硬盘',
  mesh: '网状',
  antenna: '天线式',
  charger: '充电器',
  cable: '数据线',
  bank: '移动电源',
  pad: '无线充电',
  case: '手机壳',
  sleeve: '内胆包',
  backpack: '双肩包',
  camera: '相机包',
  round: '圆形',
  square: '方形',
  linear: '线性轴',
  tactile: '段落轴',
  clicky: '青轴',
  scissor: '剪刀脚',
  Open: '通用',
  Graphite: '石墨灰',
  Silver: '银色',
  White: '白色',
  Black: '黑色',
  Midnight: '午夜蓝',
  Sky: '天蓝',
  Sage: '鼠尾草绿',
  Sand: '沙色',
  Coral: '珊瑚色',
  Lavender: '薰衣草紫',
  Crimson: '绯红',
  Teal: '青色',
  gaming: '游戏',
  rgb: '灯效',
  ultraportable: '轻薄',
  travel: '旅行',
  office: '办公',
  creator: '创作',
  '4k': '4K',
  wireless: '无线',
  photo: '摄影',
  drone: '航拍',
  backup: '备份',
  'smart home': '智能家居',
  network: '组网',
  '5g': '5G',
  compact: '小屏',
  'large screen': '大屏',
  drawing: '绘画',
  study: '学习',
  reading: '阅读',
  family: '家庭',
  running: '跑步',
  outdoor: '户外',
  health: '健康',
  style: '时尚',
  laptop: '笔记本',
  phone: '手机',
  'noise cancelling': '降噪',
  music: '音乐',
  commute: '通勤',
  sport: '运动',
  party: '聚会',
  'home cinema': '家庭影院',
  aerial: '航拍',
};

const KINDS_EN: Readonly<Record<string, string>> = {
  ssd: 'SSD',
  stick: 'USB drive',
  bank: 'power bank',
  pad: 'wireless pad',
  card: 'memory card',
  disk: 'hard drive',
};

/** Said only where it is so: that a phone case is not for gaming is no news. */
const ONLY_IF_TRUE = new Set(['gaming', 'sport', 'curved']);

/** Fields that the page shows elsewhere or not at all. */
const ELSEWHERE = new Set([
  'itemId',
  'title',
  'titleZh',
  'description',
  'descriptionZh',
  'category',
  'categoryZh',
  'price',
  'currency',
  'url',
  'image',
  'inStock',
  'rating',
  'ratingCount',
]);

function valueText(value: unknown, unit: string, language: 'en' | 'zh'): string {
  if (typeof value === 'boolean') return language === 'zh' ? (value ? '是' : '否') : value ? 'Yes' : 'No';
  if (Array.isArray(value)) return value.map((entry) => valueText(entry, '', language)).join(language === 'zh' ? '、' : ', ');
  if (typeof value === 'number') return `${value.toLocaleString(language === 'zh' ? 'zh-CN' : 'en-US')}${unit}`;
  const text = String(value);
  return (language === 'zh' ? (VALUES_ZH[text] ?? text) : (KINDS_EN[text] ?? text)) + unit;
}

/** Rows of a specifications table, known fields first and in a fixed order; fields of foreign catalogues keep their names. */
export function specRows(item: Readonly<Record<string, unknown>>, language: 'en' | 'zh'): [label: string, value: string][] {
  const order = Object.keys(LABELS);
  const place = (field: string): number => (field in LABELS ? order.indexOf(field) : order.length);
  return Object.keys(item)
    .filter(
      (field) =>
        !ELSEWHERE.has(field) && item[field] !== undefined && item[field] !== '' && !(ONLY_IF_TRUE.has(field) && item[field] === false),
    )
    .sort((a, b) => place(a) - place(b))
    .map((field) => {
      const [en, zh, unit = ''] = LABELS[field] ?? [field, field];
      return [language === 'zh' ? zh : en, valueText(item[field], unit, language)];
    });
}
