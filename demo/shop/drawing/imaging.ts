import { box, type Brush, disc, floor, shape, stroke } from './brush.js';

function glass(cx: number, cy: number, r: number): string {
  return (
    disc(cx, cy, r, '#10131b') +
    disc(cx, cy, r * 0.86, '#2b3140') +
    disc(cx, cy, r * 0.74, 'url(#g)') +
    disc(cx, cy, r * 0.4, '#0a0c14', 'opacity=".55"') +
    `<ellipse cx="${cx - r * 0.28}" cy="${cy - r * 0.32}" rx="${r * 0.2}" ry="${r * 0.13}" fill="#fff" opacity=".75" transform="rotate(-35 ${cx - r * 0.28} ${cy - r * 0.32})"/>` +
    disc(cx + r * 0.26, cy + r * 0.3, r * 0.1, '#b98cff', 'opacity=".6"')
  );
}

export function drawCamera(brush: Brush): string {
  if (brush.text('kind') === 'action') {
    return (
      floor(200, 250, 112, 13) +
      box(110, 92, 186, 154, 26, brush.deep) +
      box(106, 88, 186, 154, 26, 'url(#b)') +
      box(112, 94, 174, 142, 20, '#20242e', 'opacity=".82"') +
      box(196, 104, 80, 80, 16, '#12151d') +
      glass(236, 144, 34) +
      brush.screen(124, 108, 58, 46, 6) +
      disc(136, 206, 6, '#ff4f5e') +
      stroke('M156 206H186', brush.light, 4, 'opacity=".7"') +
      box(140, 80, 40, 10, 5, '#ff5d4d') +
      box(112, 94, 174, 30, 18, 'url(#w)', 'opacity=".25"')
    );
  }
  const retro = brush.random.chance(0.4);
  const hump = brush.random.chance(0.65);
  const skin = retro ? '#3a2f2b' : '#20242c';
  const metal = retro ? 'url(#h)' : 'url(#b)';
  const mount = 178 + brush.random.below(30);
  const size = 62 + brush.random.below(14);
  return (
    floor(200, 254, 152, 15) +
    (hump
      ? shape('M158 92L174 58Q176 54 182 54H218Q224 54 226 58L242 92Z', metal) + box(182, 60, 36, 5, 2.5, '#fff', 'opacity=".35"')
      : box(86, 76, 38, 16, 4, '#2a2e39')) +
    box(274, 76, 34, 18, 5, '#2c313d') +
    stroke('M280 80V90M286 80V90M292 80V90M298 80V90', '#4a5162', 2) +
    box(88, hump ? 76 : 82, 26, 16, 5, retro ? '#d6dae2' : brush.accent) +
    box(66, 88, 268, 162, 22, metal) +
    box(66, 122, 268, 100, 0, skin) +
    shape('M66 110H104Q112 110 112 122V250H88Q66 250 66 228Z', skin) +
    shape('M70 112H84V240Q70 238 70 226Z', '#fff', 'opacity=".1"') +
    box(72, 91, 256, 14, 9, '#fff', 'opacity=".22"') +
    `<pattern id="l" width="5" height="5" patternUnits="userSpaceOnUse"><circle cx="2" cy="2" r=".9" fill="#fff" opacity=".12"/></pattern><rect x="112" y="122" width="222" height="100" fill="url(#l)"/>` +
    disc(mount + 22, 172, size + 8, retro ? '#b9bec9' : '#343a47') +
    disc(mount + 22, 172, size + 3, '#15181f') +
    `<circle cx="${mount + 22}" cy="172" r="${size - 3}" fill="none" stroke="#3b4150" stroke-width="8" stroke-dasharray="3 3"/>` +
    glass(mount + 22, 172, size - 10) +
    box(296, 108, 24, 8, 4, brush.accent) +
    (hump ? '' : box(126, 98, 30, 17, 4, '#10131b') + box(129, 100, 12, 7, 2, '#6f86b8'))
  );
}

export function drawLens(brush: Brush): string {
  const kind = brush.text('kind');
  const long = { wide: 128, prime: 112, zoom: 158, portrait: 140, macro: 152, tele: 214 }[kind] ?? 140;
  const fat = { wide: 66, prime: 56, zoom: 62, portrait: 66, macro: 56, tele: 62 }[kind] ?? 60;
  const left = 200 - long / 2;
  const right = left + long;
  const pale = kind === 'tele' || brush.random.chance(0.2);
  const barrel = pale ? 'url(#h)' : 'url(#barrel)';
  const ribs = (x: number, width: number): string => {
    let d = '';
    for (let y = 160 - fat + 7; y < 160 + fat - 4; y += 6) d += `M${x} ${y}H${x + width}`;
    return box(x - 2, 160 - fat - 2, width + 4, fat * 2 + 4, 5, '#1a1d26') + stroke(d, '#3d4352', 2.4);
  };
  return (
    floor(205, 168 + fat * 1.15, long * 0.72, 14) +
    `<linearGradient id="barrel" x1="0" y1="0" x2="0" y2="1"><stop offset="0" stop-color="#666e80"/><stop offset=".3" stop-color="#414857"/><stop offset="1" stop-color="#171a22"/></linearGradient>` +
    `<g transform="rotate(${-16 - brush.random.below(8)} 200 160)">` +
    box(left - 12, 160 - fat * 0.72, 16, fat * 1.44, 3, '#c4c9d2') +
    box(left - 12, 160 - fat * 0.72, 16, fat * 0.4, 3, '#fff', 'opacity=".5"') +
    shape(
      `M${left} ${160 - fat * 0.82}L${left + 24} ${160 - fat}H${right - 18}L${right} ${160 - fat * 1.08}V${160 + fat * 1.08}L${right - 18} ${160 + fat}H${left + 24}L${left} ${160 + fat * 0.82}Z`,
      barrel,
    ) +
    ribs(left + long * 0.22, long * 0.18) +
    ribs(left + long * 0.58, long * 0.2) +
    box(left + long * 0.47, 160 - fat, 4, fat * 2, 1, brush.accent) +
    `<ellipse cx="${right}" cy="160" rx="${fat * 0.42}" ry="${fat * 1.08}" fill="#1b1f29"/><ellipse cx="${right + 2}" cy="160" rx="${fat * 0.35}" ry="${fat * 0.94}" fill="#3a4152"/><ellipse cx="${right + 3}" cy="160" rx="${fat * 0.29}" ry="${fat * 0.82}" fill="url(#g)"/>` +
    `<ellipse cx="${right - 3}" cy="${160 - fat * 0.36}" rx="${fat * 0.07}" ry="${fat * 0.2}" fill="#fff" opacity=".75"/>` +
    '</g>'
  );
}

export function drawTelevision(brush: Brush): string {
  const half = 112 + Math.min(60, (brush.number('screenInches', 55) - 32) * 1.15);
  const height = half * 1.13;
  const left = 200 - half;
  const top = 238 - height;
  const feet = brush.random.chance(0.55);
  return (
    floor(200, 260, half * 0.9, 12) +
    (feet
      ? shape(
          `M${left + 46} 236L${left + 30} 258H${left + 38}L${left + 56} 236ZM${354 - left} 236L${370 - left} 258H${362 - left}L${344 - left} 236Z`,
          '#3c4351',
        )
      : box(186, 232, 28, 20, 2, '#2b303c') + box(146, 250, 108, 9, 4, 'url(#i)') + box(148, 250, 104, 3, 1.5, '#fff', 'opacity=".25"')) +
    box(left, top, half * 2, height, 6, '#3a404e') +
    box(left + 1, top + 1, half * 2 - 2, height - 2, 5, '#0d0f15') +
    brush.screen(left + 4, top + 4, half * 2 - 8, height - 12, 2) +
    box(192, top + height - 6, 16, 3, 1.5, '#7b8394')
  );
}

export function drawDrone(brush: Brush): string {
  const rotor = (x: number, y: number, rx: number): string =>
    `<ellipse cx="${x}" cy="${y}" rx="${rx}" ry="${rx * 0.22}" fill="${brush.base}" opacity=".22"/><ellipse cx="${x}" cy="${y}" rx="${rx}" ry="${rx * 0.22}" fill="none" stroke="${brush.light}" stroke-opacity=".65" stroke-width="1.5"/>` +
    shape(
      `M${x - rx * 0.95} ${y - 2}Q${x - rx * 0.4} ${y - 8} ${x} ${y - 2}Q${x + rx * 0.4} ${y + 8} ${x + rx * 0.95} ${y + 2}Q${x + rx * 0.4} ${y + 2} ${x} ${y + 2}Q${x - rx * 0.4} ${y - 2} ${x - rx * 0.95} ${y - 2}Z`,
      '#343a47',
    ) +
    disc(x, y - 1, 5, brush.accent);
  return (
    floor(200, 272, 130, 13) +
    stroke('M176 132L98 98M224 132L302 98', brush.dark, 10) +
    box(91, 92, 14, 24, 5, '#262b36') +
    box(295, 92, 14, 24, 5, '#262b36') +
    rotor(98, 88, 54) +
    rotor(302, 88, 54) +
    stroke('M166 168L82 182M234 168L318 182', brush.base, 13) +
    stroke('M166 165L86 178M234 165L314 178', brush.light, 3, 'opacity=".7"') +
    stroke('M84 190L78 226M316 190L322 226', '#2f3542', 6) +
    box(72, 168, 17, 28, 6, '#262b36') +
    box(311, 168, 17, 28, 6, '#262b36') +
    rotor(80, 164, 66) +
    rotor(320, 164, 66) +
    shape('M150 156C150 126 172 112 200 112C228 112 250 126 250 156C250 192 236 208 200 208C164 208 150 192 150 156Z', 'url(#b)') +
    shape('M160 146C162 124 180 118 200 118C220 118 238 124 240 146C220 138 180 138 160 146Z', '#fff', 'opacity=".35"') +
    box(168, 168, 14, 8, 4, '#171a22') +
    box(218, 168, 14, 8, 4, '#171a22') +
    box(176, 194, 48, 42, 14, '#262b36') +
    glass(200, 216, 18) +
    disc(158, 186, 3, '#52e392') +
    disc(242, 186, 3, '#ff5d5d')
  );
}

export function drawConsole(brush: Brush): string {
  const kind = brush.text('kind') || 'console';
  if (kind === 'handheld') {
    return (
      floor(200, 244, 158, 14) +
      box(46, 92, 308, 148, 44, brush.deep) +
      box(44, 88, 312, 148, 44, 'url(#b)') +
      box(112, 98, 176, 128, 8, '#10131b') +
      brush.screen(118, 104, 164, 116, 4) +
      disc(80, 134, 19, '#20242e') +
      disc(80, 132, 13, '#454c5c') +
      disc(320, 190, 19, '#20242e') +
      disc(320, 188, 13, '#454c5c') +
      box(73, 178, 14, 38, 4, '#262b36') +
      box(61, 190, 38, 14, 4, '#262b36') +
      disc(320, 120, 6, '#4cc38a') +
      disc(306, 134, 6, '#5b8cff') +
      disc(334, 134, 6, '#ff5d6c') +
      disc(320, 148, 6, '#f2b33d') +
      box(52, 92, 56, 20, 12, 'url(#w)', 'opacity=".5"')
    );
  }
  const pad = (x: number, y: number, scale: number): string =>
    `<g transform="translate(${x} ${y}) scale(${scale}) translate(-200 -160)">` +
    shape(
      'M122 96C140 84 160 96 176 98H224C240 96 260 84 278 96C308 116 332 214 314 240C300 258 276 246 262 222C252 206 244 200 230 200H170C156 200 148 206 138 222C124 246 100 258 86 240C68 214 92 116 122 96Z',
      'url(#b)',
    ) +
    shape(
      'M122 96C140 84 160 96 176 98H224C240 96 260 84 278 96C284 100 290 108 295 118C260 104 140 104 105 118C110 108 116 100 122 96Z',
      '#fff',
      'opacity=".35"',
    ) +
    box(176, 112, 48, 32, 8, brush.deep, 'opacity=".75"') +
    box(186, 124, 28, 4, 2, brush.accent) +
    disc(166, 176, 19, '#1b1f29') +
    disc(166, 174, 13, '#444b5b') +
    disc(234, 176, 19, '#1b1f29') +
    disc(234, 174, 13, '#444b5b') +
    box(122, 122, 12, 36, 4, '#232732') +
    box(110, 134, 36, 12, 4, '#232732') +
    disc(272, 122, 7, '#4cc38a') +
    disc(256, 138, 7, '#5b8cff') +
    disc(288, 138, 7, '#ff5d6c') +
    disc(272, 154, 7, '#f2b33d') +
    '</g>';
  if (kind === 'controller') return floor(200, 252, 128, 14) + pad(200, 158, 1.1);
  return (
    floor(196, 268, 130, 14) +
    shape('M132 44Q132 32 146 34L216 44Q226 46 226 56V256Q226 266 214 266H144Q132 266 132 254Z', 'url(#b)') +
    shape('M166 38L190 41V266H166Z', '#1a1d27') +
    box(176, 52, 4, 200, 2, brush.accent) +
    shape('M137 50Q137 40 147 41L160 43V258H146Q137 258 137 250Z', '#fff', 'opacity=".22"') +
    box(200, 86, 5, 46, 2.5, brush.deep, 'opacity=".5"') +
    pad(264, 226, 0.52)
  );
}
