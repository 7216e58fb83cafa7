import { box, type Brush, disc, floor, shape, stroke } from './brush.js';

export function drawLaptop(brush: Brush): string {
  const gaming = brush.flag('gaming');
  const half = 92 + (brush.number('screenInches', 14) - 13) * 5;
  const left = 200 - half;
  const top = 212 - half * 1.28;
  const deck = half + 30;
  const glow = gaming ? brush.accent : brush.light;
  return (
    floor(200, 254, deck + 22, 14) +
    box(left, top, half * 2, half * 1.32, 11, 'url(#d)') +
    box(left + 1.5, top + 1.5, half * 2 - 3, half * 1.3, 10, '#14171f') +
    brush.screen(left + 8, top + 9, half * 2 - 16, half * 1.28 - 17, 4) +
    disc(200, top + 5, 1.6, '#556') +
    shape(`M${left + 4} 211H${400 - left - 4}L${200 + deck} 240H${200 - deck}Z`, 'url(#b)') +
    shape(`M${left + 20} 215H${380 - left}L${200 + half + 3} 230H${200 - half - 3}Z`, brush.deep, 'opacity=".82"') +
    stroke(
      `M${left + 16} 219H${384 - left}M${left + 10} 223.5H${390 - left}M${left + 5} 227.5H${395 - left}`,
      glow,
      1.2,
      `opacity="${gaming ? 0.95 : 0.4}" stroke-dasharray="6 3.5"`,
    ) +
    shape('M172 232.500H228L232 238.500H168Z', brush.dark, 'opacity=".5"') +
    shape(
      `M${200 - deck} 240H${200 + deck}V243Q${200 + deck} 250 ${190 + deck} 250H${210 - deck}Q${200 - deck} 250 ${200 - deck} 243Z`,
      brush.dark,
    ) +
    box(200 - deck, 239.5, deck * 2, 2, 1, brush.light, 'opacity=".7"') +
    (gaming ? box(220 - deck, 246.5, deck * 2 - 40, 2, 1, brush.accent, 'opacity=".9"') : '') +
    box(178, 240, 44, 4, 2, brush.deep, 'opacity=".5"')
  );
}

export function drawMonitor(brush: Brush): string {
  const inches = brush.number('screenInches', 27);
  const wide = brush.flag('curved');
  const half = wide ? 158 : 96 + (inches - 22) * 4.4;
  const height = wide ? 134 : half * 1.16;
  const top = 214 - height;
  const left = 200 - half;
  const round = brush.random.chance(0.4);
  return (
    floor(200, 268, 96) +
    shape('M190 206H210L214 262H186Z', 'url(#d)') +
    (round
      ? `<ellipse cx="200" cy="263" rx="62" ry="9" fill="url(#b)"/><ellipse cx="200" cy="261" rx="60" ry="7" fill="${brush.light}" opacity=".5"/>`
      : box(138, 257, 124, 10, 5, 'url(#b)') + box(140, 257, 120, 3, 1.5, brush.light, 'opacity=".6"')) +
    (wide
      ? shape(
          `M${left} ${top + 4}Q200 ${top - 12} ${200 + half} ${top + 4}V${top + height - 2}Q200 ${top + height + 14} ${left} ${top + height - 2}Z`,
          '#171a22',
        ) +
        `<clipPath id="curve"><path d="M${left + 6} ${top + 10}Q200 ${top - 5} ${194 + half} ${top + 10}V${top + height - 9}Q200 ${top + height + 6} ${left + 6} ${top + height - 9}Z"/></clipPath><g clip-path="url(#curve)">${brush.screen(left + 6, top - 2, half * 2 - 12, height + 8, 2)}</g>`
      : box(left, top, half * 2, height, 8, 'url(#d)') +
        box(left + 1.5, top + 1.5, half * 2 - 3, height - 3, 7, '#151820') +
        brush.screen(left + 6, top + 6, half * 2 - 12, height - 20, 3) +
        box(188, top + height - 9, 24, 3, 1.5, brush.light, 'opacity=".55"'))
  );
}

export function drawKeyboard(brush: Brush): string {
  const layout = brush.text('layout');
  const columns = { '60%': 13, '75%': 14, '80%': 16, '100%': 19 }[layout] ?? 14;
  const rows = layout === '60%' || layout === '' ? 5 : 6;
  const key = Math.min(17, 296 / columns);
  const width = columns * key + 16;
  const height = rows * key + 18;
  const left = 200 - width / 2;
  const top = 158 - height / 2;
  const cap = brush.random.chance(0.5) ? brush.light : '#fbfbfd';
  const caps = brush.flag('gaming') ? '#2a2e39' : cap;
  const at = (column: number, row: number, span: number, fill: string): string =>
    box(left + 9 + column * key, top + 9 + row * key, span * key - 2.4, key - 2.4, 3, fill);
  const glow = brush.flag('gaming') || brush.flag('backlit');
  return (
    floor(200, 168 + height * 0.62, width * 0.52, 15) +
    `<pattern id="k" x="${left + 9}" y="${top + 9}" width="${key}" height="${key}" patternUnits="userSpaceOnUse">` +
    box(0, 0, key - 2.4, key - 2.4, 3, caps) +
    box(0.8, 0.6, key - 4, (key - 2.4) * 0.72, 2.4, '#fff', `opacity="${caps === '#2a2e39' ? 0.1 : 0.45}"`) +
    `</pattern><g transform="rotate(-7 200 160)">` +
    box(left, top + 7, width, height, 13, brush.deep) +
    box(left, top, width, height, 13, 'url(#b)') +
    box(left + 6, top + 6, width - 12, height - 12, 7, brush.deep, 'opacity=".72"') +
    (glow ? box(left + 7, top + 7, width - 14, height - 14, 6, 'url(#s)', 'opacity=".75"') : '') +
    `<rect x="${left + 9}" y="${top + 9}" width="${columns * key - 1}" height="${rows * key - 1}" fill="url(#k)"/>` +
    at(0, 0, 1, brush.accent) +
    at(columns > 14 ? 12 : columns - 2, rows - 3, 2, brush.accent) +
    at(3, rows - 1, 6, caps) +
    at(0, rows - 2, 2, caps) +
    '</g>'
  );
}

export function drawMouse(brush: Brush): string {
  const gaming = brush.flag('gaming');
  const waist = 42 + brush.random.below(9);
  const body = `M200 62C${200 + waist + 12} 62 ${200 + waist + 14} 112 ${200 + waist + 8} 160C${200 + waist + 16} 222 236 258 200 258C164 258 ${200 - waist - 16} 222 ${200 - waist - 8} 160C${200 - waist - 14} 112 ${200 - waist - 12} 62 200 62Z`;
  return (
    `<g transform="rotate(${14 + brush.random.below(10)} 200 160)">` +
    `<ellipse cx="208" cy="176" rx="${waist + 30}" ry="102" fill="url(#f)"/>` +
    (brush.flag('wireless') ? '' : stroke('M200 66C200 40 188 30 206 4', '#3a404d', 4)) +
    shape(body, 'url(#b)') +
    shape(
      `M200 62C${200 + waist + 12} 62 ${200 + waist + 14} 112 ${200 + waist + 8} 148Q200 168 ${192 - waist} 148C${186 - waist} 112 ${188 - waist} 62 200 62Z`,
      brush.light,
      'opacity=".35"',
    ) +
    stroke(`M200 64V152M${193 - waist} 148Q200 168 ${207 + waist} 148`, brush.deep, 1.6, 'opacity=".6"') +
    box(193, 88, 14, 36, 7, '#232733') +
    box(196, 94, 8, 22, 4, gaming ? brush.accent : '#596072') +
    stroke('M196 100H204M196 105H204M196 110H204', '#000', 1, 'opacity=".35"') +
    (gaming
      ? stroke(`M${196 - waist} 178Q${192 - waist} 214 178 238M${204 + waist} 178Q${208 + waist} 214 222 238`, brush.accent, 3.5) +
        disc(200, 208, 9, brush.accent, 'opacity=".85"')
      : disc(200, 212, 5, brush.dark, 'opacity=".5"')) +
    box(189 - waist, 138, 7, 22, 3.5, brush.deep, 'opacity=".75"') +
    box(190 - waist, 164, 7, 20, 3.5, brush.deep, 'opacity=".75"') +
    `<ellipse cx="184" cy="112" rx="12" ry="40" fill="#fff" opacity=".2"/></g>`
  );
}

export function drawStorage(brush: Brush): string {
  const kind = brush.text('kind') || 'ssd';
  const capacity = brush.number('capacityGb', 512);
  const label = capacity >= 1024 ? `${capacity / 1024} TB` : `${capacity} GB`;
  const words = (x: number, y: number, size: number, fill: string): string =>
    `<text x="${x}" y="${y}" font-family="system-ui,sans-serif" font-weight="700" font-size="${size}" fill="${fill}" text-anchor="middle">${label}</text>`;
  if (kind === 'card') {
    return (
      `<g transform="rotate(-8 200 160)"><ellipse cx="208" cy="172" rx="88" ry="104" fill="url(#f)"/>` +
      shape('M150 66H232L262 96V246Q262 254 254 254H146Q138 254 138 246V78Q138 66 150 66Z', 'url(#i)') +
      shape('M150 66H232L262 96V106L228 72H150Q144 72 138 80V78Q138 66 150 66Z', '#fff', 'opacity=".14"') +
      box(150, 116, 100, 112, 7, 'url(#b)') +
      shape('M150 190L250 150V221Q250 228 243 228H157Q150 228 150 221Z', 'url(#s)', 'opacity=".9"') +
      words(200, 150, 25, brush.ink) +
      [0, 1, 2, 3, 4].map((i) => box(154 + i * 15, 74, 9, 24, 2, '#e3c474')).join('') +
      box(136, 128, 5, 26, 2, '#dfe3ea') +
      '</g>'
    );
  }
  if (kind === 'stick') {
    return (
      `<g transform="rotate(-32 200 160)"><ellipse cx="206" cy="182" rx="130" ry="34" fill="url(#f)"/>` +
      box(266, 138, 58, 44, 4, '#c8cdd6') +
      box(272, 148, 9, 9, 1, '#6d7482') +
      box(272, 164, 9, 9, 1, '#6d7482') +
      box(266, 138, 58, 12, 4, '#fff', 'opacity=".4"') +
      box(84, 128, 190, 64, 20, 'url(#b)') +
      box(90, 131, 178, 22, 12, 'url(#w)') +
      disc(110, 160, 10, brush.deep, 'opacity=".7"') +
      words(196, 170, 24, brush.ink) +
      '</g>'
    );
  }
  const big = kind === 'disk';
  const width = big ? 138 : 122;
  const height = big ? 190 : 158;
  const left = 200 - width / 2;
  const top = 160 - height / 2;
  return (
    floor(204, top + height + 6, width * 0.72) +
    `<g transform="rotate(${-6 + brush.random.below(13)} 200 160)">` +
    box(left + 4, top + 5, width, height, 18, brush.deep) +
    box(left, top, width, height, 18, 'url(#b)') +
    (big
      ? stroke(
          `M${left + 16} ${top + 30}H${left + width - 16}M${left + 16} ${top + 42}H${left + width - 16}M${left + 16} ${top + 54}H${left + width - 16}`,
          brush.dark,
          2.5,
          'opacity=".45"',
        )
      : shape(`M${left} ${top + 60}L${left + width} ${top + 18}V${top + 70}L${left} ${top + 112}Z`, 'url(#s)', 'opacity=".92"')) +
    words(200, top + height - 26, 23, brush.ink) +
    disc(left + width - 18, top + height - 18, 3, '#4be38a') +
    box(188, top + height - 5, 24, 6, 3, '#1b1e27') +
    box(left + 4, top + 4, width - 8, 46, 14, 'url(#w)', 'opacity=".6"') +
    '</g>'
  );
}

export function drawRouter(brush: Brush): string {
  if (brush.text('kind') === 'mesh') {
    const tower = (x: number, y: number, width: number, height: number): string =>
      floor(x + width / 2, y + height, width * 0.75, 11) +
      box(x, y, width, height, width * 0.36, 'url(#h)', 'transform="rotate(0)"') +
      box(x, y, width, height, width * 0.36, 'url(#b)') +
      `<ellipse cx="${x + width / 2}" cy="${y + width * 0.24}" rx="${width * 0.42}" ry="${width * 0.15}" fill="${brush.light}" opacity=".8"/>` +
      box(x + width * 0.1, y + width * 0.5, width * 0.16, height * 0.6, 6, '#fff', 'opacity=".28"') +
      disc(x + width / 2, y + height * 0.7, 4, brush.accent) +
      disc(x + width / 2, y + height * 0.7, 9, brush.accent, 'opacity=".25"');
    return tower(232, 118, 74, 124) + tower(104, 84, 98, 170);
  }
  const antennas = 2 + brush.random.below(3);
  const spread = Array.from({ length: antennas }, (_, i) => 200 + (i - (antennas - 1) / 2) * (180 / (antennas - 1)));
  return (
    floor(200, 250, 152, 14) +
    spread
      .map(
        (x) =>
          `<g transform="rotate(${(x - 200) * 0.14} ${x} 200)">${box(x - 7, 62, 14, 150, 7, 'url(#i)')}${box(x - 4, 66, 3, 120, 1.5, '#fff', 'opacity=".2"')}${box(x - 9, 196, 18, 20, 5, '#272b36')}</g>`,
      )
      .join('') +
    shape('M92 206H308L336 236Q338 252 322 252H78Q62 252 64 236Z', 'url(#b)') +
    shape('M92 206H308L322 222H78Z', brush.light, 'opacity=".6"') +
    [0, 1, 2, 3, 4].map((i) => disc(166 + i * 17, 238, 3, i < 3 ? '#45dd8b' : brush.accent)).join('') +
    stroke('M120 213H280M114 218H286', brush.deep, 1.6, 'opacity=".3"')
  );
}
