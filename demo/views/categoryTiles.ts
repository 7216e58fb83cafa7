import { type App, categoryAddress, categoryOf, numberText } from '../app.js';
import { element } from '../dom.js';
import { productPicture } from '../productCard.js';

/** Tiles that lead to the categories, each with one of its products. */
export function createCategoryTiles(app: App): HTMLElement {
  const names = app.catalogue.categories();
  const node = element('section', { class: 'shelf', 'aria-labelledby': 'heading-categories' });
  if (names.length === 0) return node;
  const tiles = names.slice(0, 40).map((name) => {
    const items = app.catalogue.inCategory(name);
    const sample = items.reduce((best, item) => (Number(item['ratingCount'] ?? 0) > Number(best['ratingCount'] ?? 0) ? item : best));
    const picture = productPicture(app, sample);
    picture.alt = '';
    return element(
      'li',
      {},
      element(
        'a',
        { class: 'category-tile', href: categoryAddress(name) },
        picture,
        element('span', { class: 'category-name' }, categoryOf(app, name)),
        app.catalogue.complete && element('span', { class: 'category-count' }, app.words.itemCount(numberText(app, items.length))),
      ),
    );
  });
  node.append(
    element('div', { class: 'shelf-head' }, element('h2', { id: 'heading-categories' }, app.words.allCategories)),
    element('ul', { class: 'category-grid', role: 'list' }, ...tiles),
  );
  return node;
}
