import type { EvaluationFigures } from 'shelfmate/evaluation';
import { element } from '../dom.js';
import type { BarRow } from './barTable.js';
import { barTable, chartEnd } from './barTable.js';
import { modelLabel, numberText, percentText, type Page } from './page.js';

type Results = EvaluationFigures['results'];
type Metric = 'recall' | 'hr' | 'ndcg' | 'mrr';
const METRICS: readonly Metric[] = ['recall', 'hr', 'ndcg', 'mrr'];

/** Shares are said in percent, the two that weigh places as numbers. */
function formatter(page: Page, metric: Metric): (value: number) => string {
  return metric === 'recall' || metric === 'hr' ? (value) => percentText(page, value) : (value) => numberText(page, value, 3);
}

function rowsOf(page: Page, figures: EvaluationFigures, results: Results, metric: Metric, k: number): BarRow[] {
  const format = formatter(page, metric);
  return Object.entries(results).map(([name, estimates]) => {
    const { value, low, high } = estimates[`${metric}@${k}`]!;
    return {
      label: modelLabel(page, name),
      name,
      value,
      low,
      high,
      isPale: figures.models[name]!.kind === 'baseline',
      cells: [format(value), high > low ? `${format(low)} – ${format(high)}` : '–'],
    };
  });
}

/** Every measure at every list length. */
export function accuracySection(page: Page, figures: EvaluationFigures): HTMLElement {
  const { words } = page;
  const tables = element('div', { class: 'table-grid' });
  const help = element('p', { class: 'section-note', id: 'metric-help' });
  const show = (metric: Metric): void => {
    help.textContent = words.metricHelp[metric];
    const all = figures.cutoffs.map((k) => ({ k, rows: rowsOf(page, figures, figures.results, metric, k) }));
    const most = Math.max(...all.map(({ rows }) => chartEnd(rows)));
    tables.replaceChildren(
      ...all.map(({ k, rows }) =>
        barTable(page, {
          caption: `${words.metrics[metric]} · ${words.among(numberText(page, k))}`,
          firstColumn: words.columnModel,
          columns: [words.columnValue, words.columnInterval],
          rows,
          format: axisFormatter(page, metric),
          most,
        }),
      ),
    );
  };
  const radios = METRICS.map((metric, at) =>
    element(
      'label',
      {},
      element('input', { type: 'radio', name: 'metric', value: metric, checked: at === 0, onchange: () => show(metric) }),
      element('span', {}, words.metrics[metric]),
    ),
  );
  show('recall');
  return element(
    'section',
    { class: 'card', 'data-section': 'accuracy' },
    element('h2', {}, words.accuracy),
    element(
      'fieldset',
      { class: 'segmented', 'aria-describedby': 'metric-help' },
      element('legend', { class: 'visually-hidden' }, words.metric),
      ...radios,
    ),
    help,
    tables,
    element(
      'p',
      { class: 'section-note' },
      words.accuracyNote(numberText(page, figures.intervals.resamples), numberText(page, figures.groups)),
    ),
  );
}

function axisFormatter(page: Page, metric: Metric): (value: number) => string {
  return metric === 'recall' || metric === 'hr'
    ? (value) => percentText(page, value, 100 * value < 1 && value > 0 ? 1 : 0)
    : (value) => numberText(page, value, 2);
}

/** New and returning shoppers, popular and other items. */
export function segmentsSection(page: Page, figures: EvaluationFigures): HTMLElement | null {
  const { words } = page;
  const k = figures.cutoffs.at(-1)!;
  const segments = Object.entries(figures.segments).filter(([, { cases }]) => cases < figures.cases);
  if (segments.length === 0) return null;
  const all = segments.map(([name, { cases, results }]) => ({ name, cases, rows: rowsOf(page, figures, results, 'recall', k) }));
  const most = Math.max(...all.map(({ rows }) => chartEnd(rows)));
  return element(
    'section',
    { class: 'card', 'data-section': 'segments' },
    element('h2', {}, words.segments),
    element('p', { class: 'section-note' }, `${words.metrics.recall} · ${words.among(numberText(page, k))}`),
    element(
      'div',
      { class: 'table-grid' },
      ...all.map(({ name, cases, rows }) =>
        element(
          'div',
          { 'data-segment': name },
          element('h3', {}, words.segmentNames[name] ?? name),
          element('p', { class: 'section-note' }, `${words.segmentHelp[name] ?? ''} · ${words.cases(numberText(page, cases))}`),
          barTable(page, {
            caption: words.segmentNames[name] ?? name,
            firstColumn: words.columnModel,
            columns: [words.columnValue, words.columnInterval],
            rows,
            format: axisFormatter(page, 'recall'),
            most,
          }),
        ),
      ),
    ),
  );
}

/** Each model of the folder against each simple rule on the same questions. */
export function versusSection(page: Page, figures: EvaluationFigures): HTMLElement | null {
  const { words } = page;
  const k = figures.cutoffs.at(-1)!;
  if (figures.comparisons.length === 0) return null;
  const points = (value: number): string => `${value > 0 ? '+' : ''}${numberText(page, 100 * value, 1)}`;
  const rows = figures.comparisons.map(({ model, versus, metrics }): BarRow => {
    const { difference, wins, losses } = metrics[`recall@${k}`]!;
    return {
      label: `${modelLabel(page, model)} – ${modelLabel(page, versus)}`,
      ...difference,
      isPale: difference.low <= 0 && difference.high >= 0,
      cells: [
        `${points(difference.value)} %`,
        `${points(difference.low)} – ${points(difference.high)} %`,
        percentText(page, wins),
        percentText(page, losses),
      ],
    };
  });
  const metric = `${words.metrics.recall}, ${words.among(numberText(page, k)).toLowerCase()}`;
  return element(
    'section',
    { class: 'card', 'data-section': 'versus' },
    element('h2', {}, words.versus),
    element('p', { class: 'section-note' }, words.versusHelp(metric)),
    barTable(page, {
      caption: metric,
      firstColumn: words.columnPair,
      columns: [words.columnDifference, words.columnInterval, words.columnWins, words.columnLosses],
      rows,
      format: (value) => `${numberText(page, 100 * value)} %`,
    }),
  );
}

/** Coverage, novelty, popularity, diversity. */
export function listsSection(page: Page, figures: EvaluationFigures): HTMLElement {
  const { words } = page;
  const k = figures.cutoffs.at(-1)!;
  const tables = Object.keys(words.listNames).flatMap((figure) => {
    const format = (value: number): string => (figure === 'novelty' ? numberText(page, value, 2) : percentText(page, value));
    const rows = Object.entries(figures.lists).flatMap(([name, lists]): BarRow[] => {
      const value = lists[`${figure}@${k}`];
      if (typeof value !== 'number') return [];
      return [
        {
          label: modelLabel(page, name),
          name,
          value,
          low: value,
          high: value,
          isPale: figures.models[name]!.kind === 'baseline',
          cells: [figure === 'novelty' ? `${format(value)} ${words.bits}` : format(value)],
        },
      ];
    });
    if (rows.length === 0) return [];
    return element(
      'div',
      {},
      element('h3', {}, words.listNames[figure]!),
      element('p', { class: 'section-note' }, words.listHelp[figure]!),
      barTable(page, {
        caption: words.listNames[figure]!,
        firstColumn: words.columnModel,
        columns: [words.columnValue],
        rows,
        format: (value) => (figure === 'novelty' ? numberText(page, value) : percentText(page, value, 0)),
      }),
    );
  });
  return element(
    'section',
    { class: 'card', 'data-section': 'lists' },
    element('h2', {}, words.lists),
    element('p', { class: 'section-note' }, words.among(numberText(page, k))),
    element('div', { class: 'table-grid three' }, ...tables),
  );
}
