import { colourNamed } from '../colours.js';
import { createRandom, hashText, type Random } from '../random.js';

/** Just enough of a product to draw it; fields that are missing are made up from the id. */
export interface Drawable {
  readonly itemId: string;
  readonly category?: string;
  readonly colour?: unknown;
  readonly title?: string;
  readonly [field: string]: unknown;
}

/** What the drawings paint with. Gradients are shared by name: b body, d dark body, i ink, s screen, g glass, w shine. */
export interface Brush {
  readonly base: string;
  readonly light: string;
  readonly dark: string;
  readonly deep: string;
  /** Legible on the body. */
  readonly ink: string;
  /** A lively colour beside the body's. */
  readonly accent: string;
  readonly random: Random;
  text(field: string): string;
  number(field: string, otherwise: number): number;
  flag(field: string): boolean;
  /** A lit screen in the given box. */
  screen(x: number, y: number, width: number, height: number, radius: number): string;
}

function channels(hex: string): [number, number, number] {
  const value = Number.parseInt(hex.slice(1), 16);
  return [value >> 16, (value >> 8) & 255, value & 255];
}

/** Mixes a colour with white (amount > 0) or with deep blue-black (amount < 0). */
export function shade(hex: string, amount: number): string {
  const target = amount > 0 ? [255, 255, 255] : [14, 18, 30];
  const part = Math.abs(amount);
  return `#${channels(hex)
    .map((channel, i) => Math.round(channel + ((target[i] ?? 0) - channel) * part))
    .map((channel) => channel.toString(16).padStart(2, '0'))
    .join('')}`;
}

const WALLPAPERS = [
  ['#5b6cff', '#b66dff', '#ff9fb2'],
  ['#0f8f9c', '#4fc3a1', '#f4e285'],
  ['#ff7a59', '#ffb36b', '#ffe3b0'],
  ['#234e9b', '#4d9de0', '#c9f0ff'],
  ['#7b2d62', '#d1495b', '#f7b267'],
  ['#1d5c4d', '#6bbf59', '#e6f4a6'],
  ['#2e2a72', '#8a5cf6', '#67e8f9'],
] as const;
const ACCENTS = ['#ff7a59', '#5b8cff', '#21b38f', '#f2b33d', '#a86bff', '#ff5d8f'] as const;

export function createBrush(item: Drawable): Brush & { readonly defs: string } {
  const random = createRandom(hashText(item.itemId));
  const base = colourNamed(typeof item.colour === 'string' ? item.colour : undefined).hex;
  const [from, middle, to] = random.pick(WALLPAPERS);
  const bent = random.below(60);
  const stops = (...colours: readonly string[]): string =>
    colours.map((colour, i) => `<stop offset="${Math.round((100 * i) / (colours.length - 1))}%" stop-color="${colour}"/>`).join('');
  const light = shade(base, 0.42);
  const dark = shade(base, -0.32);
  const deep = shade(base, -0.62);
  const [red, green, blue] = channels(base);
  const ink = red * 0.3 + green * 0.59 + blue * 0.11 > 140 ? deep : '#f3f5fa';
  let screens = 0;
  return {
    base,
    light,
    dark,
    deep,
    ink,
    accent: random.pick(ACCENTS),
    random,
    text: (field) => (typeof item[field] === 'string' ? (item[field] as string) : ''),
    number: (field, otherwise) => (typeof item[field] === 'number' ? (item[field] as number) : otherwise),
    flag: (field) => item[field] === true || item[field] === 'true',
    screen(x, y, width, height, radius) {
      const id = `c${screens++}`;
      const low = y + height;
      const wave = (top: number, swing: number): string =>
        `M${x} ${y + height * top}C${x + width * 0.3} ${y + height * (top - swing)} ${x + width * 0.55} ${y + height * (top + swing)} ${x + width} ${y + height * (top - swing * 0.6)}V${low}H${x}Z`;
      return (
        `<clipPath id="${id}"><rect x="${x}" y="${y}" width="${width}" height="${height}" rx="${radius}"/></clipPath><g clip-path="url(#${id})">` +
        `<rect x="${x}" y="${y}" width="${width}" height="${height}" fill="url(#s)"/>` +
        `<circle cx="${x + width * (0.25 + bent / 120)}" cy="${y + height * 0.36}" r="${Math.min(width, height) * 0.19}" fill="${to}" opacity=".75"/>` +
        `<path d="${wave(0.62, 0.22)}" fill="${middle}" opacity=".85"/><path d="${wave(0.78, 0.16)}" fill="${from}" opacity=".9"/>` +
        `<path d="M${x + width * 0.62} ${y}H${x + width}V${y + height * 0.75}Z" fill="#fff" opacity=".09"/></g>`
      );
    },
    defs:
      `<linearGradient id="b" x1="0" y1="0" x2=".7" y2="1">${stops(light, base, dark)}</linearGradient>` +
      `<linearGradient id="d" x1="0" y1="0" x2=".5" y2="1">${stops(shade(base, -0.2), deep)}</linearGradient>` +
      `<linearGradient id="h" x1="0" y1="0" x2="0" y2="1">${stops(light, base, dark, base)}</linearGradient>` +
      `<linearGradient id="i" x1="0" y1="0" x2="1" y2="1">${stops('#454c5c', '#20242e')}</linearGradient>` +
      `<linearGradient id="s" x1="0" y1="0" x2="1" y2="1">${stops(shade(from, 0.12), middle, to)}</linearGradient>` +
      `<radialGradient id="g" cx=".36" cy=".32" r=".8">${stops('#8ea6d8', '#34406b', '#141827', '#0b0d15')}</radialGradient>` +
      `<radialGradient id="o" cx=".35" cy=".28" r=".85">${stops(shade(base, 0.6), base, dark)}</radialGradient>` +
      `<linearGradient id="w" x1="0" y1="0" x2="0" y2="1"><stop offset="0" stop-color="#fff" stop-opacity=".55"/><stop offset="1" stop-color="#fff" stop-opacity="0"/></linearGradient>` +
      `<radialGradient id="f"><stop offset="0" stop-color="#0b1020" stop-opacity=".42"/><stop offset="1" stop-color="#0b1020" stop-opacity="0"/></radialGradient>`,
  };
}

/** The soft shadow a product casts on the floor. */
export function floor(cx: number, cy: number, rx: number, ry = 13): string {
  return `<ellipse cx="${cx}" cy="${cy}" rx="${rx}" ry="${ry}" fill="url(#f)"/>`;
}

export function box(x: number, y: number, width: number, height: number, radius: number, fill: string, more = ''): string {
  return `<rect x="${x}" y="${y}" width="${width}" height="${height}" rx="${radius}" fill="${fill}"${more && ` ${more}`}/>`;
}

export function disc(cx: number, cy: number, r: number, fill: string, more = ''): string {
  return `<circle cx="${cx}" cy="${cy}" r="${r}" fill="${fill}"${more && ` ${more}`}/>`;
}

export function shape(d: string, fill: string, more = ''): string {
  return `<path d="${d}" fill="${fill}"${more && ` ${more}`}/>`;
}

export function stroke(d: string, colour: string, width: number, more = ''): string {
  return `<path d="${d}" fill="none" stroke="${colour}" stroke-width="${width}" stroke-linecap="round" stroke-linejoin="round"${more && ` ${more}`}/>`;
}
