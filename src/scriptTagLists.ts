import type { CatalogItem, ListOptions, Recommendation, RecommendationList } from './core/types.js';
import type { Recommender } from './recommenderApi.js';

/**
 * Fills the page's declared places and records what page this is:
 *
 *   <body data-shelfmate-item="A1">                               this is the page of product A1
 *   <div data-shelfmate="recommend" data-limit="6"></div>         a list for the shopper
 *   <div data-shelfmate="similar" data-item-id="A1"></div>        products like A1
 *   <div data-shelfmate="trending" data-category="Cameras"></div> and likewise popular, new-arrivals; bought-together and
 *                                                                 looking-similar (of an item, the page's by default);
 *                                                                 recently-viewed, continue-shopping, like-minded
 *
 * Texts go in as text and only http(s) addresses become links, so a catalogue cannot inject anything.
 */
export async function fillLists(recommender: Recommender, page: Document): Promise<void> {
  const viewed = page.querySelector<HTMLElement>('[data-shelfmate-item]')?.dataset['shelfmateItem'];
  if (viewed) await recommender.record({ event: 'view_item', items: [{ item_id: viewed }] });
  const places = [...page.querySelectorAll<HTMLElement>('[data-shelfmate]')];
  await Promise.all(places.map((place) => fillPlace(recommender, place, viewed)));
}

async function fillPlace(recommender: Recommender, place: HTMLElement, viewed: string | undefined): Promise<void> {
  const { shelfmate: kind = '', limit, scenario, category, itemId = viewed } = place.dataset;
  const options = { ...(limit && { limit: Number(limit) }), ...(scenario && { scenario }), ...(category && { category }) };
  const list = await makeList(recommender, kind, itemId, options);
  place.replaceChildren(renderList(list));
  place.dataset['recommId'] = list.recommId;
  place.dataset['strategy'] = list.strategy;
}

function makeList(recommender: Recommender, kind: string, itemId: string | undefined, options: ListOptions): Promise<RecommendationList> {
  const ofItem = { similar: 'similarItems', 'bought-together': 'boughtTogether', 'looking-similar': 'lookingSimilar' } as const;
  const ofShop = {
    trending: 'trending',
    popular: 'popular',
    'new-arrivals': 'newArrivals',
    'recently-viewed': 'recentlyViewed',
    'continue-shopping': 'continueShopping',
    'like-minded': 'likeMinded',
  } as const;
  if (Object.hasOwn(ofItem, kind) && itemId) return recommender[ofItem[kind as keyof typeof ofItem]](itemId, options);
  if (Object.hasOwn(ofShop, kind)) return recommender[ofShop[kind as keyof typeof ofShop]](options);
  if (kind === 'bought-together') return recommender.boughtTogether({ cart: true }, options);
  return recommender.recommend(options);
}

function renderList(list: RecommendationList): HTMLElement {
  const ul = element('ul', 'shelfmate-list');
  ul.append(...list.items.map(renderCard));
  return ul;
}

function renderCard({ itemId, item, reasons }: Recommendation): HTMLElement {
  const card = element('li', 'shelfmate-card');
  card.dataset['itemId'] = itemId;
  const href = safeUrl(item.url);
  const link = href ? element('a', 'shelfmate-link') : element('span', 'shelfmate-link');
  if (href) link.setAttribute('href', href);
  const src = safeUrl(item.image);
  if (src) {
    const image = element('img', 'shelfmate-image') as HTMLImageElement;
    image.loading = 'lazy';
    image.alt = '';
    image.src = src;
    link.append(image);
  }
  link.append(element('span', 'shelfmate-title', item.title || itemId));
  card.append(link);
  const price = priceText(item);
  if (price) card.append(element('span', 'shelfmate-price', price));
  const reason = reasons[0]?.text;
  if (reason) card.append(element('small', 'shelfmate-reason', reason));
  return card;
}

function priceText({ price, currency }: CatalogItem): string {
  if (price === undefined) return '';
  try {
    return new Intl.NumberFormat(undefined, currency ? { style: 'currency', currency } : {}).format(price);
  } catch {
    return String(price); // A currency code that is none.
  }
}

function safeUrl(address: string | undefined): string {
  if (!address) return '';
  try {
    const url = new URL(address, document.baseURI);
    return url.protocol === 'https:' || url.protocol === 'http:' ? url.href : '';
  } catch {
    return '';
  }
}

function element(name: string, className: string, text?: string): HTMLElement {
  const made = document.createElement(name);
  made.className = className;
  if (text !== undefined) made.textContent = text;
  return made;
}
