import type { Headline, Reason } from 'shelfmate';
import { type App, categoryOf, itemOf, titleOf } from './app.js';

/**
 * Puts the page's names into a sentence of the library: the model folder holds titles and categories in one language only. A shop of
 * one language needs none of this.
 */
function inPageLanguage(app: App, text: string, named: object): string {
  if (app.settings.language === 'en') return text;
  const { itemId, title, category, value }: Readonly<Record<string, unknown>> = { ...named };
  let said = text;
  if (typeof itemId === 'string' && typeof title === 'string' && title !== '')
    said = said.replace(title, () => titleOf(app, itemOf(app, itemId)));
  for (const name of [category, value]) if (typeof name === 'string' && name !== '') said = said.replace(name, () => categoryOf(app, name));
  return said;
}

export function reasonText(app: App, reason: Reason): string {
  return inPageLanguage(app, reason.text, reason);
}

export function headlineText(app: App, { text, topic }: Headline): string {
  return inPageLanguage(app, text, topic);
}
