import type { CatalogItem, RecommendationList } from 'shelfmate';
import type { App } from './app.js';
import { element } from './dom.js';
import { ladderText } from './ladderText.js';
import { moveCards } from './moveCards.js';
import { productCard, skeletonCard } from './productCard.js';
import { createShelf } from './shelf.js';

export interface ListShelfOptions {
  /** Names the shelf on its page: `data-list`. */
  readonly id: string;
  readonly layout: 'grid' | 'carousel';
  /** Small cards, without reasons. */
  readonly isSmall?: boolean;
  /** Places to hold until the list comes. */
  readonly limit: number;
  readonly heading: string;
  readonly note: string;
  /** Where the heading leads on. */
  readonly more?: HTMLElement;
  /** Puts a button on each card that puts it in the cart. */
  readonly canAdd?: boolean;
}

/** A shelf of cards for a list that the recommender made. */
export interface ListShelf {
  readonly node: HTMLElement;
  setBusy(): void;
  show(list: RecommendationList, heading: string, note: string): void;
  /** Says something in place of the cards. */
  say(message: string, heading?: string, note?: string): void;
  /** Shows items that nobody recommended. */
  showPlain(items: readonly CatalogItem[]): void;
}

export function createListShelf(app: App, options: ListShelfOptions): ListShelf {
  const { id, layout, isSmall = false, limit, heading, note, more, canAdd = false } = options;
  const shelf = createShelf({ id, layout, heading, note, words: app.words, more });
  const { node, list } = shelf;
  node.classList.toggle('small-cards', isSmall);
  node.setAttribute('aria-busy', 'true');
  list.replaceChildren(...Array.from({ length: limit }, () => skeletonCard(!isSmall)));

  function settle(): void {
    node.hidden = false;
    node.setAttribute('aria-busy', 'false');
  }
  return {
    node,
    setBusy: () => node.setAttribute('aria-busy', 'true'),
    show(recommendations, nextHeading, nextNote) {
      const cards = recommendations.items.map((entry) =>
        productCard(app, entry.item, { recommendation: entry, list: recommendations, isSmall, canAdd }),
      );
      for (const card of cards) keepPicture(list, card);
      if (layout === 'carousel') cards.forEach((card, i) => card.setAttribute('aria-label', app.words.slide(i + 1, cards.length)));
      if (cards.length === 0) cards.push(element('li', { class: 'empty' }, app.words.emptyList));
      const focusAgain = keepFocus(list);
      moveCards(list, () => list.replaceChildren(...cards));
      focusAgain();
      shelf.setHeading(nextHeading, nextNote, recommendations.strategy, ladderText(recommendations));
      node.dataset['recommId'] = recommendations.recommId;
      node.dataset['strategy'] = recommendations.strategy;
      settle();
    },
    say(message, nextHeading = heading, nextNote = note) {
      list.replaceChildren(element('li', { class: 'empty' }, message));
      shelf.setHeading(nextHeading, nextNote);
      delete node.dataset['recommId'];
      delete node.dataset['strategy'];
      settle();
    },
    showPlain(items) {
      list.replaceChildren(...items.map((item) => productCard(app, item)));
      settle();
    },
  };
}

/** Moves the picture of a card that is already shown into its new card, so that it does not flash. */
function keepPicture(list: HTMLElement, card: HTMLElement): void {
  const itemId = card.querySelector<HTMLElement>('[data-item-id]')?.dataset['itemId'] ?? '';
  const shown = list.querySelector(`[data-item-id="${CSS.escape(itemId)}"] img`);
  if (shown) card.querySelector('img')?.replaceWith(shown);
}

/** Remembers which part of which card has the focus; the function gives it to the same part, or to that of the card in its place. */
function keepFocus(list: HTMLElement): () => void {
  const { activeElement } = document;
  if (!(activeElement instanceof HTMLElement) || !list.contains(activeElement)) return () => {};
  const slot = activeElement.closest('.slot');
  const at = slot ? [...list.children].indexOf(slot) : 0;
  const itemId = slot?.querySelector<HTMLElement>('[data-item-id]')?.dataset['itemId'] ?? '';
  const { action } = activeElement.dataset;
  return () => {
    if (list.contains(document.activeElement)) return;
    const same = list.querySelector(`[data-item-id="${CSS.escape(itemId)}"]`)?.closest('.slot');
    const next = same ?? list.children[Math.min(at, list.children.length - 1)];
    next?.querySelector<HTMLElement>(action ? `[data-action="${action}"]` : 'a')?.focus({ preventScroll: true });
  };
}
