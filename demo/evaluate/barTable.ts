import { element, type Child } from '../dom.js';
import type { Page } from './page.js';

/** Percent of the axis: closer labels would overlap. */
const MIN_TICK_DISTANCE = 22;

export interface BarRow {
  readonly label: string;
  /** What the figures call it, where the label says it in other words. */
  readonly name?: string;
  readonly value: number;
  readonly low: number;
  readonly high: number;
  /** Baselines are drawn paler. */
  readonly isPale: boolean;
  /** Texts of the cells behind the chart. */
  readonly cells: readonly string[];
}

export interface BarTableOptions {
  readonly caption: string;
  readonly firstColumn: string;
  readonly columns: readonly string[];
  readonly rows: readonly BarRow[];
  readonly format: (value: number) => string;
  /** The chart's end; default: from the rows. Tables that are to be compared share it. */
  readonly most?: number;
}

/** The next round number: what an axis can end with. */
export function niceCeiling(value: number): number {
  if (!(value > 0)) return 1;
  const power = 10 ** Math.floor(Math.log10(value));
  return power * ([1, 1.2, 1.6, 2, 2.4, 3, 4, 5, 6, 8, 10].find((step) => step * power >= value * (1 - 1e-9)) ?? 10);
}

/** The end of a chart that shows all of these rows. */
export function chartEnd(rows: readonly BarRow[]): number {
  return niceCeiling(Math.max(...rows.map(({ value, high }) => Math.max(value, high)), 0));
}

/** A chart and its table in one: a row's bar, with its interval as a thin line, stands beside the row's figures. */
export function barTable(
  { words }: Page,
  { caption, firstColumn, columns, rows, format, most = chartEnd(rows) }: BarTableOptions,
): HTMLElement {
  const lowest = Math.min(...rows.map(({ value, low }) => Math.min(value, low)), 0);
  const least = lowest < 0 ? -niceCeiling(-lowest) : 0;
  const place = (value: number): number => (100 * (value - least)) / (most - least);
  const ticks = [...(place(0) > MIN_TICK_DISTANCE ? [least] : []), 0, ...(least < 0 ? [] : [most / 2]), most];
  const isMiddle = (tick: number): boolean => tick > 0 && tick < most;
  const axis = element(
    'div',
    { class: 'axis', 'aria-hidden': 'true' },
    ...ticks.map((tick) => {
      const node = element('span', { class: isMiddle(tick) ? 'middle' : undefined }, format(tick));
      node.style.left = `${place(tick)}%`;
      return node;
    }),
  );
  const tableRow = (row: BarRow): HTMLElement =>
    element(
      'tr',
      { class: row.isPale ? 'pale' : undefined },
      element('th', { scope: 'row' }, row.label, row.name && row.name !== row.label ? element('small', {}, row.name) : null),
      element('td', { class: 'plot' }, plot(row)),
      ...row.cells.map((cell): Child => element('td', {}, cell)),
    );
  function plot({ value, low, high }: BarRow): HTMLElement {
    const bar = element('span', { class: 'plot-bar' });
    bar.style.left = `${place(Math.min(0, value))}%`;
    bar.style.width = `${Math.abs(place(value) - place(0))}%`;
    const parts: HTMLElement[] = [bar];
    if (high > low) {
      const line = element('span', { class: 'plot-line' });
      line.style.left = `${place(low)}%`;
      line.style.width = `${place(high) - place(low)}%`;
      parts.push(line);
    }
    const zero = element('span', { class: 'plot-zero' });
    zero.style.left = `${place(0)}%`;
    return element('div', { class: 'plot-area', 'aria-hidden': 'true' }, zero, ...parts);
  }
  return element(
    'div',
    { class: 'scroll' },
    element(
      'table',
      { class: 'bar-table' },
      element('caption', {}, caption),
      element(
        'thead',
        {},
        element(
          'tr',
          {},
          element('th', { scope: 'col' }, firstColumn),
          element('th', { scope: 'col', class: 'plot' }, element('span', { class: 'visually-hidden' }, words.columnChart), axis),
          ...columns.map((column) => element('th', { scope: 'col' }, column)),
        ),
      ),
      element('tbody', {}, ...rows.map(tableRow)),
    ),
  );
}
