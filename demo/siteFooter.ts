import type { App } from './app.js';
import { element } from './dom.js';

/** What this page is, and the ways to look inside. */
export function createSiteFooter({ words, settings }: App): HTMLElement {
  const link = (href: string, label: string): HTMLElement => element('a', { class: 'text-link', href }, label);
  return element(
    'footer',
    { class: 'site-footer' },
    element('p', {}, words.footerText),
    element(
      'nav',
      { 'aria-label': words.footerLabel },
      link('#/rules', words.rules.title),
      link(`./evaluate?lang=${settings.language}`, words.evaluateLink),
      link('#/history', words.historyLink),
    ),
  );
}
