import type { Reason, Recommendation, RecommendationList } from 'shelfmate';
import { type App, itemAddress, numberText, titleOf } from './app.js';
import { element, icon } from './dom.js';
import { ladderText } from './ladderText.js';
import { reasonText } from './reasonWords.js';

const popover = element('div', { class: 'why', id: 'why', popover: 'auto' });

/** What a reason counts: its part of the score; in plain lists a cosine or a share. */
function weightOf(reason: Reason): number | null {
  if (reason.contribution !== undefined) return reason.contribution;
  if (reason.kind === 'similar') return reason.similarity;
  return reason.kind === 'session' ? reason.share : null;
}

function detailOf(app: App, reason: Reason): string {
  if (reason.kind === 'popular') return app.words.whyPopular(reason.rank);
  if (reason.kind !== 'boughtTogether' || reason.count === null || reason.lift === null) return '';
  return app.words.whyCount(numberText(app, reason.count), numberText(app, reason.lift, 1));
}

/** A reason as a line: its sentence, its part of the score, and a bar. */
export function reasonBar(app: App, reason: Reason, most: number): HTMLLIElement {
  const weight = weightOf(reason);
  const fill = element('span', { class: 'bar-fill' });
  fill.style.width = `${Math.max(2, Math.min(100, (Math.abs(weight ?? 1) / most) * 100))}%`;
  if (weight !== null && weight < 0) fill.classList.add('negative');
  const itemId = 'itemId' in reason && reason.itemId ? reason.itemId : null;
  const label = reasonText(app, reason);
  const detail = detailOf(app, reason);
  return element(
    'li',
    {},
    element(
      'span',
      { class: 'bar-label' },
      itemId ? element('a', { href: itemAddress(itemId), onclick: () => popover.hidePopover() }, label) : label,
      detail ? element('small', {}, detail) : null,
    ),
    element('span', { class: 'bar-value' }, weight === null ? '' : `${weight >= 0 ? '+' : ''}${numberText(app, weight, 3)}`),
    element('span', { class: 'bar' }, fill),
  );
}

/** All reasons of an item as lines, the longest bar for the strongest. */
export function reasonBars(app: App, reasons: readonly Reason[]): HTMLUListElement {
  const most = Math.max(...reasons.map((reason) => Math.abs(weightOf(reason) ?? 0)), 1e-9);
  return element('ul', { class: 'bars', role: 'list' }, ...reasons.map((reason) => reasonBar(app, reason, most)));
}

/** Whether the parts are such that they add up to the score. */
function isWhole({ reasons, score }: Recommendation): boolean {
  const sum = reasons.reduce((total, { contribution = NaN }) => total + contribution, 0);
  return Math.abs(sum - score) <= 1e-4 * Math.max(1, Math.abs(score));
}

/** Opens beside `anchor` what speaks for a recommendation, and how its list came about. On a phone it is a sheet at the bottom. */
export function showWhy(app: App, anchor: HTMLElement, recommendation: Recommendation, list?: RecommendationList): void {
  const { words } = app;
  popover.replaceChildren(
    element(
      'div',
      { class: 'why-head' },
      element('strong', {}, words.whyFor(titleOf(app, recommendation.item))),
      element(
        'button',
        { class: 'icon-button', type: 'button', 'aria-label': words.close, onclick: () => popover.hidePopover() },
        icon('close'),
      ),
    ),
    element('p', {}, words.whyParts),
    reasonBars(app, recommendation.reasons),
    element(
      'p',
      { class: 'why-score' },
      (isWhole(recommendation) ? words.whySum : words.whyScore)(numberText(app, recommendation.score, 3)),
    ),
    ...(list ? [element('p', { class: 'why-ladder' }, `${words.whyLadder} `, element('code', {}, ladderText(list)))] : []),
  );
  if (!popover.isConnected) document.body.append(popover);
  popover.style.removeProperty('left');
  popover.style.removeProperty('top');
  popover.showPopover();
  if (matchMedia('(max-width: 640px)').matches) return;
  const place = anchor.getBoundingClientRect();
  const { offsetWidth, offsetHeight } = popover;
  const below = place.bottom + 8 + offsetHeight < innerHeight - 60;
  popover.style.left = `${Math.max(12, Math.min(innerWidth - offsetWidth - 12, place.right - offsetWidth + 12))}px`;
  popover.style.top = `${below ? place.bottom + 8 : Math.max(12, place.top - offsetHeight - 8)}px`;
}
