import { type App, type View, itemOf, titleOf } from '../app.js';
import { element } from '../dom.js';
import { createRecommendationShelf } from '../recommendationShelf.js';
import { forgetAllButton, historyLines } from './historyLines.js';

/** All that this device remembers, and the buttons that make it forget. */
export function createHistoryView(app: App): View {
  const { words, connection } = app;
  const list = element('ul', { class: 'history-list', role: 'list' });
  const button = forgetAllButton(app);
  const follows = createRecommendationShelf(app, {
    id: 'follows',
    layout: 'carousel',
    isSmall: true,
    limit: 8,
    heading: () => [words.historyShelf, words.notes.history],
    load: () =>
      connection.list((recommender) =>
        recommender.recommend({ limit: 8, scenario: 'history', strategy: 'personal', fallback: ['popular'], cart: app.cart.itemIds }),
      ),
    onFailure: () => words.failedText,
  });
  const refresh = async (): Promise<void> => {
    const history = await connection.history().catch(() => null);
    const entries = (await history?.list().catch(() => null)) ?? [];
    button.disabled = entries.length === 0;
    // The line that had the focus is gone: the next one takes it.
    const at = [...list.children].findIndex((line) => line.contains(document.activeElement));
    list.replaceChildren(...(entries.length > 0 ? historyLines(app, entries) : [element('li', { class: 'empty' }, words.historyEmpty)]));
    if (at >= 0) (list.children[Math.min(at, entries.length - 1)]?.querySelector('button') ?? button).focus();
    void follows.refresh();
  };
  const panel = element('div', { class: 'privacy-panel' });
  void createPanel(app).then(
    (created) => panel.replaceChildren(created),
    () => panel.remove(), // Without the library there is nothing to show; the page says so elsewhere.
  );
  void refresh();
  const node = element(
    'div',
    { class: 'view narrow' },
    element('div', { class: 'shelf-head' }, element('h1', {}, words.historyTitle), button),
    element('p', { class: 'lead' }, words.historyText),
    follows.node,
    list,
    panel,
  );
  return { title: words.historyTitle, node, close: connection.onLists(() => void refresh()) };
}

/** The package's own panel: what is kept, pause, export, import, clear. */
async function createPanel(app: App): Promise<HTMLElement> {
  const { definePrivacyPanel } = await import('shelfmate/privacy-panel');
  definePrivacyPanel();
  const panel = document.createElement('shelfmate-privacy');
  panel.titleOf = (itemId) => titleOf(app, itemOf(app, itemId));
  panel.recommender = await app.connection.recommender();
  return panel;
}
