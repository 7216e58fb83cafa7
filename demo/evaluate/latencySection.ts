import type { BackendLatency } from 'shelfmate/evaluation';
import { element } from '../dom.js';
import { millisecondsText, numberText, type Page } from './page.js';

const BINS = 40;

/** One row a backend: its samples on an axis they all share, p50 and p95, the adapter; or why it is not there. */
export function latencySection(page: Page, latencies: readonly BackendLatency[]): HTMLElement | null {
  if (latencies.length === 0) return null;
  const { words } = page;
  const all = latencies.flatMap(({ samplesMs }) => samplesMs).filter((ms) => ms > 0);
  // Times differ a thousandfold between backends: equal steps of the axis are equal factors.
  const [least, most] = all.length > 0 ? [Math.min(...all) / 1.05, Math.max(...all) * 1.05] : [0.1, 10];
  const place = (ms: number): number => Math.log(ms / least) / Math.log(most / least);
  const ticks = [0.001, 0.01, 0.1, 1, 10, 100, 1000].filter((ms) => ms >= least && ms <= most);
  const axis = element(
    'div',
    { class: 'axis', 'aria-hidden': 'true' },
    ...ticks.map((tick) => {
      const node = element('span', {}, `${tick} ms`);
      node.style.left = `${100 * place(tick)}%`;
      return node;
    }),
  );
  const sampleCount = Math.max(...latencies.map(({ samplesMs }) => samplesMs.length), 0);
  return element(
    'section',
    { class: 'card', 'data-section': 'latency' },
    element('h2', {}, words.latency),
    element('p', { class: 'section-note' }, words.latencyHelp(numberText(page, sampleCount))),
    element(
      'div',
      { class: 'scroll' },
      element(
        'table',
        { class: 'bar-table latency-table' },
        element('caption', {}, words.latency),
        element(
          'thead',
          {},
          element(
            'tr',
            {},
            element('th', { scope: 'col' }, words.columnBackend),
            element('th', { scope: 'col', class: 'plot' }, element('span', { class: 'visually-hidden' }, words.columnHistogram), axis),
            element('th', { scope: 'col' }, 'p50'),
            element('th', { scope: 'col' }, 'p95'),
          ),
        ),
        element('tbody', {}, ...latencies.map((latency) => row(page, latency, place))),
      ),
    ),
    ...latencies
      .filter(({ listsPerSample }) => listsPerSample > 1)
      .map(({ backend, listsPerSample }) =>
        element('p', { class: 'section-note' }, words.latencyMean(backend, numberText(page, listsPerSample))),
      ),
  );
}

function row(page: Page, latency: BackendLatency, place: (ms: number) => number): HTMLElement {
  const { words } = page;
  const { backend, adapter, missing, samplesMs, p50Ms, p95Ms } = latency;
  const head = element('th', { scope: 'row' }, backend, element('small', {}, adapter || words.adapterNone));
  if (missing !== null || p50Ms === null || p95Ms === null)
    return element(
      'tr',
      { class: 'missing', 'data-latency': backend },
      element('th', { scope: 'row' }, backend, element('small', {}, words.notHere)),
      element('td', { colspan: 3, class: 'reason' }, element('span', { lang: 'en' }, missing ?? '')),
    );
  return element(
    'tr',
    { 'data-latency': backend },
    head,
    element('td', { class: 'plot' }, histogram(page, samplesMs, [p50Ms, p95Ms], place)),
    element('td', {}, millisecondsText(page, p50Ms)),
    element('td', {}, millisecondsText(page, p95Ms)),
  );
}

function histogram(page: Page, samplesMs: readonly number[], marks: readonly number[], place: (ms: number) => number): HTMLElement {
  const counts = Array.from({ length: BINS }, () => 0);
  for (const ms of samplesMs) {
    const bin = ms > 0 ? Math.min(BINS - 1, Math.max(0, Math.floor(BINS * place(ms)))) : 0;
    counts[bin]!++;
  }
  const most = Math.max(...counts, 1);
  const node = element('div', {
    class: 'histogram',
    'aria-hidden': 'true',
    title: page.words.lists100(numberText(page, samplesMs.length)),
  });
  for (const count of counts) {
    const bar = element('span', {});
    bar.style.height = count === 0 ? '0' : `${Math.max(6, (100 * count) / most)}%`;
    node.append(bar);
  }
  for (const mark of marks) {
    const line = element('i', {});
    line.style.left = `${100 * place(mark)}%`;
    node.append(line);
  }
  return node;
}
