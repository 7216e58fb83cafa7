import type { EmptyBecause, Recommendation, RecommendationList } from 'shelfmate';
import { type App, itemAddress, milliseconds, numberText, priceOf, titleOf } from '../app.js';
import { element } from '../dom.js';
import { ladderText } from '../ladderText.js';
import { productPicture } from '../productCard.js';
import { reasonBars } from '../whyPopover.js';

/** An item of the list: place, picture, score, and the parts of the score with their sum. */
function answerLine(app: App, recommendation: Recommendation, at: number): HTMLLIElement {
  const { item, score, reasons } = recommendation;
  const picture = productPicture(app, item);
  picture.alt = '';
  const sum = reasons.reduce((total, { contribution = NaN }) => total + contribution, 0);
  return element(
    'li',
    { class: 'answer-line', 'data-answer-item': item.itemId, 'data-score': score },
    element('span', { class: 'answer-place', 'aria-hidden': 'true' }, String(at + 1)),
    picture,
    element(
      'div',
      { class: 'answer-text' },
      element('a', { href: itemAddress(item.itemId) }, titleOf(app, item)),
      element(
        'small',
        {},
        [item.brand, priceOf(app, item), item.inStock === false ? app.words.outOfStock : ''].filter(Boolean).join(' · '),
      ),
    ),
    element('div', { class: 'answer-score' }, element('small', {}, app.words.score), element('strong', {}, numberText(app, score, 3))),
    element(
      'div',
      { class: 'answer-reasons' },
      reasonBars(app, reasons),
      element('p', { class: 'answer-sum', 'data-sum': sum }, `${app.words.rules.sum} ${numberText(app, sum, 3)}`),
    ),
  );
}

/** Why nothing was left: each condition, how many meet it, how many were left, and which one to relax. */
function emptyReason(app: App, { steps, blocking, condition }: EmptyBecause): HTMLElement {
  const words = app.words.rules;
  const row = (cell: 'th' | 'td', texts: readonly string[]): HTMLElement =>
    element('tr', {}, ...texts.map((text, at) => element(cell, cell === 'th' ? { scope: 'col' } : { class: at > 0 && 'number' }, text)));
  return element(
    'div',
    { class: 'empty-reason', 'data-empty-because': condition },
    element('p', {}, element('strong', {}, words.emptyTitle)),
    blocking.length > 0 && element('p', {}, words.emptyOne(blocking.join(', '))),
    element(
      'table',
      {},
      element('thead', {}, row('th', [words.condition, words.alone, words.left])),
      element('tbody', {}, ...steps.map((step) => row('td', [step.condition, numberText(app, step.alone), numberText(app, step.left)]))),
    ),
  );
}

/** How many products the list has, how long it took, and how it came about. */
export function answerHead(app: App, list: RecommendationList, roundTripMs: number): HTMLElement[] {
  const took = app.words.rules.took(milliseconds(app, list.tookMs), milliseconds(app, roundTripMs));
  return [
    element('span', {}, `${app.words.itemCount(numberText(app, list.items.length))} · ${took}`),
    element('code', {}, ladderText(list)),
  ];
}

/** The list as the library gave it, or its reason why there is none. */
export function answerList(app: App, list: RecommendationList): HTMLElement {
  if (list.items.length === 0 && list.emptyBecause) return emptyReason(app, list.emptyBecause);
  return element('ol', { class: 'answer-list', role: 'list' }, ...list.items.map((entry, at) => answerLine(app, entry, at)));
}
