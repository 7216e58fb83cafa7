import type { App, View } from '../app.js';
import { element } from '../dom.js';
import { createPageShelves, type ShelfPlan } from '../pageShelves.js';
import { productImageUrl } from '../shop/drawProduct.js';
import { createCategoryTiles } from './categoryTiles.js';

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

/** What the shopper did last on this device; `category` of the product that was viewed last. */
interface Recent {
  readonly isStranger: boolean;
  readonly category?: string | undefined;
}

/** The shelves of the home page. */
function homePlans(app: App, { category }: Recent): readonly ShelfPlan[] {
  const { words } = app;
  const { notes } = words;
  // Without a catalogue the lists are all there is to browse.
  const limit = app.catalogue.complete ? 10 : 20;
  return [
    {
      id: 'recommended',
      layout: 'grid',
      limit,
      heading: words.popular,
      note: words.popularNote,
      request: { strategy: 'personal', fallback: ['popular'], priority: 2 },
      headline: ({ strategy }) =>
        strategy === 'popular' ? [words.popular, words.popularNote] : [words.recommended, words.recommendedNote],
      empty: words.emptyList,
    },
    {
      id: 'continue',
      layout: 'carousel',
      isSmall: true,
      limit: 8,
      heading: words.continueTitle,
      note: notes.continue,
      more: element('a', { class: 'text-link', href: '#/history' }, words.seeAll),
      request: { strategy: 'continueShopping', priority: 3 },
      empty: words.continueEmpty,
    },
    shelf('because', notes.because, { strategy: 'similar', minItems: 5, priority: 1 }),
    shelf('trending', notes.trending, { strategy: 'trending', ...(category === undefined ? {} : { category }) }, words.trendingNow),
    shelf('likeMinded', notes.likeMinded, { strategy: 'likeMinded', minItems: 5 }),
    shelf('arrivals', notes.arrivals, { strategy: 'newArrivals' }, words.newArrivals),
    { ...shelf('recent', notes.recent, { strategy: 'recentlyViewed', minItems: 3 }), isSmall: true, limit: 8 },
  ];
}

function shelf(id: string, note: string, request: ShelfPlan['request'], heading = ''): ShelfPlan {
  return { id, layout: 'carousel', limit: 10, heading, note, request };
}

/** Shelves that a stranger's home page does not ask for: they start from a history. */
const NEEDS_HISTORY: ReadonlySet<string> = new Set(['similar', 'likeMinded', 'recentlyViewed']);

async function readRecent(app: App): Promise<Recent> {
  const history = await app.connection.history();
  const entries = await history.list({ limit: 20 });
  const last = entries.find(({ event }) => event === 'view_item');
  return { isStranger: entries.length === 0, category: last && app.catalogue.get(last.itemId)?.category };
}

/** The first page: all shelves by one call, and the way into the shop. */
export function createHomeView(app: App): View {
  const { words, connection, catalogue } = app;
  const tiles = createCategoryTiles(app);
  const shelves = createPageShelves(app, {
    scenario: 'homepage',
    first: homePlans(app, { isStranger: true }),
    plans: async () => {
      const recent = await readRecent(app);
      return homePlans(app, recent).filter(({ request }) => !recent.isStranger || !NEEDS_HISTORY.has(request.strategy));
    },
    before: app.lastHome,
    onPage: (page) => {
      app.lastHome = page;
      if (!catalogue.complete) tiles.replaceChildren(...createCategoryTiles(app).childNodes);
    },
    onFailure: (all) => {
      const popular = catalogue.items
        .filter(({ inStock }) => inStock !== false)
        .sort((a, b) => Number(b['ratingCount'] ?? 0) - Number(a['ratingCount'] ?? 0))
        .slice(0, 10);
      for (const [id, { node, showPlain, say }] of all) {
        if (id !== 'recommended') node.hidden = true;
        else if (popular.length > 0) showPlain(popular);
        else say(words.failedText);
      }
    },
  });
  const node = element('div', { class: 'view' }, createHero(app), ...shelves.nodes, tiles);
  void shelves.refresh();
  return { title: words.tagline, node, close: connection.onLists(() => void shelves.refresh()) };
}
