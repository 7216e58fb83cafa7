import { amountText, type App, itemAddress, itemOf, priceOf, titleOf, type View } from '../app.js';
import { type CartLine, totalPrice } from '../cart.js';
import { element, icon } from '../dom.js';
import { productPicture } from '../productCard.js';
import { createRecommendationShelf } from '../recommendationShelf.js';
import { buyCart, setQuantity } from '../shopperActions.js';

const MOST_LISTED = 9;

function cartLine(app: App, { itemId, quantity }: CartLine): HTMLLIElement {
  const { words } = app;
  const item = itemOf(app, itemId);
  const title = titleOf(app, item);
  const picture = productPicture(app, item);
  picture.alt = '';
  const counts = Array.from({ length: Math.max(MOST_LISTED, quantity) }, (_, i) => String(i + 1));
  const count = element(
    'select',
    { 'aria-label': words.quantity(title), 'data-action': 'quantity', onchange: () => setQuantity(app, itemId, Number(count.value)) },
    ...counts.map((value) => element('option', { value, selected: Number(value) === quantity }, value)),
  );
  return element(
    'li',
    { class: 'cart-line', 'data-cart-item': itemId },
    picture,
    element('span', { class: 'cart-title' }, element('a', { href: itemAddress(itemId) }, title), element('small', {}, priceOf(app, item))),
    count,
    element('span', { class: 'cart-price' }, amountText(app, totalPrice([{ item, quantity }]))),
    element(
      'button',
      {
        class: 'icon-button',
        type: 'button',
        'data-action': 'remove',
        'aria-label': words.removeOne(title),
        title: words.remove,
        onclick: () => setQuantity(app, itemId, 0),
      },
      icon('close'),
    ),
  );
}

/** The cart, what goes with it, and the button that buys it all. */
export function createCartView(app: App): View {
  const { words, cart, connection } = app;
  const lines = element('ul', { class: 'cart-lines', role: 'list' });
  const total = element('strong', { class: 'cart-total', 'data-cart-total': '' });
  const buy = element(
    'button',
    { class: 'button', type: 'button', 'data-action': 'checkout', onclick: () => buyCart(app) },
    words.checkout,
  );
  const sum = element(
    'div',
    { class: 'cart-sum' },
    element('p', {}, element('span', {}, words.cartTotal), total),
    buy,
    element('p', { class: 'shelf-note' }, words.cartNote),
  );
  const body = element('div', { class: 'cart' }, lines, sum);
  const together = createRecommendationShelf(app, {
    id: 'cart',
    layout: 'carousel',
    limit: 10,
    canAdd: true,
    heading: (list) => {
      if (!list || list.strategy === 'boughtTogether') return [words.goesWithCart, words.notes.complements];
      return [words.alsoLike, cart.count > 0 ? words.notes.fallback : words.recommendedNote];
    },
    load: () =>
      connection.list((recommender) => {
        const options = { limit: 10, scenario: 'cart', cart: cart.itemIds, fallback: ['personal', 'popular'] } as const;
        if (cart.count === 0) return recommender.recommend({ ...options, strategy: 'personal', fallback: ['popular'] });
        // What goes with a laptop, not a second laptop.
        const held = cart.itemIds.flatMap((itemId) => itemOf(app, itemId).category ?? []);
        return recommender.boughtTogether(
          { cart: cart.itemIds },
          held.length > 0 ? { ...options, filter: { category: { notIn: held } } } : options,
        );
      }),
    onFailure: () => words.failedText,
  });

  function show(): void {
    const focused = lines.contains(document.activeElement) ? (document.activeElement as HTMLElement) : null;
    const action = focused?.dataset['action'];
    const at = focused ? [...lines.children].indexOf(focused.closest('li')!) : -1;
    lines.replaceChildren(
      ...(cart.count > 0 ? cart.lines.map((line) => cartLine(app, line)) : [element('li', { class: 'empty' }, words.cartEmpty)]),
    );
    sum.hidden = cart.count === 0;
    total.textContent = amountText(app, totalPrice(cart.lines.map(({ itemId, quantity }) => ({ item: itemOf(app, itemId), quantity }))));
    // The line that had the focus was made anew, or is gone: then the next one takes it.
    if (at >= 0) lines.children[Math.min(at, lines.children.length - 1)]?.querySelector<HTMLElement>(`[data-action="${action}"]`)?.focus();
  }
  show();
  void together.refresh();
  const stops = [
    cart.onChange(() => {
      show();
      void together.refresh();
    }),
    connection.onLists(() => void together.refresh()),
  ];
  const node = element('div', { class: 'view' }, element('h1', {}, words.cartTitle), body, together.node);
  return { title: words.cartTitle, node, close: () => stops.forEach((stop) => stop()) };
}
