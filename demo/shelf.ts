import { element, icon, type Child } from './dom.js';
import type { Texts } from './texts.js';

export interface Shelf {
  readonly node: HTMLElement;
  readonly list: HTMLUListElement;
  /** `how`: the strategy that made the list, and in `ladder` what was asked before it. */
  setHeading(heading: string, note: string, how?: string, ladder?: string): void;
}

export interface ShelfOptions {
  /** Names the shelf on its page. */
  readonly id: string;
  readonly heading: string;
  readonly note: string;
  readonly layout: 'grid' | 'carousel';
  readonly words: Texts;
  readonly more?: Child;
}

/** A section with a heading and a list of cards: a grid, or a row that scrolls and has buttons. */
export function createShelf({ id, heading, note, layout, words, more }: ShelfOptions): Shelf {
  const title = element('h2', { id: `heading-${id}` }, heading);
  const said = element('span', {}, note);
  const strategy = element('code', { class: 'shelf-how' });
  const small = element('p', { class: 'shelf-note' }, said, strategy);
  const carousel = layout === 'carousel';
  const list = element('ul', {
    class: carousel ? 'row' : 'grid',
    role: 'list',
    tabindex: carousel ? 0 : undefined,
    'aria-labelledby': `heading-${id}`,
  });
  const step = (direction: number): void =>
    list.scrollBy({
      left: direction * list.clientWidth * 0.85,
      behavior: matchMedia('(prefers-reduced-motion: reduce)').matches ? 'auto' : 'smooth',
    });
  const button = (name: 'left' | 'right', label: string, direction: number): HTMLButtonElement =>
    element('button', { class: 'icon-button', type: 'button', 'aria-label': label, onclick: () => step(direction) }, icon(name));
  const back = button('left', words.previous, -1);
  const forward = button('right', words.next, 1);
  const update = (): void => {
    back.disabled = list.scrollLeft < 4;
    forward.disabled = list.scrollLeft > list.scrollWidth - list.clientWidth - 4;
  };
  if (carousel) {
    list.addEventListener('scroll', update, { passive: true });
    new ResizeObserver(update).observe(list);
    new MutationObserver(update).observe(list, { childList: true });
  }
  const node = element(
    'section',
    {
      class: 'shelf',
      'data-list': id,
      'aria-labelledby': `heading-${id}`,
      ...(carousel ? { role: 'region', 'aria-roledescription': words.carousel } : {}),
    },
    element(
      'div',
      { class: 'shelf-head' },
      element('div', {}, title, small),
      element('div', { class: 'shelf-tools' }, more, carousel && back, carousel && forward),
    ),
    list,
  );
  return {
    node,
    list,
    setHeading(nextHeading, nextNote, how = '', ladder = '') {
      title.textContent = nextHeading;
      said.textContent = nextNote;
      strategy.textContent = how;
      strategy.title = ladder;
    },
  };
}
