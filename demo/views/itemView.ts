import type { CatalogItem, EventName } from 'shelfmate';
import { type App, categoryAddress, categoryOf, eventItems, numberText, priceOf, titleOf, type View } from '../app.js';
import { element, icon } from '../dom.js';
import { productPicture } from '../productCard.js';
import { createRecommendationShelf } from '../recommendationShelf.js';
import { specRows } from '../shop/specLabels.js';

function createStars(app: App, item: CatalogItem): HTMLElement | null {
  const rating = item['rating'];
  if (typeof rating !== 'number') return null;
  const label = app.words.ratingLabel(numberText(app, rating, 1), numberText(app, Number(item['ratingCount'] ?? 0)));
  const lit = element('span', { class: 'stars-lit' }, '★★★★★');
  lit.style.width = `${(rating / 5) * 100}%`;
  return element(
    'p',
    { class: 'rating' },
    element('span', { class: 'stars', role: 'img', 'aria-label': label }, '★★★★★', lit),
    element('span', { 'aria-hidden': 'true' }, `${numberText(app, rating, 1)} (${numberText(app, Number(item['ratingCount'] ?? 0))})`),
  );
}

function createDetails(app: App, item: CatalogItem, record: (event: EventName) => void): HTMLElement {
  const { words } = app;
  const description = app.settings.language === 'zh' ? (item['descriptionZh'] ?? item.description) : item.description;
  const action = (name: string, className: string, label: string, event: EventName): HTMLButtonElement =>
    element(
      'button',
      { class: className, type: 'button', 'data-action': name, disabled: item.inStock === false, onclick: () => record(event) },
      label,
    );
  const rows = specRows(item, app.settings.language);
  return element(
    'div',
    { class: 'item-details' },
    item.category ? element('a', { class: 'text-link', href: categoryAddress(item.category) }, categoryOf(app, item.category)) : null,
    element('h1', {}, titleOf(app, item)),
    createStars(app, item),
    item.price !== undefined && element('p', { class: 'item-price' }, priceOf(app, item)),
    item.inStock !== undefined &&
      element('p', { class: item.inStock ? 'stock' : 'stock out' }, item.inStock ? words.inStock : words.outOfStock),
    typeof description === 'string' && element('p', { class: 'item-description' }, description),
    element(
      'div',
      { class: 'item-actions' },
      action('add-to-cart', 'button', words.addToCart, 'add_to_cart'),
      action('buy', 'button quiet', words.buy, 'purchase'),
    ),
    element('p', { class: 'private-note' }, icon('lock'), words.itemPrivate),
    rows.length > 0 && element('h2', { class: 'specs-title' }, words.specs),
    rows.length > 0 &&
      element(
        'table',
        { class: 'specs' },
        element(
          'tbody',
          {},
          ...rows.map(([label, value]) => element('tr', {}, element('th', { scope: 'row' }, label), element('td', {}, value))),
        ),
      ),
  );
}

/** A product with its picture, facts and buttons, and the lists that go with it. Opening it is a `view_item`. */
export function createItemView(app: App, itemId: string): View {
  const { words, connection, catalogue } = app;
  const item: CatalogItem = catalogue.get(itemId) ?? { itemId };
  if (catalogue.complete && !catalogue.get(itemId)) {
    const node = element(
      'div',
      { class: 'view' },
      element('h1', {}, words.unknownItem),
      element('p', {}, element('a', { class: 'text-link', href: '#/' }, words.backHome)),
    );
    return { title: words.unknownItem, node, close: () => {} };
  }
  const open = { closed: false };
  const similar = createRecommendationShelf(app, {
    kind: 'similar',
    layout: 'carousel',
    limit: 12,
    heading: () => [words.similar, words.similarNote],
    load: () => connection.similarItems(itemId, { limit: 12, scenario: 'product-page' }),
    onList: (list) => {
      // Without a catalogue file the lists are the only ones that know how this product is called.
      const reason = list.items[0]?.reasons.find((entry) => entry.kind === 'similar' && entry.itemId === itemId);
      const heading = node.querySelector('h1');
      if (!item.title && reason && 'title' in reason && heading) heading.textContent = reason.title;
    },
    onFailure: () => words.noSimilar,
  });
  const recommended = createRecommendationShelf(app, {
    kind: 'recommended',
    layout: 'carousel',
    limit: 12,
    heading: (list) => (list?.strategy === 'popular' ? [words.popular, words.popularNote] : [words.recommended, words.recommendedNote]),
    load: () => connection.recommend({ limit: 12, scenario: 'product-page', exclude: [itemId] }),
    onFailure: () => words.failedText,
  });

  async function record(event: EventName, said?: string): Promise<void> {
    try {
      await connection.record({
        event,
        items: eventItems(item),
        currency: item.currency ?? 'USD',
        ...(event === 'purchase' ? { transaction_id: crypto.randomUUID() } : {}),
      });
      if (said) app.announce(said);
    } catch (error) {
      if (said) app.announce(error instanceof Error ? error.message : String(error));
    }
  }
  const node = element(
    'div',
    { class: 'view' },
    element(
      'article',
      { class: 'item' },
      element('div', { class: 'item-picture' }, productPicture(app, item, true)),
      createDetails(app, item, (event) => void record(event, event === 'purchase' ? words.bought : words.added)),
    ),
    similar.node,
    recommended.node,
  );
  void similar.refresh();
  // The list below is asked for once the view counts, so that it already answers to it.
  let stop = (): void => {};
  void record('view_item').then(() => {
    if (open.closed) return;
    stop = connection.onHistory(() => void recommended.refresh());
    void recommended.refresh();
  });
  return {
    title: titleOf(app, item),
    node,
    close: () => {
      open.closed = true;
      stop();
    },
  };
}
