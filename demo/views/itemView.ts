import type { CatalogItem, PageOfShelves } from 'shelfmate';
import { type App, categoryAddress, categoryOf, itemOf, numberText, priceOf, titleOf, type View } from '../app.js';
import { element, icon } from '../dom.js';
import { productPicture } from '../productCard.js';
import { createPageShelves, type ShelfPlan } from '../pageShelves.js';
import { addToCart, buyNow, record } from '../shopperActions.js';
import { specRows } from '../shop/specLabels.js';
import { createTogetherSet } from './togetherSet.js';

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

function createDetails(app: App, item: CatalogItem): HTMLElement {
  const { words } = app;
  const description = app.settings.language === 'zh' ? (item['descriptionZh'] ?? item.description) : item.description;
  const action = (name: string, className: string, label: string, onclick: () => void): HTMLButtonElement =>
    element('button', { class: className, type: 'button', 'data-action': name, disabled: item.inStock === false, onclick }, label);
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
      action('add-to-cart', 'button', words.addToCart, () => addToCart(app, [item])),
      action('buy', 'button quiet', words.buy, () => buyNow(app, item)),
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

/** The shelves below a product. */
function itemPlans(app: App): readonly ShelfPlan[] {
  const { words } = app;
  const { notes } = words;
  const shelf = (id: string, heading: string, note: string, request: ShelfPlan['request']): ShelfPlan => ({
    id,
    layout: 'carousel',
    limit: 12,
    heading,
    note,
    request,
    headline: () => [heading, note],
  });
  return [
    { ...shelf('similar', words.similar, words.similarNote, { strategy: 'similar', priority: 2 }), empty: words.noSimilar },
    shelf('complements', words.complements, notes.complements, { strategy: 'boughtTogether', minItems: 3, priority: 3 }),
    shelf('lookalike', words.lookalike, notes.lookalike, { strategy: 'lookingSimilar', minItems: 4, priority: 1 }),
    {
      ...shelf('recommended', words.recommended, words.recommendedNote, { strategy: 'personal', fallback: ['popular'] }),
      headline: ({ strategy }) =>
        strategy === 'popular' ? [words.popular, words.popularNote] : [words.recommended, words.recommendedNote],
    },
  ];
}

function createUnknownItemView({ words }: App): View {
  const node = element(
    'div',
    { class: 'view' },
    element('h1', {}, words.unknownItem),
    element('p', {}, element('a', { class: 'text-link', href: '#/' }, words.backHome)),
  );
  return { title: words.unknownItem, node, close: () => {} };
}

/** A product with its picture, facts and buttons, and the lists that go with it, by one call. Opening it is a `view_item`. */
export function createItemView(app: App, itemId: string): View {
  const { words, connection, catalogue } = app;
  if (catalogue.complete && !catalogue.get(itemId)) return createUnknownItemView(app);
  const set = createTogetherSet(app, itemId);
  const plans = itemPlans(app).map((plan) => withItem(plan, itemId));
  const place = element('div', { class: 'item-place' });
  function showDetails(): void {
    const item = itemOf(app, itemId);
    place.replaceChildren(
      element(
        'article',
        { class: 'item' },
        element('div', { class: 'item-picture' }, productPicture(app, item, true)),
        createDetails(app, item),
      ),
    );
  }
  /** Without a catalogue file the lists are the only ones that know how this product is called. */
  function learnTitle({ shelves }: PageOfShelves): void {
    const topic = shelves.find(({ id }) => id === 'similar')?.headline.topic;
    const heading = node.querySelector('h1');
    if (!itemOf(app, itemId).title && topic && 'title' in topic && topic.title && heading) heading.textContent = topic.title;
  }
  const shelves = createPageShelves(app, {
    scenario: 'product-page',
    context: { itemId },
    first: plans,
    plans: () => plans,
    others: () => [set.request],
    onPage: (page) => {
      set.show(page.shelves.find(({ id }) => id === set.request.id) ?? null);
      learnTitle(page);
    },
    onFailure: (all) => {
      set.show(null);
      for (const [id, { node, say }] of all) {
        if (id === 'recommended') say(words.failedText);
        else node.hidden = true;
      }
    },
  });
  showDetails();
  let wasInStock = itemOf(app, itemId).inStock;
  const node = element('div', { class: 'view' }, place, set.node, ...shelves.nodes);
  // The lists that are asked for next know of the view already.
  record(app, 'view_item', [{ item: itemOf(app, itemId), quantity: 1 }]).catch(() => {});
  void shelves.refresh();
  const stop = connection.onLists(() => {
    const { inStock } = itemOf(app, itemId);
    if (inStock !== wasInStock) showDetails();
    wasInStock = inStock;
    void shelves.refresh();
  });
  return { title: titleOf(app, itemOf(app, itemId)), node, close: stop };
}

/** Likeness and complements are those of this product. */
function withItem(plan: ShelfPlan, itemId: string): ShelfPlan {
  return plan.request.strategy === 'personal' ? plan : { ...plan, request: { ...plan.request, itemId } };
}
