import type { Reason, Recommendation } from 'shelfmate';
import { type App, itemAddress, itemOf, numberText, titleOf } from './app.js';
import { element, icon } from './dom.js';

const popover = element('div', { class: 'why', id: 'why', popover: 'auto' });

function bar(label: string, value: string, share: number, href?: string): HTMLLIElement {
  const fill = element('span', { class: 'bar-fill' });
  fill.style.width = `${Math.max(2, Math.min(100, Math.abs(share) * 100))}%`;
  if (share < 0) fill.classList.add('negative');
  return element(
    'li',
    {},
    element('span', { class: 'bar-label' }, href ? element('a', { href, onclick: () => popover.hidePopover() }, label) : label),
    element('span', { class: 'bar-value' }, value),
    element('span', { class: 'bar' }, fill),
  );
}

function rows(app: App, reasons: readonly Reason[]): HTMLLIElement[] {
  const most = Math.max(...reasons.map((reason) => (reason.kind === 'history' ? Math.abs(reason.contribution) : 0)), 1e-9);
  return reasons.slice(0, 6).map((reason) => {
    if (reason.kind === 'history') {
      const item = itemOf(app, reason.itemId);
      const title = item.title ? titleOf(app, item) : reason.title;
      const sign = reason.contribution >= 0 ? '+' : '';
      return bar(
        app.words.because(app.words.events[reason.event], title),
        sign + numberText(app, reason.contribution, 3),
        reason.contribution / most,
        itemAddress(reason.itemId),
      );
    }
    if (reason.kind === 'similar')
      return bar(reason.title, numberText(app, reason.similarity, 3), reason.similarity, itemAddress(reason.itemId));
    if (reason.kind === 'popular') return bar(app.words.whyPopular(reason.rank), `#${reason.rank}`, 1 / Math.sqrt(reason.rank));
    return bar(app.words.whyProfile, '', 1);
  });
}

/** Opens beside `anchor` what speaks for a recommendation. On a phone it is a sheet at the bottom. */
export function showWhy(app: App, anchor: HTMLElement, recommendation: Recommendation): void {
  const kind = recommendation.reasons[0]?.kind;
  const lead =
    kind === 'history' ? app.words.whyHistory : kind === 'similar' ? app.words.whySimilar : (recommendation.reasons[0]?.text ?? '');
  popover.replaceChildren(
    element(
      'div',
      { class: 'why-head' },
      element('strong', {}, app.words.whyFor(titleOf(app, recommendation.item))),
      element(
        'button',
        { class: 'icon-button', type: 'button', 'aria-label': app.words.close, onclick: () => popover.hidePopover() },
        icon('close'),
      ),
    ),
    element('p', {}, lead),
    element('ul', { class: 'bars' }, ...rows(app, recommendation.reasons)),
    element('p', { class: 'why-score' }, `${app.words.score} ${numberText(app, recommendation.score, 3)}`),
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
