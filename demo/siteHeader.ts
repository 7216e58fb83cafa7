import { type App, categoryAddress, categoryOf } from './app.js';
import { element, icon } from './dom.js';
import { createLanguageButton } from './languageButton.js';

/** Logo, search, history and language, and below them the categories. */
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
        { class: 'header-link', href: `./evaluate?lang=${settings.language}` },
        icon('chart'),
        element('span', {}, words.evaluateLink),
      ),
      element('a', { class: 'header-link', href: '#/history' }, icon('clock'), element('span', {}, words.historyLink)),
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
