import { box, type Brush, createBrush, disc, type Drawable, floor, shape } from './drawing/brush.js';
import { drawKeyboard, drawLaptop, drawMonitor, drawMouse, drawRouter, drawStorage } from './drawing/computing.js';
import { drawCamera, drawConsole, drawDrone, drawLens, drawTelevision } from './drawing/imaging.js';
import { drawCase, drawCharger, drawPhone, drawTablet, drawWatch } from './drawing/mobile.js';
import { drawEarbuds, drawHeadphones, drawSpeaker } from './drawing/sound.js';
import { COLOURS } from './colours.js';
import { hashText } from './random.js';

export type { Drawable } from './drawing/brush.js';

const DRAWINGS: Readonly<Record<string, (brush: Brush) => string>> = {
  Laptops: drawLaptop,
  Phones: drawPhone,
  Tablets: drawTablet,
  Headphones: drawHeadphones,
  Earbuds: drawEarbuds,
  Speakers: drawSpeaker,
  Cameras: drawCamera,
  Lenses: drawLens,
  Monitors: drawMonitor,
  Keyboards: drawKeyboard,
  Mice: drawMouse,
  TVs: drawTelevision,
  'Smart watches': drawWatch,
  'Chargers & cables': drawCharger,
  Storage: drawStorage,
  Routers: drawRouter,
  'Game consoles': drawConsole,
  Drones: drawDrone,
  'Cases & bags': drawCase,
};

/** A plain parcel with the title's first letter, for items of which nothing is known. */
function drawParcel(brush: Brush, title: string): string {
  const letter = (/[\p{L}\p{N}]/u.exec(title)?.[0] ?? '?').toUpperCase();
  return (
    floor(200, 262, 116, 14) +
    box(104, 84, 192, 174, 14, 'url(#b)') +
    shape('M104 98Q104 84 118 84H282Q296 84 296 98V126H104Z', brush.light, 'opacity=".45"') +
    box(184, 84, 32, 42, 0, brush.accent, 'opacity=".85"') +
    disc(200, 190, 44, '#fff', 'opacity=".88"') +
    `<text x="200" y="207" font-family="system-ui,sans-serif" font-size="46" font-weight="700" fill="${brush.deep}" text-anchor="middle">${letter}</text>`
  );
}

export interface DrawOptions {
  /** Paints a backdrop behind the product; without it the picture is see-through. */
  readonly background?: boolean;
}

/** Draws a product as an SVG picture from its category, colour and a few specs. The same item always looks the same. */
export function drawProduct(item: Drawable, { background = false }: DrawOptions = {}): string {
  const known = DRAWINGS[item.category ?? ''];
  const colour = typeof item.colour === 'string' ? item.colour : COLOURS[hashText(item.itemId) % COLOURS.length]?.name;
  const brush = createBrush({ ...item, colour });
  const picture = known ? known(brush) : drawParcel(brush, item.title || item.itemId);
  const backdrop = background ? '<rect width="400" height="320" fill="#f1f3f8"/>' : '';
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 400 320" width="400" height="320"><defs>${brush.defs}</defs>${backdrop}${picture.replace(/(\.\d\d)\d+/g, '$1')}</svg>`;
}

/** The picture as an address for an `img`. */
export function productImageUrl(item: Drawable): string {
  return `data:image/svg+xml,${encodeURIComponent(drawProduct(item))}`;
}
