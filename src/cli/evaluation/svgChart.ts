import type { Estimate } from '../../core/metrics/bootstrap.js';

export interface ChartBar {
  readonly label: string;
  readonly estimate: Estimate;
  /** Baselines are drawn paler. */
  readonly isBaseline: boolean;
}

const LABEL_WIDTH = 150;
const PLOT_WIDTH = 420;
const VALUE_WIDTH = 70;
const ROW_HEIGHT = 26;
const AXIS_HEIGHT = 24;

/** Draws horizontal bars from zero with their intervals as whiskers: inline SVG, coloured by the page's style (--bar, --pale, --ink). */
export function barChart(title: string, bars: readonly ChartBar[]): string {
  const values = bars.flatMap(({ estimate: { value, low, high } }) => [value, low, high]);
  const largest = niceCeiling(Math.max(...values, 0));
  const lowest = Math.min(...values) < 0 ? -niceCeiling(-Math.min(...values)) : 0;
  const width = LABEL_WIDTH + PLOT_WIDTH + VALUE_WIDTH;
  const height = bars.length * ROW_HEIGHT + AXIS_HEIGHT;
  const x = (value: number): number => LABEL_WIDTH + (PLOT_WIDTH * (value - lowest)) / (largest - lowest);
  const ticks = lowest < 0 ? [lowest, 0, largest / 2, largest] : [0, 0.25, 0.5, 0.75, 1].map((share) => share * largest);
  const bottom = bars.length * ROW_HEIGHT;
  return [
    `<svg viewBox="0 0 ${width} ${height}" width="${width}" role="img" aria-label="${escapeHtml(title)}; the table beside it has the figures">`,
    ...ticks.map(
      (tick) =>
        `<line class="grid" x1="${round(x(tick))}" x2="${round(x(tick))}" y1="0" y2="${bottom}"/><text class="tick" x="${round(x(tick))}" y="${bottom + 16}" text-anchor="middle">${trim(tick)}</text>`,
    ),
    ...bars.flatMap(({ label, estimate, isBaseline }, row) => {
      const middle = row * ROW_HEIGHT + ROW_HEIGHT / 2;
      const { value, low, high } = estimate;
      return [
        `<text x="${LABEL_WIDTH - 8}" y="${middle + 4}" text-anchor="end">${escapeHtml(label)}</text>`,
        `<rect class="${isBaseline ? 'pale' : 'bar'}" x="${round(Math.min(x(0), x(value)))}" y="${middle - 8}" width="${round(Math.abs(x(value) - x(0)))}" height="16" rx="2"/>`,
        ...(high > low
          ? [
              `<path class="whisker" d="M${round(x(low))} ${middle}H${round(x(high))}M${round(x(low))} ${middle - 4}v8M${round(x(high))} ${middle - 4}v8"/>`,
            ]
          : []),
        `<text class="value" x="${round(x(Math.max(high, value)) + 6)}" y="${middle + 4}">${value.toFixed(4)}</text>`,
      ];
    }),
    '</svg>',
  ].join('\n');
}

/** Makes text harmless inside HTML and its attributes. */
export function escapeHtml(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;').replaceAll("'", '&#39;');
}

/** The next of 1, 2, 2.5, 5, 10 times a power of ten. */
function niceCeiling(value: number): number {
  if (!(value > 0)) return 1;
  const power = 10 ** Math.floor(Math.log10(value));
  return power * ([1, 2, 2.5, 5, 10].find((step) => step * power >= value) ?? 10);
}

function round(value: number): string {
  return String(Math.round(10 * value) / 10);
}

function trim(value: number): string {
  return String(Number(value.toPrecision(4)));
}
