import type { CatalogItem, PlannedShelfList, ShelfRequest } from 'shelfmate';
import { amountText, type App, itemAddress, itemOf, numberText, priceOf, titleOf } from '../app.js';
import { totalPrice } from '../cart.js';
import { element } from '../dom.js';
import { productPicture } from '../productCard.js';
import { reasonText } from '../reasonWords.js';
import { addToCart } from '../shopperActions.js';

const COMPLEMENTS = 3;

/** A product and what is bought with it, each with a tick, their price together and one button for all. */
export interface TogetherSet {
  readonly node: HTMLElement;
  /** What it asks of the page's call. */
  readonly request: ShelfRequest & { readonly id: string };
  /** Null, or a list of nothing: the set stays away. */
  show(list: PlannedShelfList | null): void;
}

export function createTogetherSet(app: App, itemId: string): TogetherSet {
  const { words } = app;
  const parts = element('ul', { class: 'set-items', role: 'list' });
  const price = element('strong', { class: 'set-price', 'data-set-price': '' });
  const label = element('span', {});
  const button = element('button', { class: 'button', type: 'button', 'data-action': 'add-all', onclick: () => addToCart(app, chosen()) });
  const node = element(
    'section',
    { class: 'shelf set', 'data-list': 'together', 'aria-labelledby': 'heading-together' },
    element('div', { class: 'shelf-head' }, element('h2', { id: 'heading-together' }, words.setTitle)),
    element('div', { class: 'set-body' }, parts, element('div', { class: 'set-sum' }, element('p', {}, label, price), button)),
  );
  node.setAttribute('aria-busy', 'true');
  let items: readonly CatalogItem[] = [];
  const left = new Set<string>();
  const chosen = (): CatalogItem[] => items.filter((item) => !left.has(item.itemId));

  function sum(): void {
    const set = chosen();
    // Another shop's folder may know no prices.
    const hasPrice = items.some((item) => item.price !== undefined);
    for (const line of [label, price]) line.hidden = !hasPrice;
    label.textContent = words.setTotal(set.length);
    price.textContent = amountText(app, totalPrice(set.map((item) => ({ item, quantity: 1 }))));
    button.textContent = set.length === 1 ? words.addToCart : words.setAdd(set.length);
    button.disabled = set.length === 0;
  }

  function part(item: CatalogItem, note: string): HTMLLIElement {
    const title = titleOf(app, item);
    const picture = productPicture(app, item);
    picture.alt = '';
    const tick = element('input', {
      type: 'checkbox',
      checked: !left.has(item.itemId),
      'aria-label': words.setIncluded(title),
      onchange: () => {
        if (tick.checked) left.delete(item.itemId);
        else left.add(item.itemId);
        sum();
      },
    });
    return element(
      'li',
      { class: 'set-item' },
      element('label', { class: 'set-tile' }, picture, tick),
      item.itemId === itemId
        ? element('strong', { class: 'set-title' }, title)
        : element('a', { class: 'set-title', href: itemAddress(item.itemId), 'data-item-id': item.itemId }, title),
      element('span', { class: 'set-item-price' }, priceOf(app, item)),
      element('small', {}, note),
    );
  }

  return {
    node,
    request: {
      id: 'together',
      strategy: 'boughtTogether',
      itemId,
      limit: COMPLEMENTS,
      priority: 4,
      // One of a kind: three memory cards are no set. Another shop's folder may have no categories.
      ...(app.catalogue.categories().length > 0 && { caps: [{ field: 'category', max: 1 }] }),
      // It stays as it is when it is put in the cart.
      exclusions: { inCart: false },
    },
    show(list) {
      const own = itemOf(app, itemId);
      const entries = list?.items ?? [];
      // What is sold out cannot be bought, with or without company.
      node.hidden = entries.length === 0 || own.inStock === false;
      node.setAttribute('aria-busy', 'false');
      items = [own, ...entries.map(({ item }) => item)];
      const notes = [words.setThis, ...entries.map(({ reasons }) => countText(reasons[0]))];
      parts.replaceChildren(...items.map((item, at) => part(item, notes[at] ?? '')));
      if (list) {
        node.dataset['recommId'] = list.recommId;
        node.dataset['strategy'] = list.strategy;
      }
      sum();
    },
  };

  function countText(reason: PlannedShelfList['items'][number]['reasons'][number] | undefined): string {
    if (!reason) return '';
    if (reason.kind !== 'boughtTogether' || reason.count === null || reason.lift === null) return reasonText(app, reason);
    return words.whyCount(numberText(app, reason.count), numberText(app, reason.lift, 1));
  }
}
