import { box, type Brush, disc, floor, shape, stroke } from './brush.js';

function cameraBump(brush: Brush, x: number, y: number, count: number): string {
  const eye = (cx: number, cy: number): string =>
    disc(cx, cy, 10.5, '#151925') + disc(cx, cy, 7.5, 'url(#g)') + disc(cx - 2.5, cy - 3, 1.8, '#fff', 'opacity=".8"');
  if (count <= 2)
    return (
      box(x, y, 30, 26 * count + 6, 15, brush.dark, 'opacity=".55"') +
      Array.from({ length: count }, (_, i) => eye(x + 15, y + 16 + 26 * i)).join('')
    );
  return (
    box(x, y, 56, 56, 16, brush.dark, 'opacity=".55"') +
    eye(x + 16, y + 16) +
    eye(x + 40, y + 16) +
    eye(x + 16, y + 40) +
    (count > 3 ? eye(x + 40, y + 40) : disc(x + 40, y + 40, 5, '#f6e7b8'))
  );
}

export function drawPhone(brush: Brush): string {
  const height = 176 + (brush.number('screenInches', 6.3) - 5.8) * 44;
  const width = height * 0.49;
  const top = 158 - height / 2;
  const radius = 15 + brush.random.below(9);
  const lean = 5 + brush.random.below(6);
  return (
    floor(196, top + height + 10, 122, 13) +
    `<g transform="rotate(${-lean} 150 160)">` +
    box(200 - width - 8, top, width, height, radius, 'url(#b)') +
    box(201 - width - 8, top + 1, width - 2, height * 0.5, radius, 'url(#w)', 'opacity=".5"') +
    cameraBump(brush, 200 - width + 2, top + 11, brush.number('cameras', 2)) +
    disc(200 - width / 2 - 6, top + height * 0.64, 8, brush.dark, 'opacity=".28"') +
    `</g><g transform="rotate(${lean - 2} 250 160)">` +
    box(188, top + 6, width, height, radius, brush.dark) +
    box(189.5, top + 7.5, width - 3, height - 3, radius - 1, '#0e1017') +
    brush.screen(193, top + 11, width - 10, height - 10, radius - 4) +
    box(188 + width / 2 - 11, top + 17, 22, 6, 3, '#0b0d13') +
    `<text x="${188 + width / 2}" y="${top + 62}" font-family="system-ui,sans-serif" font-size="24" font-weight="300" fill="#fff" text-anchor="middle">${9 + brush.random.below(3)}:${10 + brush.random.below(50)}</text>` +
    box(188 + width / 2 - 18, top + height - 8, 36, 3, 1.5, '#fff', 'opacity=".8"') +
    '</g>'
  );
}

export function drawTablet(brush: Brush): string {
  const height = 148 + (brush.number('screenInches', 10.9) - 8) * 9;
  const width = height * 1.36;
  const left = 200 - width / 2;
  const top = 154 - height / 2;
  return (
    floor(200, top + height + 14, width * 0.56, 14) +
    `<g transform="rotate(${-5 + brush.random.below(4)} 200 160)">` +
    box(left - 2, top + 3, width + 4, height + 3, 16, brush.deep) +
    box(left, top, width, height, 15, 'url(#b)') +
    box(left + 3, top + 3, width - 6, height - 6, 12, '#12151d') +
    brush.screen(left + 11, top + 11, width - 22, height - 22, 5) +
    [0, 1, 2, 3]
      .map((i) => box(left + width / 2 - 44 + i * 23, top + height - 32, 18, 18, 5, '#fff', `opacity="${0.85 - i * 0.12}"`))
      .join('') +
    '</g>' +
    (brush.flag('pen')
      ? `<g transform="rotate(34 316 210)">${box(309, 126, 12, 146, 6, '#f6f7fa')}${box(311, 128, 3, 140, 1.5, '#c6cbd6')}${shape('M309 268H321L315 284Z', '#d6dae2')}${box(309, 148, 12, 4, 0, brush.accent)}</g>`
      : '')
  );
}

export function drawWatch(brush: Brush): string {
  const strap = brush.flag('sport') ? brush.accent : brush.base;
  const round = brush.text('kind') !== 'square';
  const tilt = -8 + brush.random.below(17);
  const digital = brush.random.chance(0.5);
  const face = round
    ? disc(200, 160, 66, 'url(#b)') + disc(200, 160, 60, brush.deep) + disc(200, 160, 56, '#0d1018')
    : box(143, 97, 114, 126, 34, 'url(#b)') + box(148, 102, 104, 116, 30, brush.deep) + box(152, 106, 96, 108, 27, '#0d1018');
  const ring = (r: number, colour: string, part: number): string =>
    `<circle cx="200" cy="160" r="${r}" fill="none" stroke="${colour}" stroke-opacity=".25" stroke-width="7"/><circle cx="200" cy="160" r="${r}" fill="none" stroke="${colour}" stroke-width="7" stroke-linecap="round" stroke-dasharray="${r * 6.283 * part} 999" transform="rotate(-90 200 160)"/>`;
  const ticks = Array.from(
    { length: 12 },
    (_, i) =>
      `<path d="M200 111v6" stroke="#fff" stroke-opacity="${i % 3 ? 0.4 : 0.9}" stroke-width="2.5" transform="rotate(${i * 30} 200 160)"/>`,
  ).join('');
  return (
    floor(206, 290, 76, 12) +
    `<g transform="rotate(${tilt} 200 160)">` +
    shape('M164 108L172 30Q173 20 183 20H217Q227 20 228 30L236 108Z', strap) +
    shape('M164 212L170 288Q171 298 181 298H219Q229 298 230 288L236 212Z', strap) +
    shape('M164 108L172 30Q173 20 183 20H192L188 108ZM164 212L170 288Q171 298 181 298H190L188 212Z', '#fff', 'opacity=".2"') +
    shape('M226 20Q228 24 228 30L236 108H222ZM230 288Q229 298 219 298L222 212H236Z', '#0b1020', 'opacity=".18"') +
    [238, 252, 266, 280].map((y) => `<ellipse cx="200" cy="${y}" rx="4" ry="3" fill="#0b1020" opacity=".4"/>`).join('') +
    box(round ? 264 : 256, 146, 9, 28, 4, brush.dark) +
    face +
    (digital
      ? ring(round ? 46 : 40, '#ff5d7a', 0.55 + brush.random.next() * 0.4) +
        ring(round ? 36 : 31, '#8ef06a', 0.4 + brush.random.next() * 0.5) +
        `<text x="200" y="167" font-family="system-ui,sans-serif" font-size="20" font-weight="600" fill="#fff" text-anchor="middle">10:0${brush.random.below(10)}</text>`
      : ticks +
        stroke('M200 160L178 136', '#fff', 5) +
        stroke(`M200 160L${224 + brush.random.below(8)} 130`, '#fff', 3.5) +
        stroke('M200 172V122', brush.accent, 1.8) +
        disc(200, 160, 4, brush.accent)) +
    shape(
      round ? 'M150 134A56 56 0 0 1 238 119L172 209A56 56 0 0 1 150 134Z' : 'M152 133Q152 106 179 106H226L176 214Q152 212 152 187Z',
      '#fff',
      'opacity=".07"',
    ) +
    '</g>'
  );
}

export function drawCharger(brush: Brush): string {
  const kind = brush.text('kind') || 'charger';
  if (kind === 'cable') {
    return (
      floor(200, 256, 126, 14) +
      [0, 1]
        .map((i) =>
          stroke(
            `M120 76C40 ${150 + i * 6} 90 ${262 - i * 16} 200 ${250 - i * 18}C310 ${238 - i * 10} 320 130 220 126C140 124 130 204 206 206C262 206 276 172 278 122`,
            i ? brush.light : brush.dark,
            i ? 3 : 11,
            i ? 'opacity=".7" stroke-dasharray="3 4"' : '',
          ),
        )
        .join('') +
      `<g transform="rotate(32 118 74)">${box(103, 40, 30, 46, 9, 'url(#b)')}${box(109, 20, 18, 22, 5, '#c9ced8')}${box(112, 24, 4, 16, 2, '#fff', 'opacity=".6"')}</g>` +
      `<g transform="rotate(4 278 90)">${box(263, 78, 30, 48, 9, 'url(#b)')}${box(269, 58, 18, 22, 5, '#c9ced8')}${box(272, 62, 4, 16, 2, '#fff', 'opacity=".6"')}</g>`
    );
  }
  if (kind === 'bank') {
    const lit = 2 + brush.random.below(3);
    return (
      floor(206, 262, 92, 13) +
      `<g transform="rotate(-7 200 160)">` +
      box(148, 58, 116, 200, 24, brush.deep) +
      box(142, 54, 116, 200, 24, 'url(#b)') +
      box(148, 58, 104, 70, 18, 'url(#w)', 'opacity=".55"') +
      shape('M206 112L178 160H197L190 200L224 146H204Z', brush.deep, 'opacity=".35"') +
      [0, 1, 2, 3].map((i) => disc(176 + i * 16, 236, 3.5, i < lit ? '#52e392' : brush.deep, i < lit ? '' : 'opacity=".4"')).join('') +
      box(184, 51, 32, 6, 3, '#1b1e27') +
      '</g>'
    );
  }
  if (kind === 'pad') {
    return (
      floor(200, 240, 130, 18) +
      stroke('M200 232C200 280 262 262 300 296', brush.dark, 6) +
      `<ellipse cx="200" cy="190" rx="112" ry="62" fill="${brush.deep}"/><ellipse cx="200" cy="180" rx="112" ry="62" fill="url(#b)"/>` +
      `<ellipse cx="200" cy="178" rx="96" ry="51" fill="${brush.light}" opacity=".45"/><ellipse cx="200" cy="178" rx="60" ry="31" fill="none" stroke="${brush.deep}" stroke-opacity=".35" stroke-width="3"/>` +
      shape('M206 152L184 182H200L194 206L220 172H203Z', brush.deep, 'opacity=".6"') +
      disc(200, 237, 3, '#52e392')
    );
  }
  const ports = brush.number('powerWatts', 30) >= 65 ? 3 : 1;
  const size = 96 + Math.min(44, brush.number('powerWatts', 30) * 0.42);
  const left = 200 - size / 2;
  return (
    floor(200, 246, size * 0.85, 13) +
    box(left + size * 0.28, 70, 12, 46, 3, '#b9bfca') +
    box(left + size * 0.62, 70, 12, 46, 3, '#b9bfca') +
    box(left + size * 0.28, 70, 4, 46, 2, '#fff', 'opacity=".6"') +
    box(left + size * 0.62, 70, 4, 46, 2, '#fff', 'opacity=".6"') +
    box(left, 108, size, 134, 26, 'url(#b)') +
    box(left + 5, 112, size - 10, 50, 20, 'url(#w)', 'opacity=".7"') +
    Array.from(
      { length: ports },
      (_, i) => box(182, 224 - (ports - i) * 23, 36, 13, 6.5, '#191c25') + box(189, 228 - (ports - i) * 23, 22, 5, 2.5, '#5b6375'),
    ).join('') +
    `<text x="200" y="${150}" font-family="system-ui,sans-serif" font-size="17" font-weight="700" fill="${brush.ink}" text-anchor="middle">${brush.number('powerWatts', 30)}W</text>`
  );
}

export function drawCase(brush: Brush): string {
  const kind = brush.text('kind') || 'case';
  if (kind === 'sleeve') {
    return (
      floor(200, 252, 140, 14) +
      `<g transform="rotate(-6 200 160)">` +
      box(84, 82, 232, 164, 20, brush.deep) +
      box(80, 78, 232, 164, 20, 'url(#b)') +
      stroke('M96 104H296', brush.deep, 4, 'stroke-dasharray="3 2.5"') +
      stroke('M96 108H296', '#fff', 1, 'opacity=".35"') +
      box(276, 98, 9, 24, 4, '#d9dde5') +
      `<rect x="90" y="88" width="212" height="144" rx="14" fill="none" stroke="${brush.light}" stroke-opacity=".7" stroke-width="1.5" stroke-dasharray="5 4"/>` +
      box(172, 168, 48, 26, 5, brush.accent, 'opacity=".9"') +
      stroke('M180 181H212', '#fff', 2.5) +
      '</g>'
    );
  }
  if (kind === 'backpack') {
    return (
      floor(200, 286, 98, 12) +
      stroke('M176 58C176 22 224 22 224 58', brush.deep, 9) +
      stroke('M134 110C104 140 104 210 128 258M266 110C296 140 296 210 272 258', brush.dark, 15) +
      shape('M132 128C132 74 160 50 200 50C240 50 268 74 268 128V258Q268 284 242 284H158Q132 284 132 258Z', 'url(#b)') +
      shape('M140 128C140 82 164 58 200 58C214 58 222 61 232 66C180 70 160 96 158 150H140Z', '#fff', 'opacity=".22"') +
      stroke('M146 134C146 92 168 70 200 70C232 70 254 92 254 134', brush.deep, 3, 'stroke-dasharray="3 2.5" opacity=".7"') +
      shape('M150 186Q150 172 164 172H236Q250 172 250 186V252Q250 268 234 268H166Q150 268 150 252Z', brush.dark, 'opacity=".55"') +
      stroke('M154 190H246', brush.light, 3, 'stroke-dasharray="3 2.5" opacity=".8"') +
      box(240, 186, 6, 22, 3, brush.accent) +
      box(182, 122, 36, 22, 5, brush.accent) +
      stroke('M189 133H211', '#fff', 2.5)
    );
  }
  if (kind === 'camera') {
    return (
      floor(200, 266, 128, 14) +
      stroke('M104 140C104 20 296 20 296 140', brush.deep, 13) +
      stroke('M104 140C104 24 296 24 296 140', brush.base, 5, 'opacity=".8"') +
      box(86, 118, 228, 146, 24, 'url(#b)') +
      shape('M86 142Q86 118 110 118H290Q314 118 314 142V186H86Z', brush.dark, 'opacity=".55"') +
      shape('M92 142Q92 124 110 124H290Q308 124 308 142V150H92Z', '#fff', 'opacity=".14"') +
      stroke('M92 186H308', brush.deep, 3) +
      box(182, 172, 36, 34, 7, brush.accent) +
      box(190, 184, 20, 10, 4, '#fff', 'opacity=".85"') +
      stroke('M120 214V250M280 214V250', brush.deep, 3, 'opacity=".5"')
    );
  }
  const pattern = brush.random.below(3);
  return (
    floor(204, 270, 78, 12) +
    `<g transform="rotate(8 200 160)">` +
    box(143, 48, 118, 222, 28, brush.deep) +
    box(139, 46, 118, 222, 28, 'url(#b)') +
    (pattern === 0
      ? shape('M139 190L257 120V240Q257 268 229 268H167Q139 268 139 240Z', 'url(#s)', 'opacity=".9"')
      : pattern === 1
        ? [0, 1, 2, 3].map((i) => stroke(`M152 ${168 + i * 24}H244`, brush.accent, 6, `opacity="${0.9 - i * 0.2}"`)).join('')
        : '') +
    (brush.flag('magnetic')
      ? `<circle cx="198" cy="176" r="34" fill="none" stroke="#fff" stroke-opacity=".75" stroke-width="5" stroke-dasharray="190 30"/>`
      : '') +
    box(150, 58, 60, 60, 18, '#171a24') +
    box(153, 61, 54, 54, 16, '#262b38') +
    disc(167, 75, 9, 'url(#g)') +
    disc(192, 75, 9, 'url(#g)') +
    disc(167, 100, 9, 'url(#g)') +
    disc(192, 100, 4, '#f4e6b6') +
    box(142, 50, 112, 60, 24, 'url(#w)', 'opacity=".35"') +
    '</g>'
  );
}
