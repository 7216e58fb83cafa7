import type { CatalogItem } from 'shelfmate';
import type { App, View } from './app.js';
import { arrivalDates } from './arrivals.js';
import { createCart } from './cart.js';
import { createCatalogue, fetchCatalogue } from './catalogue.js';
import { createConnection } from './connection.js';
import { createDevicePanel } from './devicePanel.js';
import { element } from './dom.js';
import { createFailureNotice } from './failureNotice.js';
import { parseRoute, type Route } from './router.js';
import { readSettings } from './settings.js';
import { createSiteFooter } from './siteFooter.js';
import { createSiteHeader } from './siteHeader.js';
import { TEXTS } from './texts.js';
import { createToast } from './toast.js';
import { createCategoryView, createSearchView } from './views/browseView.js';
import { createCartView } from './views/cartView.js';
import { createHistoryView } from './views/historyView.js';
import { createHomeView } from './views/homeView.js';
import { createItemView } from './views/itemView.js';
import { createRulesView } from './views/rulesView.js';

const root = document.documentElement;
const settings = readSettings(new URL(location.href), navigator.language);
const words = TEXTS[settings.language];
root.lang = settings.language === 'zh' ? 'zh-CN' : 'en';

const toast = createToast();

function createView(app: App, route: Route): View {
  switch (route.name) {
    case 'item':
      return createItemView(app, route.itemId);
    case 'category':
      return createCategoryView(app, route.category);
    case 'search':
      return createSearchView(app, route.query);
    case 'cart':
      return createCartView(app);
    case 'history':
      return createHistoryView(app);
    case 'rules':
      return createRulesView(app);
    case 'home':
      return createHomeView(app);
  }
}

/** Where browsers forbid storage, asking for it throws. */
function ownStorage(): Storage | null {
  try {
    return localStorage;
  } catch {
    return null;
  }
}

async function start(): Promise<void> {
  // Both are on their way before either is waited for.
  const loading = settings.catalog ? fetchCatalogue(settings.catalog).catch(() => null) : Promise.resolve(null);
  let learn: (items: readonly CatalogItem[]) => void = () => {};
  const connection = createConnection({
    settings,
    learn: (items) => learn(items),
    firstUpdates: async () => arrivalDates((await loading) ?? [], Date.now()),
  });
  connection.open();
  const loaded = await loading;
  const catalogue = createCatalogue(loaded);
  catalogue.update(arrivalDates(catalogue.items, Date.now()));
  learn = (items) => catalogue.learn(items);
  const app: App = { settings, words, catalogue, connection, cart: createCart(ownStorage()), lastHome: null, announce: toast.say };

  document.body.classList.toggle('titles-only', !catalogue.complete);
  const main = element('main', { id: 'main', tabindex: -1 });
  const progress = element('progress', { class: 'load-progress', max: 1, 'aria-label': words.loading });
  document.body.replaceChildren(
    element('a', { class: 'skip', href: '#main', onclick: (event) => (event.preventDefault(), main.focus()) }, words.skip),
    progress,
    createSiteHeader(app),
    createFailureNotice(app),
    main,
    createSiteFooter(app),
    createDevicePanel(app),
    toast.node,
  );
  if (settings.catalog && !loaded) toast.say(words.catalogMissing);

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
    root.dataset['complete'] = String(state.kind === 'ready' && state.isComplete);
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
