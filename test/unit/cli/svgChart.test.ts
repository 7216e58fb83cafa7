import { describe, expect, it } from 'vitest';
import { barChart } from '../../../src/cli/evaluation/svgChart.js';

const bar = (value: number, label = 'als') => ({ label, estimate: { value, low: value, high: value }, isBaseline: false });

describe('barChart', () => {
  it('draws bars from zero, to the left for negative values', () => {
    const svg = barChart('lift', [bar(2), bar(-1)]);
    const rects = [...svg.matchAll(/<rect class="bar" x="([\d.]+)" y="\d+" width="([\d.]+)"/g)].map((match) =>
      match.slice(1, 3).map(Number),
    );
    const [right, left] = rects as [[number, number], [number, number]];
    expect(right[1]).toBeCloseTo(2 * left[1], 0);
    expect(left[0] + left[1]).toBeCloseTo(right[0], 0);
  });

  it('escapes names and draws zeros', () => {
    const svg = barChart('<b>', [bar(0, '"><script>')]);
    expect(svg).not.toContain('<script>');
    expect(svg).toContain('width="0"');
  });
});
