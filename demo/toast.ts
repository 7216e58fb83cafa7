import { element } from './dom.js';

/** Something that the shopper may do about a message. */
export interface ToastAction {
  readonly label: string;
  readonly run: () => void;
  /** For who came by keyboard: what had the focus is gone. */
  readonly takesFocus?: boolean;
}

export interface Toast {
  readonly node: HTMLElement;
  say(message: string, action?: ToastAction): void;
}

const SHOWN_MS = 2600;
/** Long enough to read, find the button and press it; it also waits while the pointer or the focus is on it. */
const WITH_ACTION_MS = 9000;

/** The message at the foot of the page; one at a time. */
export function createToast(): Toast {
  const text = element('span', { role: 'status', 'aria-live': 'polite' });
  const place = element('span', { class: 'toast-action' });
  const node = element('div', { class: 'toast' }, text, place);
  let timer = 0;
  let lastsMs = 0;
  const wait = (): void => {
    clearTimeout(timer);
    timer = window.setTimeout(hide, lastsMs);
  };
  const hold = (): void => clearTimeout(timer);
  function hide(): void {
    node.classList.remove('shown');
    place.replaceChildren();
  }
  for (const event of ['pointerenter', 'focusin']) node.addEventListener(event, hold);
  for (const event of ['pointerleave', 'focusout']) node.addEventListener(event, wait);
  return {
    node,
    say(message, action) {
      text.textContent = message;
      place.replaceChildren();
      if (action) {
        const run = (): void => {
          hide();
          action.run();
          if (action.takesFocus) document.getElementById('main')?.focus({ preventScroll: true });
        };
        const button = element('button', { class: 'toast-button', type: 'button', 'data-action': 'undo', onclick: run }, action.label);
        place.append(button);
      }
      node.classList.add('shown');
      lastsMs = action ? WITH_ACTION_MS : SHOWN_MS;
      wait();
      if (action?.takesFocus) place.querySelector('button')?.focus();
    },
  };
}
