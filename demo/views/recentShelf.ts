import type { HistoryEntry } from 'shelfmate';
import { type App, itemOf } from '../app.js';
import { element } from '../dom.js';
import { moveCards } from '../moveCards.js';
import { productCard, skeletonCard } from '../productCard.js';
import { createShelf } from '../shelf.js';

const SHOWN = 12;

/** The products of a history, newest first, each once. */
export function distinctItems(entries: readonly HistoryEntry[], limit: number): string[] {
  return [...new Set(entries.map((entry) => entry.itemId))].slice(0, limit);
}

/** The rail of what was looked at last; it follows the history. */
export function createRecentShelf(app: App): { node: HTMLElement; refresh(): Promise<void> } {
  const { words } = app;
  const { node, list } = createShelf({
    kind: 'recent',
    heading: words.recent,
    note: words.recentNote,
    layout: 'carousel',
    words,
    more: element('a', { class: 'text-link', href: '#/history' }, words.seeAll),
  });
  node.classList.add('small-cards');
  list.replaceChildren(...Array.from({ length: 8 }, () => skeletonCard(false)));
  return {
    node,
    async refresh() {
      const history = await app.connection.history().catch(() => null);
      const entries = (await history?.list().catch(() => null)) ?? [];
      const cards = distinctItems(entries, SHOWN).map((itemId) => productCard(app, itemOf(app, itemId)));
      moveCards(list, () => list.replaceChildren(...(cards.length > 0 ? cards : [element('li', { class: 'empty' }, words.recentEmpty)])));
    },
  };
}
