import type { App, View } from './app.js';
import { createCatalogue, fetchCatalogue } from './catalogue.js';
import { createConnection } from './connection.js';
import { createDevicePanel } from './devicePanel.js';
import { element } from './dom.js';
import { createFailureNotice } from './failureNotice.js';
import { parseRoute, type Route } from './router.js';
import { readSettings } from './settings.js';
import { createSiteHeader } from './siteHeader.js';
import { TEXTS } from './texts.js';
import { createCategoryView, createSearchView } from './views/browseView.js';
import { createHistoryView } from './views/historyView.js';
import { createHomeView } from './views/homeView.js';
import { createItemView } from './views/itemView.js';

const root = document.documentElement;
const settings = readSettings(new URL(location.href), navigator.language);
const words = TEXTS[settings.language];
root.lang = settings.language === 'zh' ? 'zh-CN' : 'en';

const toast = element('div', { class: 'toast', role: 'status', 'aria-live': 'polite' });
let toastTimer = 0;
function announce(message: string): void {
  toast.textContent = message;
  toast.classList.add('shown');
  clearTimeout(toastTimer);
  toastTimer = window.setTimeout(() => toast.classList.remove('shown'), 2600);
}

function createView(app: App, route: Route): View {
  switch (route.name) {
    case 'item':
      return createItemView(app, route.itemId);
    case 'category':
      return createCategoryView(app, route.category);
    case 'search':
      return createSearchView(app, route.query);
    case 'history':
      return createHistoryView(app);
    case 'home':
      return createHomeView(app);
  }
}

async function start(): Promise<void> {
  // Both are on their way before either is waited for.
  let learn: Parameters<typeof createConnection>[1] = () => {};
  const connection = createConnection(settings, (items) => learn(items));
  connection.open();
  const loaded = settings.catalog ? await fetchCatalogue(settings.catalog).catch(() => null) : null;
  const catalogue = createCatalogue(loaded);
  learn = (items) => catalogue.learn(items);
  const app: App = { settings, words, catalogue, connection, lastHomeList: null, announce };

  document.body.classList.toggle('titles-only', !catalogue.complete);
  const main = element('main', { id: 'main', tabindex: -1 });
  const progress = element('progress', { class: 'load-progress', max: 1, 'aria-label': words.loading });
  document.body.replaceChildren(
    element('a', { class: 'skip', href: '#main', onclick: (event) => (event.preventDefault(), main.focus()) }, words.skip),
    progress,
    createSiteHeader(app),
    createFailureNotice(app),
    main,
    createDevicePanel(app),
    toast,
  );
  if (settings.catalog && !loaded) announce(words.catalogMissing);

  let view: View | null = null;
  function show(first: boolean): void {
    view?.close();
    view = createView(app, parseRoute(location.hash));
    main.replaceChildren(view.node);
    document.title = `${view.title} | ${words.shopName}`;
    for (const link of document.querySelectorAll('.categories a')) {
      if (link.getAttribute('href') === location.hash) link.setAttribute('aria-current', 'page');
      else link.removeAttribute('aria-current');
    }
    if (first) return;
    scrollTo({ top: 0, behavior: 'instant' });
    main.focus({ preventScroll: true });
  }

  let failed = false;
  function follow(): void {
    const { state } = connection;
    root.dataset['state'] = state.kind;
    root.dataset['backend'] = state.kind === 'ready' ? (state.status.backend ?? '') : '';
    progress.hidden = state.kind !== 'loading';
    if (state.kind === 'loading' && state.progress && state.progress.totalBytes > 0)
      progress.value = state.progress.loadedBytes / state.progress.totalBytes;
    if (state.kind === 'ready' && failed) show(true);
    if (state.kind !== 'loading') failed = state.kind === 'error';
  }
  connection.onState(follow);
  follow();
  show(true);
  addEventListener('hashchange', () => show(false));
}

void start();
if ('serviceWorker' in navigator) {
  // After the first paint: it only matters for the next visit.
  addEventListener('load', () => void navigator.serviceWorker.register('./serviceWorker.js').catch(() => {}));
}
