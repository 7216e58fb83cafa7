import { type App, categoryAddress, categoryOf } from './app.js';
import { element, icon } from './dom.js';
import { createLanguageButton } from './languageButton.js';

/** Leads to the cart and tells how much is in it. */
function createCartLink({ cart, words }: App): HTMLElement {
  const count = element('span', { class: 'cart-count', 'aria-hidden': 'true' });
  const link = element(
    'a',
    { class: 'header-link', href: '#/cart', 'data-cart-link': '' },
    icon('cart'),
    element('span', {}, words.cartLink),
    count,
  );
  const say = (): void => {
    count.textContent = String(cart.count);
    count.hidden = cart.count === 0;
    link.setAttribute('aria-label', words.cartLinkCount(cart.count));
  };
  cart.onChange(say);
  say();
  return link;
}

/** Logo, search, the shop's other pages and the language, and below them the categories. */
export function createSiteHeader(app: App): HTMLElement {
  const { words, settings, catalogue } = app;
  const field = element('input', {
    id: 'search',
    type: 'search',
    name: 'q',
    placeholder: catalogue.complete ? words.searchPlaceholder : words.searchPlaceholderPlain,
    autocomplete: 'off',
    'aria-label': words.searchLabel,
  });
  const search = element(
    'form',
    {
      class: 'search',
      role: 'search',
      onsubmit: (event) => {
        event.preventDefault();
        location.hash = `#/search?q=${encodeURIComponent(field.value.trim())}`;
      },
    },
    icon('search'),
    field,
    element('button', { class: 'visually-hidden', type: 'submit' }, words.searchButton),
  );
  const language = createLanguageButton(settings.language, words.otherLanguage);
  const categories = catalogue.categories();
  return element(
    'header',
    { class: 'site-header' },
    element(
      'div',
      { class: 'header-row' },
      element(
        'a',
        { class: 'logo', href: '#/' },
        element('span', { class: 'logo-mark', 'aria-hidden': 'true' }),
        element('span', { class: 'logo-name' }, words.shopName, element('small', {}, words.tagline)),
      ),
      search,
      element(
        'a',
        { class: 'header-link wide-only', href: `./evaluate?lang=${settings.language}` },
        icon('chart'),
        element('span', {}, words.evaluateLink),
      ),
      element('a', { class: 'header-link wide-only', href: '#/rules' }, icon('sliders'), element('span', {}, words.rulesLink)),
      element('a', { class: 'header-link', href: '#/history' }, icon('clock'), element('span', {}, words.historyLink)),
      createCartLink(app),
      language,
    ),
    catalogue.complete && categories.length > 0
      ? element(
          'nav',
          { class: 'categories', 'aria-label': words.categoriesLabel },
          ...categories.map((name) => element('a', { href: categoryAddress(name) }, categoryOf(app, name))),
        )
      : null,
  );
}
