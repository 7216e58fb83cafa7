import type { CatalogItem } from 'shelfmate';
import { type App, categoryOf, numberText, type View } from '../app.js';
import { element } from '../dom.js';
import { productCard, skeletonCard } from '../productCard.js';
import { createRecommendationShelf } from '../recommendationShelf.js';

const PAGE = 40;
/** Results before what else fits. */
const FIRST_FOUND = 10;

const ORDERS: Readonly<Record<string, (a: CatalogItem, b: CatalogItem) => number>> = {
  featured: () => 0,
  cheap: (a, b) => (a.price ?? Infinity) - (b.price ?? Infinity),
  dear: (a, b) => (b.price ?? 0) - (a.price ?? 0),
  rating: (a, b) => Number(b['rating'] ?? 0) - Number(a['rating'] ?? 0),
};

/** A grid of catalogue items that can be sorted and grows by the page. */
function createItemGrid(app: App, items: readonly CatalogItem[], first = PAGE): HTMLElement {
  const { words } = app;
  const grid = element('ul', { class: 'grid plain', role: 'list' });
  const more = element(
    'button',
    { class: 'button quiet', type: 'button', 'data-action': 'show-more', onclick: () => show(shown + PAGE) },
    words.showMore,
  );
  const labels: Record<string, string> = {
    featured: words.sortFeatured,
    cheap: words.sortCheap,
    dear: words.sortDear,
    rating: words.sortRating,
  };
  const sort = element(
    'select',
    { id: 'sort', onchange: () => show(first, true) },
    ...Object.entries(labels).map(([value, label]) => element('option', { value }, label)),
  );
  let shown = 0;
  function show(upTo: number, anew = false): void {
    const sorted = [...items].sort(ORDERS[sort.value] ?? (() => 0));
    if (anew) {
      shown = 0;
      grid.replaceChildren();
    }
    grid.append(...sorted.slice(shown, upTo).map((item) => productCard(app, item)));
    shown = Math.min(upTo, sorted.length);
    more.hidden = shown >= sorted.length;
  }
  show(first);
  return element(
    'section',
    { class: 'shelf' },
    element(
      'div',
      { class: 'shelf-head' },
      element('p', { class: 'shelf-note' }, words.itemCount(numberText(app, items.length))),
      element('div', { class: 'shelf-tools' }, element('label', { for: 'sort' }, words.sortLabel), sort),
    ),
    grid,
    element('div', { class: 'more' }, more),
  );
}

/** A category: what the recommender picks from it, then all of it. */
export function createCategoryView(app: App, category: string): View {
  const { words, connection, catalogue } = app;
  const name = categoryOf(app, category);
  const body = element('div', {});
  const picked = createRecommendationShelf(app, {
    id: 'recommended',
    layout: 'carousel',
    limit: 12,
    heading: (list) => {
      if (list?.strategy === 'content') return [words.typicalOf(name), words.notes.categoryContent];
      if (list?.strategy === 'trending') return [words.trendingIn(name), words.notes.categoryTrend];
      return list && list.strategy !== 'popular' ? [words.pickedIn(name), words.recommendedNote] : [words.popular, words.popularNote];
    },
    // Who is not known yet gets what moves in this category.
    load: () =>
      connection.list((recommender) =>
        recommender.recommend({
          limit: 12,
          scenario: 'category',
          strategy: 'personal',
          fallback: ['trending', 'content', 'popular'],
          context: { category },
          filter: { category },
          cart: app.cart.itemIds,
        }),
      ),
    onFailure: () => words.failedText,
  });
  if (catalogue.complete) body.replaceChildren(createItemGrid(app, catalogue.inCategory(category)));
  else {
    body.replaceChildren(element('ul', { class: 'grid plain', role: 'list' }, ...Array.from({ length: 10 }, () => skeletonCard(false))));
    void connection
      .list((recommender) => recommender.recommend({ limit: 100, scenario: 'category', filter: { category }, excludeSeen: false }))
      .then((list) =>
        body.replaceChildren(
          createItemGrid(
            app,
            list.items.map((entry) => entry.item),
          ),
        ),
      )
      .catch(() => body.replaceChildren());
  }
  void picked.refresh();
  const node = element('div', { class: 'view' }, element('h1', {}, name), picked.node, body);
  return { title: name, node, close: connection.onLists(() => void picked.refresh()) };
}

/** Products whose fields contain all the words of a query, and below them what fits it by meaning, whoever asks. */
export function createSearchView(app: App, query: string): View {
  const { words, connection } = app;
  const found = app.catalogue.search(query);
  const title = words.searchTitle(query);
  const more = createRecommendationShelf(app, {
    id: 'recommended',
    layout: 'carousel',
    limit: 12,
    heading: (list) => {
      if (list?.strategy === 'trending') return [words.trendingNow, words.notes.trending];
      return list?.strategy === 'popular' ? [words.popular, words.popularNote] : [words.searchShelf(query), words.notes.search];
    },
    load: () =>
      connection.list((recommender) =>
        recommender.recommend({
          limit: 12,
          scenario: 'search',
          strategy: 'content',
          fallback: ['trending', 'popular'],
          context: { searchTerm: query },
          exclude: found.map(({ itemId }) => itemId),
          cart: app.cart.itemIds,
        }),
      ),
    onFailure: () => words.failedText,
  });
  void more.refresh();
  const node = element(
    'div',
    { class: 'view' },
    element('h1', {}, title),
    ...(found.length > 0
      ? [createItemGrid(app, found, FIRST_FOUND), more.node]
      : [element('p', { class: 'empty' }, words.nothingFound), more.node]),
  );
  return { title, node, close: connection.onLists(() => void more.refresh()) };
}
