import type { App, View } from '../app.js';
import { element } from '../dom.js';
import { createRecommendationShelf } from '../recommendationShelf.js';
import { productImageUrl } from '../shop/drawProduct.js';
import { createCategoryTiles } from './categoryTiles.js';
import { createRecentShelf } from './recentShelf.js';

const HERO = [
  { itemId: 'hero-lens', category: 'Cameras', colour: 'Silver', kind: 'mirrorless' },
  { itemId: 'hero-cup', category: 'Headphones', colour: 'Coral', noiseCancelling: true },
  { itemId: 'hero-fold', category: 'Laptops', colour: 'Midnight', screenInches: 14 },
  { itemId: 'hero-pad', category: 'Game consoles', colour: 'Teal', kind: 'controller' },
] as const;

function createHero(app: App): HTMLElement {
  const pictures = HERO.map((item) => element('img', { src: productImageUrl(item), alt: '', width: 400, height: 320 }));
  return element(
    'section',
    { class: 'hero', 'aria-labelledby': 'hero-title' },
    element('div', { class: 'hero-text' }, element('h1', { id: 'hero-title' }, app.words.heroTitle), element('p', {}, app.words.heroText)),
    element('div', { class: 'hero-art', 'aria-hidden': 'true' }, ...pictures),
  );
}

/** The first page: what is recommended, what was looked at, and the way into the shop. */
export function createHomeView(app: App): View {
  const { words, connection } = app;
  // Without a catalogue the lists are all there is to browse.
  const limit = app.catalogue.complete ? 10 : 20;
  const recommended = createRecommendationShelf(app, {
    kind: 'recommended',
    layout: 'grid',
    limit,
    before: app.lastHomeList,
    heading: (list) => (list?.strategy === 'personal' ? [words.recommended, words.recommendedNote] : [words.popular, words.popularNote]),
    load: () => connection.recommend({ limit, scenario: 'homepage', ...(app.catalogue.complete ? { filter: { inStock: true } } : {}) }),
    onList: (list) => {
      app.lastHomeList = list;
      if (!app.catalogue.complete) tiles.replaceChildren(...createCategoryTiles(app).childNodes);
    },
    onFailure: () => words.failedText,
    fallback: () => [...app.catalogue.items].sort((a, b) => Number(b['ratingCount'] ?? 0) - Number(a['ratingCount'] ?? 0)).slice(0, limit),
  });
  const recent = createRecentShelf(app);
  const tiles = createCategoryTiles(app);
  const node = element('div', { class: 'view' }, createHero(app), recommended.node, recent.node, tiles);
  const refresh = (): void => {
    void recommended.refresh();
    void recent.refresh();
  };
  refresh();
  return { title: words.tagline, node, close: connection.onHistory(refresh) };
}
