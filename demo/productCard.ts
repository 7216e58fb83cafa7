import type { CatalogItem, Recommendation, RecommendationList } from 'shelfmate';
import { type App, categoryOf, itemAddress, priceOf, titleOf } from './app.js';
import { element, icon } from './dom.js';
import { reasonText } from './reasonWords.js';
import { productImageUrl } from './shop/drawProduct.js';
import { addToCart, dismiss } from './shopperActions.js';
import { showWhy } from './whyPopover.js';

/** The drawn picture of an item. */
export function productPicture(app: App, item: CatalogItem, eager = false): HTMLImageElement {
  return element('img', {
    src: productImageUrl(item),
    alt: titleOf(app, item),
    width: 400,
    height: 320,
    loading: eager ? 'eager' : 'lazy',
    decoding: 'async',
    draggable: 'false',
  });
}

export interface CardOptions {
  /** Why it stands there, and in which list. */
  readonly recommendation?: Recommendation;
  readonly list?: RecommendationList;
  /** Without the reason. */
  readonly isSmall?: boolean;
  readonly canAdd?: boolean;
}

function badge(app: App, item: CatalogItem): HTMLElement | false {
  if (item.inStock === false) return element('span', { class: 'badge' }, app.words.outOfStock);
  return item['addedAt'] !== undefined && element('span', { class: 'badge fresh' }, app.words.newBadge);
}

/** A product on a shelf: the link; for a recommended one also the reason why, and the button that says "not interested". */
export function productCard(app: App, item: CatalogItem, options: CardOptions = {}): HTMLLIElement {
  const { recommendation, list, isSmall = false, canAdd = false } = options;
  const { words } = app;
  const title = titleOf(app, item);
  const overline = item.brand ?? (item.category ? categoryOf(app, item.category) : '');
  const card = element(
    'a',
    { class: 'card', href: itemAddress(item.itemId), 'data-item-id': item.itemId },
    element('span', { class: 'tile' }, productPicture(app, item), badge(app, item)),
    element('span', { class: 'card-brand' }, overline),
    element('span', { class: 'card-title' }, title),
    element('span', { class: 'card-price' }, priceOf(app, item)),
  );
  const slot = element('li', { class: 'slot' }, card);
  if (recommendation && !isSmall) {
    const said = recommendation.reasons[0] ? reasonText(app, recommendation.reasons[0]) : '';
    const why = element(
      'button',
      {
        class: 'why-button',
        type: 'button',
        'data-action': 'why',
        'aria-label': words.whyFor(title),
        title: words.why,
        onclick: () => showWhy(app, why, recommendation, list),
      },
      icon('question'),
    );
    slot.append(element('div', { class: 'card-reason' }, element('span', {}, said), why));
  }
  if (canAdd) {
    const add = { class: 'button quiet card-add', type: 'button', 'data-action': 'add', 'aria-label': words.addOne(title) };
    slot.append(element('button', { ...add, onclick: () => void addToCart(app, [item]) }, words.add));
  }
  if (recommendation) {
    const button = element(
      'button',
      {
        class: 'dismiss-button',
        type: 'button',
        'data-action': 'dismiss',
        'aria-label': words.notInterestedIn(title),
        title: words.notInterested,
        // A click without a pointer comes from the keyboard.
        onclick: (event) => void dismiss(app, item, (event as MouseEvent).detail === 0),
      },
      icon('close'),
    );
    slot.append(button);
  }
  return slot;
}

/** Holds the place of a card until it comes; the same size, so that nothing moves. */
export function skeletonCard(withReason: boolean): HTMLLIElement {
  return element(
    'li',
    { class: 'slot skeleton', 'aria-hidden': 'true' },
    element(
      'span',
      { class: 'card' },
      element('span', { class: 'tile' }),
      element('span', { class: 'card-brand' }),
      element('span', { class: 'card-title' }),
      element('span', { class: 'card-price' }),
    ),
    withReason && element('div', { class: 'card-reason' }, element('span')),
  );
}
