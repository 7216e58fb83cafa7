import type { CatalogItem, RecommendationList } from 'shelfmate';
import type { App } from './app.js';
import { element } from './dom.js';
import { moveCards } from './moveCards.js';
import { productCard, skeletonCard } from './productCard.js';
import { createShelf } from './shelf.js';

export interface RecommendationShelfOptions {
  readonly kind: 'recommended' | 'similar';
  readonly layout: 'grid' | 'carousel';
  readonly limit: number;
  /** Heading and note, which may depend on how the list came about. */
  readonly heading: (list: RecommendationList | null) => readonly [heading: string, note: string];
  readonly load: () => Promise<RecommendationList>;
  /** A list to start from, whose cards then move to where the new one wants them. */
  readonly before?: RecommendationList | null;
  readonly onList?: (list: RecommendationList) => void;
  /** Said in place of the cards when loading them fails. */
  readonly onFailure: (error: unknown) => string;
  /** Shown in place of that, where the shop has something to show without the recommender. */
  readonly fallback?: () => readonly CatalogItem[];
}

export interface RecommendationShelf {
  readonly node: HTMLElement;
  refresh(): Promise<void>;
}

/** A shelf that the recommender fills, and fills anew on `refresh()`. */
export function createRecommendationShelf(app: App, options: RecommendationShelfOptions): RecommendationShelf {
  const { kind, layout, limit, heading, load, before = null, onList, onFailure, fallback } = options;
  const [firstHeading, firstNote] = heading(before);
  const shelf = createShelf({ kind, layout, heading: firstHeading, note: firstNote, words: app.words });
  const { node, list } = shelf;
  let latest = 0;

  function fill(recommendations: RecommendationList): void {
    const cards = recommendations.items.map((entry) => productCard(app, entry.item, entry));
    for (const card of cards) keepPicture(list, card);
    if (layout === 'carousel') cards.forEach((card, i) => card.setAttribute('aria-label', app.words.slide(i + 1, cards.length)));
    if (cards.length === 0) cards.push(element('li', { class: 'empty' }, app.words.emptyList));
    moveCards(list, () => list.replaceChildren(...cards));
  }

  node.setAttribute('aria-busy', 'true');
  if (before) fill(before);
  else list.replaceChildren(...Array.from({ length: limit }, () => skeletonCard(true)));

  async function refresh(): Promise<void> {
    const turn = ++latest;
    node.setAttribute('aria-busy', 'true');
    try {
      const recommendations = await load();
      if (turn !== latest) return;
      shelf.setHeading(...heading(recommendations));
      fill(recommendations);
      node.dataset['recommId'] = recommendations.recommId;
      node.dataset['strategy'] = recommendations.strategy;
      onList?.(recommendations);
    } catch (error) {
      if (turn !== latest) return;
      const items = fallback?.() ?? [];
      const said = element('li', { class: 'empty' }, onFailure(error));
      list.replaceChildren(...(items.length > 0 ? items.map((item) => productCard(app, item)) : [said]));
    }
    node.setAttribute('aria-busy', 'false');
  }

  return { node, refresh };
}

/** Moves the picture of a card that is already shown into its new card, so that it does not flash. */
function keepPicture(list: HTMLElement, card: HTMLElement): void {
  const itemId = card.querySelector<HTMLElement>('[data-item-id]')?.dataset['itemId'] ?? '';
  const shown = list.querySelector(`[data-item-id="${CSS.escape(itemId)}"] img`);
  if (shown) card.querySelector('img')?.replaceWith(shown);
}
