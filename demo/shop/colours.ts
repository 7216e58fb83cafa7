export interface Colour {
  readonly name: string;
  readonly nameZh: string;
  /** The body's base shade; the drawing derives light and shadow from it. */
  readonly hex: string;
}

export const COLOURS: readonly Colour[] = [
  { name: 'Graphite', nameZh: '石墨灰', hex: '#4a505c' },
  { name: 'Silver', nameZh: '银色', hex: '#c3c9d3' },
  { name: 'White', nameZh: '白色', hex: '#eceef2' },
  { name: 'Black', nameZh: '黑色', hex: '#33363f' },
  { name: 'Midnight', nameZh: '午夜蓝', hex: '#2f4470' },
  { name: 'Sky', nameZh: '天蓝', hex: '#7fb0de' },
  { name: 'Sage', nameZh: '鼠尾草绿', hex: '#8fae98' },
  { name: 'Sand', nameZh: '沙色', hex: '#d9c3a3' },
  { name: 'Coral', nameZh: '珊瑚色', hex: '#ec8570' },
  { name: 'Lavender', nameZh: '薰衣草紫', hex: '#a99ad6' },
  { name: 'Crimson', nameZh: '绯红', hex: '#b23a4a' },
  { name: 'Teal', nameZh: '青色', hex: '#2f8a8c' },
];

const SHELVES = {
  classic: ['Graphite', 'Silver', 'White', 'Black', 'Midnight'],
  lively: ['Graphite', 'White', 'Midnight', 'Sky', 'Sage', 'Sand', 'Coral', 'Lavender', 'Teal', 'Black'],
  dark: ['Black', 'Graphite', 'Graphite', 'Silver', 'Sand'],
  bold: ['Black', 'White', 'Crimson', 'Teal', 'Lavender', 'Graphite', 'Midnight'],
} as const;

export type ColourShelf = keyof typeof SHELVES;

/** Names of the colours that a kind of product is made in. */
export function coloursOf(shelf: ColourShelf): readonly string[] {
  return SHELVES[shelf];
}

/** Finds a colour by name; the first one where the name is unknown. */
export function colourNamed(name: string | undefined): Colour {
  return COLOURS.find((colour) => colour.name === name) ?? { name: 'Graphite', nameZh: '石墨灰', hex: '#4a505c' };
}
