import type { HistoryEntry } from 'shelfmate';
import { type App, itemAddress, itemOf, titleOf } from '../app.js';
import { element, icon } from '../dom.js';
import { productPicture } from '../productCard.js';

function timeText(app: App, timeMs: number): string {
  const language = app.settings.language === 'zh' ? 'zh-CN' : 'en-US';
  return new Date(timeMs).toLocaleString(language, { month: 'short', day: 'numeric', hour: '2-digit', minute: '2-digit' });
}

/** Lines of the history, each with a button that forgets it. */
export function historyLines(app: App, entries: readonly HistoryEntry[]): HTMLLIElement[] {
  return entries.map((entry) => {
    const item = itemOf(app, entry.itemId);
    const title = titleOf(app, item);
    const picture = productPicture(app, item);
    picture.alt = '';
    return element(
      'li',
      { class: 'history-line', 'data-history-item': entry.itemId },
      picture,
      element(
        'span',
        { class: 'history-text' },
        element('a', { href: itemAddress(entry.itemId) }, title),
        element('small', {}, `${app.words.events[entry.event]} · ${timeText(app, entry.timeMs)}`),
      ),
      element(
        'button',
        {
          class: 'icon-button',
          type: 'button',
          'data-action': 'forget',
          'aria-label': app.words.forgetView(app.words.events[entry.event], title),
          title: app.words.forget,
          onclick: () => void forget(app, entry),
        },
        icon('close'),
      ),
    );
  });
}

async function forget(app: App, entry: HistoryEntry): Promise<void> {
  try {
    const history = await app.connection.history();
    await history.forget({ itemId: entry.itemId, timeMs: entry.timeMs, event: entry.event });
    app.announce(app.words.forgotten);
  } catch (error) {
    app.announce(error instanceof Error ? error.message : String(error));
  }
}

/** The button that empties the history. */
export function forgetAllButton(app: App): HTMLButtonElement {
  return element(
    'button',
    {
      class: 'button quiet danger',
      type: 'button',
      'data-action': 'forget-all',
      onclick: () =>
        void app.connection
          .history()
          .then((history) => history.clear())
          .then(() => app.announce(app.words.forgotten))
          .catch((error: unknown) => app.announce(error instanceof Error ? error.message : String(error))),
    },
    app.words.forgetAll,
  );
}
