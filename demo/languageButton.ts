import { element } from './dom.js';
import { addressWith } from './settings.js';

/** A button that opens the page in the other language; `label` is that language's own name. */
export function createLanguageButton(language: 'en' | 'zh', label: string): HTMLElement {
  const other = language === 'zh' ? 'en' : 'zh';
  return element(
    'button',
    {
      class: 'link-button',
      type: 'button',
      'data-action': 'language',
      lang: other,
      onclick: () => location.assign(addressWith('lang', other)),
    },
    label,
  );
}
