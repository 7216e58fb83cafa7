import { type App, milliseconds, numberText } from './app.js';
import { element, icon, type Child } from './dom.js';
import { createRequestCounter } from './requestCounter.js';
import { addressWith, BACKENDS } from './settings.js';
import { forgetAllButton, historyLines } from './views/historyLines.js';
import type { RecommenderStatus } from 'shelfmate';

const LINES = 5;
const SPARKS = 32;

function facts(...rows: readonly (readonly [label: string, value: Child, more?: string])[]): HTMLDListElement {
  return element(
    'dl',
    { class: 'facts' },
    ...rows.map(([label, value, more]) =>
      element('div', {}, element('dt', {}, label), element('dd', {}, value, more ? element('small', {}, more) : null)),
    ),
  );
}

function megabytes(app: App, bytes: number): string {
  return `${numberText(app, bytes / 1e6, bytes < 1e7 ? 2 : 1)} MB`;
}

function engineFacts(app: App, status: RecommenderStatus): HTMLElement {
  const { words } = app;
  const tried = status.attempts.map((attempt) => `${attempt.backend} ${attempt.accepted ? '✓' : '–'} ${attempt.reason}`).join('\n');
  const { manifest, firstList, files, total } = status.loadMs;
  return facts(
    [words.backend, element('strong', { title: tried }, (status.backend ?? words.none).toUpperCase()), status.backendReason],
    [words.adapter, status.adapter || words.none],
    [words.model, status.modelName || status.modelRevision, `${words.revision} ${status.modelRevision.slice(0, 12)}`],
    [
      words.items,
      numberText(app, status.itemCount),
      `${numberText(app, status.dimensions)} ${words.dimensions.toLowerCase()}, ${megabytes(app, status.modelBytes)}`,
    ],
    [
      words.loadTime,
      milliseconds(app, total),
      `${words.loadParts}: ${[manifest, firstList, files].map((part) => numberText(app, part)).join(' / ')} ms`,
    ],
    [words.source, status.fromCache ? words.fromCache : words.fromNetwork],
  );
}

/** Bars of the last round trips, the newest at the right. */
function sparks(app: App): HTMLElement {
  const last = app.connection.latencies.samples.slice(-SPARKS);
  const most = Math.max(...last.map((sample) => sample.roundTripMs), 1);
  return element(
    'div',
    { class: 'sparks', 'aria-hidden': 'true' },
    ...last.map((sample) => {
      const bar = element('span', { title: milliseconds(app, sample.roundTripMs) });
      bar.style.height = `${Math.max(6, (sample.roundTripMs / most) * 100)}%`;
      return bar;
    }),
  );
}

function speedFacts(app: App): HTMLElement {
  const { words } = app;
  const summary = app.connection.latencies.summary();
  const row = (label: string, pick: 'last' | 'p50' | 'p95'): HTMLElement =>
    element(
      'tr',
      {},
      element('th', { scope: 'row' }, label),
      element('td', { 'data-latency': `${pick}-engine` }, summary ? milliseconds(app, summary[pick].tookMs) : '–'),
      element('td', { 'data-latency': `${pick}-round-trip` }, summary ? milliseconds(app, summary[pick].roundTripMs) : '–'),
    );
  return element(
    'div',
    {},
    element(
      'table',
      { class: 'speed' },
      element(
        'thead',
        {},
        element(
          'tr',
          {},
          element('th', { scope: 'col' }, `${numberText(app, summary?.count ?? 0)} ${words.lists}`),
          element('th', { scope: 'col' }, words.inEngine),
          element('th', { scope: 'col' }, words.roundTrip),
        ),
      ),
      element('tbody', {}, row(words.lastList, 'last'), row('p50', 'p50'), row('p95', 'p95')),
    ),
    sparks(app),
  );
}

/** The bar at the foot of the page that tells what runs on this device, and opens to tell more. */
export function createDevicePanel(app: App): HTMLElement {
  const { words, connection } = app;
  const requests = createRequestCounter();
  const summary = element('span', { class: 'device-summary' });
  const label = element('span', { class: 'visually-hidden' }, words.deviceOpen);
  const body = element('div', { class: 'device-body', id: 'device-body', hidden: true });
  const engine = element('div', {});
  const speed = element('div', {});
  const lines = element('ul', { class: 'history-list', role: 'list' });
  const requestText = element('strong', { 'data-request-count': '0' });
  const forgetAll = forgetAllButton(app);
  const choice = element(
    'select',
    { id: 'backend', 'data-action': 'backend', onchange: () => location.assign(addressWith('backend', choice.value)) },
    ...BACKENDS.map((name) => element('option', { value: name, selected: name === app.settings.backend }, name)),
  );
  const toggle = element(
    'button',
    {
      class: 'device-toggle',
      type: 'button',
      'data-action': 'device-panel',
      'aria-expanded': 'false',
      'aria-controls': 'device-body',
      onclick: () => setOpen(body.hidden === true),
    },
    element('span', { class: 'dot' }),
    element('strong', {}, words.device),
    summary,
    label,
    icon('up'),
  );
  const node = element('section', { class: 'device', id: 'device', 'aria-label': words.device }, toggle, body);
  body.append(
    element(
      'div',
      { class: 'device-column' },
      element('h3', {}, words.engine),
      engine,
      element('label', { class: 'choice', for: 'backend' }, words.backendChoice, choice),
    ),
    element(
      'div',
      { class: 'device-column' },
      element('h3', {}, words.speed),
      speed,
      element('p', { class: 'requests' }, words.requests, requestText),
    ),
    element(
      'div',
      { class: 'device-column' },
      element('h3', {}, words.historyTitle),
      lines,
      element('div', { class: 'column-tools' }, element('a', { class: 'text-link', href: '#/history' }, words.seeAll), forgetAll),
    ),
  );

  function setOpen(open: boolean): void {
    body.hidden = !open;
    toggle.setAttribute('aria-expanded', String(open));
    label.textContent = open ? words.deviceClose : words.deviceOpen;
    if (open) void refreshHistory();
  }

  let entryCount = 0;
  function say(): void {
    const { state } = connection;
    requestText.textContent = numberText(app, requests.count);
    requestText.dataset['requestCount'] = String(requests.count);
    if (state.kind === 'loading') {
      const { progress } = state;
      const share = progress && progress.totalBytes > 0 ? progress.loadedBytes / progress.totalBytes : 0;
      summary.textContent = progress ? words.loadingFile(`${Math.round(share * 100)} %`, progress.file) : words.loading;
      return;
    }
    if (state.kind === 'error') {
      summary.textContent = words.failed;
      return;
    }
    const last = connection.latencies.summary();
    const parts = [
      (state.status.backend ?? words.none).toUpperCase(),
      last ? milliseconds(app, last.last.roundTripMs) : '',
      words.entryCount(entryCount),
      words.requestCount(requests.count),
      navigator.onLine ? '' : words.offline,
    ];
    summary.replaceChildren(...parts.filter(Boolean).map((part) => element('span', {}, part)));
    engine.replaceChildren(engineFacts(app, state.status));
    speed.replaceChildren(speedFacts(app));
  }

  async function refreshHistory(): Promise<void> {
    const history = await connection.history().catch(() => null);
    const entries = (await history?.list().catch(() => null)) ?? [];
    entryCount = entries.length;
    forgetAll.disabled = entries.length === 0;
    const newest = entries.slice(0, LINES);
    lines.replaceChildren(...(newest.length > 0 ? historyLines(app, newest) : [element('li', { class: 'empty' }, words.historyEmpty)]));
    say();
  }

  let [wasReady, wasComplete] = [false, false];
  function follow(): void {
    const isReady = connection.state.kind === 'ready';
    const isComplete = connection.state.kind === 'ready' && connection.state.isComplete;
    if (isReady && !wasReady) void refreshHistory();
    if (isComplete && !wasComplete) requests.restart();
    [wasReady, wasComplete] = [isReady, isComplete];
    say();
  }
  connection.onState(follow);
  connection.onHistory(() => void refreshHistory());
  requests.onChange(say);
  addEventListener('online', say);
  addEventListener('offline', say);
  follow();
  return node;
}
