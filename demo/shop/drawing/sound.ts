import { box, type Brush, disc, floor, shape, stroke } from './brush.js';

export function drawHeadphones(brush: Brush): string {
  const gaming = brush.flag('gaming');
  const lift = brush.random.below(14);
  const round = brush.random.chance(0.5);
  const cup = (side: 1 | -1): string => {
    const x = 200 + side * 88;
    return (
      `<g transform="rotate(${side * -7} ${x} 196)">` +
      box(x - side * 22 - 17, 148, 34, 98, 17, '#20242e') +
      box(x - side * 22 - 13, 152, 12, 90, 6, '#fff', 'opacity=".09"') +
      (round
        ? `<ellipse cx="${x + side * 6}" cy="197" rx="31" ry="52" fill="url(#b)"/>`
        : box(x + side * 6 - 28, 147, 56, 100, 25, 'url(#b)')) +
      `<ellipse cx="${x + side * 10}" cy="197" rx="17" ry="33" fill="${brush.dark}" opacity=".45"/><ellipse cx="${x + side * 11}" cy="196" rx="13" ry="28" fill="${gaming ? brush.accent : brush.base}" opacity="${gaming ? 0.9 : 0.8}"/>` +
      `<ellipse cx="${x + side * 6 - 9}" cy="174" rx="6" ry="17" fill="#fff" opacity=".3"/></g>`
    );
  };
  const top = 42 + lift;
  return (
    floor(200, 262, 128, 13) +
    stroke(`M112 176C104 ${top} 296 ${top} 288 176`, brush.deep, 21) +
    stroke(`M112 176C104 ${top} 296 ${top} 288 176`, brush.base, 16) +
    stroke(`M118 148C128 ${top + 18} 210 ${top + 6} 244 ${top + 50}`, '#fff', 4, 'opacity=".4"') +
    stroke(`M140 118C156 ${top + 32} 244 ${top + 32} 260 118`, '#262b36', 13, 'opacity=".9"') +
    stroke('M113 140L112 172M287 140L288 172', '#aeb5c2', 8) +
    cup(-1) +
    cup(1) +
    (gaming
      ? stroke('M104 236C110 274 150 282 184 272', '#262b36', 6) + box(178, 262, 28, 15, 7.5, '#191c25') + disc(198, 269.5, 3, brush.accent)
      : '') +
    (brush.flag('noiseCancelling') ? disc(304, 236, 2.5, '#7ee2ff') : '')
  );
}

export function drawEarbuds(brush: Brush): string {
  const stem = brush.text('kind') !== 'bud';
  const bud = (x: number, side: 1 | -1): string =>
    `<g transform="rotate(${side * 9} ${x} 110)">` +
    (stem
      ? box(x - 9, 104, 18, 72, 9, 'url(#b)') +
        box(x - 6, 112, 4, 56, 2, '#fff', 'opacity=".4"') +
        box(x - 6, 170, 12, 4, 2, brush.deep, 'opacity=".6"')
      : '') +
    `<ellipse cx="${x - side * 14}" cy="98" rx="13" ry="15" fill="#2a2e39"/><ellipse cx="${x - side * 17}" cy="97" rx="8" ry="10" fill="#464d5c"/>` +
    `<ellipse cx="${x}" cy="98" rx="${stem ? 22 : 27}" ry="${stem ? 24 : 27}" fill="url(#o)"/>` +
    disc(x + side * 5, 98, stem ? 6 : 10, brush.dark, 'opacity=".35"') +
    `<ellipse cx="${x - 7}" cy="87" rx="7" ry="6" fill="#fff" opacity=".5"/></g>`;
  const wide = 62 + brush.random.below(16);
  return (
    floor(200, 272, wide + 36, 13) +
    shape(
      `M${200 - wide} 190C${200 - wide} 92 ${200 - wide + 8} 80 ${236 - wide} 80H${164 + wide}C${192 + wide} 80 ${200 + wide} 92 ${200 + wide} 190Z`,
      'url(#d)',
    ) +
    shape(
      `M${208 - wide} 190C${208 - wide} 102 ${214 - wide} 90 ${240 - wide} 90H${160 + wide}C${186 + wide} 90 ${192 + wide} 102 ${192 + wide} 190Z`,
      '#1c2029',
      'opacity=".55"',
    ) +
    `<g transform="translate(0 ${stem ? 34 : 58})">${bud(200 - wide * 0.46, -1)}${bud(200 + wide * 0.46, 1)}</g>` +
    shape(
      `M${200 - wide} 182H${200 + wide}V212C${200 + wide} 252 ${180 + wide} 270 ${160 + wide} 270H${240 - wide}C${220 - wide} 270 ${200 - wide} 252 ${200 - wide} 212Z`,
      'url(#b)',
    ) +
    box(200 - wide, 181, wide * 2, 4, 2, brush.light, 'opacity=".9"') +
    `<ellipse cx="${200 - wide * 0.5}" cy="216" rx="10" ry="22" fill="#fff" opacity=".22"/>` +
    disc(200, 226, 3.5, '#52e392') +
    disc(200, 226, 8, '#52e392', 'opacity=".2"')
  );
}

const MESH = (colour: string): string =>
  `<pattern id="m" width="6" height="6" patternUnits="userSpaceOnUse"><circle cx="1.5" cy="1.5" r="1.1" fill="${colour}"/><circle cx="4.5" cy="4.5" r="1.1" fill="${colour}"/></pattern>`;

export function drawSpeaker(brush: Brush): string {
  const kind = brush.text('kind') || 'portable';
  const mesh = MESH(brush.deep);
  if (kind === 'shelf') {
    const wood = brush.random.chance(0.5);
    const tower = (x: number): string =>
      box(x, 66, 104, 188, 10, wood ? '#a9764a' : 'url(#b)') +
      box(x + 7, 73, 90, 174, 6, '#262a34') +
      disc(x + 52, 186, 38, '#3c4352') +
      disc(x + 52, 186, 33, '#171a22') +
      disc(x + 52, 186, 27, 'url(#d)') +
      disc(x + 52, 186, 11, 'url(#o)') +
      disc(x + 52, 110, 21, '#3c4352') +
      disc(x + 52, 110, 17, '#12151c') +
      disc(x + 52, 110, 8, 'url(#o)') +
      box(x + 7, 73, 30, 174, 6, '#fff', 'opacity=".06"');
    return floor(200, 256, 142, 14) + tower(84) + tower(212);
  }
  if (kind === 'soundbar') {
    return (
      floor(200, 226, 178, 13) +
      mesh +
      box(246, 82, 78, 118, 12, 'url(#d)') +
      disc(285, 148, 26, '#191c25') +
      disc(285, 148, 18, 'url(#d)') +
      box(250, 86, 24, 108, 9, '#fff', 'opacity=".08"') +
      box(34, 176, 332, 44, 18, 'url(#b)') +
      box(40, 186, 320, 28, 13, brush.dark) +
      box(40, 186, 320, 28, 13, 'url(#m)', 'opacity=".6"') +
      box(44, 178, 312, 7, 3.5, 'url(#w)') +
      [0, 1, 2].map((i) => disc(188 + i * 12, 200, 2.5, i ? '#dfe5f0' : brush.accent)).join('')
    );
  }
  if (kind === 'smart') {
    const tall = brush.random.chance(0.5);
    const height = tall ? 176 : 132;
    const top = 252 - height;
    return (
      floor(200, 254, 92, 15) +
      mesh +
      shape(`M130 ${top + 26}Q130 ${top} 200 ${top}Q270 ${top} 270 ${top + 26}V${228}Q270 254 200 254Q130 254 130 228Z`, 'url(#b)') +
      shape(`M130 ${top + 44}Q200 ${top + 62} 270 ${top + 44}V228Q270 254 200 254Q130 254 130 228Z`, 'url(#m)', 'opacity=".4"') +
      `<ellipse cx="200" cy="${top + 24}" rx="68" ry="21" fill="#1a1e28"/><ellipse cx="200" cy="${top + 24}" rx="58" ry="16.5" fill="none" stroke="url(#s)" stroke-width="5"/>` +
      box(146, top + 60, 14, height - 96, 7, '#fff', 'opacity=".22"')
    );
  }
  const tilt = -10 + brush.random.below(12);
  return (
    floor(200, 244, 146, 14) +
    mesh +
    `<g transform="rotate(${tilt} 200 165)">` +
    box(74, 106, 252, 122, 58, 'url(#h)') +
    box(96, 106, 208, 122, 42, brush.dark, 'opacity=".5"') +
    box(96, 106, 208, 122, 42, 'url(#m)', 'opacity=".75"') +
    box(110, 112, 180, 26, 13, 'url(#w)', 'opacity=".5"') +
    `<ellipse cx="84" cy="167" rx="16" ry="46" fill="${brush.deep}"/><ellipse cx="83" cy="167" rx="9" ry="30" fill="${brush.dark}"/><ellipse cx="316" cy="167" rx="16" ry="46" fill="${brush.deep}"/><ellipse cx="317" cy="167" rx="9" ry="30" fill="${brush.dark}"/>` +
    box(170, 152, 60, 30, 8, brush.accent) +
    stroke('M181 167H219', '#fff', 4) +
    stroke('M292 112C318 90 336 96 330 122', brush.accent, 6) +
    '</g>'
  );
}
