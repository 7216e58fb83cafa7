import type { CatalogItem, Recommendation } from 'shelfmate';
import { type App, categoryOf, itemAddress, priceOf, titleOf } from './app.js';
import { element, icon } from './dom.js';
import { productImageUrl } from './shop/drawProduct.js';
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

/** A product on a shelf: the link, and below it the reason why it stands there. */
export function productCard(app: App, item: CatalogItem, recommendation?: Recommendation): HTMLLIElement {
  const reason = recommendation?.reasons[0];
  const overline = item.brand ?? (item.category ? categoryOf(app, item.category) : '');
  const card = element(
    'a',
    { class: 'card', href: itemAddress(item.itemId), 'data-item-id': item.itemId },
    element(
      'span',
      { class: 'tile' },
      productPicture(app, item),
      item.inStock === false && element('span', { class: 'badge' }, app.words.outOfStock),
    ),
    element('span', { class: 'card-brand' }, overline),
    element('span', { class: 'card-title' }, titleOf(app, item)),
    element('span', { class: 'card-price' }, priceOf(app, item)),
  );
  const slot = element('li', { class: 'slot' }, card);
  if (recommendation) {
    const why = element(
      'button',
      {
        class: 'why-button',
        type: 'button',
        'data-action': 'why',
        'aria-label': app.words.whyFor(titleOf(app, item)),
        title: app.words.why,
        onclick: () => showWhy(app, why, recommendation),
      },
      icon('question'),
    );
    slot.append(element('div', { class: 'card-reason' }, element('span', {}, reason?.text ?? ''), why));
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
