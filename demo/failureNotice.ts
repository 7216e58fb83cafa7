import type { App } from './app.js';
import { LIBRARY_MISSING } from './connection.js';
import { element } from './dom.js';

/** Says why there are no recommendations and offers to try again; nothing while all is well. */
export function createFailureNotice(app: App): HTMLElement {
  const { words, connection } = app;
  const node = element('div', { class: 'failure', role: 'alert', hidden: true });
  const follow = (): void => {
    const { state } = connection;
    node.hidden = state.kind !== 'error';
    if (state.kind !== 'error') return;
    const missing = state.code === LIBRARY_MISSING;
    node.replaceChildren(
      element('strong', {}, words.failedTitle),
      element('p', { class: 'failure-message' }, missing ? words.libraryMissing(import.meta.resolve('shelfmate')) : state.message),
      element('p', {}, words.failedText, ' ', element('code', {}, state.code)),
      // A module that failed to load stays failed until the page is opened anew.
      element(
        'button',
        { class: 'button', type: 'button', 'data-action': 'retry', onclick: () => (missing ? location.reload() : connection.open()) },
        words.retry,
      ),
    );
  };
  connection.onState(follow);
  follow();
  return node;
}
